/* SPDX-License-Identifier: MIT */
/* Integers lane by lane: simd_same.c and simd_arith.h. */
#include "../check.h"
#include "simd_rows.h"

static const struct row halving_and_absolute_differences_do_not_overflow[] = {
	{ /* shadd v0.16b, v1.16b, v2.16b */
	  0x4e220420, .a = TWICE(0xff01807fff01807f),
	  .b = TWICE(0x0002807f0002807f), .want = TWICE(0xff01807fff01807f) },
	{ /* uhadd v0.8h, v1.8h, v2.8h */
	  0x6e620420, .a = { 0xffff00030001ffff, 0x0001ffff00030001 },
	  .b = { 0xffff00040002ffff, 0x0002ffff00040002 },
	  .want = { 0xffff00030001ffff, 0x0001ffff00030001 } },
	{ /* srhadd v0.4s, v1.4s, v2.4s */
	  0x4ea21420, .a = { 0x800000007fffffff, 0xffffffff00000001 },
	  .b = { 0x800000017fffffff, 0x2 },
	  .want = { 0x800000017fffffff, 0x2 } },
	{ /* urhadd v0.8b, v1.8b, v2.8b */
	  0x2e221420, .a = TWICE(0x020100ff020100ff),
	  .b = TWICE(0x010101ff010101ff), .want = { 0x020101ff020101ff, 0 } },
	{ /* shsub v0.4h, v1.4h, v2.4h */
	  0x0e622420, .a = TWICE(0x0000000580007fff),
	  .b = TWICE(0x000100027fff8000), .want = { 0xffff000180007fff, 0 } },
	{ /* uhsub v0.2s, v1.2s, v2.2s */
	  0x2ea22420, .a = TWICE(0xffffffff00000000), .b = TWICE(0xffffffff),
	  .want = { 0x7fffffff80000000, 0 } },
	{ /* sabd v0.16b, v1.16b, v2.16b */
	  0x4e227420, .a = TWICE(0x05037f8005037f80),
	  .b = TWICE(0x0305807f0305807f), .want = TWICE(0x0202ffff0202ffff) },
	{ /* uabd v0.4s, v1.4s, v2.4s */
	  0x6ea27420, .a = TWICE(0xffffffff00000000), .b = TWICE(0xffffffff),
	  .want = TWICE(ONES) },
	{ /* saba v0.8h, v1.8h, v2.8h */
	  0x4e627c20, .o = TWICE(0x0002000100020001),
	  .a = TWICE(0x0001800000018000), .b = TWICE(0x00037fff00037fff),
	  .want = TWICE(0x0004000000040000) },
	{ /* uaba v0.2s, v1.2s, v2.2s */
	  0x2ea27c20, .o = TWICE(0xffffffff00000001),
	  .a = TWICE(0x0000000900000000), .b = TWICE(0x00000004ffffffff),
	  .want = { 0x0000000400000000, 0 } },
};

static void test_halving_and_absolute_differences_do_not_overflow(void **s)
{
	(void)s;
	rows_run(halving_and_absolute_differences_do_not_overflow,
		 LEN(halving_and_absolute_differences_do_not_overflow));
}

