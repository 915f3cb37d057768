/* SPDX-License-Identifier: MIT */
#include "boot/initrd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "newc.h"
#include "pack.h"

#define BASE UINT64_C(0x40000000)

enum { RAM = 64 * 1024 };

struct ram {
	struct gmem mem;
	uint8_t *p;
};

/* Not of zeros, so that padding must be written. */
static void ram_init(struct ram *r)
{
	*r = (struct ram){ .p = malloc(RAM) };
	assert_non_null(r->p);
	memset(r->p, 0xaa, RAM);
	assert_int_equal(gmem_add(&r->mem, BASE, r->p, RAM, NULL), 0);
}

static void test_archives_are_stacked_as_they_are(void **s)
{
	struct bytes gz = pack_gzip("070701", 6);
	const struct boot_blob archive[] = {
		{ .name = "a", .p = (const uint8_t *)"070701abc", .len = 9 },
		blob("b", gz),
		{ .name = "c", .p = (const uint8_t *)"070702de", .len = 8 },
	};
	struct boot_config cfg = { .initrd = archive, .initrds = 3 };
	size_t gz_end = 12 + (gz.len + 4 + 3) / 4 * 4, i;
	struct initrd rd;
	struct ram r;

	(void)s;
	ram_init(&r);
	assert_int_equal(initrd_init(&rd, &cfg, NULL), 0);
	assert_int_equal(rd.len, gz_end + 8);
	assert_int_equal(initrd_load(&rd, BASE + 4096, &r.mem, NULL), 0);
	assert_memory_equal(r.p + 4096, "070701abc\0\0\0", 12);
	assert_memory_equal(r.p + 4096 + 12, gz.p, gz.len);
	/* legacy lz4 ends at four zeros only, so every packed one gets them */
	for (i = 12 + gz.len; i < gz_end; i++)
		assert_int_equal(r.p[4096 + i], 0);
	assert_true(gz_end - 12 - gz.len >= 4);
	assert_memory_equal(r.p + 4096 + gz_end, "070702de", 8);
	assert_int_equal(r.p[4095], 0xaa);
	assert_int_equal(r.p[4096 + rd.len], 0xaa);
	initrd_fini(&rd);
	free(r.p);
	free(gz.p);
}

static void test_files_come_behind_the_archives(void **s)
{
	const struct boot_blob archive = { .name = "a",
					   .p = (const uint8_t *)"070701x",
					   .len = 7 };
	const struct boot_file file = { "/etc/x", 0644, "text", 4 };
	struct boot_config cfg = {
		.initrd = &archive, .initrds = 1, .file = &file, .files = 1
	};
	struct initrd rd;
	struct newc e;
	struct ram r;
	size_t pos = 0;

	(void)s;
	ram_init(&r);
	assert_int_equal(initrd_init(&rd, &cfg, NULL), 0);
	assert_int_equal(rd.len % 4, 0);
	assert_int_equal(initrd_load(&rd, BASE, &r.mem, NULL), 0);
	assert_memory_equal(r.p, "070701x", 8);
	assert_int_equal(newc_next(r.p + 8, rd.len - 8, &pos, &e), 1);
	assert_string_equal(e.name, "etc");
	assert_int_equal(newc_next(r.p + 8, rd.len - 8, &pos, &e), 1);
	assert_string_equal(e.name, "etc/x");
	assert_memory_equal(e.data, "text", 4);
	assert_int_equal(newc_next(r.p + 8, rd.len - 8, &pos, &e), 0);
	assert_int_equal(8 + pos, rd.len);
	initrd_fini(&rd);
	free(r.p);
}

static void test_nothing_at_all_is_an_empty_stack(void **s)
{
	struct boot_config cfg = { .cmdline = "" };
	struct initrd_part at;
	struct initrd rd;

	(void)s;
	assert_int_equal(initrd_init(&rd, &cfg, NULL), 0);
	assert_int_equal(rd.len, 0);
	assert_true(initrd_fits(&rd, 0, &at));
	initrd_fini(&rd);
}

static void test_whatever_linux_unpacks_is_taken(void **s)
{
	static const struct boot_blob good[] = {
		{ .name = "newc", .p = (const uint8_t *)"070701", .len = 6 },
		{ .name = "crc", .p = (const uint8_t *)"070702", .len = 6 },
		{ .name = "gzip",
		  .p = (const uint8_t *)"\x1f\x8b\x08",
		  .len = 3 },
		{ .name = "zstd",
		  .p = (const uint8_t *)"\x28\xb5\x2f\xfd",
		  .len = 4 },
		{ .name = "xz",
		  .p = (const uint8_t *)"\xfd"
					"7zXZ",
		  .len = 6 },
		{ .name = "lz4",
		  .p = (const uint8_t *)"\x02\x21\x4c\x18",
		  .len = 4 },
		{ .name = "bzip2", .p = (const uint8_t *)"BZh", .len = 3 },
		{ .name = "lzma", .p = (const uint8_t *)"\x5d\0", .len = 3 },
		{ .name = "lzo", .p = (const uint8_t *)"\x89LZO", .len = 4 },
	};
	struct boot_config cfg = { .initrd = good,
				   .initrds = sizeof(good) / sizeof(*good) };
	struct initrd rd;

	(void)s;
	assert_int_equal(initrd_init(&rd, &cfg, NULL), 0);
	initrd_fini(&rd);
}

