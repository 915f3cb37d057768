/* SPDX-License-Identifier: MIT */
#include "proxy/session.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../check.h"
#include "env.h"
#include "names.h"

/* ---- requests and replies ----------------------------------------------- */

struct row {
	const char *what;
	const char *hex; /* behind the greeting */
	uint8_t reply;
	const char *why; /* in the flow's last event; "": there is none */
};

static void check_row(struct env *e, const struct row *r)
{
	struct guest g;
	unsigned before = e->flows;

	guest_open(&g, e);
	guest_greet(&g);
	guest_hex(&g, r->hex);
	if (guest_reply(e, &g) != r->reply)
		print_error("%s:\n", r->what);
	assert_int_equal(g.in.p[3], r->reply);
	guest_end(&g);
	UNTIL(e, !g.s);
	assert_int_equal(g.why, STREAM_DONE);
	assert_int_equal(g.in.len, 2 + 10);
	assert_int_equal(e->flows - before, r->why[0] ? 1 : 0);
	if (r->why[0])
		assert_string_equal(e->seen[before].why, r->why);
}

static void test_each_failure_has_its_reply(void **s)
{
	static const struct row rows[] = {
		{ "no such name", "05 01 00 03 09 676f6e652e74657374 0050",
		  SOCKS5_HOST_UNREACHABLE, "no such name" },
		{ "no address", "05 01 00 03 0a 656d7074792e74657374 0050",
		  SOCKS5_HOST_UNREACHABLE, "the name has no address" },
		{ "no resolver", "05 01 00 03 0b 62726f6b656e2e74657374 0050",
		  SOCKS5_GENERAL_FAILURE, "the resolver does not work now" },
		{ "denied address", "05 01 00 01 0a010203 0050",
		  SOCKS5_NOT_ALLOWED, "a rule denies it" },
		{ "denied name", "05 01 00 03 09 6d6574612e74657374 0050",
		  SOCKS5_NOT_ALLOWED, "a rule denies it" },
		{ "mapped address",
		  "05 01 00 04 00000000000000000000ffff0a010203 0050",
		  SOCKS5_NOT_ALLOWED, "a rule denies it" },
		{ "port 0", "05 01 00 01 7f000001 0000",
		  SOCKS5_CONNECTION_REFUSED, "connection refused" },
		{ "BIND", "05 02 00 01 7f000001 0050",
		  SOCKS5_COMMAND_NOT_SUPPORTED, "" },
		{ "unknown command", "05 09 00 01 7f000001 0050",
		  SOCKS5_COMMAND_NOT_SUPPORTED, "" },
		{ "unknown kind of address", "05 01 00 05 7f000001 0050",
		  SOCKS5_ADDRESS_NOT_SUPPORTED, "" },
	};
	struct env e;
	size_t i;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	assert_int_equal(policy_add(&e.policy, "deny 10.0.0.0/8", NULL), 0);
	assert_int_equal(policy_add(&e.policy, "deny linklocal", NULL), 0);
	env_start(&e);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_row(&e, &rows[i]);
	env_fini(&e);
}

static void test_a_port_where_nobody_listens_refuses(void **s)
{
	struct addr dead;
	struct env e;
	struct guest g;
	int fd;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	fd = loopback_dead_port(&dead);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", dead.port),
			 SOCKS5_CONNECTION_REFUSED);
	assert_int_equal(e.seen[0].phase, MICROVM_FLOW_FAILED);
	assert_string_equal(e.seen[0].why, "connection refused");
	assert_string_equal(e.seen[0].address, "127.0.0.1");
	assert_int_equal(e.seen[0].port, dead.port);
	guest_close(&g, STREAM_GONE);
	(void)close(fd);
	env_fini(&e);
}

static int no_socket(void *ctx, intptr_t fd)
{
	(void)ctx;
	(void)fd;
	return -1;
}

