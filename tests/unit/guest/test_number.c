/* SPDX-License-Identifier: MIT */
#include "guest/common/number.h"

#include "../check.h"

static void test_digits_are_a_number(void **s)
{
	uint64_t v;

	(void)s;
	assert_true(number_parse("0", 0, &v));
	assert_int_equal(v, 0);
	assert_true(number_parse("00065535", 65535, &v));
	assert_int_equal(v, 65535);
	assert_true(number_parse("18446744073709551615", UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	assert_true(number_read("12x", 2, 12, &v));
	assert_int_equal(v, 12);
}

static void test_all_else_is_none_and_changes_nothing(void **s)
{
	static const char *const bad[] = {
		"",
		"-1",
		"+1",
		"1 ",
		" 1",
		"0x1",
		"101",
		"18446744073709551616",
		"999999999999999999999",
	};
	uint64_t v = 7;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(number_parse(bad[i], 100, &v));
	assert_false(number_parse("18446744073709551616", UINT64_MAX, &v));
	assert_int_equal(v, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digits_are_a_number),
		cmocka_unit_test(test_all_else_is_none_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
