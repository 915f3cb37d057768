/* SPDX-License-Identifier: MIT */
/*
 * rule.h - one rule of the policy: from its text, and what it fits.
 *
 * Pure.  The text's form is told in policy.h.
 */
#ifndef PROXY_RULE_H
#define PROXY_RULE_H

#include "base/error.h"
#include "proxy/group.h"
#include "proxy/policy.h"

enum {
	RULE_NAME_MAX = 253, /* RFC 1035, 2.3.4, as text */
	RULE_LABEL_MAX = 63,
	RULE_PORTS = 32,
	RULE_TEXT_MAX = 1024,
};

enum rule_who { RULE_ANY, RULE_GROUP, RULE_HOST, RULE_NET, RULE_NAME };

struct policy_rule {
	enum policy_verdict verdict;
	enum rule_who who;
	enum group group; /* RULE_GROUP */
	struct addr net;  /* RULE_NET, and its length */
	unsigned bits;
	bool below;                   /* RULE_NAME: not it, what is below it */
	char name[RULE_NAME_MAX + 1]; /* small letters, no dot at the end */

	unsigned ports; /* 0: any */
	struct {
		uint16_t first, last;
	} port[RULE_PORTS];
};

int rule_parse(struct policy_rule *r, const char *text,
	       mv_error *err) MUST_CHECK;

/*
 * Does it fit an address with its port?  `name`: of those who came by one, or
 * NULL; `own`: the address is the host's; `lan`: one of its own networks'.
 * IPv4-mapped addresses never come.
 */
bool rule_fits(const struct policy_rule *r, const char *name,
	       const struct addr *a, bool own, bool lan);

/* Does it fit a name with its port, without an address? */
bool rule_fits_name(const struct policy_rule *r, const char *name,
		    uint16_t port);

/* The name is `host`, or below it.  Case and dots at the end do not count. */
bool rule_name_is(const char *name, const char *host, bool below);

#endif
