/* SPDX-License-Identifier: MIT */
#include "boot/e820.h"

#include <string.h>

#include "../check.h"
#include "arch/x86_64/layout.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* Nothing is read or written there. */
static uint8_t host[4096];

static void expect(const struct gmem *mem, const struct e820_entry *want,
		   unsigned n)
{
	struct e820_entry got[E820_MAX];
	unsigned i;

	assert_int_equal(e820_map(mem, got), n);
	for (i = 0; i < n; i++) {
		assert_int_equal(got[i].start, want[i].start);
		assert_int_equal(got[i].len, want[i].len);
		assert_int_equal(got[i].type, want[i].type);
	}
}

static void test_low_memory_ends_where_a_pc_ends_it(void **s)
{
	static const struct e820_entry want[] = {
		{ 0, 0x9fc00, E820_RAM },
		{ 0xe0000, 0x20000, E820_RESERVED },
		{ 0x100000, 255 * MIB, E820_RAM },
	};
	struct gmem mem = { 1, { { 0, 256 * MIB, host } } };

	(void)s;
	expect(&mem, want, 3);
	assert_int_equal(e820_low_end(&mem), 256 * MIB);
}

static void test_what_the_hole_displaced_is_above_4_gib(void **s)
{
	static const struct e820_entry want[] = {
		{ 0, 0x9fc00, E820_RAM },
		{ 0xe0000, 0x20000, E820_RESERVED },
		{ 0x100000, 0xcff00000, E820_RAM },
		{ 4 * GIB, 5 * GIB, E820_RAM },
	};
	struct gmem mem = {
		2, { { 0, X86_HOLE_BASE, host }, { 4 * GIB, 5 * GIB, host } }
	};

	(void)s;
	expect(&mem, want, 4);
	assert_int_equal(e820_low_end(&mem), X86_HOLE_BASE);
	mem.region[0].size = 4 * GIB; /* the hole stays one */
	expect(&mem, want, 4);
}

static void test_little_ram_has_no_kernel_part(void **s)
{
	static const struct e820_entry want[] = {
		{ 0, 0x10000, E820_RAM },
		{ 0xe0000, 0x20000, E820_RESERVED },
	};
	struct gmem mem = { 1, { { 0, 0x10000, host } } };
	struct gmem none = { 0 };

	(void)s;
	expect(&mem, want, 2);
	expect(&none, want + 1, 1);
	assert_int_equal(e820_low_end(&none), 0);
}

static void test_it_reads_as_linux_prints_it(void **s)
{
	static const char want[] =
		"[mem 0x0000000000000000-0x000000000009fbff] usable\n"
		"[mem 0x00000000000e0000-0x00000000000fffff] reserved\n"
		"[mem 0x0000000000100000-0x00000000cfffffff] usable\n"
		"[mem 0x0000000100000000-0x000000023fffffff] usable\n";
	struct gmem mem = {
		2, { { 0, X86_HOLE_BASE, host }, { 4 * GIB, 5 * GIB, host } }
	};
	struct e820_entry map[E820_MAX];
	char text[512];
	unsigned n;

	(void)s;
	n = e820_map(&mem, map);
	assert_int_equal(e820_text(map, n, text, sizeof(text)),
			 sizeof(want) - 1);
	assert_string_equal(text, want);
}

static void test_the_text_of_any_entry_has_room(void **s)
{
	static const struct e820_entry odd[] = {
		{ UINT64_MAX, UINT64_MAX, UINT32_MAX },
		{ 0, 0, 0 },
	};
	char text[200];

	(void)s;
	(void)e820_text(odd, 2, text, sizeof(text));
	assert_string_equal(
		text,
		"[mem 0xffffffffffffffff-0xfffffffffffffffd] type 4294967295\n"
		"[mem 0x0000000000000000-0xffffffffffffffff] type 0\n");
}

static void test_text_is_cut_where_the_room_ends(void **s)
{
	static const struct e820_entry map[] = {
		{ 0, 0x1000, E820_RAM },
		{ 0x1000, 0x1000, E820_RESERVED },
	};
	char all[200], part[200];
	size_t len = e820_text(map, 2, all, sizeof(all)), room;

	(void)s;
	assert_int_equal(e820_text(map, 2, NULL, 0), len);
	for (room = 1; room <= len + 2; room++) {
		memset(part, 'x', sizeof(part));
		assert_int_equal(e820_text(map, 2, part, room), len);
		assert_int_equal(strlen(part), room > len ? len : room - 1);
		assert_memory_equal(part, all, strlen(part));
		assert_int_equal(part[room], 'x');
	}
	assert_int_equal(e820_text(map, 0, part, 1), 0);
	assert_string_equal(part, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_low_memory_ends_where_a_pc_ends_it),
		cmocka_unit_test(test_what_the_hole_displaced_is_above_4_gib),
		cmocka_unit_test(test_little_ram_has_no_kernel_part),
		cmocka_unit_test(test_it_reads_as_linux_prints_it),
		cmocka_unit_test(test_the_text_of_any_entry_has_room),
		cmocka_unit_test(test_text_is_cut_where_the_room_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
