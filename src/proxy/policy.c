/* SPDX-License-Identifier: MIT */
/* policy.c - to which addresses a guest may connect.  Knows no resolver. */
#include "proxy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/embed.h"
#include "proxy/group.h"
#include "proxy/prefix.h"
#include "proxy/rule.h"

/* A shorter prefix is no LAN: a tunnel has it, or a mistake. */
enum { LAN_IPV4 = 8, LAN_IPV6 = 48 };

void policy_init(struct policy *p, enum microvm_net base)
{
	*p = (struct policy){ .base = base };
}

void policy_fini(struct policy *p)
{
	free(p->rule);
	*p = (struct policy){ .base = MICROVM_NET_NONE };
}

int policy_add(struct policy *p, const char *rule, mv_error *err)
{
	struct policy_rule r, *more;
	int rc = rule_parse(&r, rule, err);

	if (rc)
		return rc;
	if (p->rules >= POLICY_RULES)
		return fail_hint(err,
				 fail(err, MICROVM_ENOMEM, "more than %d rules",
				      POLICY_RULES),
				 "let a function judge: "
				 "microvm_config_set_policy()");
	more = realloc(p->rule, (p->rules + 1) * sizeof(*more));
	if (!more)
		return fail(err, MICROVM_ENOMEM, "no memory for a rule");
	more[p->rules++] = r;
	p->rule = more;
	return 0;
}

int policy_copy(struct policy *to, const struct policy *from, mv_error *err)
{
	policy_init(to, from->base);
	if (!from->rules)
		return 0;
	to->rule = malloc(from->rules * sizeof(*to->rule));
	if (!to->rule)
		return fail(err, MICROVM_ENOMEM, "no memory for %u rules",
			    from->rules);
	memcpy(to->rule, from->rule, from->rules * sizeof(*to->rule));
	to->rules = from->rules;
	return 0;
}

/* Loopback addresses are the host's whether they are listed or not. */
static bool is_own(const struct addr *a, const struct policy_host *host)
{
	struct addr own;
	unsigned i;

	if (group_of(a) == GROUP_LOOPBACK)
		return true;
	for (i = 0; host && i < host->addrs; i++) {
		own = embed_unmap(&host->addr[i].addr);
		own.port = a->port;
		if (addr_equal(&own, a))
			return true;
	}
	return false;
}

/* Without a router between: IPv6 LANs have public addresses. */
static bool is_lan(const struct addr *a, const struct policy_host *host)
{
	unsigned least = a->family == ADDR_IPV4 ? LAN_IPV4 : LAN_IPV6, i;

	for (i = 0; host && i < host->addrs; i++) {
		const struct host_addr *at = &host->addr[i];

		if (at->addr.family == a->family && at->bits >= least &&
		    prefix_fits(a->ip, at->addr.ip, at->bits))
			return true;
	}
	return false;
}

static bool base_allows(enum microvm_net base, bool public)
{
	switch (base) {
	case MICROVM_NET_NONE: break;
	case MICROVM_NET_PUBLIC: return public;
	case MICROVM_NET_ALL: return true;
	}
	return false;
}

static struct policy_answer by_rule(const struct policy_rule *r)
{
	return (struct policy_answer){ .verdict = r->verdict, .by_rule = true };
}

/*
 * Whoever owns a name decides what it means.  So a rule that allows a name
 * leads to public addresses only: else its owner could have a guest connect to
 * the host, or to its LAN, by a change in the DNS.
 */
static struct policy_answer judge(const struct policy *p, const char *name,
				  const struct addr *a,
				  const struct policy_host *host)
{
	bool own = is_own(a, host), lan = is_lan(a, host);
	bool public = !own && !lan && group_of(a) == GROUP_PUBLIC;
	struct policy_answer said = { .verdict = POLICY_DENY };
	unsigned i;

	for (i = 0; i < p->rules; i++) {
		const struct policy_rule *r = &p->rule[i];

		if (!rule_fits(r, name, a, own, lan))
			continue;
		if (public || r->who != RULE_NAME || r->verdict == POLICY_DENY)
			return by_rule(r);
		said.name_only = true;
	}
	if (base_allows(p->base, public))
		said.verdict = POLICY_ALLOW;
	said.name_only = said.name_only && said.verdict == POLICY_DENY;
	return said;
}

/* A rule's no, the base's no, the base's yes, a rule's yes. */
static int leniency(struct policy_answer a)
{
	if (a.verdict == POLICY_DENY)
		return a.by_rule ? 0 : 1;
	return a.by_rule ? 3 : 2;
}

static struct policy_answer stricter(struct policy_answer a,
				     struct policy_answer b)
{
	return leniency(b) < leniency(a) ? b : a;
}

struct policy_answer policy_judge(const struct policy *p, const char *name,
				  const struct addr *a,
				  const struct policy_host *host)
{
	struct addr outer = embed_unmap(a), in[EMBED_MAX];
	struct policy_answer said;
	unsigned i, n;

	if (outer.family == ADDR_NONE)
		return (struct policy_answer){ .verdict = POLICY_DENY };
	said = judge(p, name, &outer, host);
	n = embed_list(&outer, in);
	for (i = 0; i < n; i++)
		said = stricter(said, judge(p, name, &in[i], host));
	return said;
}

/* The last label is a number: some resolvers take "127.1" for an address. */
static bool numeric(const char *name)
{
	size_t end = strlen(name), begin, i;

	while (end && name[end - 1] == '.')
		end--;
	for (begin = end; begin && name[begin - 1] != '.'; begin--)
		;
	if (end - begin > 1 && name[begin] == '0' &&
	    (name[begin + 1] | 0x20) == 'x')
		return true;
	for (i = begin; i < end; i++)
		if (name[i] < '0' || name[i] > '9')
			return false;
	return true;
}

/* RFC 6761, 6.3: localhost and all below it are loopback, everywhere. */
static bool maybe_public(const char *name)
{
	return !rule_name_is(name, "localhost", false) &&
	       !rule_name_is(name, "localhost", true) && !numeric(name);
}

struct policy_answer policy_judge_name(const struct policy *p, const char *name,
				       uint16_t port)
{
	struct policy_answer said = { .verdict = POLICY_DENY };
	unsigned i;

	for (i = 0; i < p->rules; i++)
		if (rule_fits_name(&p->rule[i], name, port))
			return by_rule(&p->rule[i]);
	if (base_allows(p->base, maybe_public(name)))
		said.verdict = POLICY_ALLOW;
	return said;
}
