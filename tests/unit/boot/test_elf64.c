/* SPDX-License-Identifier: MIT */
#include "boot/elf64.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"
#include "pack.h"

enum { GPA = 1 << 20, FILESZ = 5000, MEMSZ = 8192 };

static struct bytes kernel(void)
{
	return make_vmlinux(GPA, FILESZ, MEMSZ, GPA + 16, GPA + 0x850);
}

static int parse(struct bytes b, struct elf64 *e, mv_error *err)
{
	static struct boot_blob file; /* outlives *e */

	file = blob("vmlinux", b);
	return elf64_parse(&file, e, err);
}

static void refused(struct bytes b, int rc, const char *msg, const char *hint)
{
	struct elf64 e;
	mv_error err = { 0 };

	assert_int_equal(parse(b, &e, &err), rc);
	assert_string_equal(err.msg, msg);
	assert_string_equal(err.hint, hint);
	assert_null(e.file);
}

#define AGAIN "fetch or build the file again"

static void test_entries_and_place_are_read(void **s)
{
	struct bytes b = kernel();
	struct elf64 e;

	(void)s;
	assert_true(elf64_is_x86(b.p, b.len));
	assert_int_equal(parse(b, &e, NULL), 0);
	assert_int_equal(e.entry, GPA + 16);
	assert_true(e.entry_loaded);
	assert_true(e.has_pvh);
	assert_int_equal(e.pvh_entry, GPA + 0x850);
	assert_int_equal(e.start, GPA);
	assert_int_equal(e.end, GPA + MEMSZ);
	free(b.p);
}

static void test_an_entry_counts_as_loaded_where_there_is_memory(void **s)
{
	static const struct {
		uint64_t entry;
		bool loaded;
	} rows[] = {
		{ GPA - 1, false },
		{ GPA, true },
		{ GPA + MEMSZ - 1, true },
		{ GPA + MEMSZ, false },
		{ UINT64_C(0xffffffff80100000), false },
	};
	struct bytes b = kernel();
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct elf64 e;

		put_le64(b.p + 24, rows[i].entry);
		assert_int_equal(parse(b, &e, NULL), 0);
		assert_int_equal(e.entry_loaded, rows[i].loaded);
	}
	free(b.p);
}

static bool has_pvh(struct bytes b)
{
	struct elf64 e;

	assert_int_equal(parse(b, &e, NULL), 0);
	return e.has_pvh;
}

static void test_only_xens_note_18_is_a_pvh_entry(void **s)
{
	struct bytes b = kernel();
	uint8_t *note = b.p + 180;

	(void)s;
	put_le32(note + 20, 1); /* an address beyond 32 bits */
	assert_false(has_pvh(b));
	put_le32(note + 4, 4); /* which four bytes cannot hold */
	assert_true(has_pvh(b));
	put_le32(note + 4, 12);
	assert_false(has_pvh(b));
	put_le32(note + 4, 4);
	put_le32(note + 8, 17);
	assert_false(has_pvh(b));
	put_le32(note + 8, 18);
	memcpy(note + 12, "GNU", 4);
	assert_false(has_pvh(b));
	memcpy(note + 12, "Xen", 4);
	put_le32(note, UINT32_MAX); /* a name beyond the segment */
	assert_false(has_pvh(b));
	put_le32(note, 4);
	put_le32(note + 4, UINT32_MAX);
	assert_false(has_pvh(b));
	free(b.p);
}

static void test_notes_are_walked_with_their_padding(void **s)
{
	struct bytes b = kernel();
	uint8_t *note = b.p + 180;

	(void)s;
	/* room for both: the data's pattern is not looked at */
	put_le64(b.p + VMLINUX_NOTE + 32, 16 + 8 + 20);
	memmove(note + 24, note, 20);
	put_le32(note + 24 + 4, 4);
	put_le32(note, 5);
	put_le32(note + 4, 1);
	put_le32(note + 8, 1);
	assert_true(has_pvh(b));
	free(b.p);
}

