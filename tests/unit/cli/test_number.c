/* SPDX-License-Identifier: MIT */
/* test_number.c - numbers as a user writes them. */
#include "../check.h"

#include <string.h>

#include "number.h"

static const uint64_t mib = 1024 * 1024;

static void accept_size(const char *text, uint64_t want)
{
	microvm_error err = { 0 };
	uint64_t got = 0;

	assert_int_equal(size_parse(text, &got, &err), 0);
	assert_true(got == want);
}

/* The message quotes the text and says `why`. */
static void refuse_size(const char *text, const char *why)
{
	microvm_error err = { 0 };
	uint64_t got = 77;

	assert_int_equal(size_parse(text, &got, &err), -MICROVM_EINVAL);
	assert_true(got == 77);
	assert_non_null(strstr(err.msg, text));
	assert_non_null(strstr(err.msg, why));
}

static void test_a_bare_size_is_mib(void **state)
{
	(void)state;
	accept_size("512", 512 * mib);
	accept_size("0", 0);
}

static void test_units_are_powers_of_1024_in_any_case(void **state)
{
	(void)state;
	accept_size("512M", 512 * mib);
	accept_size("512m", 512 * mib);
	accept_size("512MiB", 512 * mib);
	accept_size("2G", 2048 * mib);
	accept_size("2gib", 2048 * mib);
	accept_size("1T", 1024 * 1024 * mib);
}

static void test_kib_are_refused_with_the_reason(void **state)
{
	(void)state;
	refuse_size("64K", "whole MiB");
	refuse_size("65536KiB", "whole MiB");
}

static void test_what_is_no_size_is_refused(void **state)
{
	(void)state;
	refuse_size("", "not a size");
	refuse_size("M", "not a size");
	refuse_size("-1", "not a size");
	refuse_size("+1", "not a size");
	refuse_size(" 1", "not a size");
	refuse_size("0x10", "not a unit");
	refuse_size("12MB", "not a unit");
	refuse_size("12M ", "not a unit");
	refuse_size("1.5G", "fractions");
}

static void test_sizes_never_wrap(void **state)
{
	(void)state;
	accept_size("17592186044415M", 17592186044415U * mib);
	refuse_size("17592186044416M", "more than any memory");
	refuse_size("17179869184G", "more than any memory");
	refuse_size("18446744073709551615", "more than any memory");
	refuse_size("18446744073709551616", "not a size");
	refuse_size("99999999999999999999999999", "not a size");
}

static void test_a_count_is_digits_that_fit(void **state)
{
	microvm_error err = { 0 };
	unsigned n = 0;

	(void)state;
	assert_int_equal(count_parse("4", &n, &err), 0);
	assert_int_equal(n, 4);
	assert_int_equal(count_parse("4294967295", &n, &err), 0);
	assert_true(n == 4294967295U);
	assert_true(count_parse("4294967296", &n, &err) < 0);
	assert_true(count_parse("4x", &n, &err) < 0);
	assert_true(count_parse("", &n, &err) < 0);
	assert_true(count_parse("-4", &n, &err) < 0);
}

static void test_seconds_have_three_decimals(void **state)
{
	microvm_error err = { 0 };
	uint64_t ms = 0;

	(void)state;
	assert_int_equal(seconds_parse("30", &ms, &err), 0);
	assert_true(ms == 30000);
	assert_int_equal(seconds_parse("0.5", &ms, &err), 0);
	assert_true(ms == 500);
	assert_int_equal(seconds_parse(".25", &ms, &err), 0);
	assert_true(ms == 250);
	assert_int_equal(seconds_parse("1.0019", &ms, &err), 0);
	assert_true(ms == 1001);
}

static void test_no_time_at_all_is_refused(void **state)
{
	static const char *const bad[] = {
		"",          ".",      "0",
		"0.0",       "0.0001", "-1",
		"1s",        "1,5",    "18446744073709551616",
		"1000000001"
	};
	microvm_error err = { 0 };
	uint64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(seconds_parse(bad[i], &ms, &err),
				 -MICROVM_EINVAL);
	assert_true(ms == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bare_size_is_mib),
		cmocka_unit_test(test_units_are_powers_of_1024_in_any_case),
		cmocka_unit_test(test_kib_are_refused_with_the_reason),
		cmocka_unit_test(test_what_is_no_size_is_refused),
		cmocka_unit_test(test_sizes_never_wrap),
		cmocka_unit_test(test_a_count_is_digits_that_fit),
		cmocka_unit_test(test_seconds_have_three_decimals),
		cmocka_unit_test(test_no_time_at_all_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
