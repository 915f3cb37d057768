/* SPDX-License-Identifier: MIT */
/* test_paths.c - where the command keeps what it makes. */
#include "../check.h"

#include <stdlib.h>
#include <string.h>

#include "paths.h"

static void test_xdg_data_home_is_obeyed(void **state)
{
	microvm_error err;
	char dir[256];

	(void)state;
	(void)setenv("HOME", "/u", 1);
	(void)setenv("XDG_DATA_HOME", "/data", 1);
	assert_int_equal(image_dir(dir, sizeof(dir), "arm64", &err), 0);
	assert_string_equal(dir, "/data/microvm/arm64");
}

static void test_home_is_used_without_a_full_xdg_path(void **state)
{
	microvm_error err;
	char dir[256];

	(void)state;
	(void)setenv("HOME", "/u", 1);
	(void)setenv("XDG_DATA_HOME", "relative", 1);
	assert_int_equal(image_dir(dir, sizeof(dir), "x86_64", &err), 0);
	assert_string_equal(dir, "/u/.local/share/microvm/x86_64");
	(void)unsetenv("XDG_DATA_HOME");
	assert_int_equal(image_dir(dir, sizeof(dir), "x86_64", &err), 0);
	assert_string_equal(dir, "/u/.local/share/microvm/x86_64");
}

static void test_no_home_is_an_error_with_a_fix(void **state)
{
	microvm_error err;
	char dir[256];

	(void)state;
	(void)unsetenv("XDG_DATA_HOME");
	(void)setenv("HOME", "", 1);
	assert_true(image_dir(dir, sizeof(dir), "arm64", &err) < 0);
	assert_string_equal(err.hint, "set HOME");
	(void)unsetenv("HOME");
	assert_true(image_dir(dir, sizeof(dir), "arm64", &err) < 0);
}

static void test_a_path_too_long_is_an_error(void **state)
{
	microvm_error err;
	char home[512], dir[512];

	(void)state;
	memset(home, 'x', sizeof(home) - 1);
	home[0] = '/';
	home[sizeof(home) - 1] = '\0';
	(void)setenv("XDG_DATA_HOME", home, 1);
	assert_true(image_dir(dir, sizeof(dir), "arm64", &err) < 0);
	assert_non_null(strstr(err.msg, "too long"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xdg_data_home_is_obeyed),
		cmocka_unit_test(test_home_is_used_without_a_full_xdg_path),
		cmocka_unit_test(test_no_home_is_an_error_with_a_fix),
		cmocka_unit_test(test_a_path_too_long_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
