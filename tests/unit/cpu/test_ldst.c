/* SPDX-License-Identifier: MIT */
/* Loads, stores, pairs and exclusives: ldst.c and excl.c. */
#include "../check.h"
#include "a64_box.h"
#include "base/container.h"
#include "cpu/arm64/sysreg.h"

#define PATTERN UINT64_C(0x8877665544f3f2f1)

/* x0 = load at x1 (DATA), x2 an index; x1 after it. */
static const struct {
	uint32_t insn;
	uint64_t x2, want, x1;
} loads[] = {
	{ /* ldrb w0, [x1] */ 0x39400020, 0, 0xf1, BOX_DATA },
	{ /* ldrsb x0, [x1, #1] */ 0x39800420, 0, UINT64_C(0xfffffffffffffff2),
	  BOX_DATA },
	{ /* ldrsb w0, [x1] */ 0x39c00020, 0, 0xfffffff1, BOX_DATA },
	{ /* ldrh w0, [x1, #2] */ 0x79400420, 0, 0x44f3, BOX_DATA },
	{ /* ldrsh x0, [x1] */ 0x79800020, 0, UINT64_C(0xfffffffffffff2f1),
	  BOX_DATA },
	{ /* ldr w0, [x1] */ 0xb9400020, 0, 0x44f3f2f1, BOX_DATA },
	{ /* ldrsw x0, [x1, #4] */ 0xb9800420, 0, UINT64_C(0xffffffff88776655),
	  BOX_DATA },
	{ /* ldr x0, [x1] */ 0xf9400020, 0, PATTERN, BOX_DATA },
	{ /* ldur w0, [x1, #3] */ 0xb8403020, 0, 0x77665544, BOX_DATA },
	{ /* ldr w0, [x1], #4 */ 0xb8404420, 0, 0x44f3f2f1, BOX_DATA + 4 },
	{ /* ldr w0, [x1, #4]! */ 0xb8404c20, 0, 0x88776655, BOX_DATA + 4 },
	{ /* ldr w0, [x1, x2, lsl #2] */ 0xb8627820, 1, 0x88776655, BOX_DATA },
	{ /* ldrb w0, [x1, w2, uxtw] */ 0x38624820, UINT64_C(0x700000002), 0xf3,
	  BOX_DATA },
	{ /* ldrh w0, [x1, w2, sxtw #1] */ 0x7862d820, 0x1, 0x44f3, BOX_DATA },
	{ /* ldr x0, [x1, x2, sxtx] */ 0xf862e820, 0, PATTERN, BOX_DATA },
	{ /* ldtr x0, [x1] */ 0xf8400820, 0, PATTERN, BOX_DATA },
	{ /* ldxr x0, [x1] */ 0xc85f7c20, 0, PATTERN, BOX_DATA },
	{ /* ldaxrb w0, [x1] */ 0x085ffc20, 0, 0xf1, BOX_DATA },
	{ /* ldar w0, [x1] */ 0x88dffc20, 0, 0x44f3f2f1, BOX_DATA },
};

static void test_loads(void **s)
{
	struct box *b = box_new();
	size_t i;

	(void)s;
	box_poke(b, BOX_DATA, PATTERN, 8);
	for (i = 0; i < LEN(loads); i++) {
		b->cpu.x[1] = BOX_DATA;
		b->cpu.x[2] = loads[i].x2;
		box_run(b, &loads[i].insn, 1);
		assert_int_equal(b->cpu.x[0], loads[i].want);
		assert_int_equal(b->cpu.x[1], loads[i].x1);
	}
	box_free(b);
}

