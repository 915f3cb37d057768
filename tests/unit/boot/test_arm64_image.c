/* SPDX-License-Identifier: MIT */
#include "boot/arm64_image.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"
#include "pack.h"

#define BASE UINT64_C(0x40000000)
#define MIB (UINT64_C(1) << 20)

static void test_the_header_says_where_and_how_much(void **s)
{
	struct bytes raw = make_image(100, 0x10000, 0x1ab0000, IMAGE_4K);
	struct arm64_image im;
	uint64_t gpa;

	(void)s;
	assert_int_equal(arm64_image_parse(raw.p, raw.len, &im, NULL), 0);
	assert_int_equal(im.text_offset, 0x10000);
	assert_int_equal(im.reserve, 0x1ab0000);
	assert_int_equal(arm64_image_place(&im, BASE, &gpa),
			 0x10000 + 0x1ab0000);
	assert_int_equal(gpa, BASE + 0x10000);
	free(raw.p);
}

static void test_a_file_longer_than_its_image_counts_in_full(void **s)
{
	struct bytes raw = make_image(5000, 0, 4096, IMAGE_4K);
	struct arm64_image im;

	(void)s;
	assert_int_equal(arm64_image_parse(raw.p, raw.len, &im, NULL), 0);
	assert_int_equal(im.reserve, 5000);
	free(raw.p);
}

static void test_kernels_before_3_17_go_to_the_old_place(void **s)
{
	struct bytes raw = make_image(5000, 0xdead0001, 0, 0);
	struct arm64_image im;
	uint64_t gpa;

	(void)s;
	assert_int_equal(arm64_image_parse(raw.p, raw.len, &im, NULL), 0);
	assert_int_equal(im.text_offset, 0x80000);
	assert_true(im.reserve >= 5000 + 1 * MIB);
	assert_true(arm64_image_place(&im, BASE, &gpa) > 0x80000 + 5000);
	assert_int_equal(gpa, BASE + 0x80000);
	free(raw.p);
}

static void test_ram_that_begins_inside_a_block_is_skipped(void **s)
{
	struct bytes raw = make_image(100, 0x1000, 0x3000, IMAGE_4K);
	struct arm64_image im;
	uint64_t gpa;

	(void)s;
	assert_int_equal(arm64_image_parse(raw.p, raw.len, &im, NULL), 0);
	assert_int_equal(arm64_image_place(&im, BASE + 1, &gpa),
			 2 * MIB - 1 + 0x4000);
	assert_int_equal(gpa, BASE + 2 * MIB + 0x1000);
	free(raw.p);
}

static void test_no_header_makes_the_sums_wrap(void **s)
{
	struct bytes raw =
		make_image(100, UINT64_MAX - 4095, UINT64_MAX, IMAGE_4K);
	struct arm64_image im;
	uint64_t gpa;

	(void)s;
	assert_int_equal(arm64_image_parse(raw.p, raw.len, &im, NULL), 0);
	assert_int_equal(arm64_image_place(&im, BASE, &gpa), UINT64_MAX);
	assert_int_equal(arm64_image_place(&im, BASE + 4096, &gpa), UINT64_MAX);
	free(raw.p);
}

struct row {
	uint64_t text_offset, flags;
	int rc;
	const char *msg, *hint;
};

static void test_kernels_the_machine_cannot_run_are_named(void **s)
{
	static const struct row rows[] = {
		{ 0, 1, -MICROVM_ENOTSUP, "a big-endian arm64 kernel",
		  "take a little-endian one" },
		{ 0, 2 << 1, -MICROVM_ENOTSUP,
		  "an arm64 kernel with pages of 16 KiB; the machine has "
		  "pages of 4 KiB",
		  "take a kernel built with CONFIG_ARM64_4K_PAGES" },
		{ 0, 3 << 1, -MICROVM_ENOTSUP,
		  "an arm64 kernel with pages of 64 KiB; the machine has "
		  "pages of 4 KiB",
		  "take a kernel built with CONFIG_ARM64_4K_PAGES" },
		{ 0x1001, 1 << 1, -MICROVM_EBADIMAGE,
		  "corrupt: the arm64 kernel wants to lie at offset 0x1001, "
		  "inside a page",
		  "" },
		{ 0, 0, 0, NULL, NULL }, /* page size not told */
	};
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct bytes raw = make_image(100, rows[i].text_offset, 4096,
					      rows[i].flags);
		struct arm64_image im;
		mv_error e;

		assert_int_equal(arm64_image_parse(raw.p, raw.len, &im, &e),
				 rows[i].rc);
		if (rows[i].msg) {
			assert_string_equal(e.msg, rows[i].msg);
			assert_string_equal(e.hint, rows[i].hint);
		}
		free(raw.p);
	}
}

