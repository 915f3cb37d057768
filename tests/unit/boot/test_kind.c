/* SPDX-License-Identifier: MIT */
#include "boot/kind.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"

struct row {
	size_t off;
	size_t len;
	const char *bytes;
	enum kind kind;
};

static const struct row rows[] = {
	{ 0, 3, "\x1f\x8b\x08", KIND_GZIP },
	{ 0, 4, "\x28\xb5\x2f\xfd", KIND_ZSTD },
	{ 0, 6,
	  "\xfd"
	  "7zXZ\0",
	  KIND_XZ },
	{ 0, 4, "\x02\x21\x4c\x18", KIND_LZ4_LEGACY },
	{ 0, 4, "\x04\x22\x4d\x18", KIND_LZ4_FRAME },
	{ 0, 3, "BZh", KIND_BZIP2 },
	{ 0, 3, "\x5d\0\0", KIND_LZMA },
	{ 0, 4, "\x89LZO", KIND_LZO },
	{ 0, 6, "070701", KIND_CPIO_NEWC },
	{ 0, 6, "070702", KIND_CPIO_NEWC },
	{ 0, 6, "070707", KIND_CPIO_OLD },
	{ 0, 2, "\xc7\x71", KIND_CPIO_OLD },
	{ 0, 4,
	  "\x7f"
	  "ELF",
	  KIND_ELF },
	{ 0, 4, "\x27\x05\x19\x56", KIND_UIMAGE },
	{ 0, 4, "\xd0\x0d\xfe\xed", KIND_FIT },
	{ 0, 21, "!<arch>\ndebian-binary", KIND_DEB },
	{ 0, 8, "!<arch>\n", KIND_AR },
	{ 0, 2, "#!", KIND_SCRIPT },
	{ 56, 4, "ARM\x64", KIND_ARM64_IMAGE },
	{ 56, 4, "RSC\x05", KIND_RISCV_IMAGE },
	{ 4, 4, "zimg", KIND_ZBOOT },
	{ 0x202, 4, "HdrS", KIND_BZIMAGE },
	{ 0, 2, "MZ", KIND_PE },
	{ 257, 5, "ustar", KIND_TAR },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

/* Exactly as long as asked for, so that ASan sees a read too far. */
static uint8_t *bytes_of(const struct row *r, size_t len)
{
	uint8_t *p = calloc(1, len ? len : 1);
	size_t i;

	assert_non_null(p);
	for (i = 0; i < r->len; i++) {
		if (r->off + i < len)
			p[r->off + i] = (uint8_t)r->bytes[i];
	}
	return p;
}

static void test_files_are_known_by_their_first_bytes(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < ROWS; i++) {
		uint8_t *p = bytes_of(&rows[i], 1024);

		assert_int_equal(kind_of(p, 1024), rows[i].kind);
		free(p);
	}
}

static void test_a_magic_cut_short_is_not_taken_for_the_whole(void **s)
{
	size_t i, n;

	(void)s;
	for (i = 0; i < ROWS; i++) {
		for (n = 0; n < rows[i].off + rows[i].len; n++) {
			uint8_t *p = bytes_of(&rows[i], n);

			assert_int_not_equal(kind_of(p, n), rows[i].kind);
			free(p);
		}
	}
}

static void test_what_is_inside_a_pe_file_comes_before_it(void **s)
{
	uint8_t p[1024] = "MZ";

	(void)s;
	assert_int_equal(kind_of(p, sizeof(p)), KIND_PE);
	memcpy(p + 0x202, "HdrS", 4);
	assert_int_equal(kind_of(p, sizeof(p)), KIND_BZIMAGE);
	memcpy(p + 4, "zimg", 4);
	assert_int_equal(kind_of(p, sizeof(p)), KIND_ZBOOT);
	memcpy(p + 56, "ARM\x64", 4);
	assert_int_equal(kind_of(p, sizeof(p)), KIND_ARM64_IMAGE);
}

static void test_texts_are_told_from_binary_strangers(void **s)
{
	static const uint8_t text[] = "<html>\r\n\t404 not found\n";
	static const uint8_t utf8[] = "gr\xc3\xbc\xc3\x9f\n";

	(void)s;
	assert_int_equal(kind_of(text, sizeof(text) - 1), KIND_TEXT);
	assert_int_equal(kind_of(text, sizeof(text)), KIND_UNKNOWN);
	assert_int_equal(kind_of(utf8, sizeof(utf8) - 1), KIND_UNKNOWN);
}

static void test_every_kind_has_a_name_of_its_own(void **s)
{
	enum kind a, b;

	(void)s;
	for (a = 0; a < KIND_COUNT; a++) {
		assert_non_null(kind_name(a));
		for (b = 0; b < a; b++)
			assert_string_not_equal(kind_name(a), kind_name(b));
	}
}

static void test_the_text_tells_what_the_name_cannot(void **s)
{
	uint8_t elf[20] = "\x7f"
			  "ELF\2\1";
	static const uint8_t odd[] = { 0, 1, 2, 0xff };
	static const uint8_t nul[12] = { 0 };

	(void)s;
	put_le16(elf + 18, 183);
	assert_string_equal(kind_text(elf, 20).s, "an ELF file for arm64");
	put_le16(elf + 18, 62);
	assert_string_equal(kind_text(elf, 20).s, "an ELF file for x86_64");
	put_le16(elf + 18, 999);
	assert_string_equal(kind_text(elf, 20).s,
			    "an ELF file for machine 999");
	memcpy(elf + 4, "\1\2", 2); /* big-endian: s390 */
	put_le16(elf + 18, 22 << 8);
	assert_string_equal(kind_text(elf, 20).s, "an ELF file for s390");
	assert_string_equal(kind_text(elf, 19).s, "a cut ELF file");
	assert_string_equal(kind_text(odd, 4).s,
			    "nothing we know (it begins 00 01 02 ff)");
	assert_string_equal(
		kind_text(nul, 12).s,
		"nothing we know (it begins 00 00 00 00 00 00 00 00)");
	assert_string_equal(kind_text(nul, 0).s, "an empty file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_are_known_by_their_first_bytes),
		cmocka_unit_test(
			test_a_magic_cut_short_is_not_taken_for_the_whole),
		cmocka_unit_test(test_what_is_inside_a_pe_file_comes_before_it),
		cmocka_unit_test(test_texts_are_told_from_binary_strangers),
		cmocka_unit_test(test_every_kind_has_a_name_of_its_own),
		cmocka_unit_test(test_the_text_tells_what_the_name_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
