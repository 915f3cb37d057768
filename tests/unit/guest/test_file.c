/* SPDX-License-Identifier: MIT */
#include "guest/common/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../check.h"

static void make(char *path, const char *text)
{
	int fd;

	(void)strcpy(path, "/tmp/microvm-test-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void test_a_file_comes_whole_and_ended_by_nul(void **s)
{
	char path[40], *p;
	size_t len;

	(void)s;
	make(path, "hello");
	p = file_read(path, 5, &len);
	assert_non_null(p);
	assert_int_equal(len, 5);
	assert_string_equal(p, "hello");
	free(p);
	(void)unlink(path);
}

static void test_a_file_larger_than_allowed_is_refused(void **s)
{
	char path[40];
	size_t len;

	(void)s;
	make(path, "hello");
	assert_null(file_read(path, 4, &len));
	assert_int_equal(errno, EFBIG);
	(void)unlink(path);
}

static void test_a_missing_file_says_so(void **s)
{
	size_t len;

	(void)s;
	assert_null(file_read("/nonexistent/x", 4, &len));
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_comes_whole_and_ended_by_nul),
		cmocka_unit_test(test_a_file_larger_than_allowed_is_refused),
		cmocka_unit_test(test_a_missing_file_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