static void test_a_socket_the_hook_refuses_is_a_failure(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.cfg.hook = no_socket;
	env_start(&e);
	assert_int_not_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port),
			     SOCKS5_SUCCEEDED);
	assert_int_equal(e.seen[0].phase, MICROVM_FLOW_FAILED);
	assert_int_equal(e.accepted, 0);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

/* ---- the handshake ------------------------------------------------------ */

static void test_the_reply_tells_the_hosts_own_address(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	assert_memory_equal(g.in.p, "\5\0\5\0\0\1\x7f\0\0\1", 10);
	assert_true(g.in.p[10] || g.in.p[11]);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

/* Greeting, request and data in one go, or byte by byte. */
static void pipelined(size_t piece)
{
	struct env e;
	struct guest g;

	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	guest_open(&g, &e);
	g.piece = piece;
	g.busy = true; /* all of it is there before anything is taken */
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "one.test", e.at.port);
	guest_send(&g, "early data", 10);
	guest_end(&g);
	g.busy = false;
	guest_pump(&g);
	UNTIL(&e, e.far && e.far->in_over);
	assert_int_equal(e.far->in.len, 10);
	assert_memory_equal(e.far->in.p, "early data", 10);
	far_send(e.far, "answer", 6);
	e.far->out.end = true;
	far_pump(e.far);
	UNTIL(&e, !g.s);
	assert_int_equal(g.why, STREAM_DONE);
	assert_int_equal(g.in.len, 12 + 6);
	assert_memory_equal(g.in.p + 12, "answer", 6);
	env_fini(&e);
}

static void test_a_guest_may_send_everything_at_once(void **s)
{
	(void)s;
	pipelined(0);
}

static void test_a_guest_may_send_one_byte_at_a_time(void **s)
{
	(void)s;
	pipelined(1);
}

static void test_a_reply_may_be_read_byte_by_byte(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	guest_open(&g, &e);
	g.room = 0;
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "127.0.0.1", e.at.port);
	UNTIL(&e, e.far);
	far_send(e.far, "220 hello", 9);
	while (g.in.len < 12 + 9) {
		g.room++;
		guest_pump(&g);
		(void)uv_run(&e.l.loop, UV_RUN_NOWAIT);
	}
	assert_memory_equal(g.in.p + 12, "220 hello", 9);
	guest_close(&g, STREAM_RESET);
	env_fini(&e);
}

static void test_a_server_may_speak_first(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	UNTIL(&e, e.far);
	far_send(e.far, "220 hello", 9);
	UNTIL(&e, g.in.len == 12 + 9);
	assert_memory_equal(g.in.p + 12, "220 hello", 9);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_a_login_is_asked_for_and_checked(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.cfg.login = (struct socks5_login){ "me", "secret" };
	env_start(&e);
	guest_open(&g, &e);
	guest_hex(&g, "05 02 00 02");
	guest_hex(&g, "01 02 6d65 06 736563726574");
	guest_ask(&g, SOCKS5_CONNECT, "127.0.0.1", e.at.port);
	UNTIL(&e, g.in.len == 2 + 2 + 10);
	assert_memory_equal(g.in.p, "\5\2\1\0\5\0", 6);
	guest_close(&g, STREAM_GONE);
	guest_open(&g, &e);
	guest_hex(&g, "05 01 02 01 02 6d65 06 736563726574");
	UNTIL(&e, g.in.len == 4);
	guest_close(&g, STREAM_GONE);
	guest_open(&g, &e);
	guest_hex(&g, "05 01 02 01 02 6d65 05 5345435245");
	guest_end(&g);
	UNTIL(&e, !g.s);
	assert_int_equal(g.in.len, 4);
	assert_memory_equal(g.in.p, "\5\2\1\1", 4);
	assert_int_equal(g.why, STREAM_DONE);
	env_fini(&e);
}

static void test_no_method_that_will_do_is_told_and_ended(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	guest_open(&g, &e);
	guest_hex(&g, "05 01 01");
	UNTIL(&e, g.read_over);
	assert_int_equal(g.in.len, 2);
	assert_memory_equal(g.in.p, "\5\xff", 2);
	guest_end(&g);
	assert_null(g.s);
	env_fini(&e);
}

static void test_a_guest_that_ends_before_its_request_is_ended(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	guest_open(&g, &e);
	guest_hex(&g, "05 01 00 05 01");
	guest_end(&g);
	assert_null(g.s);
	assert_int_equal(g.why, STREAM_DONE);
	assert_int_equal(g.in.len, 2);
	env_fini(&e);
}

/* ---- time --------------------------------------------------------------- */

static void test_a_handshake_that_takes_too_long_is_broken(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.limits.handshake_ms = 20;
	env_start(&e);
	guest_open(&g, &e);
	guest_hex(&g, "05 01 00 05");
	UNTIL(&e, !g.s);
	assert_int_equal(g.why, STREAM_RESET);
	env_fini(&e);
}

static void test_who_does_not_leave_after_the_last_reply_is_broken(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_NONE);
	e.limits.handshake_ms = 20;
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 2);
	guest_send(&g, "what it still sends is thrown away", 34);
	UNTIL(&e, !g.s);
	assert_true(g.read_over);
	assert_int_equal(g.out.sent, g.out.head_len);
	assert_int_equal(g.why, STREAM_RESET);
	env_fini(&e);
}

