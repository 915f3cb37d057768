/* SPDX-License-Identifier: MIT */
#include "proxy/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "env.h"
#include "names.h"

/* ---- limits ------------------------------------------------------------- */

static void test_only_so_many_sessions_at_once(void **s)
{
	struct proxy_stats stats;
	struct env e;
	struct guest a, b, c;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.limits.sessions = 2;
	env_start(&e);
	guest_open(&a, &e);
	guest_open(&b, &e);
	assert_false(guest_try(&c, e.p));
	guest_close(&a, STREAM_GONE);
	guest_open(&c, &e);
	proxy_stats(e.p, &stats);
	assert_int_equal(stats.sessions, 3);
	assert_int_equal(stats.over_limit, 1);
	assert_int_equal(stats.open, 2);
	guest_close(&b, STREAM_GONE);
	guest_close(&c, STREAM_GONE);
	env_fini(&e);
}

static void test_only_so_many_new_ones_a_second(void **s)
{
	struct env e;
	struct guest g;
	unsigned i;
	uint64_t end;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.limits.burst = 3;
	e.limits.rate = 20; /* one in 50 ms */
	env_start(&e);
	for (i = 0; i < 3; i++) {
		guest_open(&g, &e);
		guest_close(&g, STREAM_GONE);
	}
	assert_false(guest_try(&g, e.p));
	assert_int_equal(e.p->stats.over_limit, 1);
	/* Time is the loop's: pass it by hand. */
	end = uv_now(&e.l.loop) + 50;
	while (uv_now(&e.l.loop) < end)
		uv_update_time(&e.l.loop);
	guest_open(&g, &e);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_bytes_of_open_sessions_are_counted(void **s)
{
	struct proxy_stats stats;
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	guest_send(&g, "12345", 5);
	UNTIL(&e, e.far && e.far->in.len == 5);
	far_send(e.far, "123", 3);
	UNTIL(&e, g.in.len == 12 + 3);
	proxy_stats(e.p, &stats);
	assert_int_equal(stats.bytes[0], 5);
	assert_int_equal(stats.bytes[1], 3);
	guest_close(&g, STREAM_DONE);
	proxy_stats(e.p, &stats);
	assert_int_equal(stats.bytes[0], 5);
	assert_int_equal(stats.bytes[1], 3);
	assert_int_equal(stats.open, 0);
	env_fini(&e);
}

static void test_names_beyond_the_limit_wait_their_turn(void **s)
{
	struct env e;
	struct guest a, b;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.limits.lookups = 1;
	env_start(&e);
	names_hold();
	guest_open(&a, &e);
	guest_greet(&a);
	guest_ask(&a, SOCKS5_CONNECT, "slow.test", e.at.port);
	guest_open(&b, &e);
	guest_greet(&b);
	guest_ask(&b, SOCKS5_CONNECT, "one.test", e.at.port);
	loopback_now(&e.l);
	assert_int_equal(b.in.len, 2);
	assert_int_equal(e.p->lookups.running, 1);
	assert_false(list_is_empty(&e.p->lookups.waiting));
	guest_close(&a, STREAM_GONE); /* its place is free now */
	assert_true(list_is_empty(&e.p->lookups.waiting));
	assert_int_equal(e.p->lookups.running, 1);
	names_release(); /* libuv itself lends two threads to lookups */
	assert_int_equal(guest_reply(&e, &b), SOCKS5_SUCCEEDED);
	guest_close(&b, STREAM_GONE);
	env_fini(&e);
}

static void test_a_resolver_that_hangs_is_a_time_out(void **s)
{
	struct env e;
	struct guest a, b;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.limits.lookups = 1;
	e.limits.dial_ms = 20;
	env_start(&e);
	names_hold();
	guest_open(&a, &e);
	guest_greet(&a);
	guest_ask(&a, SOCKS5_CONNECT, "slow.test", e.at.port);
	guest_open(&b, &e); /* this one only waits in the queue */
	guest_greet(&b);
	guest_ask(&b, SOCKS5_CONNECT, "slow.test", e.at.port);
	assert_int_equal(guest_reply(&e, &a), SOCKS5_TTL_EXPIRED);
	assert_int_equal(guest_reply(&e, &b), SOCKS5_TTL_EXPIRED);
	names_release();
	guest_close(&a, STREAM_GONE);
	guest_close(&b, STREAM_GONE);
	assert_int_equal(e.p->lookups.running, 0);
	env_fini(&e);
}

/* ---- names that mean more than one thing -------------------------------- */

static void test_a_denied_address_of_a_name_is_never_dialled(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_NONE);
	assert_int_equal(policy_add(&e.policy, "allow 127.0.0.1", NULL), 0);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "mixed.test", e.at.port), 0);
	assert_string_equal(e.seen[0].address, "127.0.0.1");
	assert_string_equal(e.seen[0].name, "mixed.test");
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_a_name_that_means_the_host_gains_nothing(void **s)
{
	static const char *const names[] = { "one.test", "both.test",
					     "mixed.test", "meta.test" };
	struct env e;
	struct guest g;
	size_t i;

	(void)s;
	env_init(&e, MICROVM_NET_PUBLIC);
	assert_int_equal(policy_add(&e.policy, "allow *.test", NULL), 0);
	env_start(&e);
	for (i = 0; i < 4; i++) {
		assert_int_equal(guest_connect(&e, &g, names[i], e.at.port),
				 SOCKS5_NOT_ALLOWED);
		assert_int_equal(e.seen[i].phase, MICROVM_FLOW_DENIED);
		assert_string_equal(e.seen[i].why,
				    "the name leads to an address not public");
		guest_close(&g, STREAM_GONE);
	}
	assert_int_equal(e.p->stats.denied, 4);
	assert_int_equal(e.accepted, 0);
	env_fini(&e);
}