static const struct row sums_products_and_comparisons[] = {
	{ /* add v0.16b, v1.16b, v2.16b */
	  0x4e228420, .a = TWICE(0x7fff7fff7fff7fff),
	  .b = TWICE(0x0102010201020102), .want = TWICE(0x8001800180018001) },
	{ /* sub v0.2d, v1.2d, v2.2d */
	  0x6ee28420, .a = { 0, 0x8000000000000000 }, .b = TWICE(0x1),
	  .want = { ONES, 0x7fffffffffffffff } },
	{ /* add d0, d1, d2 */
	  0x5ee28420, .a = { 0x8000000000000000, 0x7 },
	  .b = { 0x8000000000000000, 0x7 }, .want = { 0, 0 } },
	{ /* mul v0.8h, v1.8h, v2.8h */
	  0x4e629c20, .a = TWICE(0x0100ffff0100ffff),
	  .b = TWICE(0x0101ffff0101ffff), .want = TWICE(0x0100000101000001) },
	{ /* mla v0.4s, v1.4s, v2.4s */
	  0x4ea29420, .o = TWICE(0x0000000100000001),
	  .a = TWICE(0xffffffff00000003), .b = TWICE(0x0000000200000005),
	  .want = TWICE(0xffffffff00000010) },
	{ /* mls v0.8b, v1.8b, v2.8b */
	  0x2e229420, .o = TWICE(0x0100010001000100),
	  .a = TWICE(0x1003100310031003), .b = TWICE(0x1005100510051005),
	  .want = { 0x01f101f101f101f1, 0 } },
	{ /* pmul v0.16b, v1.16b, v2.16b */
	  0x6e229c20, .a = { 0x03ff8003ff8003ff, 0xff8003ff8003ff80 },
	  .b = { 0x03ff0203ff0203ff, 0xff0203ff0203ff02 },
	  .want = { 0x0555000555000555, 0x5500055500055500 } },
	{ /* cmgt v0.16b, v1.16b, v2.16b */
	  0x4e223420, .a = TWICE(0x05007f8005007f80),
	  .b = TWICE(0x0400807f0400807f), .want = TWICE(0xff00ff00ff00ff00) },
	{ /* cmhi v0.16b, v1.16b, v2.16b */
	  0x6e223420, .a = TWICE(0x05007f8005007f80),
	  .b = TWICE(0x0400807f0400807f), .want = TWICE(0xff0000ffff0000ff) },
	{ /* cmge v0.8h, v1.8h, v2.8h */
	  0x4e623c20, .a = { 0x8000000100018000, 0x0001800000010001 },
	  .b = { 0x7fff000200017fff, 0x00017fff00020001 },
	  .want = { 0xffff0000, 0xffff00000000ffff } },
	{ /* cmhs v0.4s, v1.4s, v2.4s */
	  0x6ea23c20, .a = { 0x0000000180000000, 0x8000000000000001 },
	  .b = { 0x000000017fffffff, 0x7fffffff00000002 },
	  .want = { ONES, 0xffffffff00000000 } },
	{ /* cmeq v0.2d, v1.2d, v2.2d */
	  0x6ee28c20, .a = { 0x5, 0x6 }, .b = { 0x5, 0x7 },
	  .want = { ONES, 0 } },
	{ /* cmtst d0, d1, d2 */
	  0x5ee28c20, .a = { 0x6, 0x1 }, .b = TWICE(0x1), .want = { 0, 0 } },
	{ /* smax v0.8b, v1.8b, v2.8b */
	  0x0e226420, .a = TWICE(0x7f807f807f807f80),
	  .b = TWICE(0x807f807f807f807f), .want = { 0x7f7f7f7f7f7f7f7f, 0 } },
	{ /* umin v0.4s, v1.4s, v2.4s */
	  0x6ea26c20, .a = TWICE(0x0000000380000000),
	  .b = TWICE(0x000000047fffffff), .want = TWICE(0x000000037fffffff) },
};

static void test_sums_products_and_comparisons(void **s)
{
	(void)s;
	rows_run(sums_products_and_comparisons,
		 LEN(sums_products_and_comparisons));
}

static const struct row logical_operations_and_selections[] = {
	{ /* and v0.16b, v1.16b, v2.16b */
	  0x4e221c20, .a = { 0xff00ff00, 0x3 }, .b = { 0xffff0000, 0x6 },
	  .want = { 0xff000000, 0x2 } },
	{ /* bic v0.8b, v1.8b, v2.8b */
	  0x0e621c20, .a = { 0xff00ff00, 0x3 }, .b = { 0xffff0000, 0x6 },
	  .want = { 0xff00, 0 } },
	{ /* orr v0.16b, v1.16b, v2.16b */
	  0x4ea21c20, .a = { 0xff00ff00, 0x3 }, .b = { 0xffff0000, 0x6 },
	  .want = { 0xffffff00, 0x7 } },
	{ /* orn v0.8b, v1.8b, v2.8b */
	  0x0ee21c20, .a = { 0xff00ff00, 0x3 }, .b = { 0xffff0000, 0x6 },
	  .want = { 0xffffffffff00ffff, 0 } },
	{ /* eor v0.16b, v1.16b, v2.16b */
	  0x6e221c20, .a = { 0xff00ff00, 0x3 }, .b = { 0xffff0000, 0x6 },
	  .want = { 0xffff00, 0x5 } },
	{ /* bsl v0.16b, v1.16b, v2.16b */
	  0x6e621c20, .o = { 0xff00, 0xff0 }, .a = { 0x1111, 0x2222 },
	  .b = { 0x4444, 0x8888 }, .want = { 0x1144, 0x8228 } },
	{ /* bit v0.16b, v1.16b, v2.16b */
	  0x6ea21c20, .o = { 0x4444, 0x8888 }, .a = { 0x1111, 0x2222 },
	  .b = { 0xff00, 0xff0 }, .want = { 0x1144, 0x8228 } },
	{ /* bif v0.16b, v1.16b, v2.16b */
	  0x6ee21c20, .o = { 0x4444, 0x8888 }, .a = { 0x1111, 0x2222 },
	  .b = { 0xff00, 0xff0 }, .want = { 0x4411, 0x2882 } },
};

