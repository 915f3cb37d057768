/* SPDX-License-Identifier: MIT */
#include "boot/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"
#include "boot/cpio.h"
#include "pack.h"

enum { LIMIT = 1 << 20 };

static const char banner[] = "Linux version 6.1.0-9 (x@y) #1 SMP\n";

static struct bytes make_kernel(void)
{
	struct bytes b = make_image(8192, 0, 16384, IMAGE_4K);

	memcpy(b.p + 4096, "Linux version %s (", 18); /* a format is none */
	memcpy(b.p + 5000, banner, sizeof(banner));
	return b;
}

static void check_kernel(const struct inspection *in)
{
	assert_true(in->kernel);
	assert_false(in->archive);
	assert_int_equal(in->inner, KIND_ARM64_IMAGE);
	assert_int_equal(in->arch, ARCH_ARM64);
	assert_int_equal(in->content, 8192);
	assert_int_equal(in->memory, 16384);
	assert_int_equal(in->page, 4096);
	assert_string_equal(in->version, "6.1.0-9 (x@y) #1 SMP");
}

static void test_a_kernel_tells_its_version_however_packed(void **s)
{
	struct bytes raw = make_kernel();
	struct bytes gz = pack_gzip(raw.p, raw.len);
	struct bytes zboot = pack_zboot("gzip", gz.p, gz.len);
	struct inspection in;

	(void)s;
	inspect(raw.p, raw.len, LIMIT, &in);
	check_kernel(&in);
	assert_int_equal(in.kind, KIND_ARM64_IMAGE);
	inspect(gz.p, gz.len, LIMIT, &in);
	check_kernel(&in);
	assert_int_equal(in.kind, KIND_GZIP);
	inspect(zboot.p, zboot.len, LIMIT, &in);
	check_kernel(&in);
	assert_int_equal(in.kind, KIND_ZBOOT);
	free(raw.p);
	free(gz.p);
	free(zboot.p);
}

static void test_an_x86_kernel_is_known_by_its_header(void **s)
{
	struct bytes b = pack_bzimage("BZh91AY&SY", 10, 1000);
	struct inspection in;

	(void)s;
	inspect(b.p, b.len, LIMIT, &in);
	assert_true(in.kernel);
	assert_int_equal(in.inner, KIND_BZIMAGE);
	assert_int_equal(in.arch, ARCH_X86_64);
	assert_int_equal(in.memory, 0x3378000);
	assert_int_equal(in.page, 4096);
	assert_string_equal(in.version, "6.1.0-amd64 (x)");
	put_le16(b.p + 0x206, 0x0204); /* too old to boot, but known */
	inspect(b.p, b.len, LIMIT, &in);
	assert_string_equal(in.version, "6.1.0-amd64 (x)");
	assert_int_equal(in.memory, 0);
	put_le16(b.p + 0x20e, 0xff00); /* far behind the end */
	inspect(b.p, b.len, LIMIT, &in);
	assert_string_equal(in.version, "");
	free(b.p);
}

static void test_an_x86_vmlinux_is_known_by_its_text(void **s)
{
	struct bytes b = make_vmlinux(1 << 24, 5000, 8192, 1 << 24, 0);
	struct bytes with_pvh =
		make_vmlinux(1 << 24, 50, 4096, 1 << 24, 1 << 24);
	struct inspection in;
	struct bytes xz;

	(void)s;
	inspect(b.p, b.len, LIMIT, &in);
	assert_int_equal(in.inner, KIND_ELF);
	assert_false(in.kernel); /* any program */
	memcpy(b.p + 1000, banner, sizeof(banner));
	xz = pack_xz(b.p, b.len);
	inspect(xz.p, xz.len, LIMIT, &in);
	assert_true(in.kernel);
	assert_int_equal(in.kind, KIND_XZ);
	assert_int_equal(in.inner, KIND_ELF);
	assert_int_equal(in.arch, ARCH_X86_64);
	assert_int_equal(in.memory, 8192);
	assert_string_equal(in.version, "6.1.0-9 (x@y) #1 SMP");
	inspect(with_pvh.p, with_pvh.len, LIMIT, &in);
	assert_true(in.kernel);
	assert_string_equal(in.version, "");
	free(with_pvh.p);
	free(xz.p);
	free(b.p);
}