static void test_the_hosts_own_addresses_are_known(void **s)
{
	struct host_addr *list;
	char text[ADDR_TEXT];
	struct env e;
	unsigned i, n;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	assert_int_equal(policy_add(&e.policy, "deny host", NULL), 0);
	env_start(&e);
	assert_true(host_addr_list(&list, &n));
	free(list);
	assert_true(n > 0);
	for (i = 0; i <= n; i++) {
		struct addr a = { .family = ADDR_NONE };
		struct policy_answer said;

		if (i < e.p->hosts)
			a = e.p->host[i].addr;
		else
			assert_true(addr_parse_ip("127.0.0.1", &a));
		a.port = 80;
		said = proxy_judge(e.p, NULL, &a, 80);
		if (said.verdict != POLICY_DENY)
			print_error("%s\n", addr_text(&a, text));
		assert_int_equal(said.verdict, POLICY_DENY);
	}
	env_fini(&e);
}

/* ---- the embedder decides ----------------------------------------------- */

struct judge {
	enum microvm_verdict verdict[4];
	unsigned asked;
	uint64_t id;
	char address[4][ADDR_TEXT];
	enum microvm_flow_kind kind;
};

static enum microvm_verdict judge(void *ctx, const microvm_flow *flow)
{
	struct judge *j = ctx;

	assert_int_equal(flow->phase, MICROVM_FLOW_ASKED);
	assert_true(j->asked < 4);
	j->id = flow->id;
	j->kind = flow->kind;
	(void)strncpy(j->address[j->asked], flow->address, ADDR_TEXT - 1);
	return j->verdict[j->asked++];
}

static void env_judged(struct env *e, struct judge *j)
{
	env_init(e, MICROVM_NET_NONE);
	e->cfg.ask = judge;
	e->cfg.ask_ctx = j;
}

static void test_what_no_rule_decides_is_asked(void **s)
{
	struct judge j = { { MICROVM_ALLOW, MICROVM_DENY }, .asked = 0 };
	struct env e;
	struct guest g;

	(void)s;
	env_judged(&e, &j);
	assert_int_equal(policy_add(&e.policy, "deny 10.0.0.0/8", NULL), 0);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "10.1.1.1", 1), 2);
	assert_int_equal(j.asked, 0); /* a rule did */
	guest_close(&g, STREAM_GONE);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	assert_int_equal(j.asked, 1);
	guest_close(&g, STREAM_GONE);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 2);
	assert_string_equal(e.seen[3].why, "the answer was no");
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_an_answer_may_come_later(void **s)
{
	struct judge j = { { MICROVM_ASK_LATER, MICROVM_ASK_LATER },
			   .asked = 0 };
	mv_error err = { 0 };
	struct env e;
	struct guest a, b;
	uint64_t first;

	(void)s;
	env_judged(&e, &j);
	env_start(&e);
	guest_open(&a, &e);
	guest_greet(&a);
	guest_ask(&a, SOCKS5_CONNECT, "127.0.0.1", e.at.port);
	first = j.id;
	guest_open(&b, &e);
	guest_greet(&b);
	guest_ask(&b, SOCKS5_CONNECT, "127.0.0.1", e.at.port);
	assert_int_not_equal(j.id, first);
	loopback_now(&e.l);
	assert_int_equal(a.in.len, 2);
	assert_int_equal(proxy_answer(e.p, 99, MICROVM_ALLOW, &err),
			 -MICROVM_ESTATE);
	assert_string_equal(err.msg, "flow 99 does not wait for an answer");
	assert_int_equal(proxy_answer(e.p, j.id, MICROVM_ASK_LATER, &err),
			 -MICROVM_EINVAL);
	assert_int_equal(proxy_answer(e.p, j.id, MICROVM_DENY, NULL), 0);
	assert_int_equal(guest_reply(&e, &b), SOCKS5_NOT_ALLOWED);
	assert_int_equal(proxy_answer(e.p, first, MICROVM_ALLOW, NULL), 0);
	assert_int_equal(guest_reply(&e, &a), SOCKS5_SUCCEEDED);
	assert_int_equal(proxy_answer(e.p, first, MICROVM_ALLOW, NULL),
			 -MICROVM_ESTATE);
	guest_close(&a, STREAM_GONE);
	guest_close(&b, STREAM_GONE);
	env_fini(&e);
}

