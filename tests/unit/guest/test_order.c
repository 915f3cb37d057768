/* SPDX-License-Identifier: MIT */
#include "guest/init/order.h"

#include <string.h>

#include "../check.h"

static void test_orders_at_once_and_byte_by_byte(void **s)
{
	static const char text[] =
		"time 1700000000 999999999\nnews 1\nstop\r\ntime 0 0\n";
	struct order_lines l = { 0 };
	struct order o[3];
	size_t off = 0, i, n = 0;

	(void)s;
	for (i = 0; i < 3; i++)
		off += order_feed(&l, text + off, sizeof(text) - 1 - off,
				  &o[i]);
	assert_int_equal(off, sizeof(text) - 1);
	assert_int_equal(o[0].kind, ORDER_TIME);
	assert_int_equal(o[0].seconds, 1700000000);
	assert_int_equal(o[0].nanoseconds, 999999999);
	assert_int_equal(o[1].kind, ORDER_STOP);
	assert_int_equal(o[2].kind, ORDER_TIME);
	assert_int_equal(o[2].seconds, 0);
	for (i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(order_feed(&l, text + i, 1, &o[0]), 1);
		n += o[0].kind != ORDER_NONE;
	}
	assert_int_equal(n, 3);
}

static void test_what_is_no_order_is_passed_over(void **s)
{
	static const char *const bad[] = {
		"",
		"sto",
		"stopp",
		" stop",
		"STOP",
		"time",
		"time ",
		"time 1",
		"time 1 ",
		"time  1 2",
		"time 1 1000000000",
		"time -1 0",
		"time 9223372036854775808 0",
		"time 1 2 3",
		"time 1 x",
	};
	struct order_lines l = { 0 };
	struct order o;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)order_feed(&l, bad[i], strlen(bad[i]), &o);
		assert_int_equal(o.kind, ORDER_NONE);
		(void)order_feed(&l, "\n", 1, &o);
		assert_int_equal(o.kind, ORDER_NONE);
	}
}

static void test_a_line_without_end_costs_nothing(void **s)
{
	struct order_lines l = { 0 };
	struct order o;
	int i;

	(void)s;
	for (i = 0; i < 10000; i++)
		assert_int_equal(order_feed(&l, "stop", 4, &o), 4);
	assert_int_equal(order_feed(&l, "\nstop\n", 6, &o), 6);
	assert_int_equal(o.kind, ORDER_STOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders_at_once_and_byte_by_byte),
		cmocka_unit_test(test_what_is_no_order_is_passed_over),
		cmocka_unit_test(test_a_line_without_end_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
