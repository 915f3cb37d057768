/* SPDX-License-Identifier: MIT */
#include "image_rootfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "image_samples.h"

/* The content of one file of the packed tree; false when it is not there. */
static bool content(struct tree *t, const char *path, char *text, size_t size)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	microvm_error err = { 0 };
	struct blob b;
	bool found = false;

	assert_int_equal(tree_pack(t, &b, &err), 0);
	(void)archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_memory(a, b.p, b.len), 0);
	while (!found && archive_read_next_header(a, &e) == ARCHIVE_OK) {
		if (strcmp(archive_entry_pathname(e), path) != 0)
			continue;
		found = true;
		memset(text, 0, size);
		if (archive_entry_symlink(e))
			(void)snprintf(text, size, "%s",
				       archive_entry_symlink(e));
		else
			assert_true(archive_read_data(a, text, size - 1) >= 0);
	}
	(void)archive_read_free(a);
	blob_free(&b);
	return found;
}

static void test_the_base_has_our_programs_and_a_console(void **s)
{
	static const char *const programs[] = { "init",
						"usr/bin/outbound-proxy",
						"usr/bin/vsock-client" };
	struct tree *t = tree_new();
	microvm_error err = { 0 };
	char text[64];
	size_t i;

	(void)s;
	assert_int_equal(rootfs_add_base(t, MICROVM_ARCH_ARM64, &err), 0);
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		assert_true(content(t, programs[i], text, sizeof(text)));
		assert_memory_equal(text, "\177ELF", 4);
	}
	assert_true(content(t, "etc/resolv.conf", text, sizeof(text)));
	assert_string_equal(text, "nameserver 127.0.0.1\n");
	assert_true(content(t, "dev/console", text, sizeof(text)));
	assert_true(content(t, "etc/hostname", text, sizeof(text)));
	assert_string_equal(text, "microvm\n");
	tree_free(t);
}

static void test_each_busybox_command_is_a_link(void **s)
{
	static uint8_t program[] = "x\0[\0[[\0busybox\0ls\0sh\0\0";
	const struct blob b = { program, sizeof(program) };
	const struct blob none = { program, 2 };
	struct tree *t = tree_new();
	microvm_error err = { 0 };
	char text[64];

	(void)s;
	assert_int_equal(rootfs_add_busybox(t, &b, &err), 0);
	assert_true(content(t, "bin/sh", text, sizeof(text)));
	assert_string_equal(text, "busybox");
	assert_true(content(t, "bin/busybox", text, sizeof(text)));
	assert_memory_equal(text, program, sizeof(program));
	assert_true(content(t, "usr/bin/env", text, sizeof(text)));
	assert_string_equal(text, "../../bin/busybox");
	assert_int_equal(rootfs_add_busybox(t, &none, &err), -MICROVM_EINVAL);
	tree_free(t);
}

static void test_modules_are_listed_in_order(void **s)
{
	struct modules *m = modules_new();
	struct tree *t = tree_new();
	microvm_error err = { 0 };
	char text[64];
	struct blob b;

	(void)s;
	assert_int_equal(rootfs_add_modules(t, m, &err), 0);
	assert_false(content(t, "lib/modules/list", text, sizeof(text)));
	assert_int_equal(modules_want(m, "b,a", false, &err), 0);
	b.p = sample_module("depends=", 9, &b.len);
	assert_int_equal(modules_offer(m, "a.ko", &b, &err), 0);
	b.p = sample_module("depends=a", 10, &b.len);
	assert_int_equal(modules_offer(m, "b.ko", &b, &err), 0);
	assert_int_equal(modules_order(m, &err), 0);
	assert_int_equal(rootfs_add_modules(t, m, &err), 0);
	assert_true(content(t, "lib/modules/list", text, sizeof(text)));
	assert_string_equal(text, "a.ko\nb.ko\n");
	assert_true(content(t, "lib/modules/b.ko", text, sizeof(text)));
	assert_memory_equal(text, "\177ELF", 4);
	modules_free(m);
	tree_free(t);
}

static void test_a_host_file_goes_where_it_is_told(void **s)
{
	char dir[64], path[256], spec[300], text[64];
	struct tree *t = tree_new();
	microvm_error err = { 0 };

	(void)s;
	sample_mkdir(dir);
	sample_write(path, dir, "a:b", "hello", 5);
	(void)snprintf(spec, sizeof(spec), "%s:/opt/x", path);
	assert_int_equal(rootfs_add_host_file(t, spec, &err), 0);
	assert_true(content(t, "opt/x", text, sizeof(text)));
	assert_string_equal(text, "hello");
	assert_int_equal(rootfs_add_host_file(t, "noguest", &err),
			 -MICROVM_EINVAL);
	assert_int_equal(rootfs_add_host_file(t, "a:rel", &err),
			 -MICROVM_EINVAL);
	assert_int_equal(rootfs_add_host_file(t, "/nonexistent:/a", &err),
			 -MICROVM_EIO);
	assert_int_equal(rootfs_add_host_file(t, "/tmp:/a", &err),
			 -MICROVM_EINVAL);
	assert_non_null(strstr(err.msg, "not a regular file"));
	tree_free(t);
	sample_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_base_has_our_programs_and_a_console),
		cmocka_unit_test(test_each_busybox_command_is_a_link),
		cmocka_unit_test(test_modules_are_listed_in_order),
		cmocka_unit_test(test_a_host_file_goes_where_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
