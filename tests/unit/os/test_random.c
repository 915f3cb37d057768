/* SPDX-License-Identifier: MIT */
#include "os/random.h"

#include <string.h>

#include "../check.h"

static void test_every_byte_is_filled_and_no_two_calls_agree(void **s)
{
	uint8_t a[64], b[64];

	(void)s;
	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	assert_int_equal(random_bytes(a, sizeof(a) - 1, NULL), 0);
	assert_int_equal(random_bytes(b, sizeof(b) - 1, NULL), 0);
	assert_memory_not_equal(a, b, 32);
	assert_memory_not_equal(a + 31, b + 31, 32);
	assert_int_equal(a[63], 0); /* and none behind */
}

static void test_a_large_request_is_served_whole(void **s)
{
	static uint8_t p[100000], zero[64];

	(void)s;
	assert_int_equal(random_bytes(p, sizeof(p), NULL), 0);
	assert_memory_not_equal(p + sizeof(p) - 64, zero, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_every_byte_is_filled_and_no_two_calls_agree),
		cmocka_unit_test(test_a_large_request_is_served_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