static void test_silence_means_no(void **s)
{
	struct judge j = { { MICROVM_ASK_LATER }, .asked = 0 };
	struct env e;
	struct guest g;

	(void)s;
	env_judged(&e, &j);
	e.limits.ask_ms = 20;
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 2);
	assert_string_equal(e.seen[0].why, "nobody answered in time");
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_who_vanishes_waits_for_no_answer(void **s)
{
	struct judge j = { { MICROVM_ASK_LATER }, .asked = 0 };
	struct env e;
	struct guest g;

	(void)s;
	env_judged(&e, &j);
	env_start(&e);
	guest_open(&g, &e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "127.0.0.1", e.at.port);
	guest_close(&g, STREAM_GONE);
	assert_string_equal(e.seen[0].why, "the guest gave up");
	assert_int_equal(proxy_answer(e.p, j.id, MICROVM_ALLOW, NULL),
			 -MICROVM_ESTATE);
	env_fini(&e);
}

static void test_addresses_of_a_name_are_asked_for_one_by_one(void **s)
{
	struct judge j = { { MICROVM_ASK_LATER, MICROVM_ASK_LATER },
			   .asked = 0 };
	struct env e;
	struct guest g;

	(void)s;
	env_judged(&e, &j);
	env_start(&e);
	guest_open(&g, &e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "mixed.test", e.at.port);
	UNTIL(&e, j.asked == 1);
	assert_string_equal(j.address[0], "10.1.2.3");
	assert_int_equal(proxy_answer(e.p, j.id, MICROVM_DENY, NULL), 0);
	UNTIL(&e, j.asked == 2);
	assert_string_equal(j.address[1], "127.0.0.1");
	assert_int_equal(proxy_answer(e.p, j.id, MICROVM_ALLOW, NULL), 0);
	assert_int_equal(guest_reply(&e, &g), SOCKS5_SUCCEEDED);
	assert_int_equal(j.asked, 2);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_thinking_does_not_use_up_the_time_to_connect(void **s)
{
	struct judge j = { { MICROVM_ASK_LATER }, .asked = 0 };
	struct env e;
	struct guest g;
	uint64_t end;

	(void)s;
	env_judged(&e, &j);
	e.limits.dial_ms = 200;
	env_start(&e);
	guest_open(&g, &e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "one.test", e.at.port);
	UNTIL(&e, j.asked == 1);
	end = uv_now(&e.l.loop) + 400;
	while (uv_now(&e.l.loop) < end)
		(void)uv_run(&e.l.loop, UV_RUN_NOWAIT);
	assert_int_equal(proxy_answer(e.p, j.id, MICROVM_ALLOW, NULL), 0);
	assert_int_equal(guest_reply(&e, &g), SOCKS5_SUCCEEDED);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

/* ---- what is refused ---------------------------------------------------- */

static void test_a_bad_upstream_makes_no_proxy(void **s)
{
	struct proxy_config cfg = { .upstream = "http://x:1" };
	struct policy policy;
	struct loopback l;
	struct proxy *p = NULL;
	mv_error err = { 0 };

	(void)s;
	policy_init(&policy, MICROVM_NET_NONE);
	cfg.policy = &policy;
	loopback_init(&l);
	assert_int_equal(proxy_new(&l.loop, &cfg, &p, &err), -MICROVM_EINVAL);
	assert_null(p);
	assert_true(err.msg[0] && err.hint[0]);
	loopback_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_so_many_sessions_at_once),
		cmocka_unit_test(test_only_so_many_new_ones_a_second),
		cmocka_unit_test(test_bytes_of_open_sessions_are_counted),
		cmocka_unit_test(test_names_beyond_the_limit_wait_their_turn),
		cmocka_unit_test(test_a_resolver_that_hangs_is_a_time_out),
		cmocka_unit_test(
			test_a_denied_address_of_a_name_is_never_dialled),
		cmocka_unit_test(test_a_name_that_means_the_host_gains_nothing),
		cmocka_unit_test(test_the_hosts_own_addresses_are_known),
		cmocka_unit_test(test_what_no_rule_decides_is_asked),
		cmocka_unit_test(test_an_answer_may_come_later),
		cmocka_unit_test(test_silence_means_no),
		cmocka_unit_test(test_who_vanishes_waits_for_no_answer),
		cmocka_unit_test(
			test_addresses_of_a_name_are_asked_for_one_by_one),
		cmocka_unit_test(
			test_thinking_does_not_use_up_the_time_to_connect),
		cmocka_unit_test(test_a_bad_upstream_makes_no_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
