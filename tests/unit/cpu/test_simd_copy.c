/* SPDX-License-Identifier: MIT */
/* Lanes from and to registers: simd_copy.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row lanes_are_copied_and_inserted[] = {
	{ /* dup v0.16b, v1.b[15] */
	  0x4e1f0420, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .want = TWICE(0x0f0f0f0f0f0f0f0f) },
	{ /* dup v0.4h, v1.h[6] */
	  0x0e1a0420, .a = { 0x0003000200010000, 0x0007000600050004 },
	  .want = { 0x0006000600060006, 0 } },
	{ /* dup v0.2d, v1.d[1] */
	  0x4e180420, .a = { 0x1, 0x2 }, .want = TWICE(0x2) },
	{ /* dup s0, v1.s[3] */
	  0x5e1c0420, .a = { 0x0000000200000001, 0x0000000400000003 },
	  .want = { 0x4, 0 } },
	{ /* mov v0.b[15], v1.b[1] */
	  0x6e1f0c20, .o = TWICE(0x7),
	  .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .want = { 0x7, 0x0100000000000007 } },
	{ /* mov v0.d[0], v1.d[1] */
	  0x6e084420, .o = { 0x3, 0x4 }, .a = { 0x1, 0x2 },
	  .want = { 0x2, 0x4 } },
};

static void test_lanes_are_copied_and_inserted(void **s)
{
	(void)s;
	rows_run(lanes_are_copied_and_inserted,
		 LEN(lanes_are_copied_and_inserted));
}

static void test_general_registers_give_and_take_lanes(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[1] = 0x123456789abcdef0;
	b->cpu.v[0].d[0] = b->cpu.v[0].d[1] = 0;
	BOX_RUN(b, /* mov v0.b[15], w1 */ 0x4e1f1c20,
		/* mov v0.s[1], w1 */ 0x4e0c1c20,
		/* dup v2.8h, w1 */ 0x4e020c22,
		/* dup v3.2s, wzr */ 0x0e040fe3,
		/* dup v4.2d, x1 */ 0x4e080c24);
	assert_int_equal(b->cpu.v[0].d[0], 0x9abcdef000000000);
	assert_int_equal(b->cpu.v[0].d[1], 0xf000000000000000);
	assert_int_equal(b->cpu.v[2].d[0], 0xdef0def0def0def0);
	assert_int_equal(b->cpu.v[2].d[1], 0xdef0def0def0def0);
	assert_int_equal(b->cpu.v[3].d[0], 0);
	assert_int_equal(b->cpu.v[4].d[1], 0x123456789abcdef0);
	box_free(b);
}

static void test_lanes_extend_with_zeros_or_signs(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.v[1].d[0] = 0x8182838485868788;
	b->cpu.v[1].d[1] = 0xf1f2f3f4f5f6f7f8;
	BOX_RUN(b, /* umov w2, v1.b[7] */ 0x0e0f3c22,
		/* umov w3, v1.s[3] */ 0x0e1c3c23,
		/* umov x4, v1.d[1] */ 0x4e183c24,
		/* smov w5, v1.b[0] */ 0x0e012c25,
		/* smov x6, v1.h[7] */ 0x4e1e2c26,
		/* smov x7, v1.s[0] */ 0x4e042c27,
		/* umov wzr, v1.b[0] */ 0x0e013c3f,
		/* mov x8, xzr */ 0xaa1f03e8);
	assert_int_equal(b->cpu.x[2], 0x81);
	assert_int_equal(b->cpu.x[3], 0xf1f2f3f4);
	assert_int_equal(b->cpu.x[4], 0xf1f2f3f4f5f6f7f8);
	assert_int_equal(b->cpu.x[5], 0xffffff88);
	assert_int_equal(b->cpu.x[6], 0xfffffffffffff1f2);
	assert_int_equal(b->cpu.x[7], 0xffffffff85868788);
	assert_int_equal(b->cpu.x[8], 0);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lanes_are_copied_and_inserted),
		cmocka_unit_test(test_general_registers_give_and_take_lanes),
		cmocka_unit_test(test_lanes_extend_with_zeros_or_signs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
