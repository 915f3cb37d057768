/* SPDX-License-Identifier: MIT */
#include "image_applets.h"

#include <string.h>

#include "../check.h"

static size_t find(const char *p, size_t len, const char **names)
{
	return applets_find((const uint8_t *)p, len, names);
}

static void test_the_table_is_found_and_ends_where_order_ends(void **s)
{
	static const char p[] =
		"ELF\0[\0xx\0[\0[[\0ar\0no[\0[[\0ar\0cat\0sh\0\0/bin/x";
	const char *names;

	(void)s;
	assert_int_equal(find(p, sizeof(p), &names), 5);
	assert_string_equal(names, "[");
	assert_string_equal(names + 2, "[[");
	assert_string_equal(names + 5, "ar");
}

static void test_names_stop_at_what_is_no_command(void **s)
{
	static const char path[] = "\0[\0[[\0ar\0zz/etc\0";
	static const char back[] = "\0[\0[[\0cat\0ar\0";
	static const char cut[] = { 0, '[', 0, '[', '[', 0, 'a', 'r' };
	const char *names;

	(void)s;
	assert_int_equal(find(path, sizeof(path), &names), 3);
	assert_int_equal(find(back, sizeof(back), &names), 3);
	assert_int_equal(find(cut, sizeof(cut), &names), 0);
}

static void test_a_file_without_table_has_no_commands(void **s)
{
	static const char p[] = "\0[\0[x\0ar\0";
	const char *names;

	(void)s;
	assert_int_equal(find(p, sizeof(p), &names), 0);
	assert_int_equal(find(p, 0, &names), 0);
	assert_int_equal(find(p, 3, &names), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_the_table_is_found_and_ends_where_order_ends),
		cmocka_unit_test(test_names_stop_at_what_is_no_command),
		cmocka_unit_test(test_a_file_without_table_has_no_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