static void test_segments_go_to_their_addresses(void **s)
{
	struct bytes b = kernel();
	uint8_t *ram = calloc(1, 2 * GPA);
	struct gmem mem = { 0 };
	struct elf64 e;
	mv_error err;

	(void)s;
	assert_non_null(ram);
	assert_int_equal(gmem_add(&mem, 0, ram, 2 * GPA, NULL), 0);
	assert_int_equal(parse(b, &e, NULL), 0);
	assert_int_equal(elf64_load(&e, &mem, NULL), 0);
	assert_int_equal(ram[GPA - 1], 0);
	assert_memory_equal(ram + GPA, b.p + VMLINUX_DATA, FILESZ);
	assert_int_equal(ram[GPA + FILESZ], 0);
	put_le64(b.p + VMLINUX_LOAD + 24, 2 * GPA - FILESZ + 1);
	assert_int_equal(parse(b, &e, NULL), 0);
	assert_int_equal(elf64_load(&e, &mem, &err), -MICROVM_EINVAL);
	assert_string_equal(err.msg, "no RAM for 5000 bytes of kernel at "
				     "address 0x1fec79");
	free(ram);
	free(b.p);
}

static void test_a_file_in_parts_loads_the_same(void **s)
{
	struct bytes b = kernel();
	struct parts parts = { .b = b, .left = 3 }; /* table, notes, data */
	struct boot_blob file = blob_in_parts("vmlinux", &parts);
	uint8_t *ram = calloc(1, 2 * GPA);
	struct gmem mem = { 0 };
	struct elf64 e;
	mv_error err;

	(void)s;
	assert_non_null(ram);
	assert_int_equal(gmem_add(&mem, 0, ram, 2 * GPA, NULL), 0);
	assert_int_equal(elf64_parse(&file, &e, NULL), 0);
	assert_true(e.has_pvh);
	assert_int_equal(e.end, GPA + MEMSZ);
	assert_int_equal(elf64_load(&e, &mem, NULL), 0);
	assert_memory_equal(ram + GPA, b.p + VMLINUX_DATA, FILESZ);
	assert_int_equal(ram[GPA + FILESZ], 0);
	assert_int_equal(elf64_load(&e, &mem, &err), -MICROVM_EIO);
	for (parts.left = 0; parts.left < 2; parts.left++) {
		unsigned left = parts.left;

		assert_int_equal(elf64_parse(&file, &e, &err), -MICROVM_EIO);
		parts.left = left;
	}
	free(ram);
	free(b.p);
}

/* Like Linux's: each segment lies further down than in the file. */
enum { SEGMENTS = 3, FILE_GPA = 0x2000, FILE_LEN = 0x9000 };

static const struct elf64_segment in_order[SEGMENTS] = {
	{ 1, 0x2000, 0x1800, FILE_GPA + 0x2000, 0x1800 },
	{ 1, 0x5000, 0x0f00, FILE_GPA + 0x3800, 0x1000 },
	{ 1, 0x6000, 0x2000, FILE_GPA + 0x5000, 0x8000 },
};

static struct bytes file_of(const struct elf64_segment *seg)
{
	struct bytes b = make_image(FILE_LEN, 0, 0, 0);
	struct bytes head = kernel();
	unsigned i;

	memcpy(b.p, head.p, 64);
	free(head.p);
	put_le16(b.p + 56, SEGMENTS);
	for (i = 0; i < SEGMENTS; i++) {
		uint8_t *h = b.p + 64 + 56 * i;

		memset(h, 0, 56);
		put_le32(h, seg[i].type);
		put_le64(h + 8, seg[i].off);
		put_le64(h + 24, seg[i].paddr);
		put_le64(h + 32, seg[i].filesz);
		put_le64(h + 40, seg[i].memsz);
	}
	return b;
}

static bool can_settle(const struct elf64_segment *seg, uint64_t *gpa)
{
	struct bytes b = file_of(seg);
	bool can = elf64_unpack_gpa(b.p, 64 + 56 * SEGMENTS, gpa);

	free(b.p);
	return can;
}