static void test_logical_operations_and_selections(void **s)
{
	(void)s;
	rows_run(logical_operations_and_selections,
		 LEN(logical_operations_and_selections));
}

static const struct row saturation_alone_sets_qc[] = {
	{ /* sqadd v0.16b, v1.16b, v2.16b */
	  0x4e220c20, .a = { 0x807f01807f01807f, 0x7f01807f01807f01 },
	  .b = { 0xff0101ff0101ff01, 0x0101ff0101ff0101 },
	  .want = { 0x807f02807f02807f, 0x7f02807f02807f02 }, .fpsr = QC },
	{ /* sqadd v0.16b, v1.16b, v2.16b */
	  0x4e220c20, .a = { 0x817e01817e01817e, 0x7e01817e01817e01 },
	  .b = { 0xff0101ff0101ff01, 0x0101ff0101ff0101 },
	  .want = { 0x807f02807f02807f, 0x7f02807f02807f02 } },
	{ /* sqadd v0.2d, v1.2d, v2.2d */
	  0x4ee20c20, .a = { 0x7fffffffffffffff, 0x8000000000000000 },
	  .b = { 0x1, ONES },
	  .want = { 0x7fffffffffffffff, 0x8000000000000000 }, .fpsr = QC },
	{ /* uqadd d0, d1, d2 */
	  0x7ee20c20, .a = { ONES, 0 }, .b = { 0x1, 0 }, .want = { ONES, 0 },
	  .fpsr = QC },
	{ /* uqadd b0, b1, b2 */
	  0x7e220c20, .a = TWICE(ONES), .b = TWICE(0x0101010101010101),
	  .want = { 0xff, 0 }, .fpsr = QC },
	{ /* sqsub h0, h1, h2 */
	  0x5e622c20, .a = TWICE(0x8000800080008000),
	  .b = TWICE(0x0001000100010001), .want = { 0x8000, 0 }, .fpsr = QC },
	{ /* uqsub v0.4s, v1.4s, v2.4s */
	  0x6ea22c20, .a = TWICE(0x0000000500000001),
	  .b = TWICE(0x0000000300000002), .want = TWICE(0x0000000200000000),
	  .fpsr = QC },
	{ /* sqsub v0.2d, v1.2d, v2.2d */
	  0x4ee22c20, .a = { 0x8000000000000000, 0 },
	  .b = { 0x1, 0x8000000000000000 },
	  .want = { 0x8000000000000000, 0x7fffffffffffffff }, .fpsr = QC },
	{ /* sqdmulh v0.8h, v1.8h, v2.8h */
	  0x4e62b420, .a = { 0x80007fff40008000, 0x400080007fff4000 },
	  .b = { 0x80007fff40008000, 0x400080007fff4000 },
	  .want = { 0x7fff7ffe20007fff, 0x20007fff7ffe2000 }, .fpsr = QC },
	{ /* sqrdmulh v0.4s, v1.4s, v2.4s */
	  0x6ea2b420, .a = { 0x000000037fffffff, 0x7fffffff80000000 },
	  .b = { 0x200000007fffffff, 0x7fffffff00000001 },
	  .want = { 0x000000017ffffffe, 0x7ffffffeffffffff } },
	{ /* sqrdmulh s0, s1, s2 */
	  0x7ea2b420, .a = TWICE(0x8000000080000000),
	  .b = TWICE(0x8000000080000000), .want = { 0x7fffffff, 0 },
	  .fpsr = QC },
};

static void test_saturation_alone_sets_qc(void **s)
{
	(void)s;
	rows_run(saturation_alone_sets_qc, LEN(saturation_alone_sets_qc));
}