static void test_stores_write_their_bytes_only(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[0] = PATTERN;
	b->cpu.x[1] = BOX_DATA;
	BOX_RUN(b, /* strb w0, [x1] */ 0x39000020,
		/* strh w0, [x1, #8] */ 0x79001020,
		/* str w0, [x1, #16] */ 0xb9001020,
		/* str x0, [x1, #24] */ 0xf9000c20,
		/* stur x0, [x1, #35] */ 0xf8023020,
		/* sttrb w0, [x1, #1] */ 0x38001820,
		/* str w0, [x1, #0x40]! */ 0xb8040c20,
		/* str wzr, [x1], #-64 */ 0xb81c043f);
	assert_int_equal(box_peek(b, BOX_DATA, 8), 0xf1f1);
	assert_int_equal(box_peek(b, BOX_DATA + 8, 8), 0xf2f1);
	assert_int_equal(box_peek(b, BOX_DATA + 16, 8), 0x44f3f2f1);
	assert_int_equal(box_peek(b, BOX_DATA + 24, 8), PATTERN);
	assert_int_equal(box_peek(b, BOX_DATA + 35, 8), PATTERN);
	assert_int_equal(box_peek(b, BOX_DATA + 64, 8), 0);
	assert_int_equal(b->cpu.x[1], BOX_DATA);
	box_free(b);
}

static void test_pairs_move_both_and_write_back_once(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[1] = BOX_DATA;
	b->cpu.x[2] = 0x1111;
	b->cpu.x[3] = UINT64_C(0xffffffff80000000);
	BOX_RUN(b, /* stp x2, x3, [x1, #16]! */ 0xa9810c22,
		/* ldp x4, x5, [x1], #-16 */ 0xa8ff1424,
		/* stp w2, w3, [x1] */ 0x29000c22,
		/* ldpsw x6, x7, [x1] */ 0x69401c26,
		/* ldnp w8, w9, [x1] */ 0x28402428);
	assert_int_equal(b->cpu.x[4], 0x1111);
	assert_int_equal(b->cpu.x[5], UINT64_C(0xffffffff80000000));
	assert_int_equal(b->cpu.x[6], 0x1111);
	assert_int_equal(b->cpu.x[7], UINT64_C(0xffffffff80000000));
	assert_int_equal(b->cpu.x[9], 0x80000000);
	assert_int_equal(b->cpu.x[1], BOX_DATA);
	box_free(b);
}

static void test_literals_are_relative_to_the_instruction(void **s)
{
	struct box *b = box_new();

	(void)s;
	BOX_RUN(b, /* b .+12 */ 0x14000003, /* .word 0x80000001 */ 0x80000001,
		/* .word 0x2 */ 0x00000002, /* ldr w0, .-8 */ 0x18ffffc0,
		/* ldr x1, .-12 */ 0x58ffffa1, /* ldrsw x2, .-16 */ 0x98ffff82,
		/* prfm pldl1keep, . */ 0xd8000000);
	assert_int_equal(b->cpu.x[0], 0x80000001);
	assert_int_equal(b->cpu.x[1], UINT64_C(0x280000001));
	assert_int_equal(b->cpu.x[2], UINT64_C(0xffffffff80000001));
	box_free(b);
}

static void test_a_store_exclusive_needs_its_load(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[1] = BOX_DATA;
	b->cpu.x[2] = 7;
	BOX_RUN(b, /* stxr w3, x2, [x1] */ 0xc8037c22);
	assert_int_equal(b->cpu.x[3], 1);
	assert_int_equal(box_peek(b, BOX_DATA, 8), 0);
	BOX_RUN(b, /* ldxr x4, [x1] */ 0xc85f7c24,
		/* stxr w3, x2, [x1] */ 0xc8037c22,
		/* stxr w5, x2, [x1] */ 0xc8057c22);
	assert_int_equal(b->cpu.x[3], 0);
	assert_int_equal(b->cpu.x[5], 1);
	assert_int_equal(box_peek(b, BOX_DATA, 8), 7);
	BOX_RUN(b, /* ldxr x4, [x1] */ 0xc85f7c24, /* clrex */ 0xd5033f5f,
		/* stxr w3, x4, [x1] */ 0xc8037c24);
	assert_int_equal(b->cpu.x[3], 1);
	BOX_RUN(b, /* ldxr w4, [x1] */ 0x885f7c24,
		/* stxr w3, x4, [x1] */ 0xc8037c24);
	assert_int_equal(b->cpu.x[3], 1); /* another size */
	BOX_RUN(b, /* ldaxp x4, x5, [x1] */ 0xc87f9424,
		/* stlxp w3, x2, x2, [x1] */ 0xc8238822);
	assert_int_equal(b->cpu.x[3], 0);
	assert_int_equal(box_peek(b, BOX_DATA + 8, 8), 7);
	box_free(b);
}

