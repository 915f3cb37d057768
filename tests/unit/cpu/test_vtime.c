/* SPDX-License-Identifier: MIT */
#include "cpu/engine/vtime.h"

#include <stddef.h>

#include "../check.h"

static void test_an_instruction_is_a_nanosecond(void **s)
{
	int64_t budget = 1000;
	struct vtime t;

	(void)s;
	vtime_init_virtual(&t);
	assert_int_equal(vtime_now(&t), 0);
	vtime_begin(&t, &budget);
	budget -= 10;
	assert_int_equal(vtime_now(&t), 10);
	budget -= 5;
	vtime_end(&t);
	assert_int_equal(vtime_insns(&t), 15);
	assert_int_equal(vtime_now(&t), 15);
}

static void test_cutting_a_slice_takes_no_time(void **s)
{
	int64_t budget = 1000;
	struct vtime t;

	(void)s;
	vtime_init_virtual(&t);
	vtime_begin(&t, &budget);
	budget -= 10;
	budget -= 500;
	vtime_cut(&t, 500);
	assert_int_equal(vtime_now(&t), 10);
	budget += 500;
	vtime_cut(&t, -500);
	assert_int_equal(vtime_now(&t), 10);
	vtime_end(&t);
}

static void test_idle_time_is_skipped_but_never_back(void **s)
{
	struct vtime t;

	(void)s;
	vtime_init_virtual(&t);
	assert_true(vtime_skip(&t, 1000));
	assert_int_equal(vtime_now(&t), 1000);
	assert_int_equal(vtime_insns(&t), 0);
	assert_true(vtime_skip(&t, 500));
	assert_int_equal(vtime_now(&t), 1000);
}

static uint64_t host(void *ctx)
{
	return *(uint64_t *)ctx;
}

static void test_wall_time_is_the_hosts(void **s)
{
	uint64_t now = 77;
	struct vtime t;

	(void)s;
	vtime_init_wall(&t, host, &now);
	assert_int_equal(vtime_now(&t), 77);
	now = 78;
	assert_int_equal(vtime_now(&t), 78);
	assert_false(vtime_skip(&t, 1000));
	assert_int_equal(vtime_now(&t), 78);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_instruction_is_a_nanosecond),
		cmocka_unit_test(test_cutting_a_slice_takes_no_time),
		cmocka_unit_test(test_idle_time_is_skipped_but_never_back),
		cmocka_unit_test(test_wall_time_is_the_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
