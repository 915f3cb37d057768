/* SPDX-License-Identifier: MIT */
#include "image_kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"
#include "image_samples.h"

/* In this order one pass cannot find all: a needs b, which came before. */
static void test_a_package_is_read_again_for_what_was_passed_by(void **s)
{
	size_t a_len, b_len;
	uint8_t *a = sample_module("depends=b", 10, &a_len);
	uint8_t *b = sample_module("depends=c", 10, &b_len);
	const struct sample files[] = {
		{ "./lib/modules/1/kernel/b.ko", b, b_len },
		{ "./boot/vmlinuz-1", "kernel", 6 },
		{ "./lib/modules/1/kernel/a.ko", a, a_len },
		{ "./lib/modules/1/modules.builtin", "kernel/c.ko\n", 12 },
	};
	struct modules *m = modules_new();
	microvm_error err = { 0 };
	char dir[64], path[256];
	struct blob kernel;

	(void)s;
	sample_mkdir(dir);
	sample_deb(path, dir, "Package: x\n", files, 4);
	assert_int_equal(modules_want(m, "a", false, &err), 0);
	assert_int_equal(kernel_from_deb(path, &kernel, m, &err), 0);
	assert_int_equal(kernel.len, 6);
	assert_int_equal(modules_order(m, &err), 0);
	assert_int_equal(m->orders, 2);
	assert_string_equal(m->order[0]->name, "b");
	assert_string_equal(m->order[1]->name, "a");
	blob_free(&kernel);
	modules_free(m);
	sample_rmdir(dir);
	free(a);
	free(b);
}

static void test_a_package_without_kernel_gives_none(void **s)
{
	const struct sample file = { "./usr/share/doc/x", "x", 1 };
	struct modules *m = modules_new();
	microvm_error err = { 0 };
	char dir[64], path[256];
	struct blob kernel;

	(void)s;
	sample_mkdir(dir);
	sample_deb(path, dir, "Package: x\n", &file, 1);
	assert_int_equal(kernel_from_deb(path, &kernel, m, &err), 0);
	assert_null(kernel.p);
	modules_free(m);
	sample_rmdir(dir);
}

static void test_modules_come_out_of_a_folder_too(void **s)
{
	size_t len;
	uint8_t *p = sample_module("depends=", 9, &len);
	struct modules *m = modules_new();
	microvm_error err = { 0 };
	char dir[64], sub[96], path[256];

	(void)s;
	sample_mkdir(dir);
	(void)snprintf(sub, sizeof(sub), "%s/kernel", dir);
	assert_int_equal(mkdir(sub, 0755), 0);
	sample_write(path, sub, "a.ko", p, len);
	sample_write(path, dir, "modules.builtin", "x/b.ko\n", 7);
	(void)snprintf(path, sizeof(path), "%s/loop", sub);
	assert_int_equal(symlink(dir, path), 0);
	assert_int_equal(modules_want(m, "a,b", false, &err), 0);
	assert_int_equal(kernel_modules_from_dir(dir, m, &err), 0);
	assert_int_equal(modules_order(m, &err), 0);
	assert_int_equal(m->orders, 1);
	assert_int_equal(kernel_modules_from_dir("/nonexistent", m, &err),
			 -MICROVM_EIO);
	modules_free(m);
	sample_rmdir(dir);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_package_is_read_again_for_what_was_passed_by),
		cmocka_unit_test(test_a_package_without_kernel_gives_none),
		cmocka_unit_test(test_modules_come_out_of_a_folder_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
