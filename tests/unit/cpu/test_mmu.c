/* SPDX-License-Identifier: MIT */
/* Translation, faults, address spaces, self-modifying code: mmu.c, space.c. */
#include "cpu/arm64/mmu.h"

#include "../check.h"
#include "a64_box.h"
#include "base/container.h"
#include "cpu/arm64/sysreg.h"

enum { VA = 0x40000000, WNR = 0x40, DABT = 0x25, DABT_LOW = 0x24 };

static struct box *mapped(void)
{
	struct box *b = box_new();

	box_mmu(b);
	return b;
}

static void expect_abort(struct box *b, unsigned ec, unsigned iss, uint64_t far)
{
	assert_int_equal(b->cpu.sys.esr >> 26, ec);
	assert_int_equal(b->cpu.sys.esr & 0x1ffffff, iss);
	assert_int_equal(b->cpu.sys.far, far);
}

static void test_pages_are_found_where_the_tables_say(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_KERNEL);
	box_poke(b, BOX_DATA + 8, 0x1234, 8);
	b->cpu.x[1] = VA;
	BOX_RUN(b, /* ldr x0, [x1, #8] */ 0xf9400420,
		/* str x0, [x1, #16] */ 0xf9000820);
	assert_int_equal(b->cpu.x[0], 0x1234);
	assert_int_equal(box_peek(b, BOX_DATA + 16, 8), 0x1234);
	box_free(b);
}

static void test_translation_faults_tell_the_level(void **s)
{
	static const struct {
		uint64_t va;
		unsigned level;
	} rows[] = {
		{ UINT64_C(1) << 39, 0 },  { VA, 1 },
		{ BOX_RAM + 0x200000, 2 }, { BOX_RAM + 0x20000, 3 },
		{ UINT64_C(1) << 50, 0 }, /* above the table's reach */
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		struct box *b = mapped();

		b->cpu.x[1] = rows[i].va;
		BOX_RUN(b, /* str x0, [x1] */ 0xf9000020);
		assert_int_equal(box_vector(b), 0x200);
		expect_abort(b, DABT, 4 + rows[i].level + WNR, rows[i].va);
		assert_int_equal(b->cpu.sys.elr, BOX_RAM);
		box_free(b);
	}
}

static void test_permissions_and_access_flag(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_RO);
	box_map(b, VA + 0x1000, BOX_DATA, PAGE_KERNEL & ~UINT64_C(0x400));
	b->cpu.x[1] = VA;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(box_vector(b), -1);
	BOX_RUN(b, /* str x0, [x1] */ 0xf9000020);
	expect_abort(b, DABT, 0xf + WNR, VA);
	b->cpu.x[1] = VA + 0x1000;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020);
	expect_abort(b, DABT, 0xb, VA + 0x1000);
	b->cpu.x[1] = VA;
	BOX_RUN(b, /* br x1 */ 0xd61f0020);
	expect_abort(b, 0x21, 0xf, VA);
	box_free(b);
}

static void test_cache_maintenance_faults_as_an_access_would(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_RO);
	b->cpu.x[1] = VA;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020, /* dc civac, x1 */ 0xd50b7e21,
		/* dc ivac, x1 */ 0xd5087621);
	expect_abort(b, DABT, 0xf + WNR + (1 << 8), VA);
	assert_int_equal(b->cpu.sys.elr, BOX_RAM + 8);
	b->cpu.x[1] = VA + 0x1000;
	BOX_RUN(b, /* dc cvac, x1 */ 0xd50b7a21);
	expect_abort(b, DABT, 7 + WNR + (1 << 8), VA + 0x1000);
	box_free(b);
}