static void test_half_closed_and_silent_is_broken(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.limits.half_ms = 30;
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	guest_end(&g);
	UNTIL(&e, e.far && e.far->in_over);
	assert_non_null(g.s);
	UNTIL(&e, !g.s);
	assert_int_equal(g.why, STREAM_RESET);
	assert_int_equal(e.flows, 2);
	assert_int_equal(e.seen[1].phase, MICROVM_FLOW_ENDED);
	assert_string_equal(e.seen[1].why, "silent for too long");
	far_send(e.far, "is anybody there?", 17);
	assert_null(e.far->s);
	assert_int_equal(e.far->os, EPIPE); /* a reset behind the end */
	env_fini(&e);
}

static void test_half_closed_and_used_lives_on(void **s)
{
	struct env e;
	struct guest g;
	uint64_t end;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.limits.half_ms = 100;
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	guest_end(&g);
	UNTIL(&e, e.far && e.far->in_over);
	uv_update_time(&e.l.loop);
	/* Bytes all the time, for longer than it may be silent. */
	for (end = uv_now(&e.l.loop) + 250; uv_now(&e.l.loop) < end;) {
		uint64_t had = g.in.len;

		e.far->out.head_len = 0;
		e.far->out.sent = 0;
		far_send(e.far, "x", 1);
		UNTIL(&e, g.in.len > had);
	}
	assert_non_null(g.s);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_a_relay_without_deadline_sets_no_timer(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	assert_false(uv_is_active((uv_handle_t *)&e.p->alarms.timer));
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

/* ---- bytes, and how they end -------------------------------------------- */

enum who { NOBODY, GUEST, FAR };

struct ending {
	enum who first, slow;
	uint64_t up, down;
};

/* Let who is slow have a little; a turn of the loop for the others. */
static void turn(struct env *e, struct guest *g, enum who slow)
{
	if (slow == GUEST) {
		g->room = 1500;
		guest_pump(g);
	}
	if (slow == FAR && e->far) {
		e->far->room = 1500;
		far_pump(e->far);
	}
	(void)uv_run(&e->l.loop, UV_RUN_NOWAIT);
}

static void check_ending(const struct ending *t)
{
	struct env e;
	struct guest g;

	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	UNTIL(&e, e.far);
	heap_init(&g.in);
	if (t->slow == GUEST)
		g.room = 0;
	if (t->slow == FAR)
		e.far->room = 0;
	g.out.seed = 1;
	g.out.len = t->up;
	g.out.end = t->first == GUEST;
	e.far->out.end = t->first == FAR;
	guest_pump(&g);
	far_pattern(e.far, 2, t->down);
	/* Who does not end first ends when it has seen the other's end. */
	while (g.s) {
		if (e.far->in_over)
			e.far->out.end = true;
		if (g.read_over)
			g.out.end = true;
		far_pump(e.far);
		guest_pump(&g);
		turn(&e, &g, t->slow);
	}
	/* What the kernel still has for the server is not lost either. */
	e.far->room = UINT64_MAX;
	far_pump(e.far);
	UNTIL(&e, e.far->in_over);
	assert_int_equal(g.why, STREAM_DONE);
	assert_int_equal(g.in.len, t->down);
	assert_int_equal(e.far->in.len, t->up);
	assert_true(g.in.hash == pattern_hash(2, t->down));
	assert_true(e.far->in.hash == pattern_hash(1, t->up));
	assert_int_equal(e.flows, 2);
	assert_int_equal(e.seen[1].phase, MICROVM_FLOW_ENDED);
	assert_int_equal(e.seen[1].out, t->up);
	assert_int_equal(e.seen[1].in, t->down);
	assert_string_equal(e.seen[1].why, "done");
	env_fini(&e);
}

static void test_every_way_to_end_loses_no_byte(void **s)
{
	static const uint64_t sizes[] = { 0, 1, 1000003 };
	struct ending t;
	size_t i, k;

	(void)s;
	for (t.first = GUEST; t.first <= FAR; t.first++)
		for (t.slow = NOBODY; t.slow <= FAR; t.slow++)
			for (i = 0; i < 3; i++)
				for (k = 0; k < 3; k++) {
					t.up = sizes[i];
					t.down = sizes[k];
					check_ending(&t);
				}
}

static void test_a_server_that_does_not_read_holds_the_guest_up(void **s)
{
	const uint64_t all = UINT64_C(64) << 20;
	struct env e;
	struct guest g;
	uint64_t stuck;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	UNTIL(&e, e.far);
	e.far->room = 0;
	g.out.len = all;
	g.out.end = true;
	guest_pump(&g);
	do {
		stuck = g.out.sent;
		loopback_now(&e.l);
	} while (g.out.sent != stuck);
	assert_false(g.writable);
	assert_true(stuck < all / 2);
	e.far->room = UINT64_MAX;
	far_pump(e.far);
	UNTIL(&e, e.far->in_over);
	assert_true(e.far->in.hash == pattern_hash(0, all));
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_a_guest_that_does_not_read_holds_the_server_up(void **s)
{
	const uint64_t all = UINT64_C(64) << 20;
	struct env e;
	struct guest g;
	uint64_t stuck;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	UNTIL(&e, e.far);
	heap_init(&g.in);
	g.room = 0;
	e.far->out.end = true;
	far_pattern(e.far, 5, all);
	do {
		stuck = e.far->out.sent;
		loopback_now(&e.l);
	} while (e.far->out.sent != stuck);
	assert_true(stuck < all / 2);
	assert_int_equal(g.in.len, 0);
	g.room = UINT64_MAX;
	guest_pump(&g);
	UNTIL(&e, g.read_over);
	assert_int_equal(g.in.len, all);
	assert_true(g.in.hash == pattern_hash(5, all));
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_a_reset_by_the_server_resets_the_guest(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	UNTIL(&e, e.far);
	far_close(e.far, true);
	UNTIL(&e, !g.s);
	assert_int_equal(g.why, STREAM_RESET);
	assert_string_equal(e.seen[1].why, "the far end broke it");
	env_fini(&e);
}

static void test_a_reset_by_the_guest_resets_the_server(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	UNTIL(&e, e.far);
	guest_close(&g, STREAM_RESET);
	UNTIL(&e, !e.far->s);
	assert_int_equal(e.far->os, ECONNRESET);
	assert_string_equal(e.seen[1].why, "the guest broke it");
	env_fini(&e);
}

static void test_a_guest_that_reads_no_more_ends_the_servers_sending(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	guest_open(&g, &e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "127.0.0.1", e.at.port);
	g.s->ops->deaf(g.s); /* while it is being connected */
	g.read_over = true;
	guest_send(&g, "to whom it may concern", 22);
	guest_end(&g);
	UNTIL(&e, e.far && e.far->in.len == 22);
	UNTIL(&e, !g.s);
	env_fini(&e);
}

/* ---- guests that vanish ------------------------------------------------- */

static void vanish_at(const char *hex, unsigned turns)
{
	struct env e;
	struct guest g;
	unsigned i;

	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	guest_open(&g, &e);
	guest_hex(&g, hex);
	for (i = 0; i < turns; i++)
		(void)uv_run(&e.l.loop, UV_RUN_NOWAIT);
	guest_close(&g, STREAM_GONE);
	assert_int_equal(e.p->stats.open, 0);
	env_fini(&e); /* the loop ends: nothing of it is left */
}

static void test_a_guest_may_vanish_at_any_moment(void **s)
{
	static const char *const hex[] = {
		"",
		"05",
		"05 01 00 05 01 00",
		"05 01 00 05 01 00 01 7f000001 0001", /* nobody there */
		"05 01 00 05 01 00 03 09 626f74682e74657374 0001",
		"05 01 00 05 03 00 01 00000000 0000",
		"05 01 00 05 f0 00 03 08 6f6e652e74657374 0000",
		"05 01 00 05 f1 00 01 7f000001 0000",
		"05 01 00 05 02 00 01 7f000001 0001",
	};
	unsigned turns;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(hex) / sizeof(*hex); i++)
		for (turns = 0; turns < 5; turns++)
			vanish_at(hex[i], turns);
}

static void test_a_guest_may_vanish_while_its_name_is_looked_up(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	names_hold();
	guest_open(&g, &e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "slow.test", e.at.port);
	loopback_now(&e.l);
	guest_close(&g, STREAM_GONE);
	assert_int_equal(e.flows, 1);
	assert_string_equal(e.seen[0].why, "the guest gave up");
	names_release();
	env_fini(&e);
	assert_int_equal(e.accepted, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_failure_has_its_reply),
		cmocka_unit_test(test_a_port_where_nobody_listens_refuses),
		cmocka_unit_test(test_a_socket_the_hook_refuses_is_a_failure),
		cmocka_unit_test(test_the_reply_tells_the_hosts_own_address),
		cmocka_unit_test(test_a_guest_may_send_everything_at_once),
		cmocka_unit_test(test_a_guest_may_send_one_byte_at_a_time),
		cmocka_unit_test(test_a_reply_may_be_read_byte_by_byte),
		cmocka_unit_test(test_a_server_may_speak_first),
		cmocka_unit_test(test_a_login_is_asked_for_and_checked),
		cmocka_unit_test(test_no_method_that_will_do_is_told_and_ended),
		cmocka_unit_test(
			test_a_guest_that_ends_before_its_request_is_ended),
		cmocka_unit_test(
			test_a_handshake_that_takes_too_long_is_broken),
		cmocka_unit_test(
			test_who_does_not_leave_after_the_last_reply_is_broken),
		cmocka_unit_test(test_half_closed_and_silent_is_broken),
		cmocka_unit_test(test_half_closed_and_used_lives_on),
		cmocka_unit_test(test_a_relay_without_deadline_sets_no_timer),
		cmocka_unit_test(test_every_way_to_end_loses_no_byte),
		cmocka_unit_test(
			test_a_server_that_does_not_read_holds_the_guest_up),
		cmocka_unit_test(
			test_a_guest_that_does_not_read_holds_the_server_up),
		cmocka_unit_test(test_a_reset_by_the_server_resets_the_guest),
		cmocka_unit_test(test_a_reset_by_the_guest_resets_the_server),
		cmocka_unit_test(
			test_a_guest_that_reads_no_more_ends_the_servers_sending),
		cmocka_unit_test(test_a_guest_may_vanish_at_any_moment),
		cmocka_unit_test(
			test_a_guest_may_vanish_while_its_name_is_looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
