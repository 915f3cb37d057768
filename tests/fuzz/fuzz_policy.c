/* SPDX-License-Identifier: MIT */
/*
 * fuzz_policy.c - any text as rules, one a line, and then an address that is
 * judged by them.  A refusal says why; a copy judges alike; how a name is
 * written changes nothing; no rule, and no name, opens the host by itself; and
 * an address in an address is never judged milder than it is alone.
 */
#include <string.h>

#include "feed.h"
#include "proxy/embed.h"
#include "proxy/group.h"
#include "proxy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LINE_MAX_LEN = 300, RULES_MAX = 64 };

static void add(struct policy *p, const char *line)
{
	unsigned before = p->rules;
	mv_error e = { .code = 0 };
	int rc = policy_add(p, line, &e);

	CHECK(policy_add(p, line, NULL) == rc);
	if (rc) {
		CHECK(rc == -MICROVM_EINVAL && p->rules == before);
		CHECK(e.msg[0]);
	} else {
		CHECK(p->rules == before + 2);
	}
}

static void add_lines(struct policy *p, const char *text, size_t len)
{
	char line[LINE_MAX_LEN + 1];
	const char *end;
	size_t n;

	while (len && p->rules < RULES_MAX) {
		end = memchr(text, '\n', len);
		n = end ? (size_t)(end - text) : len;
		if (n <= LINE_MAX_LEN) {
			memcpy(line, text, n);
			line[n] = '\0';
			add(p, line);
		}
		if (!end)
			break;
		text += n + 1;
		len -= n + 1;
	}
}

static bool same(struct policy_answer a, struct policy_answer b)
{
	return a.verdict == b.verdict && a.by_rule == b.by_rule &&
	       a.name_only == b.name_only;
}

static void loud(char to[static 16], const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		to[i] = (char)(name[i] >= 'a' && name[i] <= 'z'
				       ? name[i] - ('a' - 'A')
				       : name[i]);
	to[i++] = '.';
	to[i] = '\0';
}

static void check_carried(const struct policy *p, const char *name,
			  const struct addr *a, const struct policy_host *h,
			  enum policy_verdict verdict)
{
	struct addr in[EMBED_MAX];
	unsigned n = embed_list(a, in), i;

	for (i = 0; i < n; i++)
		if (policy_judge(p, name, &in[i], h).verdict == POLICY_DENY)
			CHECK(verdict == POLICY_DENY);
}

static void judge(const struct policy *p, const char *name,
		  const struct addr *a, const struct policy_host *h)
{
	struct policy_answer said = policy_judge(p, name, a, h);
	struct addr alone = embed_unmap(a);
	char other[16];

	CHECK(same(said, policy_judge(p, name, &alone, h)));
	CHECK(!said.name_only ||
	      (said.verdict == POLICY_DENY && !said.by_rule && name));
	if (said.verdict == POLICY_ALLOW && !said.by_rule &&
	    p->base != MICROVM_NET_ALL)
		CHECK(p->base == MICROVM_NET_PUBLIC);
	check_carried(p, name, &alone, h, said.verdict);
	if (name) {
		loud(other, name);
		CHECK(same(said, policy_judge(p, other, a, h)));
		CHECK(same(policy_judge_name(p, name, a->port),
			   policy_judge_name(p, other, a->port)));
	}
	if (!p->rules && p->base == MICROVM_NET_PUBLIC &&
	    said.verdict == POLICY_ALLOW)
		CHECK(group_of(&alone) == GROUP_PUBLIC &&
		      !addr_equal(&alone, &h->addr[0].addr));
}

/* Names of rules only: without one about addresses, the host stays shut. */
static void names_only(const struct addr *a, const struct policy_host *h)
{
	struct addr alone = embed_unmap(a);
	struct policy p;

	policy_init(&p, MICROVM_NET_PUBLIC);
	CHECK(policy_add(&p, "allow a.example", NULL) == 0);
	CHECK(policy_add(&p, "allow *.example", NULL) == 0);
	if (group_of(&alone) != GROUP_PUBLIC)
		CHECK(policy_judge(&p, "a.example", a, h).verdict ==
		      POLICY_DENY);
	policy_fini(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const names[] = { NULL, "a.example", "example",
					     "localhost" };
	struct feed f = { data, len };
	uint64_t how = feed_take(&f, 1), i;
	struct addr a = { .family = how & 1 ? ADDR_IPV6 : ADDR_IPV4 };
	struct host_addr own = { { .family = ADDR_IPV4, .ip = { 9, 9, 9, 9 } },
				 24 };
	const struct policy_host h = { &own, 1 };
	const char *name = names[how >> 1 & 3];
	struct policy p, copy;

	for (i = 0; i < (how & 1 ? 16 : 4); i++)
		a.ip[i] = (uint8_t)feed_take(&f, 1);
	a.port = (uint16_t)feed_take(&f, 2);
	own.addr.port = a.port;
	policy_init(&p, (enum microvm_net)((how >> 3) % 3));
	add_lines(&p, (const char *)f.p, f.len);
	judge(&p, name, &a, &h);
	CHECK(policy_copy(&copy, &p, NULL) == 0);
	CHECK(same(policy_judge(&p, name, &a, &h),
		   policy_judge(&copy, name, &a, &h)));
	policy_fini(&p);
	judge(&copy, name, &a, &h);
	policy_fini(&copy);
	names_only(&a, &h);
	return 0;
}