static void test_a_store_over_two_pages_is_all_or_nothing(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_KERNEL);
	b->cpu.x[0] = UINT64_MAX;
	b->cpu.x[1] = VA + 0xffc;
	BOX_RUN(b, /* str x0, [x1] */ 0xf9000020);
	expect_abort(b, DABT, 7 + WNR, VA + 0x1000);
	assert_int_equal(box_peek(b, BOX_DATA + 0xff8, 8), 0);
	/* With the second page there it is split. */
	box_map(b, VA + 0x1000, BOX_DATA + 0x2000, PAGE_KERNEL);
	BOX_RUN(b, /* str x0, [x1] */ 0xf9000020,
		/* ldr x2, [x1] */ 0xf9400022);
	assert_int_equal(box_peek(b, BOX_DATA + 0xffc, 4), 0xffffffff);
	assert_int_equal(box_peek(b, BOX_DATA + 0x2000, 8), 0xffffffff);
	assert_int_equal(b->cpu.x[2], UINT64_MAX);
	box_free(b);
}

static void test_a_pair_that_faults_changes_nothing(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_KERNEL);
	b->cpu.x[1] = VA + 0x1000 - 24;
	b->cpu.x[2] = b->cpu.x[3] = 5;
	BOX_RUN(b, /* ldp x2, x3, [x1, #16]! */ 0xa9c10c22);
	expect_abort(b, DABT, 7, VA + 0x1000);
	assert_int_equal(b->cpu.x[1], VA + 0x1000 - 24);
	assert_int_equal(b->cpu.x[2], 5);
	box_free(b);
}

/* Found by fuzzing: half of a pair in RAM, half in the device behind it. */
static void test_a_pair_may_be_half_in_a_device(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_KERNEL);
	box_map(b, VA + 0x1000, BOX_MMIO, PAGE_KERNEL);
	box_map(b, VA + 0x2000, BOX_DATA, PAGE_KERNEL);
	b->cpu.x[1] = VA + 0xff8;
	b->cpu.x[2] = 22;
	b->cpu.x[3] = 33;
	BOX_RUN(b, /* stp x2, x3, [x1] */ 0xa9000c22);
	assert_int_equal(box_peek(b, BOX_DATA + 0xff8, 8), 22);
	assert_int_equal(b->mmio_addr, BOX_MMIO);
	assert_int_equal(b->mmio_value, 33);
	b->mmio_value = 44;
	BOX_RUN(b, /* ldp x4, x5, [x1] */ 0xa9401424);
	assert_int_equal(b->cpu.x[4], 22);
	assert_int_equal(b->cpu.x[5], 44);
	/* And the other way round. */
	b->cpu.x[1] = VA + 0x1ff8;
	BOX_RUN(b, /* stp x2, x3, [x1] */ 0xa9000c22);
	assert_int_equal(b->mmio_addr, BOX_MMIO + 0xff8);
	assert_int_equal(b->mmio_value, 22);
	assert_int_equal(box_peek(b, BOX_DATA, 8), 33);
	assert_int_equal(b->mmio_count, 3);
	box_free(b);
}

