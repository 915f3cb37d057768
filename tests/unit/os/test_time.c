/* SPDX-License-Identifier: MIT */
#include "os/time.h"

#include <time.h>

#include "../check.h"

static void test_monotonic_time_never_goes_back(void **s)
{
	uint64_t last = time_mono_ns(), first = last;
	unsigned i;

	(void)s;
	for (i = 0; i < 100000; i++) {
		uint64_t now = time_mono_ns();

		assert_true(now >= last);
		last = now;
	}
	assert_true(last > first);
	assert_true(last - first < UINT64_C(60000000000)); /* nanoseconds */
}

static void test_wall_time_is_the_host_s(void **s)
{
	time_t before = time(NULL);
	uint64_t now = time_wall_s();

	(void)s;
	/* time() may be one tick of the kernel's clock behind. */
	assert_true(now >= (uint64_t)before);
	assert_true(now <= (uint64_t)time(NULL) + 1);
}

static void test_wall_time_in_nanoseconds_is_the_same_time(void **s)
{
	uint64_t before = time_wall_s(), ns = time_wall_ns();

	(void)s;
	assert_true(ns / 1000000000 >= before);
	assert_true(ns / 1000000000 <= time_wall_s());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_monotonic_time_never_goes_back),
		cmocka_unit_test(test_wall_time_is_the_host_s),
		cmocka_unit_test(
			test_wall_time_in_nanoseconds_is_the_same_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