struct row {
	const char *bytes;
	size_t len;
	const char *what, *hint;
};

static void test_everything_else_is_refused_by_name(void **s)
{
	static const char make[] = "make one with: find . | "
				   "cpio -o -H newc >FILE";
	static const struct row rows[] = {
		{ "", 0, "an empty file", make },
		{ "07070", 5, "a text file", make },
		{ "070707", 6, "a cpio archive in an old format",
		  "Linux reads the newc format only: cpio -o -H newc" },
		{ "\x04\x22\x4d\x18", 4, "lz4 data (frame format)",
		  "Linux unpacks the legacy format only: lz4 -l" },
		{ "#!/bin/sh\n", 10, "a script", make },
		{ "\x7f"
		  "ELF",
		  4, "a cut ELF file", make },
		{ "MZ\0\0zimg", 8, "an EFI zboot image",
		  "pass it as the kernel" },
		{ "\0", 1, "nothing we know (it begins 00)", make },
	};
	char want[160];
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct boot_blob b[] = {
			{ .name = "good",
			  .p = (const uint8_t *)"070701",
			  .len = 6 },
			{ .name = "root.img",
			  .p = (const uint8_t *)rows[i].bytes,
			  .len = rows[i].len },
		};
		struct boot_config cfg = { .initrd = b, .initrds = 2 };
		struct initrd rd;
		mv_error e;

		assert_int_equal(initrd_init(&rd, &cfg, &e),
				 -MICROVM_EBADIMAGE);
		(void)snprintf(want, sizeof(want),
			       "initrd root.img: %s, not a cpio archive "
			       "Linux can read",
			       rows[i].what);
		assert_string_equal(e.msg, want);
		assert_string_equal(e.hint, rows[i].hint);
	}
}

static void test_a_bad_file_is_told_and_nothing_is_held(void **s)
{
	const struct boot_file file = { "etc", 0644, "", 0 };
	struct boot_config cfg = { .file = &file, .files = 1 };
	struct initrd rd;
	mv_error e;

	(void)s;
	assert_int_equal(initrd_init(&rd, &cfg, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg,
			    "file etc: not a path from the guest's root");
}

static void test_the_part_that_does_not_fit_is_named(void **s)
{
	const struct boot_blob archive[] = {
		{ .name = "one", .p = (const uint8_t *)"070701aa", .len = 8 },
		{ .name = "two", .p = (const uint8_t *)"070701b", .len = 7 },
	};
	const struct boot_file file = { "/x", 0644, "text", 4 };
	struct boot_config cfg = {
		.initrd = archive, .initrds = 2, .file = &file, .files = 1
	};
	struct initrd_part at;
	struct initrd rd;

	(void)s;
	assert_int_equal(initrd_init(&rd, &cfg, NULL), 0);
	assert_false(initrd_fits(&rd, 7, &at));
	assert_string_equal(at.name, "one");
	assert_int_equal(at.len, 8);
	assert_int_equal(at.off, 0);
	assert_false(initrd_fits(&rd, 15, &at));
	assert_string_equal(at.name, "two");
	assert_int_equal(at.len, 7);
	assert_int_equal(at.off, 8);
	assert_false(initrd_fits(&rd, rd.len - 1, &at));
	assert_string_equal(at.name, "(added files)");
	assert_int_equal(at.len, rd.own_len);
	assert_int_equal(at.off, 16);
	assert_true(initrd_fits(&rd, rd.len, &at));
	initrd_fini(&rd);
}

static void test_loading_beyond_ram_is_refused(void **s)
{
	const struct boot_blob archive = { .name = "a",
					   .p = (const uint8_t *)"070701",
					   .len = 6 };
	struct boot_config cfg = { .initrd = &archive, .initrds = 1 };
	struct initrd rd;
	struct ram r;
	mv_error e;

	(void)s;
	ram_init(&r);
	assert_int_equal(initrd_init(&rd, &cfg, NULL), 0);
	assert_int_equal(initrd_load(&rd, BASE + RAM - 8, &r.mem, &e), 0);
	assert_int_equal(initrd_load(&rd, BASE + RAM - 4, &r.mem, &e),
			 -MICROVM_EINVAL);
	assert_string_equal(e.msg, "no RAM for 8 bytes of initrd at address "
				   "0x4000fffc");
	initrd_fini(&rd);
	free(r.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_archives_are_stacked_as_they_are),
		cmocka_unit_test(test_files_come_behind_the_archives),
		cmocka_unit_test(test_nothing_at_all_is_an_empty_stack),
		cmocka_unit_test(test_whatever_linux_unpacks_is_taken),
		cmocka_unit_test(test_everything_else_is_refused_by_name),
		cmocka_unit_test(test_a_bad_file_is_told_and_nothing_is_held),
		cmocka_unit_test(test_the_part_that_does_not_fit_is_named),
		cmocka_unit_test(test_loading_beyond_ram_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