static void pack_files(const struct boot_file *files, unsigned count,
		       uint8_t **p, size_t *len)
{
	assert_int_equal(cpio_pack(files, count, p, len, NULL), 0);
}

static void test_an_archive_tells_its_files_and_its_init(void **s)
{
	const struct boot_file files[] = { { "/init", 0755, "x", 1 },
					   { "/etc/a", 0644, "yy", 2 } };
	struct inspection in;
	struct bytes gz;
	uint8_t *p, *twice;
	size_t len;

	(void)s;
	pack_files(files, 2, &p, &len);
	inspect(p, len, LIMIT, &in);
	assert_true(in.archive);
	assert_true(in.init);
	assert_true(in.whole);
	assert_int_equal(in.files, 3); /* with the folder */
	gz = pack_gzip(p, len);
	inspect(gz.p, gz.len, LIMIT, &in);
	assert_int_equal(in.kind, KIND_GZIP);
	assert_int_equal(in.files, 3);
	/* two archives behind each other, with a gap of zeros */
	twice = calloc(1, len * 2 + 512);
	assert_non_null(twice);
	memcpy(twice, p, len);
	memcpy(twice + len + 512, p, len);
	inspect(twice, len * 2 + 512, LIMIT, &in);
	assert_int_equal(in.files, 6);
	assert_true(in.whole);
	free(twice);
	free(gz.p);
	free(p);
}

static void test_an_archive_cut_anywhere_is_not_whole(void **s)
{
	const struct boot_file files[] = { { "/not/init", 0755, "abc", 3 } };
	struct inspection in;
	uint8_t *p, *part;
	size_t len, n, last;

	(void)s;
	pack_files(files, 1, &p, &len);
	for (last = len; last && p[last - 1] == 0; last--)
		;
	for (n = 6; n < last; n++) {
		part = malloc(n); /* a sanitizer sees what is read behind */
		assert_non_null(part);
		memcpy(part, p, n);
		inspect(part, n, LIMIT, &in);
		assert_true(in.archive);
		assert_false(in.whole);
		assert_false(in.init);
		free(part);
	}
	/* a name of no length, and one beyond the end */
	memcpy(p + 94, "00000000", 8);
	inspect(p, len, LIMIT, &in);
	assert_int_equal(in.files, 0);
	memcpy(p + 94, "ffffffff", 8);
	inspect(p, len, LIMIT, &in);
	assert_int_equal(in.files, 0);
	free(p);
}

static void test_what_unpacks_beyond_the_limit_stays_packed(void **s)
{
	struct bytes raw = make_image(LIMIT + 1, 0, 0, IMAGE_4K);
	struct bytes gz = pack_gzip(raw.p, raw.len);
	struct inspection in;

	(void)s;
	inspect(gz.p, gz.len, LIMIT, &in);
	assert_int_equal(in.kind, KIND_GZIP);
	assert_int_equal(in.inner, KIND_GZIP);
	assert_false(in.kernel);
	assert_int_equal(in.content, gz.len);
	free(raw.p);
	free(gz.p);
}

static void test_nothing_is_something_too(void **s)
{
	struct inspection in;
	uint8_t x = 1;

	(void)s;
	inspect(&x, 0, LIMIT, &in);
	assert_int_equal(in.kind, KIND_EMPTY);
	inspect(&x, 1, LIMIT, &in);
	assert_int_equal(in.kind, KIND_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_kernel_tells_its_version_however_packed),
		cmocka_unit_test(test_an_x86_kernel_is_known_by_its_header),
		cmocka_unit_test(test_an_x86_vmlinux_is_known_by_its_text),
		cmocka_unit_test(test_an_archive_tells_its_files_and_its_init),
		cmocka_unit_test(test_an_archive_cut_anywhere_is_not_whole),
		cmocka_unit_test(
			test_what_unpacks_beyond_the_limit_stays_packed),
		cmocka_unit_test(test_nothing_is_something_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
