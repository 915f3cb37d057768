/* SPDX-License-Identifier: MIT */
/*
 * Loads and stores of SIMD and FP registers, alone, in pairs and as
 * structures: simd_ldst.c and simd_struct.c.
 */
#include <string.h>

#include "../check.h"
#include "a64_box.h"
#include "base/container.h"

#define FILL UINT64_MAX

/* Memory at BOX_DATA: byte n is n. */
static struct box *box_counting(void)
{
	struct box *b = box_new();
	unsigned i;

	for (i = 0; i < 0x100; i++)
		box_poke(b, BOX_DATA + i, i, 1);
	for (i = 0; i < 32; i++)
		b->cpu.v[i].d[0] = b->cpu.v[i].d[1] = FILL;
	b->cpu.x[1] = BOX_DATA;
	return b;
}

/* v0 = load at x1 (DATA), x2 an index; x1 after it. */
static const struct {
	uint32_t insn;
	uint64_t x2, want[2], x1;
} loads[] = {
	{ /* ldr b0, [x1, #3] */ 0x3d400c20, 0, { 3, 0 }, BOX_DATA },
	{ /* ldr h0, [x1, #2] */ 0x7d400420, 0, { 0x0302, 0 }, BOX_DATA },
	{ /* ldr s0, [x1, #4] */ 0xbd400420, 0, { 0x07060504, 0 }, BOX_DATA },
	{ /* ldr d0, [x1, #8] */ 0xfd400420,
	  0,
	  { 0x0f0e0d0c0b0a0908, 0 },
	  BOX_DATA },
	{ /* ldr q0, [x1, #16] */ 0x3dc00420,
	  0,
	  { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  BOX_DATA },
	{ /* ldur q0, [x1, #1] */ 0x3cc01020,
	  0,
	  { 0x0807060504030201, 0x100f0e0d0c0b0a09 },
	  BOX_DATA },
	{ /* ldr s0, [x1], #5 */ 0xbc405420,
	  0,
	  { 0x03020100, 0 },
	  BOX_DATA + 5 },
	{ /* ldr d0, [x1, #16]! */ 0xfc410c20,
	  0,
	  { 0x1716151413121110, 0 },
	  BOX_DATA + 16 },
	{ /* ldr q0, [x1, x2, lsl #4] */ 0x3ce27820,
	  1,
	  { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  BOX_DATA },
	{ /* ldr h0, [x1, w2, uxtw #1] */ 0x7c625820,
	  0xdead00000001,
	  { 0x0302, 0 },
	  BOX_DATA },
	{ /* ldr b0, [x1, w2, sxtw] */ 0x3c62c820, 4, { 4, 0 }, BOX_DATA },
};

static void test_loads_clear_the_rest_of_the_register(void **s)
{
	struct box *b = box_counting();
	size_t i;

	(void)s;
	for (i = 0; i < LEN(loads); i++) {
		b->cpu.v[0].d[0] = b->cpu.v[0].d[1] = FILL;
		b->cpu.x[1] = BOX_DATA;
		b->cpu.x[2] = loads[i].x2;
		box_run(b, &loads[i].insn, 1);
		assert_int_equal(b->cpu.v[0].d[0], loads[i].want[0]);
		assert_int_equal(b->cpu.v[0].d[1], loads[i].want[1]);
		assert_int_equal(b->cpu.x[1], loads[i].x1);
	}
	box_free(b);
}

static void test_stores_write_their_bytes_only(void **s)
{
	struct box *b = box_counting();

	(void)s;
	b->cpu.v[0].d[0] = 0xa7a6a5a4a3a2a1a0;
	b->cpu.v[0].d[1] = 0xafaeadacabaaa9a8;
	BOX_RUN(b, /* str b0, [x1] */ 0x3d000020,
		/* str h0, [x1, #2] */ 0x7d000420,
		/* stur s0, [x1, #5] */ 0xbc005020,
		/* str d0, [x1, #16] */ 0xfd000820,
		/* str q0, [x1, #32]! */ 0x3c820c20);
	assert_int_equal(box_peek(b, BOX_DATA, 8), 0xa2a1a004a1a001a0);
	assert_int_equal(box_peek(b, BOX_DATA + 8, 8), 0x0f0e0d0c0b0a09a3);
	assert_int_equal(box_peek(b, BOX_DATA + 16, 8), 0xa7a6a5a4a3a2a1a0);
	assert_int_equal(box_peek(b, BOX_DATA + 24, 8), 0x1f1e1d1c1b1a1918);
	assert_int_equal(box_peek(b, BOX_DATA + 32, 8), 0xa7a6a5a4a3a2a1a0);
	assert_int_equal(box_peek(b, BOX_DATA + 40, 8), 0xafaeadacabaaa9a8);
	assert_int_equal(b->cpu.x[1], BOX_DATA + 32);
	box_free(b);
}

static void test_literals_are_relative_to_their_own_address(void **s)
{
	struct box *b = box_counting();

	(void)s;
	box_poke(b, BOX_RAM + 16, 0x1122334455667788, 8);
	box_poke(b, BOX_RAM + 24, 0x99aabbccddeeff00, 8);
	BOX_RUN(b, /* ldr q0, .+16 */ 0x9c000080,
		/* ldr s1, .+16 */ 0x1c000081);
	assert_int_equal(b->cpu.v[0].d[0], 0x1122334455667788);
	assert_int_equal(b->cpu.v[0].d[1], 0x99aabbccddeeff00);
	assert_int_equal(b->cpu.v[1].d[0], 0x11223344);
	box_free(b);
}

static void test_pairs_move_their_base_before_or_behind(void **s)
{
	struct box *b = box_counting();

	(void)s;
	BOX_RUN(b, /* ldp s2, s3, [x1, #8] */ 0x2d410c22,
		/* ldp d4, d5, [x1], #16 */ 0x6cc11424,
		/* ldp q6, q7, [x1, #16]! */ 0xadc09c26,
		/* stp d4, d2, [x1, #-32]! */ 0x6dbe0824);
	assert_int_equal(b->cpu.v[2].d[0], 0x0b0a0908);
	assert_int_equal(b->cpu.v[3].d[0], 0x0f0e0d0c);
	assert_int_equal(b->cpu.v[4].d[0], 0x0706050403020100);
	assert_int_equal(b->cpu.v[5].d[0], 0x0f0e0d0c0b0a0908);
	assert_int_equal(b->cpu.v[6].d[0], 0x2726252423222120);
	assert_int_equal(b->cpu.v[7].d[1], 0x3f3e3d3c3b3a3938);
	assert_int_equal(b->cpu.x[1], BOX_DATA);
	assert_int_equal(box_peek(b, BOX_DATA, 8), 0x0706050403020100);
	assert_int_equal(box_peek(b, BOX_DATA + 8, 8), 0x0b0a0908);
	box_free(b);
}

static void test_structures_are_taken_apart_and_put_together(void **s)
{
	struct box *b = box_counting();

	(void)s;
	BOX_RUN(b, /* ld4 {v2.8b-v5.8b}, [x1] */ 0x0c400022,
		/* ld3 {v6.4s-v8.4s}, [x1], #48 */ 0x4cdf4826,
		/* ld1 {v30.2d, v31.2d, v0.2d}, [x1] */ 0x4c406c3e,
		/* st2 {v6.8h, v7.8h}, [x1] */ 0x4c008426);
	assert_int_equal(b->cpu.v[2].d[0], 0x1c1814100c080400);
	assert_int_equal(b->cpu.v[5].d[0], 0x1f1b17130f0b0703);
	assert_int_equal(b->cpu.v[5].d[1], 0);
	assert_int_equal(b->cpu.v[6].d[0], 0x0f0e0d0c03020100);
	assert_int_equal(b->cpu.v[8].d[1], 0x2f2e2d2c23222120);
	assert_int_equal(b->cpu.x[1], BOX_DATA + 48);
	assert_int_equal(b->cpu.v[30].d[0], 0x3736353433323130);
	assert_int_equal(b->cpu.v[0].d[1], 0x5f5e5d5c5b5a5958);
	assert_int_equal(box_peek(b, BOX_DATA + 48, 8), 0x0706030205040100);
	box_free(b);
}

static void test_single_lanes_leave_the_others(void **s)
{
	struct box *b = box_counting();

	(void)s;
	b->cpu.x[2] = 7;
	BOX_RUN(b, /* ld1 {v2.b}[9], [x1], x2 */ 0x4dc20422,
		/* ld2 {v3.s, v4.s}[2], [x1] */ 0x4d608023,
		/* ld3r {v5.4h-v7.4h}, [x1], #6 */ 0x0ddfe425,
		/* st4 {v2.b-v5.b}[9], [x1], #4 */ 0x4dbf2422,
		/* st1 {v3.d}[1], [x1] */ 0x4d008423);
	assert_int_equal(b->cpu.v[2].d[0], FILL);
	assert_int_equal(b->cpu.v[2].d[1], 0xffffffffffff00ff);
	assert_int_equal(b->cpu.v[3].d[1], 0xffffffff0a090807);
	assert_int_equal(b->cpu.v[4].d[1], 0xffffffff0e0d0c0b);
	assert_int_equal(b->cpu.v[5].d[0], 0x0807080708070807);
	assert_int_equal(b->cpu.v[5].d[1], 0);
	assert_int_equal(b->cpu.v[7].d[0], 0x0c0b0c0b0c0b0c0b);
	assert_int_equal(box_peek(b, BOX_DATA + 13, 4), 0x000c0800);
	assert_int_equal(box_peek(b, BOX_DATA + 17, 8), 0xffffffff0a090807);
	assert_int_equal(b->cpu.x[1], BOX_DATA + 17);
	box_free(b);
}

/* Two pages of which the second may not be written, and then a hole. */
static const uint32_t over_the_edge[] = {
	/* ldr q0, [x1], #16 */ 0x3cc10420,
	/* ldp q2, q3, [x1, #-16]! */ 0xadff8c22,
	/* ld4 {v4.16b-v7.16b}, [x1], #64 */ 0x4cdf0024,
	/* ld3r {v4.8h-v6.8h}, [x1], x2 */ 0x4dc2e424,
	/* ld2 {v4.d, v5.d}[1], [x1], x2 */ 0x4de28424,
	/* str q0, [x1], #16 */ 0x3c810420,
	/* stp q2, q3, [x1], #32 */ 0xac810c22,
	/* st4 {v4.16b-v7.16b}, [x1], #64 */ 0x4c9f0024,
	/* st2 {v4.d, v5.d}[1], [x1], x2 */ 0x4da28424,
};

static void test_a_fault_leaves_registers_and_memory(void **s)
{
	enum { EDGE = BOX_DATA + 0x1000, SYNC = 0x200, EC_ABORT = 0x25 };
	struct box *b = box_counting();
	union a64_vreg before[32];
	size_t i, at;

	(void)s;
	box_mmu(b);
	b->cpu.x[2] = 8;
	box_map(b, 0x400000, BOX_DATA, PAGE_KERNEL);
	for (i = 0; i < LEN(over_the_edge); i++) {
		b->cpu.x[1] = 0x400000 + 0x1000 - 4;
		if (over_the_edge[i] == 0xadff8c22)
			b->cpu.x[1] += 16;
		memcpy(before, b->cpu.v, sizeof(before));
		for (at = 1; at <= 4; at++)
			box_poke(b, EDGE - at, 0x50, 1);
		at = b->cpu.x[1];
		box_run(b, &over_the_edge[i], 1);
		assert_int_equal(box_vector(b), SYNC);
		assert_int_equal(b->cpu.sys.esr >> 26, EC_ABORT);
		assert_int_equal(b->cpu.sys.far, 0x401000);
		assert_int_equal(b->cpu.x[1], at);
		assert_memory_equal(b->cpu.v, before, sizeof(before));
		assert_int_equal(box_peek(b, EDGE - 4, 4), 0x50505050);
	}
	box_free(b);
}

static void test_accesses_cross_pages(void **s)
{
	struct box *b = box_counting();

	(void)s;
	box_mmu(b);
	box_map(b, 0x400000, BOX_DATA, PAGE_KERNEL);
	box_map(b, 0x401000, BOX_DATA + 0x2000, PAGE_KERNEL);
	b->cpu.x[1] = 0x400ff1;
	b->cpu.v[0].d[0] = 0x0706050403020100;
	b->cpu.v[0].d[1] = 0x0f0e0d0c0b0a0908;
	b->cpu.v[1] = b->cpu.v[0];
	BOX_RUN(b, /* stp q0, q1, [x1] */ 0xad000420,
		/* ldp d2, d3, [x1, #8] */ 0x6d408c22,
		/* ld2 {v4.16b, v5.16b}, [x1], #32 */ 0x4cdf8024,
		/* st1 {v4.16b, v5.16b}, [x1] */ 0x4c00a024);
	assert_int_equal(box_peek(b, BOX_DATA + 0xfff, 1), 0x0e);
	assert_int_equal(box_peek(b, BOX_DATA + 0x2000, 8), 0x060504030201000f);
	assert_int_equal(b->cpu.v[2].d[0], 0x0f0e0d0c0b0a0908);
	assert_int_equal(b->cpu.v[3].d[0], 0x0706050403020100);
	assert_int_equal(b->cpu.v[4].d[1], 0x0e0c0a0806040200);
	assert_int_equal(b->cpu.v[5].d[0], 0x0f0d0b0907050301);
	assert_int_equal(b->cpu.x[1], 0x401011);
	assert_int_equal(box_peek(b, BOX_DATA + 0x2011, 8), 0x0e0c0a0806040200);
	box_free(b);
}

static void test_a_misaligned_stack_pointer_faults(void **s)
{
	enum { EC_SP = 0x26 };
	struct box *b = box_counting();

	(void)s;
	b->cpu.sys.sctlr |= 1 << 3; /* SA */
	b->cpu.x[A64_SP] = BOX_DATA + 8;
	BOX_RUN(b, /* ldr q0, [sp] */ 0x3dc003e0);
	assert_int_equal(b->cpu.sys.esr >> 26, EC_SP);
	assert_int_equal(b->cpu.v[0].d[0], FILL);
	BOX_RUN(b, /* ld1 {v0.16b}, [sp] */ 0x4c4073e0);
	assert_int_equal(b->cpu.sys.esr >> 26, EC_SP);
	assert_int_equal(b->cpu.v[0].d[0], FILL);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loads_clear_the_rest_of_the_register),
		cmocka_unit_test(test_stores_write_their_bytes_only),
		cmocka_unit_test(
			test_literals_are_relative_to_their_own_address),
		cmocka_unit_test(test_pairs_move_their_base_before_or_behind),
		cmocka_unit_test(
			test_structures_are_taken_apart_and_put_together),
		cmocka_unit_test(test_single_lanes_leave_the_others),
		cmocka_unit_test(test_a_fault_leaves_registers_and_memory),
		cmocka_unit_test(test_accesses_cross_pages),
		cmocka_unit_test(test_a_misaligned_stack_pointer_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
