/* SPDX-License-Identifier: MIT */
/*
 * test_proxy.c - what went wrong in other proxies and tunnels: replies lost at
 * a half-close, slow readers that hold up fast ones, memory and wake-ups of
 * idle connections, names looked up past an upstream, hosts whose IPv6 is dead.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/check.h"
#include "env.h"
#include "names.h"

static void test_much_up_and_the_end_then_much_down(void **s)
{
	const uint64_t up = 8 << 20, down = 1 << 20;
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	heap_init(&g.in);
	g.out.len = up;
	g.out.end = true;
	guest_pump(&g);
	UNTIL(&e, e.far && e.far->in_over);
	assert_true(e.far->in.hash == pattern_hash(0, up));
	e.far->out.end = true;
	far_pattern(e.far, 1, down);
	UNTIL(&e, !g.s);
	assert_int_equal(g.why, STREAM_DONE);
	assert_true(g.in.hash == pattern_hash(1, down));
	env_fini(&e);
}

static void test_slow_readers_hold_up_nobody_else(void **s)
{
	enum { SLOW = 7 }; /* and one more: env has 8 servers */
	const uint64_t much = 4 << 20;
	struct guest slow[SLOW], fast;
	struct env e;
	unsigned i;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	for (i = 0; i < SLOW; i++) {
		assert_int_equal(
			guest_connect(&e, &slow[i], "127.0.0.1", e.at.port), 0);
		UNTIL(&e, e.accepted == i + 1);
		slow[i].room = 0;
		far_pattern(e.far, 1, much);
	}
	assert_int_equal(guest_connect(&e, &fast, "127.0.0.1", e.at.port), 0);
	UNTIL(&e, e.accepted == SLOW + 1);
	heap_init(&fast.in);
	far_pattern(e.far, 2, much);
	while (fast.in.len < much) {
		for (i = 0; i < SLOW; i++) {
			slow[i].room = 1;
			guest_pump(&slow[i]);
		}
		(void)uv_run(&e.l.loop, UV_RUN_NOWAIT);
	}
	assert_true(fast.in.hash == pattern_hash(2, much));
	for (i = 0; i < SLOW; i++) {
		assert_true(slow[i].in.len < much / 2);
		guest_close(&slow[i], STREAM_GONE);
	}
	guest_close(&fast, STREAM_GONE);
	env_fini(&e);
}

static void test_idle_connections_wake_nobody(void **s)
{
	enum { IDLE = 100 };
	struct guest *g = calloc(IDLE, sizeof(*g));
	struct env e;
	unsigned i, turns;

	(void)s;
	assert_non_null(g);
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	for (i = 0; i < IDLE; i++) {
		/* Only the last 8 servers live; the others end their half. */
		assert_int_equal(
			guest_connect(&e, &g[i], "127.0.0.1", e.at.port), 0);
		UNTIL(&e, e.accepted == i + 1);
		if (i < IDLE - 8)
			guest_close(&g[i], STREAM_GONE);
	}
	loopback_now(&e.l);
	assert_false(uv_is_active((uv_handle_t *)&e.p->alarms.timer));
	/* Nothing is ready, and there is no deadline to wait for. */
	for (turns = 0; turns < 3; turns++)
		assert_int_equal(uv_backend_timeout(&e.l.loop), -1);
	for (i = IDLE - 8; i < IDLE; i++)
		guest_close(&g[i], STREAM_GONE);
	free(g);
	env_fini(&e);
}

static void test_a_reset_in_the_middle_ends_both_sides(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	UNTIL(&e, e.far);
	g.out.len = UINT64_C(1) << 30;
	guest_pump(&g);
	UNTIL(&e, e.far->in.len > 100000);
	far_close(e.far, true);
	UNTIL(&e, !g.s);
	assert_int_equal(g.why, STREAM_RESET);
	assert_int_equal(e.p->stats.open, 0);
	env_fini(&e);
}

static void test_after_a_refusal_the_next_one_gets_through(void **s)
{
	struct addr dead;
	struct env e;
	struct guest g;
	int fd;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	fd = loopback_dead_port(&dead);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", dead.port), 5);
	guest_close(&g, STREAM_DONE);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	guest_close(&g, STREAM_DONE);
	(void)close(fd);
	env_fini(&e);
}

static void test_a_dead_ipv6_address_does_not_hide_the_other(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	/* Our server listens on 127.0.0.1 alone; ::1 comes first. */
	assert_int_equal(guest_connect(&e, &g, "both.test", e.at.port), 0);
	assert_string_equal(e.seen[0].address, "127.0.0.1");
	guest_close(&g, STREAM_DONE);
	env_fini(&e);
}

static void test_with_an_upstream_no_name_is_looked_up_here(void **s)
{
	unsigned before = names_asked("one.test");
	char url[128], text[ADDR_TEXT];
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	(void)snprintf(url, sizeof(url), "socks5h://%s",
		       addr_text(&e.at, text));
	e.cfg.upstream = url;
	env_start(&e);
	guest_open(&g, &e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "one.test", 80);
	UNTIL(&e, e.far && e.far->in.len == 3);
	far_send(e.far, "\5\0", 2);
	UNTIL(&e, e.far->in.len == 3 + 4 + 1 + 8 + 2);
	/* The request has the name as the guest gave it. */
	assert_memory_equal(e.far->in.p + 3, "\5\1\0\3\x08one.test\0P", 15);
	far_send(e.far, "\5\0\0\3\x08two.test\0P", 15);
	assert_int_equal(guest_reply(&e, &g), 0);
	assert_int_equal(names_asked("one.test"), before);
	guest_close(&g, STREAM_DONE);
	env_fini(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_much_up_and_the_end_then_much_down),
		cmocka_unit_test(test_slow_readers_hold_up_nobody_else),
		cmocka_unit_test(test_idle_connections_wake_nobody),
		cmocka_unit_test(test_a_reset_in_the_middle_ends_both_sides),
		cmocka_unit_test(
			test_after_a_refusal_the_next_one_gets_through),
		cmocka_unit_test(
			test_a_dead_ipv6_address_does_not_hide_the_other),
		cmocka_unit_test(
			test_with_an_upstream_no_name_is_looked_up_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
