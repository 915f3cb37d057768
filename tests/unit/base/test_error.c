/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "../check.h"

static void test_errors_tell_the_story(void **s)
{
	mv_error e = { 0 };
	int rc = fail(&e, MICROVM_EBADIMAGE, "no magic (0x%x)", 0x464c);

	(void)s;
	rc = fail_in(&e, rc, "kernel %s", "vmlinux");
	rc = fail_hint(&e, rc, "give an arm64 Image");
	assert_int_equal(rc, -MICROVM_EBADIMAGE);
	assert_int_equal(e.code, MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "kernel vmlinux: no magic (0x464c)");
	assert_string_equal(e.hint, "give an arm64 Image");
}

static void test_os_errors_keep_the_number_and_add_the_words(void **s)
{
	mv_error e;

	(void)s;
	assert_int_equal(fail_os(&e, MICROVM_EIO, ENOENT, "open x"),
			 -MICROVM_EIO);
	assert_int_equal(e.os, ENOENT);
	assert_string_equal(e.msg, "open x: No such file or directory");
}

static void test_long_messages_are_cut_not_overrun(void **s)
{
	mv_error e;

	(void)s;
	(void)fail(&e, MICROVM_EIO, "%0300d", 1);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	(void)fail_in(&e, -1, "%0200d", 2);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
}

static void test_nobody_has_to_listen(void **s)
{
	(void)s;
	assert_int_equal(fail(NULL, MICROVM_EIO, "x"), -MICROVM_EIO);
	assert_int_equal(fail_in(NULL, -3, "x"), -3);
	assert_int_equal(fail_hint(NULL, -3, "x"), -3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors_tell_the_story),
		cmocka_unit_test(
			test_os_errors_keep_the_number_and_add_the_words),
		cmocka_unit_test(test_long_messages_are_cut_not_overrun),
		cmocka_unit_test(test_nobody_has_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
