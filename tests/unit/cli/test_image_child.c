/* SPDX-License-Identifier: MIT */
#include "image_child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "image_work.h"

static int run(const char *script, int *status, struct blob *out,
	       microvm_error *err)
{
	const char *argv[] = { "sh", "-c", script, NULL };

	return child_run(argv, "/", status, out, err);
}

static void test_output_and_status_come_back(void **s)
{
	microvm_error err = { 0 };
	struct blob out;
	int status;

	(void)s;
	assert_int_equal(
		run("pwd; echo two >&2; cat; exit 3", &status, &out, &err), 0);
	assert_int_equal(status, 3);
	assert_string_equal((const char *)out.p, "/\ntwo\n");
	blob_free(&out);
}

static void test_of_long_output_the_end_is_kept(void **s)
{
	microvm_error err = { 0 };
	struct blob out;
	int status;

	(void)s;
	assert_int_equal(run("i=0; while [ $i -lt 30000 ]; do echo line $i; "
			     "i=$((i + 1)); done; echo the end",
			     &status, &out, &err),
			 0);
	assert_true(out.len <= 64 * 1024);
	assert_string_equal((const char *)out.p + out.len - 9, "\nthe end\n");
	blob_free(&out);
}

static void test_a_missing_program_is_an_error(void **s)
{
	const char *argv[] = { "no-such-program-here", NULL };
	microvm_error err = { 0 };
	struct blob out;
	int status;

	(void)s;
	assert_int_equal(child_run(argv, "/", &status, &out, &err),
			 -MICROVM_EIO);
	assert_non_null(strstr(err.msg, "cannot run no-such-program-here"));
	assert_null(out.p);
}

static void test_a_killed_program_is_an_error(void **s)
{
	microvm_error err = { 0 };
	struct blob out;
	int status;

	(void)s;
	assert_int_equal(run("kill -9 $$", &status, &out, &err),
			 -MICROVM_EINVAL);
	assert_string_equal(err.msg, "sh was killed by signal 9");
}

/* It would run for long: only the signal that waits can end it. */
static void test_a_waiting_signal_ends_it_and_its_children(void **s)
{
	microvm_error err = { 0 };
	struct timespec none = { 0 };
	struct blob out;
	sigset_t set, before;
	int status;

	(void)s;
	work_signals(&set);
	(void)sigprocmask(SIG_BLOCK, &set, &before);
	assert_int_equal(
		run("sleep 1000 & kill -TERM $PPID; wait", &status, &out, &err),
		-MICROVM_EINVAL);
	assert_string_equal(err.msg, "interrupted");
	assert_int_equal(sigtimedwait(&set, NULL, &none), SIGTERM);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_and_status_come_back),
		cmocka_unit_test(test_of_long_output_the_end_is_kept),
		cmocka_unit_test(test_a_missing_program_is_an_error),
		cmocka_unit_test(test_a_killed_program_is_an_error),
		cmocka_unit_test(
			test_a_waiting_signal_ends_it_and_its_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