static void test_a_remapped_page_is_seen_after_tlbi(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_KERNEL);
	box_poke(b, BOX_DATA, 1, 8);
	box_poke(b, BOX_DATA + 0x1000, 2, 8);
	b->cpu.x[1] = VA;
	b->cpu.x[3] = VA >> 12;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(b->cpu.x[0], 1);
	box_map(b, VA, BOX_DATA + 0x1000, PAGE_KERNEL);
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(b->cpu.x[0], 1); /* as cached */
	BOX_RUN(b, /* tlbi vaae1is, x3 */ 0xd5088363,
		/* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(b->cpu.x[0], 2);
	box_map(b, VA, BOX_DATA, PAGE_KERNEL);
	BOX_RUN(b, /* tlbi vmalle1 */ 0xd508871f,
		/* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(b->cpu.x[0], 1);
	box_free(b);
}

/* What was cached for an ASID is seen by no other, and is there again later. */
static void test_an_address_space_finds_its_entries_again(void **s)
{
	struct box *b = mapped();
	uint64_t ng = UINT64_C(1) << 11;

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_KERNEL | ng);
	box_poke(b, BOX_DATA, 1, 8);
	box_poke(b, BOX_DATA + 0x1000, 2, 8);
	b->cpu.x[1] = VA;
	b->cpu.x[5] = BOX_TABLES;
	b->cpu.x[6] = BOX_TABLES | UINT64_C(7) << 48;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(b->cpu.x[0], 1);
	box_map(b, VA, BOX_DATA + 0x1000, PAGE_KERNEL | ng);
	BOX_RUN(b, /* msr ttbr0_el1, x6 */ 0xd5182006, /* isb */ 0xd5033fdf,
		/* msr ttbr0_el1, x5 */ 0xd5182005, /* isb */ 0xd5033fdf,
		/* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(b->cpu.x[0], 1);
	BOX_RUN(b, /* msr ttbr0_el1, x6 */ 0xd5182006, /* isb */ 0xd5033fdf,
		/* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(b->cpu.x[0], 2);
	BOX_RUN(b, /* msr ttbr0_el1, x5 */ 0xd5182005, /* isb */ 0xd5033fdf,
		/* tlbi aside1is, xzr */ 0xd508835f,
		/* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(b->cpu.x[0], 2);
	box_free(b);
}

static void test_user_pages_and_unprivileged_accesses(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_USER);
	box_map(b, VA + 0x1000, BOX_DATA, PAGE_KERNEL);
	b->cpu.x[1] = VA;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020,
		/* ldtr x0, [x1] */ 0xf8400820, /* sttr x0, [x1] */ 0xf8000820);
	assert_int_equal(box_vector(b), -1);
	b->cpu.x[1] = VA + 0x1000;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020,
		/* ldtr x0, [x1] */ 0xf8400820);
	expect_abort(b, DABT, 0xf, VA + 0x1000);
	assert_int_equal(b->cpu.sys.elr, BOX_RAM + 4);
	/* What EL0 may write, EL1 does not execute. */
	b->cpu.x[1] = VA;
	box_map(b, VA, BOX_DATA, PAGE_USER & ~(UINT64_C(1) << 53));
	BOX_RUN(b, /* tlbi vmalle1 */ 0xd508871f, /* br x1 */ 0xd61f0020);
	expect_abort(b, 0x21, 0xf, VA);
	box_free(b);
}

static void test_tags_are_ignored_when_told(void **s)
{
	struct box *b = mapped();
	const struct a64_sysreg *tcr = a64_sysreg_find(A64_REG(3, 0, 2, 0, 2));

	(void)s;
	box_poke(b, BOX_DATA, 9, 8);
	b->cpu.x[1] = BOX_DATA | UINT64_C(0x5a) << 56;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020);
	expect_abort(b, DABT, 4, b->cpu.x[1]);
	a64_sysreg_set(&b->cpu, tcr, b->cpu.sys.tcr | UINT64_C(1) << 37);
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020,
		/* ldr x0, [x1] */ 0xf9400020);
	assert_int_equal(b->cpu.x[0], 9);
	box_free(b);
}

static void test_tables_outside_ram_abort_the_walk(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_poke(b, BOX_TABLES + 8 * 3, UINT64_C(0x80000000) | 3, 8);
	b->cpu.x[1] = UINT64_C(3) << 39;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020);
	expect_abort(b, DABT, 0x15, UINT64_C(3) << 39);
	/* And an address beyond the 40 bits there are. */
	box_poke(b, BOX_TABLES + 8 * 4, UINT64_C(0x10000000000) | 3, 8);
	b->cpu.x[1] = UINT64_C(4) << 39;
	BOX_RUN(b, /* ldr x0, [x1] */ 0xf9400020);
	expect_abort(b, DABT, 0, UINT64_C(4) << 39);
	box_free(b);
}

