/* SPDX-License-Identifier: MIT */
#include "proxy/query.h"

#include <string.h>

#include "../check.h"
#include "env.h"
#include "names.h"

struct row {
	uint8_t cmd;
	const char *host;
	uint16_t type;
	uint8_t reply;
	const char *answer; /* in text; NULL: none */
};

static void check_row(struct env *e, const struct row *r)
{
	uint8_t want[SOCKS5_OUT_MAX];
	struct addr a = { .family = ADDR_NONE };
	struct guest g;
	size_t len;
	bool ip = r->answer && addr_parse_ip(r->answer, &a);

	guest_open(&g, e);
	guest_greet(&g);
	guest_ask(&g, r->cmd, r->host, r->type);
	guest_end(&g);
	UNTIL(e, !g.s);
	assert_int_equal(g.why, STREAM_DONE);
	len = socks5_reply(want, (enum socks5_reply)r->reply, ip ? &a : NULL,
			   ip ? NULL : r->answer);
	if (g.in.p[3] != r->reply)
		print_error("%s, type %u:\n", r->host, r->type);
	assert_int_equal(g.in.p[3], r->reply);
	assert_int_equal(g.in.len, 2 + len);
	assert_memory_equal(g.in.p + 2, want, len);
}

static void check_rows(struct env *e, const struct row *rows, size_t n)
{
	size_t i;

	env_start(e);
	for (i = 0; i < n; i++)
		check_row(e, &rows[i]);
	env_fini(e);
}

static void test_names_become_addresses_of_the_kind_wanted(void **s)
{
	static const struct row rows[] = {
		{ 0xf0, "one.test", 0, 0, "127.0.0.1" },
		{ 0xf0, "one.test", 1, 0, "127.0.0.1" },
		{ 0xf0, "one.test", 28, 8, NULL },
		{ 0xf0, "six.test", 0, 0, "::1" },
		{ 0xf0, "six.test", 28, 0, "::1" },
		{ 0xf0, "six.test", 1, 8, NULL },
		{ 0xf0, "both.test", 255, 0, "127.0.0.1" },
		{ 0xf0, "both.test", 28, 0, "::1" },
		{ 0xf0, "empty.test", 0, 4, NULL },
		{ 0xf0, "empty.test", 1, 8, NULL },
		{ 0xf0, "gone.test", 0, 4, NULL },
		{ 0xf0, "gone.test", 1, 4, NULL },
		{ 0xf0, "gone.test", 28, 4, NULL },
		{ 0xf0, "hosts4.test", 1, 0, "127.0.0.1" },
		{ 0xf0, "hosts4.test", 28, 8, NULL },
		{ 0xf0, "hosts6.test", 0, 0, "::1" },
		{ 0xf0, "hosts6.test", 1, 8, NULL },
		{ 0xf0, "hosts6.test", 28, 0, "::1" },
		{ 0xf0, "broken.test", 0, 1, NULL },
		{ 0xf0, "127.0.0.1", 0, 0, "127.0.0.1" },
		{ 0xf0, "127.0.0.1", 28, 8, NULL },
		{ 0xf0, "::1", 0, 0, "::1" },
	};
	struct env e;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	check_rows(&e, rows, sizeof(rows) / sizeof(*rows));
}

static void test_addresses_become_names(void **s)
{
	static const struct row rows[] = {
		{ 0xf1, "127.0.0.1", 0, 0, "one.test" },
		{ 0xf1, "127.0.0.2", 0, 4, NULL },
		{ 0xf1, "one.test", 0, 8, NULL },
	};
	struct env e;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	check_rows(&e, rows, sizeof(rows) / sizeof(*rows));
}

static void test_what_may_not_be_had_is_not_told(void **s)
{
	static const struct row rows[] = {
		{ 0xf0, "one.test", 0, 2, NULL },
		{ 0xf0, "mixed.test", 0, 2, NULL },
		{ 0xf0, "127.0.0.1", 0, 2, NULL },
		{ 0xf1, "127.0.0.1", 0, 2, NULL },
	};
	struct env e;

	(void)s;
	env_init(&e, MICROVM_NET_NONE);
	check_rows(&e, rows, sizeof(rows) / sizeof(*rows));
}

static void test_only_the_allowed_address_of_a_name_is_told(void **s)
{
	static const struct row rows[] = {
		{ 0xf0, "mixed.test", 0, 0, "127.0.0.1" },
	};
	struct env e;

	(void)s;
	env_init(&e, MICROVM_NET_NONE);
	assert_int_equal(policy_add(&e.policy, "allow loopback", NULL), 0);
	check_rows(&e, rows, 1);
}

static void test_a_rule_for_some_port_is_enough_to_ask_for_a_name(void **s)
{
	static const struct row rows[] = {
		{ 0xf0, "one.test", 0, 0, "127.0.0.1" },
		{ 0xf0, "six.test", 0, 2, NULL },
	};
	struct env e;

	(void)s;
	env_init(&e, MICROVM_NET_NONE);
	/* A deny for some ports says nothing of the others. */
	assert_int_equal(policy_add(&e.policy, "deny any:25", NULL), 0);
	assert_int_equal(policy_add(&e.policy, "allow 127.0.0.1:443", NULL), 0);
	check_rows(&e, rows, 2);
}

static void test_flows_of_lookups_begin_and_end(void **s)
{
	struct env e;
	const struct row row = { 0xf0, "one.test", 1, 0, "127.0.0.1" };

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	env_start(&e);
	check_row(&e, &row);
	assert_int_equal(e.flows, 2);
	assert_int_equal(e.seen[0].kind, MICROVM_FLOW_RESOLVE);
	assert_int_equal(e.seen[0].phase, MICROVM_FLOW_OPENED);
	assert_string_equal(e.seen[0].name, "one.test");
	assert_string_equal(e.seen[0].address, "127.0.0.1");
	assert_int_equal(e.seen[1].phase, MICROVM_FLOW_ENDED);
	env_fini(&e);
}

static void test_a_lookup_that_hangs_is_a_time_out(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.limits.dial_ms = 20;
	env_start(&e);
	names_hold();
	guest_open(&g, &e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_RESOLVE, "slow.test", 0);
	assert_int_equal(guest_reply(&e, &g), SOCKS5_TTL_EXPIRED);
	names_release();
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_names_become_addresses_of_the_kind_wanted),
		cmocka_unit_test(test_addresses_become_names),
		cmocka_unit_test(test_what_may_not_be_had_is_not_told),
		cmocka_unit_test(
			test_only_the_allowed_address_of_a_name_is_told),
		cmocka_unit_test(
			test_a_rule_for_some_port_is_enough_to_ask_for_a_name),
		cmocka_unit_test(test_flows_of_lookups_begin_and_end),
		cmocka_unit_test(test_a_lookup_that_hangs_is_a_time_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
