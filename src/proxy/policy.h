/* SPDX-License-Identifier: MIT */
/*
 * policy.h - to which addresses a guest may connect.
 *
 * Pure.  Rules are looked at in order, and the first that fits decides; when
 * none does, the base decides: nothing, public addresses only, or everything.
 * A rule is
 *
 *	allow|deny WHO[:PORTS]
 *
 * where WHO is a name ("example.com", "*.example.com": any name below it), an
 * IP address or network ("10.0.0.0/8", "[fd00::]/8"), a group, or "any"; PORTS
 * is "443", "80,443", "8000-8999".  Groups: public, private (RFC 1918, ULA,
 * 100.64/10), loopback, linklocal (169.254/16, fe80::/10 and the metadata
 * services of clouds), multicast, host (any address of the host itself, its
 * loopback too).  Public addresses in a network that the host has an address in
 * are its LAN, and private.  Large and small letters are the same, as is a dot
 *that ends a name.  IPv6 needs brackets where ports follow.
 *
 * What is judged is the address that will be dialled, and the name it came
 * from, if any: a name that suddenly means 127.0.0.1 gains nothing.  A rule
 * that allows a name leads to public addresses only; for others the rules that
 * follow it, and the base, decide.  A rule that denies a name says nothing of a
 * guest that asks for an address.
 *
 * An IPv4-mapped address is the IPv4 address in it.  Other addresses that carry
 * one (NAT64, 6to4, Teredo) are judged by both, and the stricter counts.
 * 0.0.0.0 and :: are the host's loopback.
 */
#ifndef PROXY_POLICY_H
#define PROXY_POLICY_H

#include "base/error.h"
#include "os/host_addr.h"

enum {
	POLICY_RULES = 4096,

	/*
	 * In place of a port, for those who only look up a name: rules that
	 * allow some ports fit, those that deny some do not.  Nobody may be
	 * let connect to it.
	 */
	POLICY_ANY_PORT = 0,
};

enum policy_verdict { POLICY_DENY, POLICY_ALLOW };

struct policy_rule;

struct policy {
	enum microvm_net base;
	struct policy_rule *rule;
	unsigned rules;
};

void policy_init(struct policy *p, enum microvm_net base);
void policy_fini(struct policy *p);

/* One rule in the text form above. */
int policy_add(struct policy *p, const char *rule, mv_error *err) MUST_CHECK;

/* A deep copy. */
int policy_copy(struct policy *to, const struct policy *from,
		mv_error *err) MUST_CHECK;

/* The addresses of the host itself, for the group "host", with its LAN. */
struct policy_host {
	const struct host_addr *addr;
	unsigned addrs;
};

/* What the rules say of an address, its port, and the name (NULL: none). */
struct policy_answer {
	enum policy_verdict verdict;
	bool by_rule;   /* a rule said so, not the base */
	bool name_only; /* denied, though a rule allows the name: the address
			   it means is not public, and nothing allows that */
};

struct policy_answer policy_judge(const struct policy *p, const char *name,
				  const struct addr *a,
				  const struct policy_host *host);

/*
 * A name that somebody else will resolve (an upstream proxy): only rules about
 * names, and "any", can say something; the base public lets it pass, but for
 * localhost, and numbers that a resolver may take for an address ("127.1").
 */
struct policy_answer policy_judge_name(const struct policy *p, const char *name,
				       uint16_t port);

#endif
