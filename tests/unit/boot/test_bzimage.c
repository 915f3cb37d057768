/* SPDX-License-Identifier: MIT */
#include "boot/bzimage.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"
#include "pack.h"

static void refused(struct bytes b, int rc, const char *msg, const char *hint)
{
	struct bzimage bz;
	mv_error e = { 0 };

	assert_int_equal(bzimage_parse(b.p, b.len, &bz, &e), rc);
	assert_string_equal(e.msg, msg);
	assert_string_equal(e.hint, hint);
}

static void test_the_payload_is_found_without_the_size_behind_it(void **s)
{
	struct bytes b = pack_bzimage("BZh91AY&SY", 10, 53243444);
	struct bzimage bz;

	(void)s;
	assert_int_equal(bzimage_parse(b.p, b.len, &bz, NULL), 0);
	assert_int_equal(bz.protocol, 0x020f);
	assert_ptr_equal(bz.payload, b.p + PAYLOAD_AT);
	assert_int_equal(bz.payload_len, 10);
	assert_int_equal(bz.unpacked_len, 53243444);
	assert_int_equal(bz.init_size, 0x3378000);
	free(b.p);
}

/* RFC 1952 2.3.1: the last four bytes are the size, and part of the data. */
static void test_gzip_keeps_its_own_size(void **s)
{
	struct bytes gz = pack_gzip("kernel", 6);
	struct bytes b = pack_bzimage(gz.p, gz.len, 0);
	struct bzimage bz;

	(void)s;
	assert_int_equal(bzimage_parse(b.p, b.len, &bz, NULL), 0);
	assert_int_equal(bz.payload_len, gz.len);
	assert_int_equal(bz.unpacked_len, 6);
	free(b.p);
	free(gz.p);
}

static void test_no_setup_sectors_are_four(void **s)
{
	struct bytes b = pack_bzimage("BZh91AY&SY", 10, 1000);
	struct bytes more = { calloc(1, 5000), 5000 };
	struct bzimage bz;

	(void)s;
	assert_non_null(more.p);
	memcpy(more.p, b.p, PAYLOAD_AT);
	more.p[0x1f1] = 0;
	assert_int_equal(bzimage_parse(more.p, more.len, &bz, NULL), 0);
	assert_ptr_equal(bz.payload, more.p + PAYLOAD_AT + 3 * 512);
	free(more.p);
	free(b.p);
}

static void test_kernels_without_a_64_bit_entry_are_refused(void **s)
{
	struct bytes b = pack_bzimage("BZh91AY&SY", 10, 1000);

	(void)s;
	put_le16(b.p + 0x236, 0x7e);
	refused(b, -MICROVM_ENOTSUP, "a 32-bit x86 kernel",
		"take one built for x86_64 (Debian: amd64)");
	put_le16(b.p + 0x206, 0x020b);
	refused(b, -MICROVM_ENOTSUP,
		"an x86 kernel of boot protocol 2.11, too old: 2.12 is needed",
		"take Linux 3.8 or later");
	put_le16(b.p + 0x206, 0x0105);
	refused(b, -MICROVM_ENOTSUP,
		"an x86 kernel of boot protocol 1.05, too old: 2.12 is needed",
		"take Linux 3.8 or later");
	put_le16(b.p + 0x1fe, 0);
	refused(b, -MICROVM_EBADIMAGE, "not an x86 kernel", "");
	free(b.p);
}

static void test_the_payload_must_lie_in_the_file(void **s)
{
	struct bytes b = pack_bzimage("BZh91AY&SY", 10, 1000);

	(void)s;
	put_le32(b.p + 0x24c, 14 + 9);
	refused(b, -MICROVM_EBADIMAGE,
		"truncated: the x86 kernel's payload (23 bytes at 1068) ends "
		"behind the file's 1090 bytes",
		"fetch or build the file again");
	put_le32(b.p + 0x24c, UINT32_MAX);
	put_le32(b.p + 0x248, UINT32_MAX);
	refused(b, -MICROVM_EBADIMAGE,
		"truncated: the x86 kernel's payload (4294967295 bytes at "
		"4294968319) ends behind the file's 1090 bytes",
		"fetch or build the file again");
	put_le32(b.p + 0x24c, 4);
	refused(b, -MICROVM_EBADIMAGE,
		"corrupt: the x86 kernel has a payload of 4 bytes", "");
	free(b.p);
}

/* Memory of exactly that size shows a read too far. */
static void test_a_header_cut_anywhere_is_refused(void **s)
{
	struct bytes b = pack_bzimage("BZh91AY&SY", 10, 1000);
	size_t n;

	(void)s;
	for (n = 0; n < b.len - 8; n++) {
		struct bytes cut = { malloc(n ? n : 1), n };
		struct bzimage bz;
		mv_error e;

		assert_non_null(cut.p);
		memcpy(cut.p, b.p, n);
		assert_int_equal(bzimage_parse(cut.p, n, &bz, &e),
				 -MICROVM_EBADIMAGE);
		assert_memory_equal(e.msg, "truncated: ", 11);
		free(cut.p);
	}
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_the_payload_is_found_without_the_size_behind_it),
		cmocka_unit_test(test_gzip_keeps_its_own_size),
		cmocka_unit_test(test_no_setup_sectors_are_four),
		cmocka_unit_test(
			test_kernels_without_a_64_bit_entry_are_refused),
		cmocka_unit_test(test_the_payload_must_lie_in_the_file),
		cmocka_unit_test(test_a_header_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
