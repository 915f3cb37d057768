/* SPDX-License-Identifier: MIT */
#include "boot/cpio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "newc.h"

enum { DIR = 0040755, REG = 0100000 };

static const struct boot_file files[] = {
	{ "/etc/microvm/a.json", 0644, "{}", 2 },
	{ "/etc/microvm/b", 0600, NULL, 0 },
	{ "/etc/motd", 0444, "hello", 5 },
	{ "/init", 04755, "#!/bin/sh", 9 },
	{ "/etcetera/gr\xc3\xbc\xc3\x9f", 0644, "x", 1 },
};

enum { FILES = sizeof(files) / sizeof(*files) };

static const struct {
	const char *name;
	unsigned mode;
	const char *data;
} want[] = {
	{ "etc", DIR, "" },
	{ "etc/microvm", DIR, "" },
	{ "etc/microvm/a.json", REG | 0644, "{}" },
	{ "etc/microvm/b", REG | 0600, "" },
	{ "etc/motd", REG | 0444, "hello" },
	{ "init", REG | 04755, "#!/bin/sh" },
	{ "etcetera", DIR, "" },
	{ "etcetera/gr\xc3\xbc\xc3\x9f", REG | 0644, "x" },
};

static void test_files_come_in_order_behind_their_directories(void **s)
{
	struct newc e;
	uint8_t *p;
	size_t i, len, pos = 0;

	(void)s;
	assert_int_equal(cpio_pack(files, FILES, &p, &len, NULL), 0);
	for (i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_int_equal(newc_next(p, len, &pos, &e), 1);
		assert_string_equal(e.name, want[i].name);
		assert_int_equal(e.mode, want[i].mode);
		assert_int_equal(e.len, strlen(want[i].data));
		assert_memory_equal(e.data, want[i].data, e.len);
		assert_int_equal(e.uid, 0);
		assert_int_equal(e.gid, 0);
		assert_int_equal(e.mtime, 0);
		/* a number of its own: equal ones would be hard links */
		assert_int_equal(e.ino, i + 1);
		assert_int_equal(e.nlink, e.mode == DIR ? 2 : 1);
	}
	assert_int_equal(newc_next(p, len, &pos, &e), 0);
	assert_int_equal(pos, (len + 3) / 4 * 4); /* nothing behind */
	free(p);
}

static void test_equal_files_give_equal_bytes(void **s)
{
	uint8_t *p, *q;
	size_t n, m;

	(void)s;
	assert_int_equal(cpio_pack(files, FILES, &p, &n, NULL), 0);
	assert_int_equal(cpio_pack(files, FILES, &q, &m, NULL), 0);
	assert_int_equal(n, m);
	assert_memory_equal(p, q, n);
	free(p);
	free(q);
}

static void test_large_files_are_whole(void **s)
{
	size_t n = 3 << 20, len, pos = 0;
	uint8_t *big = malloc(n), *p;
	struct boot_file f = { "/big", 0644, big, n };
	struct newc e;
	size_t i;

	(void)s;
	assert_non_null(big);
	for (i = 0; i < n; i++)
		big[i] = (uint8_t)(i * 7 >> 3);
	assert_int_equal(cpio_pack(&f, 1, &p, &len, NULL), 0);
	assert_int_equal(newc_next(p, len, &pos, &e), 1);
	assert_int_equal(e.len, n);
	assert_memory_equal(e.data, big, n);
	free(p);
	free(big);
}

static void test_paths_that_are_not_plain_are_refused(void **s)
{
	static const char *const bad[] = {
		"",   "/",   "a",       "a/b",   "//a",    "/a//b", "/a/",
		"/.", "/..", "/a/../b", "/../a", "/a/./b", "/a/..",
	};
	static const char *const good[] = { "/...", "/.a", "/a..", "/..a/b" };
	size_t i, len;
	char msg[80];
	uint8_t *p;
	mv_error e;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct boot_file f = { bad[i], 0644, "x", 1 };

		assert_int_equal(cpio_pack(&f, 1, &p, &len, &e),
				 -MICROVM_EINVAL);
		(void)snprintf(msg, sizeof(msg),
			       "file %s: not a path from the guest's root",
			       bad[i]);
		assert_string_equal(e.msg, msg);
		assert_string_equal(e.hint, "begin with /, without . or .. "
					    "or a slash too many");
	}
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct boot_file f = { good[i], 0644, "x", 1 };

		assert_int_equal(cpio_pack(&f, 1, &p, &len, NULL), 0);
		free(p);
	}
}

static void test_limits_of_the_format_are_told(void **s)
{
	char path[4100];
	struct boot_file f = { "/a", 010644, "x", 1 };
	struct newc n;
	uint8_t *p;
	size_t len, pos = 0;
	mv_error e;

	(void)s;
	assert_int_equal(cpio_pack(&f, 1, &p, &len, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "file /a: mode 010644 has more than "
				   "permission bits");
	f.mode = 0644;
	f.len = (size_t)UINT32_MAX + 1;
	assert_int_equal(cpio_pack(&f, 1, &p, &len, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "file /a: 4294967296 bytes; a cpio "
				   "archive takes files up to 4 GiB");
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[4096] = '\0';
	f = (struct boot_file){ path, 0644, "x", 1 };
	assert_int_equal(cpio_pack(&f, 1, &p, &len, &e), -MICROVM_EINVAL);
	assert_memory_equal(e.msg, "file /xxx", 9);
	path[4095] = '\0';
	assert_int_equal(cpio_pack(&f, 1, &p, &len, NULL), 0);
	assert_int_equal(newc_next(p, len, &pos, &n), 1);
	assert_string_equal(n.name, path + 1);
	free(p);
}

static void test_a_file_cannot_be_a_directory_too(void **s)
{
	static const struct boot_file clash[] = {
		{ "/a/b/c", 0644, "x", 1 },
		{ "/a/b", 0644, "x", 1 },
	};
	uint8_t *p;
	size_t len;
	mv_error e;

	(void)s;
	assert_int_equal(cpio_pack(clash, 2, &p, &len, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "file /a/b: needed as a directory by "
				   "file /a/b/c");
}

static void test_a_later_file_of_the_same_name_comes_later(void **s)
{
	static const struct boot_file twice[] = {
		{ "/a", 0644, "old", 3 },
		{ "/a", 0600, "new", 3 },
	};
	struct newc e;
	uint8_t *p;
	size_t len, pos = 0;

	(void)s;
	assert_int_equal(cpio_pack(twice, 2, &p, &len, NULL), 0);
	assert_int_equal(newc_next(p, len, &pos, &e), 1);
	assert_memory_equal(e.data, "old", 3);
	assert_int_equal(newc_next(p, len, &pos, &e), 1);
	assert_memory_equal(e.data, "new", 3);
	assert_int_equal(newc_next(p, len, &pos, &e), 0);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_files_come_in_order_behind_their_directories),
		cmocka_unit_test(test_equal_files_give_equal_bytes),
		cmocka_unit_test(test_large_files_are_whole),
		cmocka_unit_test(test_paths_that_are_not_plain_are_refused),
		cmocka_unit_test(test_limits_of_the_format_are_told),
		cmocka_unit_test(test_a_file_cannot_be_a_directory_too),
		cmocka_unit_test(
			test_a_later_file_of_the_same_name_comes_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
