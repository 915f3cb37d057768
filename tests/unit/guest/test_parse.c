/* SPDX-License-Identifier: MIT */
#include "guest/init/parse.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

static void test_a_size_is_columns_x_rows(void **s)
{
	unsigned short cols, rows;

	(void)s;
	assert_true(parse_size("120x40\n", &cols, &rows));
	assert_int_equal(cols, 120);
	assert_int_equal(rows, 40);
	assert_true(parse_size("1x65535", &cols, &rows));
	assert_int_equal(cols, 1);
	assert_int_equal(rows, 65535);
}

static void test_what_is_no_size_changes_nothing(void **s)
{
	static const char *const bad[] = {
		"",       "80",        "80x",     "x24",
		"80x24x", "0x24",      "80x0",    "-1x24",
		"80 x24", "80x24\n\n", "65536x1", "1x99999999999999999999",
		"0x",
	};
	unsigned short cols = 7, rows = 8;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse_size(bad[i], &cols, &rows));
	assert_int_equal(cols, 7);
	assert_int_equal(rows, 8);
}

static void test_strings_end_at_nul_and_may_be_empty(void **s)
{
	char text[] = "printf\0\0a b\n";
	char **v;

	(void)s;
	v = parse_strings(text, sizeof(text)); /* with the last NUL */
	assert_non_null(v);
	assert_string_equal(v[0], "printf");
	assert_string_equal(v[1], "");
	assert_string_equal(v[2], "a b\n");
	assert_null(v[3]);
	free(v);
}

static void test_a_last_string_without_its_nul_counts(void **s)
{
	char text[] = "a\0bc"; /* the array's own NUL stands behind len */
	char **v;

	(void)s;
	v = parse_strings(text, 4);
	assert_non_null(v);
	assert_string_equal(v[1], "bc");
	assert_null(v[2]);
	free(v);
}

static void test_no_bytes_are_no_strings(void **s)
{
	char text[] = "";
	char **v;

	(void)s;
	v = parse_strings(text, 0);
	assert_non_null(v);
	assert_null(v[0]);
	free(v);
}

static void test_a_variable_has_a_name_and_a_value(void **s)
{
	(void)s;
	assert_true(parse_is_variable("A=b"));
	assert_true(parse_is_variable("_x9="));
	assert_true(parse_is_variable("a.b=c=d"));
	assert_false(parse_is_variable("=b"));
	assert_false(parse_is_variable("AB"));
	assert_false(parse_is_variable(""));
}

static void test_lines_come_without_blanks_and_comments(void **s)
{
	char text[] = "\n  virtio.ko \n# not this\n\t\r\n/abs/x.ko\nlast";
	char *cursor = text;

	(void)s;
	assert_string_equal(parse_line(&cursor), "virtio.ko");
	assert_string_equal(parse_line(&cursor), "/abs/x.ko");
	assert_string_equal(parse_line(&cursor), "last");
	assert_null(parse_line(&cursor));
	assert_null(parse_line(&cursor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_size_is_columns_x_rows),
		cmocka_unit_test(test_what_is_no_size_changes_nothing),
		cmocka_unit_test(test_strings_end_at_nul_and_may_be_empty),
		cmocka_unit_test(test_a_last_string_without_its_nul_counts),
		cmocka_unit_test(test_no_bytes_are_no_strings),
		cmocka_unit_test(test_a_variable_has_a_name_and_a_value),
		cmocka_unit_test(test_lines_come_without_blanks_and_comments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
