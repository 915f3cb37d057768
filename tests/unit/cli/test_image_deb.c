/* SPDX-License-Identifier: MIT */
#include "image_deb.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "image_blob.h"
#include "image_samples.h"

static const char control[] =
	"Package: linux-image-x\n"
	"architecture:  arm64 \n"
	"Depends: kmod (>= 1), initramfs-tools | dracut,\n"
	"Version: 6.1-1\n"
	"Description: a kernel\n"
	" Package: not this one\n";

static void test_fields_are_found_whatever_their_order(void **s)
{
	struct deb_control c;

	(void)s;
	deb_parse_control(control, sizeof(control) - 1, &c);
	assert_string_equal(c.package, "linux-image-x");
	assert_string_equal(c.version, "6.1-1");
	assert_string_equal(c.architecture, "arm64");
	assert_string_equal(c.depends,
			    "kmod (>= 1), initramfs-tools | dracut,");
}

static void test_fields_are_cut_and_cleaned(void **s)
{
	char text[300] = "Package: ";
	struct deb_control c;

	(void)s;
	memset(text + 9, 'a', sizeof(text) - 9);
	text[10] = '\033'; /* would drive the user's terminal */
	deb_parse_control(text, sizeof(text), &c);
	assert_int_equal(strlen(c.package), sizeof(c.package) - 1);
	assert_memory_equal(c.package, "a?aa", 4);
	deb_parse_control("Package", 7, &c);
	assert_string_equal(c.package, "");
	deb_parse_control("Package:", 8, &c);
	assert_string_equal(c.package, "");
}

static void test_a_dependency_is_found_by_its_prefix(void **s)
{
	static const char depends[] =
		"kmod, a-linux-image-1 | linux-image-6.1:any (= 6.1-1), x";
	char name[32];

	(void)s;
	assert_true(
		deb_depends_on(depends, "linux-image-", name, sizeof(name)));
	assert_string_equal(name, "linux-image-6.1");
	assert_false(
		deb_depends_on(depends, "linux-headers-", name, sizeof(name)));
	assert_false(deb_depends_on(depends, "linux-image-", name, 8));
	assert_false(deb_depends_on("", "x", name, sizeof(name)));
	assert_false(deb_depends_on(",| ,", "x", name, sizeof(name)));
}

struct seen {
	int files;
	struct blob want;
};

static int see(void *ctx, const char *name, struct archive *content,
	       microvm_error *err)
{
	struct seen *seen = ctx;

	seen->files++;
	if (strcmp(name, "boot/vmlinuz-1") == 0)
		return blob_read_entry(&seen->want, content, 100, err);
	return 0;
}

static int stop(void *ctx, const char *name, struct archive *content,
		microvm_error *err)
{
	int *count = ctx;

	(void)name;
	(void)content;
	(void)err;
	++*count;
	return DEB_STOP;
}

static int spoil(void *ctx, const char *name, struct archive *content,
		 microvm_error *err)
{
	(void)ctx;
	(void)name;
	(void)content;
	*err = (microvm_error){ .code = MICROVM_EIO, .msg = "spoilt" };
	return -MICROVM_EIO;
}

static void test_a_package_is_walked_and_read(void **s)
{
	const struct sample files[] = {
		{ "./usr/share/doc/x", "text", 4 },
		{ "./boot/vmlinuz-1", "kernel", 6 },
		{ "/boot/last", "", 0 },
	};
	struct seen seen = { 0 };
	struct deb_control c;
	microvm_error err = { 0 };
	char dir[64], path[256];
	int count = 0;

	(void)s;
	sample_mkdir(dir);
	sample_deb(path, dir, control, files, 3);
	assert_true(deb_is(path));
	assert_int_equal(deb_read_control(path, &c, &err), 0);
	assert_string_equal(c.package, "linux-image-x");
	assert_int_equal(deb_each_file(path, see, &seen, &err), 0);
	assert_int_equal(seen.files, 3);
	assert_int_equal(seen.want.len, 6);
	assert_memory_equal(seen.want.p, "kernel", 6);
	blob_free(&seen.want);
	assert_int_equal(deb_each_file(path, stop, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(deb_each_file(path, spoil, NULL, &err), -MICROVM_EIO);
	assert_non_null(strstr(err.msg, "sample.deb: spoilt"));
	sample_rmdir(dir);
}

/* Whatever is cut off, the answer is an error, or the untouched part. */
static void test_a_cut_package_is_refused(void **s)
{
	const struct sample files[] = { { "./boot/vmlinuz-1", "kernel", 6 } };
	char dir[64], path[256], part[256];
	microvm_error err;
	struct deb_control c;
	struct blob whole;
	size_t n;

	(void)s;
	sample_mkdir(dir);
	sample_deb(path, dir, control, files, 1);
	assert_int_equal(blob_read_file(&whole, path, 1 << 20, &err), 0);
	for (n = 0; n < whole.len - 60; n += 7) {
		struct seen seen = { 0 };

		sample_write(part, dir, "part", whole.p, n);
		err.msg[0] = '\0';
		assert_true(deb_each_file(part, see, &seen, &err) < 0);
		assert_true(err.msg[0] != '\0');
		blob_free(&seen.want);
		(void)deb_read_control(part, &c, &err);
		assert_int_equal(deb_is(part), n >= 21);
	}
	blob_free(&whole);
	sample_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_found_whatever_their_order),
		cmocka_unit_test(test_fields_are_cut_and_cleaned),
		cmocka_unit_test(test_a_dependency_is_found_by_its_prefix),
		cmocka_unit_test(test_a_package_is_walked_and_read),
		cmocka_unit_test(test_a_cut_package_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
