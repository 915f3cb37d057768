/* SPDX-License-Identifier: MIT */
#include "boot/e820.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_low_memory_ends_where_a_pc_ends_it),
		cmocka_unit_test(test_what_the_hole_displaced_is_above_4_gib),
		cmocka_unit_test(test_little_ram_has_no_kernel_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
