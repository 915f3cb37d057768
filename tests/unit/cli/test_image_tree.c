/* SPDX-License-Identifier: MIT */
#include "image_tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"

/* One line for an entry: type and mode, path, and what is in it. */
static void describe(struct archive *a, struct archive_entry *e, char *line,
		     size_t size)
{
	char data[64] = "";

	if (archive_entry_filetype(e) == AE_IFREG)
		(void)archive_read_data(a, data, sizeof(data) - 1);
	(void)snprintf(line, size, "%o %s %s%s %u,%u",
		       (unsigned)archive_entry_mode(e),
		       archive_entry_pathname(e), data,
		       archive_entry_symlink(e) ? archive_entry_symlink(e) : "",
		       (unsigned)archive_entry_rdevmajor(e),
		       (unsigned)archive_entry_rdevminor(e));
	assert_int_equal(archive_entry_mtime(e), 0);
	assert_int_equal(archive_entry_uid(e), 0);
}

static void check_archive(const struct blob *b, const char *const *lines)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	char line[200];

	(void)archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_memory(a, b->p, b->len), 0);
	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		describe(a, e, line, sizeof(line));
		assert_non_null(*lines);
		assert_string_equal(line, *lines++);
	}
	assert_null(*lines);
	(void)archive_read_free(a);
}

static void test_files_links_and_devices_come_back_sorted(void **s)
{
	static const char *const lines[] = {
		"40755 bin  0,0",
		"120777 bin/ls busybox 0,0",
		"40700 dev  0,0",
		"20600 dev/console  5,1",
		"100755 init #!/bin/sh 0,0",
		NULL,
	};
	struct tree *t = tree_new();
	microvm_error err = { 0 };
	struct blob b;

	(void)s;
	assert_int_equal(tree_add_file(t, "/init", 0755, "#!/bin/sh", 9, &err),
			 0);
	assert_int_equal(tree_add_device(t, "/dev/console", 0600, 5, 1, &err),
			 0);
	assert_int_equal(tree_add_link(t, "/bin/ls", "busybox", &err), 0);
	assert_int_equal(tree_add_dir(t, "/dev", 0700, &err), 0);
	assert_int_equal(tree_pack(t, &b, &err), 0);
	assert_memory_equal(b.p, "070701", 6); /* newc, cpio(5) */
	check_archive(&b, lines);
	blob_free(&b);
	tree_free(t);
}

static void test_the_same_files_make_the_same_bytes(void **s)
{
	struct tree *x = tree_new(), *y = tree_new();
	microvm_error err = { 0 };
	struct blob a, b;

	(void)s;
	assert_int_equal(tree_add_file(x, "/a/b", 0644, "1", 1, &err), 0);
	assert_int_equal(tree_add_file(x, "/c", 0644, "2", 1, &err), 0);
	assert_int_equal(tree_add_file(y, "/c", 0644, "2", 1, &err), 0);
	assert_int_equal(tree_add_file(y, "/a/b", 0644, "1", 1, &err), 0);
	assert_int_equal(tree_pack(x, &a, &err), 0);
	assert_int_equal(tree_pack(y, &b, &err), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.p, b.p, a.len);
	blob_free(&a);
	blob_free(&b);
	tree_free(x);
	tree_free(y);
}

static void test_the_last_of_two_with_one_path_stays(void **s)
{
	static const char *const lines[] = { "40755 a  0,0",
					     "100600 a/b new 0,0", NULL };
	struct tree *t = tree_new();
	microvm_error err = { 0 };
	struct blob b;

	(void)s;
	assert_int_equal(tree_add_link(t, "/a/b", "old", &err), 0);
	assert_int_equal(tree_add_file(t, "/a/b", 0600, "new", 3, &err), 0);
	assert_int_equal(tree_pack(t, &b, &err), 0);
	check_archive(&b, lines);
	blob_free(&b);
	tree_free(t);
}

static void test_paths_must_be_whole_and_plain(void **s)
{
	static const char *const bad[] = {
		"",      "a",     "/",     "//a",  "/a/",
		"/a//b", "/../a", "/a/..", "/./a", "/a/.",
	};
	struct tree *t = tree_new();
	microvm_error err = { 0 };
	char name[400] = "/";
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(tree_add_dir(t, bad[i], 0755, &err),
				 -MICROVM_EINVAL);
	memset(name + 1, 'n', 256);
	assert_int_equal(tree_add_dir(t, name, 0755, &err), -MICROVM_EINVAL);
	assert_int_equal(tree_add_dir(t, "/..a/...", 0755, &err), 0);
	tree_free(t);
}

static void test_nothing_can_lie_below_a_file(void **s)
{
	struct tree *t = tree_new();
	microvm_error err = { 0 };

	(void)s;
	assert_int_equal(tree_add_file(t, "/a", 0644, "", 0, &err), 0);
	assert_int_equal(tree_add_file(t, "/a/b", 0644, "", 0, &err),
			 -MICROVM_EINVAL);
	assert_string_equal(err.msg, "/a is a file, so no /a/b");
	tree_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_links_and_devices_come_back_sorted),
		cmocka_unit_test(test_the_same_files_make_the_same_bytes),
		cmocka_unit_test(test_the_last_of_two_with_one_path_stays),
		cmocka_unit_test(test_paths_must_be_whole_and_plain),
		cmocka_unit_test(test_nothing_can_lie_below_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
