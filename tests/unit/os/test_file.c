/* SPDX-License-Identifier: MIT */
#include "os/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"

enum { ROOM = 1 << 20, NOBODY = 65534 };

/* A directory of our own, with the path of a file in it. */
struct place {
	char dir[64];
	char path[96];
};

static int setup(void **state)
{
	struct place *at = calloc(1, sizeof(*at));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(at);
	(void)snprintf(at->dir, sizeof(at->dir), "%.40s/mvfileXXXXXX",
		       tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(at->dir));
	(void)snprintf(at->path, sizeof(at->path), "%s/it", at->dir);
	*state = at;
	return 0;
}

static int teardown(void **state)
{
	struct place *at = *state;

	(void)unlink(at->path);
	assert_int_equal(rmdir(at->dir), 0);
	free(at);
	return 0;
}

static void put(const struct place *at, const void *p, size_t len)
{
	int fd = open(at->path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), len);
	assert_int_equal(close(fd), 0);
}

static int load(struct file *f, const char *path, uint64_t max, mv_error *e)
{
	struct open_file o;
	int rc = file_open(&o, path, max, e);

	*f = (struct file){ 0 };
	if (!rc)
		rc = file_load(f, &o, e);
	file_close(&o);
	return rc;
}

static void refused(const char *path, int code, const char *word)
{
	struct file f = { .len = 1 };
	mv_error e;

	assert_int_equal(load(&f, path, ROOM, &e), -code);
	assert_non_null(strstr(e.msg, word));
	assert_null(f.p);
	assert_int_equal(f.len, 0);
	file_free(&f);
}

static void test_a_file_is_loaded_whole(void **state)
{
	const struct place *at = *state;
	uint8_t want[10000];
	struct file f;
	size_t i;

	for (i = 0; i < sizeof(want); i++)
		want[i] = (uint8_t)(i * 7);
	put(at, want, sizeof(want));
	assert_int_equal(load(&f, at->path, sizeof(want), NULL), 0);
	assert_int_equal(f.len, sizeof(want));
	assert_memory_equal(f.p, want, f.len);
	put(at, "x", 1); /* truncated: what was loaded stays */
	assert_memory_equal(f.p, want, f.len);
	file_free(&f);
	assert_null(f.p);
}

static void test_a_file_of_more_than_max_bytes_is_refused(void **state)
{
	const struct place *at = *state;
	struct file f;
	mv_error e;

	put(at, "12345", 5);
	assert_int_equal(load(&f, at->path, 4, &e), -MICROVM_ENOMEM);
	assert_non_null(strstr(e.msg, "5 bytes"));
	assert_int_equal(load(&f, at->path, 5, &e), 0);
	file_free(&f);
}

static void test_a_huge_sparse_file_costs_nothing(void **state)
{
	const struct place *at = *state;

	put(at, "x", 1);
	assert_int_equal(truncate(at->path, INT64_C(1) << 40), 0);
	refused(at->path, MICROVM_ENOMEM, "1099511627776 bytes");
}

static void test_an_empty_file_is_named_so(void **state)
{
	const struct place *at = *state;

	put(at, "", 0);
	refused(at->path, MICROVM_EBADIMAGE, "is empty");
}

static void test_a_directory_is_named_so(void **state)
{
	const struct place *at = *state;

	refused(at->dir, MICROVM_EINVAL, "a directory");
}

static void test_a_fifo_does_not_hold_us_up(void **state)
{
	const struct place *at = *state;

	assert_int_equal(mkfifo(at->path, 0600), 0);
	refused(at->path, MICROVM_EINVAL, "a fifo");
}

static void test_a_device_is_refused(void **state)
{
	(void)state;
	refused("/dev/zero", MICROVM_EINVAL, "a device");
}

static void test_a_missing_file_says_so(void **state)
{
	const struct place *at = *state;
	char below[128];
	mv_error e;
	struct file f;

	refused(at->path, MICROVM_EIO, "No such file");
	put(at, "x", 1);
	(void)snprintf(below, sizeof(below), "%s/below", at->path);
	refused(below, MICROVM_EIO, "Not a directory");
	assert_int_equal(load(&f, below, ROOM, &e), -MICROVM_EIO);
	assert_non_null(strstr(e.hint, "check the path"));
}

static void test_no_permission_says_so(void **state)
{
	const struct place *at = *state;
	uid_t me = geteuid();
	struct file f;
	mv_error e;
	int rc;

	put(at, "x", 1);
	assert_int_equal(chmod(at->path, 0), 0);
	if (!me)
		assert_int_equal(seteuid(NOBODY), 0); /* root may read all */
	rc = load(&f, at->path, ROOM, &e);
	assert_int_equal(seteuid(me), 0);
	assert_int_equal(rc, -MICROVM_EIO);
	assert_non_null(strstr(e.msg, "Permission denied"));
	assert_non_null(strstr(e.hint, "readable"));
}

static void test_no_descriptor_is_left_open(void **state)
{
	const struct place *at = *state;
	struct file f;
	int before = dup(0), after;
	unsigned i;

	assert_int_equal(close(before), 0);
	put(at, "x", 1);
	for (i = 0; i < 3; i++) {
		assert_int_equal(load(&f, at->path, ROOM, NULL), 0);
		file_free(&f);
		refused(at->dir, MICROVM_EINVAL, "a directory");
	}
	after = dup(0);
	assert_int_equal(close(after), 0);
	assert_int_equal(after, before);
}

static void test_parts_are_read_where_they_are(void **state)
{
	const struct place *at = *state;
	struct open_file f;
	char got[8] = { 0 };

	put(at, "0123456789", 10);
	assert_int_equal(file_open(&f, at->path, ROOM, NULL), 0);
	assert_int_equal(f.len, 10);
	assert_int_equal(file_read(&f, 7, got, 3, NULL), 0);
	assert_string_equal(got, "789");
	assert_int_equal(file_read(&f, 0, got, 2, NULL), 0);
	assert_string_equal(got, "019");
	assert_int_equal(file_read(&f, 10, got, 0, NULL), 0);
	file_close(&f);
	assert_int_equal(f.len, 0);
	file_close(&f); /* nothing is open */
}

static void test_a_file_that_became_shorter_is_an_error(void **state)
{
	const struct place *at = *state;
	struct open_file f;
	struct file all;
	char got[8];
	mv_error e;

	put(at, "0123456789", 10);
	assert_int_equal(file_open(&f, at->path, ROOM, NULL), 0);
	assert_int_equal(truncate(at->path, 5), 0);
	assert_int_equal(file_read(&f, 0, got, 5, NULL), 0);
	assert_int_equal(file_read(&f, 1, got, 5, &e), -MICROVM_EIO);
	assert_string_equal(e.msg, "became shorter while it was read");
	assert_int_equal(file_load(&all, &f, &e), -MICROVM_EIO);
	assert_null(all.p);
	file_close(&f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_file_is_loaded_whole),
		TEST(test_parts_are_read_where_they_are),
		TEST(test_a_file_that_became_shorter_is_an_error),
		TEST(test_a_file_of_more_than_max_bytes_is_refused),
		TEST(test_a_huge_sparse_file_costs_nothing),
		TEST(test_an_empty_file_is_named_so),
		TEST(test_a_directory_is_named_so),
		TEST(test_a_fifo_does_not_hold_us_up),
		TEST(test_a_device_is_refused),
		TEST(test_a_missing_file_says_so),
		TEST(test_no_permission_says_so),
		TEST(test_no_descriptor_is_left_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
