/* SPDX-License-Identifier: MIT */
#include "image_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"
#include "image_blob.h"
#include "image_samples.h"

static const char busybox[] = "x\0[\0[[\0ls\0sh\0\0";

/* Everything from files: nothing is fetched. */
struct fixture {
	char dir[64], out[128], kernel[256], busybox[256];
	struct image_plan plan;
};

static void setup(struct fixture *f)
{
	sample_mkdir(f->dir);
	(void)snprintf(f->out, sizeof(f->out), "%s/out", f->dir);
	sample_write(f->kernel, f->dir, "vmlinuz", "a kernel", 8);
	sample_write(f->busybox, f->dir, "busybox", busybox, sizeof(busybox));
	f->plan = (struct image_plan){ .arch = MICROVM_ARCH_ARM64,
				       .into = f->out,
				       .kernel = f->kernel,
				       .busybox = f->busybox };
}

static size_t count_files(const char *dir)
{
	char command[200];
	unsigned n = 0;
	FILE *p;

	(void)snprintf(command, sizeof(command),
		       "find '%s' -mindepth 1 2>/dev/null | wc -l", dir);
	p = popen(command, "r");
	assert_non_null(p);
	assert_int_equal(fscanf(p, "%u", &n), 1);
	(void)pclose(p);
	return n;
}

static void test_files_make_an_image_without_network(void **s)
{
	microvm_error err = { 0 };
	struct fixture f;
	struct blob b;
	char path[256];

	(void)s;
	setup(&f);
	assert_int_equal(image_build(&f.plan, &err), 0);
	assert_int_equal(count_files(f.out), 2);
	(void)snprintf(path, sizeof(path), "%s/kernel", f.out);
	assert_int_equal(blob_read_file(&b, path, 100, &err), 0);
	assert_int_equal(b.len, 8);
	blob_free(&b);
	(void)snprintf(path, sizeof(path), "%s/initrd", f.out);
	assert_int_equal(blob_read_file(&b, path, 1 << 20, &err), 0);
	assert_memory_equal(b.p, "070701", 6);
	blob_free(&b);
	sample_rmdir(f.dir);
}

static void test_a_failure_leaves_the_old_image_and_nothing_else(void **s)
{
	static const char *const add[] = { "/nonexistent:/x" };
	microvm_error err = { 0 };
	struct fixture f;

	(void)s;
	setup(&f);
	f.plan.add = add;
	f.plan.adds = 1;
	assert_int_equal(image_build(&f.plan, &err), -MICROVM_EIO);
	assert_int_equal(count_files(f.out), 0);
	f.plan.adds = 0;
	assert_int_equal(image_build(&f.plan, &err), 0);
	f.plan.adds = 1;
	assert_int_equal(image_build(&f.plan, &err), -MICROVM_EIO);
	assert_int_equal(count_files(f.out), 2);
	sample_rmdir(f.dir);
}

static void test_a_package_for_another_machine_is_refused(void **s)
{
	const struct sample file = { "./boot/vmlinuz-1", "kernel", 6 };
	microvm_error err = { 0 };
	struct fixture f;

	(void)s;
	setup(&f);
	sample_deb(f.kernel, f.dir, "Package: k\nArchitecture: amd64\n", &file,
		   1);
	assert_int_equal(image_build(&f.plan, &err), -MICROVM_EINVAL);
	assert_non_null(strstr(err.msg, "is for amd64, not for arm64"));
	assert_string_equal(err.hint, "say --arch amd64");
	sample_rmdir(f.dir);
}

static void test_an_empty_package_tells_where_the_kernel_is(void **s)
{
	const struct sample file = { "./usr/share/doc/x", "", 0 };
	microvm_error err = { 0 };
	struct fixture f;

	(void)s;
	setup(&f);
	sample_deb(f.kernel, f.dir,
		   "Package: linux-image-arm64\nArchitecture: arm64\n"
		   "Depends: linux-image-6.1.0-9-arm64 (= 1)\n",
		   &file, 1);
	assert_int_equal(image_build(&f.plan, &err), -MICROVM_EINVAL);
	assert_non_null(strstr(err.msg, "has no kernel"));
	assert_non_null(strstr(err.hint, "linux-image-6.1.0-9-arm64"));
	sample_rmdir(f.dir);
}

static void test_a_kernel_file_has_no_modules_to_ask_for(void **s)
{
	microvm_error err = { 0 };
	struct fixture f;

	(void)s;
	setup(&f);
	f.plan.modules = "virtio_blk";
	assert_int_equal(image_build(&f.plan, &err), -MICROVM_EINVAL);
	assert_non_null(strstr(err.hint, "--modules-dir"));
	sample_rmdir(f.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_make_an_image_without_network),
		cmocka_unit_test(
			test_a_failure_leaves_the_old_image_and_nothing_else),
		cmocka_unit_test(test_a_package_for_another_machine_is_refused),
		cmocka_unit_test(
			test_an_empty_package_tells_where_the_kernel_is),
		cmocka_unit_test(test_a_kernel_file_has_no_modules_to_ask_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
