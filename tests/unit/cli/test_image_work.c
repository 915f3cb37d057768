/* SPDX-License-Identifier: MIT */
#include "image_work.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"
#include "image_samples.h"

static void test_a_finished_file_moves_and_the_rest_goes(void **s)
{
	char dir[64], into[128], path[256];
	microvm_error err = { 0 };
	struct stat st;
	struct work w;

	(void)s;
	sample_mkdir(dir);
	(void)snprintf(into, sizeof(into), "%s/a/b", dir);
	assert_int_equal(work_begin(&w, into, &err), 0);
	sample_write(path, w.dir, "kernel", "x", 1);
	sample_write(path, w.dir, "half", "x", 1);
	assert_int_equal(work_publish(&w, "kernel", &err), 0);
	work_end(&w);
	(void)snprintf(path, sizeof(path), "%s/kernel", into);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(into), 0); /* so it is empty */
	assert_int_not_equal(stat(into, &st), 0);
	sample_rmdir(dir);
}

static void test_a_place_that_is_no_folder_says_what_to_do(void **s)
{
	char dir[64], path[256];
	microvm_error err = { 0 };
	struct work w;

	(void)s;
	sample_mkdir(dir);
	sample_write(path, dir, "file", "x", 1);
	(void)strcat(path, "/sub");
	assert_int_equal(work_begin(&w, path, &err), -MICROVM_EIO);
	assert_non_null(strstr(err.msg, "Not a directory"));
	assert_non_null(strstr(err.hint, "-o DIR"));
	work_end(&w); /* nothing is held; does nothing */
	sample_rmdir(dir);
}

static void test_a_signal_waits_until_the_work_is_cleared_up(void **s)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	char dir[64], path[256];
	microvm_error err = { 0 };
	struct work w;
	int sig;
	sigset_t set;

	(void)s;
	sample_mkdir(dir);
	assert_int_equal(work_begin(&w, dir, &err), 0);
	assert_int_equal(work_interrupted(&err), 0);
	assert_int_equal(raise(SIGTERM), 0); /* would have ended us */
	assert_int_not_equal(work_interrupted(&err), 0);
	sample_write(path, w.dir, "half", "x", 1);
	/* take it away, as the test wants to live on */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	assert_int_equal(sigwait(&set, &sig), 0);
	work_end(&w);
	assert_int_equal(rmdir(dir), 0);
	/* one that is ignored does not count, nor is it blocked */
	assert_int_equal(sigaction(SIGHUP, &ignore, &before), 0);
	work_signals(&set);
	assert_false(sigismember(&set, SIGHUP));
	assert_true(sigismember(&set, SIGINT));
	(void)sigaction(SIGHUP, &before, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_finished_file_moves_and_the_rest_goes),
		cmocka_unit_test(
			test_a_place_that_is_no_folder_says_what_to_do),
		cmocka_unit_test(
			test_a_signal_waits_until_the_work_is_cleared_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