static const struct row shifts_by_register_reach_and_pass_the_width[] = {
	{ /* sshl v0.16b, v1.16b, v2.16b */
	  0x4e224420, .a = { 0x8181418181818181, 0x8181818141818181 },
	  .b = { 0x08077f80f8f90807, 0xf8f908077f80f8f9 },
	  .want = { 0x008000ffffff0080, 0xffff008000ffffff } },
	{ /* ushl v0.8h, v1.8h, v2.8h */
	  0x6e624420, .a = TWICE(0x8001800180018001),
	  .b = { 0xfff0fff10010000f, 0x0010000f0180ff01 },
	  .want = { 0x0000000100008000, 0x0000800000000002 } },
	{ /* srshl v0.4s, v1.4s, v2.4s */
	  0x4ea25420, .a = { 0x8000000080000000, 0xffffffff00000003 },
	  .b = { 0xffffffe0ffffffe1, ONES }, .want = { 0xffffffff, 0x2 } },
	{ /* urshl v0.4s, v1.4s, v2.4s */
	  0x6ea25420, .a = { 0x8000000080000000, 0xffffffff00000003 },
	  .b = { 0xffffffdfffffffe0, 0xffffffe0ffffffff },
	  .want = { 0x1, 0x0000000100000002 } },
	{ /* urshl v0.2d, v1.2d, v2.2d */
	  0x6ee25420, .a = { ONES, 0x8000000000000000 },
	  .b = { 0xffffffffffffffc0, ONES },
	  .want = { 0x1, 0x4000000000000000 } },
	{ /* sqshl v0.8h, v1.8h, v2.8h */
	  0x4e624c20, .a = { 0x0000400080010001, 0x4000800100010001 },
	  .b = { 0x006400010001000e, 0x00010001000effff },
	  .want = { 0x00007fff80004000, 0x7fff800040000000 }, .fpsr = QC },
	{ /* uqshl v0.2d, v1.2d, v2.2d */
	  0x6ee24c20, .a = { 0x1, 0x2 }, .b = TWICE(0x3f),
	  .want = { 0x8000000000000000, ONES }, .fpsr = QC },
	{ /* sqrshl d0, d1, d2 */
	  0x5ee25c20, .a = TWICE(0xfffffffffffffffd), .b = TWICE(ONES),
	  .want = { ONES, 0 } },
	{ /* uqrshl b0, b1, b2 */
	  0x7e225c20, .a = TWICE(0x8181818181818181),
	  .b = TWICE(0x0101010101010101), .want = { 0xff, 0 }, .fpsr = QC },
	{ /* sshl d0, d1, d2 */
	  0x5ee24420, .a = TWICE(0x8000000000000000),
	  .b = TWICE(0xffffffffffffffc0), .want = { ONES, 0 } },
};

static void test_shifts_by_register_reach_and_pass_the_width(void **s)
{
	(void)s;
	rows_run(shifts_by_register_reach_and_pass_the_width,
		 LEN(shifts_by_register_reach_and_pass_the_width));
}

static const struct row pairs_are_of_the_first_then_of_the_second[] = {
	{ /* addp v0.16b, v1.16b, v2.16b */
	  0x4e22bc20, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .b = { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  .want = { 0x1d1915110d090501, 0x3d3935312d292521 } },
	{ /* addp v0.2d, v1.2d, v2.2d */
	  0x4ee2bc20, .a = { 0x1, 0x2 }, .b = { 0x3, 0xfffffffffffffffd },
	  .want = { 0x3, 0 } },
	{ /* umaxp v0.16b, v1.16b, v2.16b */
	  0x6e22a420, .a = TWICE(0x0203ff000203ff00),
	  .b = TWICE(0x0201020102010201),
	  .want = { 0x03ff03ff03ff03ff, 0x0202020202020202 } },
	{ /* sminp v0.4h, v1.4h, v2.4h */
	  0x0e62ac20, .a = TWICE(0x0003000200018000),
	  .b = TWICE(0xffff000700040005), .want = { 0xffff000400028000, 0 } },
};

static void test_pairs_are_of_the_first_then_of_the_second(void **s)
{
	(void)s;
	rows_run(pairs_are_of_the_first_then_of_the_second,
		 LEN(pairs_are_of_the_first_then_of_the_second));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_halving_and_absolute_differences_do_not_overflow),
		cmocka_unit_test(test_sums_products_and_comparisons),
		cmocka_unit_test(test_logical_operations_and_selections),
		cmocka_unit_test(test_saturation_alone_sets_qc),
		cmocka_unit_test(
			test_shifts_by_register_reach_and_pass_the_width),
		cmocka_unit_test(
			test_pairs_are_of_the_first_then_of_the_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