static void test_a_file_unpacked_in_place_settles(void **s)
{
	struct bytes b = file_of(in_order);
	uint8_t *ram = calloc(1, GPA), *want = calloc(1, GPA);
	struct gmem mem = { 0 }, mem2 = { 0 };
	struct boot_blob file = blob("vmlinux", b);
	struct elf64 e;
	uint64_t gpa;

	(void)s;
	assert_true(ram && want);
	assert_int_equal(gmem_add(&mem, 0, ram, GPA, NULL), 0);
	assert_int_equal(gmem_add(&mem2, 0, want, GPA, NULL), 0);
	assert_int_equal(elf64_parse(&file, &e, NULL), 0);
	assert_int_equal(elf64_load(&e, &mem2, NULL), 0);

	assert_true(can_settle(in_order, &gpa));
	assert_int_equal(gpa, FILE_GPA);
	memcpy(ram + gpa, b.p, b.len);
	file.p = ram + gpa;
	assert_int_equal(elf64_parse(&file, &e, NULL), 0);
	assert_int_equal(elf64_settle(&e, gpa, &mem, NULL), 0);
	assert_memory_equal(ram, want, GPA);
	free(want);
	free(ram);
	free(b.p);
}

static void test_a_file_that_cannot_settle_is_told_from_its_head(void **s)
{
	struct elf64_segment seg[SEGMENTS];
	uint64_t gpa;

	(void)s;
#define WITH(change)                                 \
	do {                                         \
		memcpy(seg, in_order, sizeof(seg));  \
		change;                              \
		assert_false(can_settle(seg, &gpa)); \
	} while (0)
	WITH(seg[0].paddr = 0x1fff);            /* would begin below 0 */
	WITH(seg[1].paddr = FILE_GPA + 0x5001); /* up */
	WITH(seg[1].paddr = FILE_GPA + 0x37ff); /* over the first */
	WITH(seg[2].paddr = FILE_GPA + 0x46ff); /* over the second */
	WITH(seg[2].off = 0x5eff);              /* out of the second, too */
	WITH(seg[2].off = 0);
	WITH(seg[2].filesz = UINT64_MAX);
	WITH(seg[2].off = UINT64_MAX - 0x1000);
	WITH(seg[0].type = seg[1].type = seg[2].type = 4);
#undef WITH
	memcpy(seg, in_order, sizeof(seg));
	seg[0].type = seg[2].type = 4; /* of notes nothing is loaded */
	assert_true(can_settle(seg, &gpa));
	assert_int_equal(gpa, seg[1].paddr - seg[1].off);
}

static void test_a_head_that_is_cut_does_not_say_where_to_unpack(void **s)
{
	struct bytes b = file_of(in_order);
	uint64_t gpa;
	size_t n;

	(void)s;
	for (n = 0; n < 64 + 56 * SEGMENTS; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		assert_non_null(cut);
		memcpy(cut, b.p, n);
		assert_false(elf64_unpack_gpa(cut, n, &gpa));
		free(cut);
	}
	free(b.p);
}

static void test_settling_elsewhere_is_refused(void **s)
{
	struct bytes b = file_of(in_order);
	struct boot_blob file = blob("vmlinux", b);
	static uint8_t ram[FILE_GPA + FILE_LEN];
	struct gmem mem = { 0 }, small = { 0 };
	struct elf64 e;
	mv_error err;

	(void)s;
	assert_int_equal(gmem_add(&mem, 0, ram, sizeof(ram), NULL), 0);
	assert_int_equal(gmem_add(&small, 0, ram, sizeof(ram) - 1, NULL), 0);
	assert_int_equal(elf64_parse(&file, &e, NULL), 0);
	assert_int_equal(elf64_settle(&e, FILE_GPA - 1, &mem, &err),
			 -MICROVM_EINVAL);
	assert_string_equal(err.msg, "an ELF file that cannot be at 0x1fff");
	assert_int_equal(elf64_settle(&e, FILE_GPA, &small, &err),
			 -MICROVM_EINVAL);
	free(b.p);
}

static void test_other_elf_files_are_refused(void **s)
{
	struct bytes b = kernel();

	(void)s;
	b.p[16] = 1;
	refused(b, -MICROVM_EBADIMAGE,
		"an ELF file of type 1, not a linked kernel",
		"take the vmlinux in the root of the kernel's build tree, or "
		"a bzImage");
	b.p[4] = 1;
	refused(b, -MICROVM_ENOTSUP, "a 32-bit ELF file",
		"take a 64-bit kernel");
	b.p[18] = 183;
	assert_false(elf64_is_x86(b.p, b.len));
	refused(b, -MICROVM_EBADIMAGE, "not an x86_64 ELF file", "");
	b.p[18] = 62;
	b.p[5] = 2;
	assert_false(elf64_is_x86(b.p, b.len));
	free(b.p);
}

