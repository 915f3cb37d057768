/* SPDX-License-Identifier: MIT */
#include "image_info.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "image_samples.h"

static int tell(const char *path, bool json, char *text, size_t size,
		microvm_error *err)
{
	FILE *f = tmpfile();
	int rc;

	assert_non_null(f);
	rc = image_info(path, json, f, err);
	rewind(f);
	text[fread(text, 1, size - 1, f)] = '\0';
	(void)fclose(f);
	return rc;
}

static void test_a_package_tells_its_name(void **s)
{
	const struct sample file = { "./a", "a", 1 };
	char dir[64], path[256], text[1000];
	microvm_error err = { 0 };

	(void)s;
	sample_mkdir(dir);
	sample_deb(path, dir, "Package: k\nVersion: 2\nArchitecture: all\n",
		   &file, 1);
	assert_int_equal(tell(path, false, text, sizeof(text), &err), 0);
	assert_non_null(strstr(text, "format: a Debian package\n"));
	assert_non_null(strstr(text, "package: k\nversion: 2\narch: all\n"));
	assert_int_equal(tell(path, true, text, sizeof(text), &err), 0);
	assert_non_null(strstr(text, "\"package\": \"k\""));
	sample_rmdir(dir);
}

static void test_an_unknown_file_is_no_error(void **s)
{
	char dir[64], path[256], text[1000];
	microvm_error err = { 0 };

	(void)s;
	sample_mkdir(dir);
	sample_write(path, dir, "x", "\1\2\3", 3);
	assert_int_equal(tell(path, false, text, sizeof(text), &err), 0);
	assert_non_null(strstr(text, "file_bytes: 3\n"));
	sample_write(path, dir, "x", "", 0);
	assert_int_equal(tell(path, false, text, sizeof(text), &err), 0);
	assert_non_null(strstr(text, "file_bytes: 0\n"));
	sample_rmdir(dir);
}

static void test_a_missing_file_is_one(void **s)
{
	microvm_error err = { 0 };
	char text[100];

	(void)s;
	assert_int_equal(tell("/nonexistent", true, text, sizeof(text), &err),
			 -MICROVM_EIO);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_package_tells_its_name),
		cmocka_unit_test(test_an_unknown_file_is_no_error),
		cmocka_unit_test(test_a_missing_file_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