static void test_code_that_rewrites_itself(void **s)
{
	struct box *b = mapped();

	(void)s;
	/* x2 = ADD x0, x0, #2; it replaces the ADD #1 behind the ISB. */
	b->cpu.x[2] = /* add x0, x0, #2 */ 0x91000800;
	b->cpu.x[1] = BOX_RAM + 16;
	b->cpu.x[0] = 0;
	BOX_RUN(b, /* str w2, [x1] */ 0xb9000022, /* dc cvau, x1 */ 0xd50b7b21,
		/* ic ivau, x1 */ 0xd50b7521, /* isb */ 0xd5033fdf,
		/* add x0, x0, #1 */ 0x91000400);
	assert_int_equal(b->cpu.x[0], 2);
	/* Through another mapping, and with no maintenance but a branch. */
	box_map(b, VA, BOX_RAM, PAGE_KERNEL);
	b->cpu.x[2] = /* add x0, x0, #8 */ 0x91002000;
	b->cpu.x[1] = VA + 16;
	b->cpu.x[0] = 0;
	BOX_RUN(b, /* nop */ 0xd503201f, /* str w2, [x1] */ 0xb9000022,
		/* b .+8 */ 0x14000002, /* nop */ 0xd503201f,
		/* add x0, x0, #1 */ 0x91000400);
	assert_int_equal(b->cpu.x[0], 8);
	box_free(b);
}

static void test_ic_ivau_sees_what_a_device_wrote(void **s)
{
	struct box *b = box_new();
	static const uint32_t ret = /* ret */ 0xd65f03c0;

	(void)s;
	box_poke(b, BOX_RAM + 0x1000, /* add x0, x0, #1 */ 0x91000400, 4);
	box_poke(b, BOX_RAM + 0x1004, ret, 4);
	b->cpu.x[0] = 0;
	BOX_RUN(b, /* bl .+0x1000 */ 0x94000400);
	/* Behind the CPU's back, as DMA does. */
	b->ram[0x1001] = (uint8_t)(/* add x0, x0, #5 */ 0x91001400 >> 8);
	b->cpu.x[1] = BOX_RAM + 0x1000;
	BOX_RUN(b, /* ic ivau, x1 */ 0xd50b7521, /* isb */ 0xd5033fdf,
		/* nop */ 0xd503201f, /* bl .+0xff4 */ 0x940003fd);
	assert_int_equal(b->cpu.x[0], 6);
	b->ram[0x1001] = (uint8_t)(/* add x0, x0, #9 */ 0x91002400 >> 8);
	BOX_RUN(b, /* ic iallu */ 0xd508751f, /* isb */ 0xd5033fdf,
		/* nop */ 0xd503201f, /* bl .+0xff4 */ 0x940003fd);
	assert_int_equal(b->cpu.x[0], 15);
	box_free(b);
}

static void test_address_translation_instructions_fill_par(void **s)
{
	struct box *b = mapped();

	(void)s;
	box_map(b, VA, BOX_DATA, PAGE_RO);
	b->cpu.x[1] = VA + 0x123;
	BOX_RUN(b, /* at s1e1r, x1 */ 0xd5087801, /* isb */ 0xd5033fdf,
		/* mrs x0, par_el1 */ 0xd5387400, /* at s1e1w, x1 */ 0xd5087821,
		/* isb */ 0xd5033fdf, /* mrs x2, par_el1 */ 0xd5387402);
	assert_int_equal(b->cpu.x[0] & UINT64_C(0xfffffffff001), BOX_DATA);
	assert_int_equal(b->cpu.x[2] & 0x7f, 0xf << 1 | 1);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_found_where_the_tables_say),
		cmocka_unit_test(test_translation_faults_tell_the_level),
		cmocka_unit_test(test_permissions_and_access_flag),
		cmocka_unit_test(
			test_cache_maintenance_faults_as_an_access_would),
		cmocka_unit_test(test_a_store_over_two_pages_is_all_or_nothing),
		cmocka_unit_test(test_a_pair_that_faults_changes_nothing),
		cmocka_unit_test(test_a_pair_may_be_half_in_a_device),
		cmocka_unit_test(test_a_remapped_page_is_seen_after_tlbi),
		cmocka_unit_test(test_an_address_space_finds_its_entries_again),
		cmocka_unit_test(test_user_pages_and_unprivileged_accesses),
		cmocka_unit_test(test_tags_are_ignored_when_told),
		cmocka_unit_test(test_tables_outside_ram_abort_the_walk),
		cmocka_unit_test(test_code_that_rewrites_itself),
		cmocka_unit_test(test_ic_ivau_sees_what_a_device_wrote),
		cmocka_unit_test(
			test_address_translation_instructions_fill_par),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