static void test_bad_tables_are_refused(void **s)
{
	struct bytes b = kernel();

	(void)s;
	put_le16(b.p + 56, 0);
	refused(b, -MICROVM_EBADIMAGE,
		"corrupt: an ELF file with 0 program headers of 56 bytes",
		AGAIN);
	put_le16(b.p + 56, 65);
	refused(b, -MICROVM_EBADIMAGE,
		"corrupt: an ELF file with 65 program headers of 56 bytes",
		AGAIN);
	put_le16(b.p + 56, 1);
	put_le16(b.p + 54, 32);
	refused(b, -MICROVM_EBADIMAGE,
		"corrupt: an ELF file with 1 program headers of 32 bytes",
		AGAIN);
	put_le16(b.p + 54, 56);
	put_le64(b.p + 32, UINT64_MAX - 8);
	refused(b, -MICROVM_EBADIMAGE,
		"truncated: the ELF file's program headers end behind its "
		"5256 bytes",
		AGAIN);
	put_le64(b.p + 32, VMLINUX_LOAD);
	put_le32(b.p + VMLINUX_LOAD, 6);
	refused(b, -MICROVM_EBADIMAGE, "an ELF file with nothing to load",
		AGAIN);
	free(b.p);
}

static void test_segments_that_cannot_be_are_refused(void **s)
{
	struct bytes b = kernel();
	uint8_t *load = b.p + VMLINUX_LOAD;

	(void)s;
	put_le64(load + 24, UINT64_MAX - MEMSZ + 1);
	refused(b, -MICROVM_EBADIMAGE,
		"corrupt: the ELF file has a segment of 5000 bytes, in memory "
		"8192, for address 0xffffffffffffe000",
		AGAIN);
	put_le64(load + 24, GPA);
	put_le64(load + 40, FILESZ - 1);
	refused(b, -MICROVM_EBADIMAGE,
		"corrupt: the ELF file has a segment of 5000 bytes, in memory "
		"4999, for address 0x100000",
		AGAIN);
	put_le64(load + 8, UINT64_MAX);
	refused(b, -MICROVM_EBADIMAGE,
		"truncated: a segment of the ELF file (5000 bytes at "
		"18446744073709551615) ends behind its 5256 bytes",
		AGAIN);
	free(b.p);
}

/* Memory of exactly that size shows a read too far. */
static void test_a_file_cut_anywhere_is_refused(void **s)
{
	struct bytes b = kernel();
	size_t n;

	(void)s;
	for (n = 0; n < b.len; n++) {
		struct bytes cut = { malloc(n ? n : 1), n };
		struct elf64 e;

		assert_non_null(cut.p);
		memcpy(cut.p, b.p, n);
		assert_int_equal(parse(cut, &e, NULL), -MICROVM_EBADIMAGE);
		free(cut.p);
	}
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries_and_place_are_read),
		cmocka_unit_test(
			test_an_entry_counts_as_loaded_where_there_is_memory),
		cmocka_unit_test(test_only_xens_note_18_is_a_pvh_entry),
		cmocka_unit_test(test_notes_are_walked_with_their_padding),
		cmocka_unit_test(test_segments_go_to_their_addresses),
		cmocka_unit_test(test_a_file_in_parts_loads_the_same),
		cmocka_unit_test(test_a_file_unpacked_in_place_settles),
		cmocka_unit_test(
			test_a_file_that_cannot_settle_is_told_from_its_head),
		cmocka_unit_test(
			test_a_head_that_is_cut_does_not_say_where_to_unpack),
		cmocka_unit_test(test_settling_elsewhere_is_refused),
		cmocka_unit_test(test_other_elf_files_are_refused),
		cmocka_unit_test(test_bad_tables_are_refused),
		cmocka_unit_test(test_segments_that_cannot_be_are_refused),
		cmocka_unit_test(test_a_file_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