static void test_every_cut_header_is_refused(void **s)
{
	struct bytes raw = make_image(64, 0, 64, IMAGE_4K);
	size_t n;

	(void)s;
	for (n = 0; n <= 64; n++) {
		uint8_t *p = malloc(n ? n : 1);
		struct arm64_image im;
		mv_error e;

		assert_non_null(p);
		memcpy(p, raw.p, n);
		assert_int_equal(arm64_image_parse(p, n, &im, &e),
				 n < 64 ? -MICROVM_EBADIMAGE : 0);
		if (n == 63)
			assert_string_equal(e.msg,
					    "truncated: an arm64 kernel's "
					    "header takes 64 bytes, the file "
					    "has 63");
		free(p);
	}
	raw.p[56] = 'X';
	assert_int_equal(arm64_image_parse(raw.p, 64, NULL, NULL),
			 -MICROVM_EBADIMAGE);
	free(raw.p);
}

enum { PE = 64, TABLE = PE + 24 + 16, FILE_LEN = 4096 };

/* With an EFI stub: two sections that end with the file. */
static struct bytes make_efi_image(void)
{
	struct bytes b = make_image(FILE_LEN, 0, 8192, IMAGE_4K);

	memset(b.p + PE, 0, TABLE - PE + 80);
	put_le32(b.p + 60, PE);
	memcpy(b.p + PE, "PE\0", 4);
	put_le16(b.p + PE + 6, 2);
	put_le16(b.p + PE + 20, TABLE - PE - 24);
	put_le32(b.p + TABLE + 16, 1024);
	put_le32(b.p + TABLE + 20, 1024);
	put_le32(b.p + TABLE + 40 + 16, FILE_LEN - 2048);
	put_le32(b.p + TABLE + 40 + 20, 2048);
	return b;
}

static int parse_prefix(struct bytes b, size_t n, mv_error *e)
{
	uint8_t *p = malloc(n);
	struct arm64_image im;
	int rc;

	assert_non_null(p);
	memcpy(p, b.p, n);
	rc = arm64_image_parse(p, n, &im, e);
	free(p);
	return rc;
}

static void test_a_kernel_cut_anywhere_is_called_truncated(void **s)
{
	struct bytes b = make_efi_image();
	mv_error e;
	size_t n;

	(void)s;
	assert_int_equal(parse_prefix(b, FILE_LEN, &e), 0);
	for (n = TABLE + 80; n < FILE_LEN; n++) {
		assert_int_equal(parse_prefix(b, n, &e), -MICROVM_EBADIMAGE);
		assert_memory_equal(e.msg, "truncated: ", 11);
	}
	assert_int_equal(parse_prefix(b, 4000, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg,
			    "truncated: the arm64 kernel has 4000 of 4096 "
			    "bytes");
	assert_string_equal(e.hint, "fetch or build the file again");
	/* cut before its section table it cannot tell; no read too far */
	for (n = 64; n < TABLE + 80; n++)
		(void)parse_prefix(b, n, &e);
	free(b.p);
}

static void test_a_wild_section_table_is_survived(void **s)
{
	struct bytes b = make_efi_image();
	mv_error e;

	(void)s;
	put_le16(b.p + PE + 6, UINT16_MAX);
	assert_int_equal(parse_prefix(b, FILE_LEN, &e), -MICROVM_EBADIMAGE);
	put_le16(b.p + PE + 20, UINT16_MAX); /* table behind the file */
	assert_int_equal(parse_prefix(b, FILE_LEN, &e), 0);
	put_le32(b.p + 60, UINT32_MAX); /* header behind the file */
	assert_int_equal(parse_prefix(b, FILE_LEN, &e), 0);
	free(b.p);
}

static void test_loading_copies_or_says_there_is_no_ram(void **s)
{
	struct bytes raw = make_image(8192, 0, 8192, IMAGE_4K);
	struct gmem mem = { 0 };
	uint8_t *ram = calloc(1, 16384);
	struct arm64_image im;
	mv_error e;

	(void)s;
	assert_non_null(ram);
	assert_int_equal(gmem_add(&mem, BASE, ram, 16384, NULL), 0);
	assert_int_equal(arm64_image_parse(raw.p, raw.len, &im, NULL), 0);
	assert_int_equal(arm64_image_load(&im, BASE + 8192, &mem, NULL), 0);
	assert_memory_equal(ram + 8192, raw.p, raw.len);
	assert_int_equal(ram[8191], 0);
	assert_int_equal(arm64_image_load(&im, BASE + 8193, &mem, &e),
			 -MICROVM_EINVAL);
	assert_string_equal(e.msg, "no RAM for 8192 bytes of kernel at "
				   "address 0x40002001");
	free(ram);
	free(raw.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_header_says_where_and_how_much),
		cmocka_unit_test(
			test_a_file_longer_than_its_image_counts_in_full),
		cmocka_unit_test(test_kernels_before_3_17_go_to_the_old_place),
		cmocka_unit_test(
			test_ram_that_begins_inside_a_block_is_skipped),
		cmocka_unit_test(test_no_header_makes_the_sums_wrap),
		cmocka_unit_test(test_kernels_the_machine_cannot_run_are_named),
		cmocka_unit_test(test_every_cut_header_is_refused),
		cmocka_unit_test(
			test_a_kernel_cut_anywhere_is_called_truncated),
		cmocka_unit_test(test_a_wild_section_table_is_survived),
		cmocka_unit_test(test_loading_copies_or_says_there_is_no_ram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