static void test_ordered_and_exclusive_accesses_must_be_aligned(void **s)
{
	static const uint32_t insn[] = {
		/* ldxr w0, [x1] */ 0x885f7c20,
		/* ldar x0, [x1] */ 0xc8dffc20,
		/* stlr w0, [x1] */ 0x889ffc20,
		/* ldxp x0, x2, [x1] */ 0xc87f0820,
	};
	static const uint32_t wnr[] = { 0, 0, 0x40, 0 };
	size_t i;

	(void)s;
	for (i = 0; i < LEN(insn); i++) {
		struct box *b = box_new();

		b->cpu.x[1] = BOX_DATA + 2;
		box_run(b, &insn[i], 1);
		assert_int_equal(box_vector(b), 0x200);
		assert_int_equal(b->cpu.sys.esr & 0xfc00007f,
				 0x25u << 26 | 0x21 | wnr[i]);
		assert_int_equal(b->cpu.sys.far, BOX_DATA + 2);
		box_free(b);
	}
}

static void test_the_stack_pointer_must_be_aligned_when_told(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[A64_SP] = BOX_DATA + 8;
	BOX_RUN(b, /* str x0, [sp] */ 0xf90003e0);
	assert_int_equal(box_vector(b), -1);
	b->cpu.sys.sctlr |= SCTLR_SA;
	BOX_RUN(b, /* str x0, [sp] */ 0xf90003e0);
	assert_int_equal(box_vector(b), 0x200);
	assert_int_equal(b->cpu.sys.esr >> 26, 0x26);
	box_free(b);
}

static void test_devices_see_one_access_of_the_right_size(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[1] = BOX_MMIO;
	b->cpu.x[0] = 0x1234;
	BOX_RUN(b, /* strh w0, [x1, #4] */ 0x79000820);
	assert_int_equal(b->mmio_addr, BOX_MMIO + 4);
	assert_int_equal(b->mmio_size, 2);
	assert_int_equal(b->mmio_value, 0x1234);
	assert_true(b->mmio_write);
	b->mmio_value = 0xff80;
	BOX_RUN(b, /* ldrsb x0, [x1] */ 0x39800020);
	assert_int_equal(b->cpu.x[0], UINT64_C(0xffffffffffffff80));
	b->mmio_count = 0;
	BOX_RUN(b, /* ldp w2, w3, [x1] */ 0x29400c22);
	assert_int_equal(b->mmio_count, 2);
	assert_int_equal(b->mmio_size, 4);
	BOX_RUN(b, /* ldur w0, [x1, #2] */ 0xb8402020);
	assert_int_equal(box_vector(b), 0x200);
	assert_int_equal(b->cpu.sys.esr & 0x3f, 0x21);
	box_free(b);
}

static void test_reserved_encodings_are_undefined(void **s)
{
	static const uint32_t bad[] = {
		0xb9c00000, /* size 2, opc 3 */
		0xf9c00000, /* size 3, opc 3 */
		0x38200800, /* register offset, option 0 */
		0xf8800400, /* PRFM, post-index */
		0x68000000, /* STNP of LDPSW's size */
		0xe8400000, /* pair, opc 3 */
		0x08207c00, /* CASP */
		0x08800000, /* STLLR */
		0x38200000, /* LDADD */
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(bad); i++) {
		struct box *b = box_new();

		b->cpu.x[0] = BOX_DATA;
		box_run(b, &bad[i], 1);
		assert_int_equal(box_vector(b), 0x200);
		assert_int_equal(b->cpu.sys.esr, 1 << 25);
		box_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loads),
		cmocka_unit_test(test_stores_write_their_bytes_only),
		cmocka_unit_test(test_pairs_move_both_and_write_back_once),
		cmocka_unit_test(test_literals_are_relative_to_the_instruction),
		cmocka_unit_test(test_a_store_exclusive_needs_its_load),
		cmocka_unit_test(
			test_ordered_and_exclusive_accesses_must_be_aligned),
		cmocka_unit_test(
			test_the_stack_pointer_must_be_aligned_when_told),
		cmocka_unit_test(test_devices_see_one_access_of_the_right_size),
		cmocka_unit_test(test_reserved_encodings_are_undefined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
