/* SPDX-License-Identifier: MIT */
/* Integers of one vector: simd_misc.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row reversals_and_counts[] = {
	{ /* rev64 v0.16b, v1.16b */
	  0x4e200820, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .want = { 0x0001020304050607, 0x08090a0b0c0d0e0f } },
	{ /* rev64 v0.8h, v1.8h */
	  0x4e600820, .a = { 0x0003000200010000, 0x0007000600050004 },
	  .want = { 0x0000000100020003, 0x0004000500060007 } },
	{ /* rev64 v0.4s, v1.4s */
	  0x4ea00820, .a = { 0x0000000100000000, 0x0000000300000002 },
	  .want = { 0x1, 0x0000000200000003 } },
	{ /* rev32 v0.8b, v1.8b */
	  0x2e200820, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .want = { 0x0405060700010203, 0 } },
	{ /* rev32 v0.8h, v1.8h */
	  0x6e600820, .a = { 0x0003000200010000, 0x0007000600050004 },
	  .want = { 0x0002000300000001, 0x0006000700040005 } },
	{ /* rev16 v0.16b, v1.16b */
	  0x4e201820, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .want = { 0x0607040502030001, 0x0e0f0c0d0a0b0809 } },
	{ /* cls v0.16b, v1.16b */
	  0x4e204820, .a = { 0xff00fe017f80ff00, 0x7f80ff00fe017f80 },
	  .want = { 0x0707060600000707, 0x0000070706060000 } },
	{ /* cls v0.4s, v1.4s */
	  0x4ea04820, .a = { 0xffffffff00000000, 0x0001000080000000 },
	  .want = { 0x0000001f0000001f, 0x0000000e00000000 } },
	{ /* clz v0.8h, v1.8h */
	  0x6e604820, .a = TWICE(0x0100800000010000),
	  .want = TWICE(0x00070000000f0010) },
	{ /* cnt v0.16b, v1.16b */
	  0x4e205820, .a = { 0x55ff00078055ff00, 0x00078055ff000780 },
	  .want = { 0x0408000301040800, 0x0003010408000301 } },
	{ /* rbit v0.8b, v1.8b */
	  0x2e605820, .a = TWICE(0xf0358001f0358001),
	  .want = { 0x0fac01800fac0180, 0 } },
	{ /* not v0.16b, v1.16b */
	  0x6e205820, .a = { 0, 0xff }, .want = { ONES, 0xffffffffffffff00 } },
};

static void test_reversals_and_counts(void **s)
{
	(void)s;
	rows_run(reversals_and_counts, LEN(reversals_and_counts));
}

static const struct row magnitudes_and_comparisons_with_zero[] = {
	{ /* abs v0.16b, v1.16b */
	  0x4e20b820, .a = { 0xff8001ff8001ff80, 0x8001ff8001ff8001 },
	  .want = { 0x0180010180010180, 0x8001018001018001 } },
	{ /* neg v0.2d, v1.2d */
	  0x6ee0b820, .a = { 0x8000000000000000, 0x1 },
	  .want = { 0x8000000000000000, ONES } },
	{ /* sqabs v0.8h, v1.8h */
	  0x4e607820, .a = TWICE(0xffff8000ffff8000),
	  .want = TWICE(0x00017fff00017fff), .fpsr = QC },
	{ /* sqneg d0, d1 */
	  0x7ee07820, .a = TWICE(0x8000000000000000),
	  .want = { 0x7fffffffffffffff, 0 }, .fpsr = QC },
	{ /* sqneg v0.4s, v1.4s */
	  0x6ea07820, .a = TWICE(0x0000000580000001),
	  .want = TWICE(0xfffffffb7fffffff) },
	{ /* cmgt v0.16b, v1.16b, #0 */
	  0x4e208820, .a = { 0x0080010080010080, 0x8001008001008001 },
	  .want = { 0x0000ff0000ff0000, 0x00ff0000ff0000ff } },
	{ /* cmge v0.8h, v1.8h, #0 */
	  0x6e608820, .a = { 0x8000000100008000, 0x0000800000010000 },
	  .want = { 0x0000ffffffff0000, 0xffff0000ffffffff } },
	{ /* cmeq d0, d1, #0 */
	  0x5ee09820, .want = { ONES, 0 } },
	{ /* cmle v0.4s, v1.4s, #0 */
	  0x6ea09820, .a = { 0xffffffff, 0xffffffff00000001 },
	  .want = { ONES, 0xffffffff00000000 } },
	{ /* cmlt v0.2d, v1.2d, #0 */
	  0x4ee0a820, .a = { ONES, 0 }, .want = { ONES, 0 } },
};

static void test_magnitudes_and_comparisons_with_zero(void **s)
{
	(void)s;
	rows_run(magnitudes_and_comparisons_with_zero,
		 LEN(magnitudes_and_comparisons_with_zero));
}

static const struct row sums_of_pairs_and_of_mixed_signs[] = {
	{ /* saddlp v0.8h, v1.16b */
	  0x4e202820, .a = TWICE(0x7f7f80807f7f8080),
	  .want = TWICE(0x00feff0000feff00) },
	{ /* uaddlp v0.1d, v1.2s */
	  0x2ea02820, .a = TWICE(ONES), .want = { 0x00000001fffffffe, 0 } },
	{ /* sadalp v0.4s, v1.8h */
	  0x4e606820, .o = TWICE(0x0000000100000001),
	  .a = TWICE(0x00040003fffeffff), .want = TWICE(0x00000008fffffffe) },
	{ /* uadalp v0.2d, v1.4s */
	  0x6ea06820, .o = { ONES, 0 }, .a = TWICE(ONES),
	  .want = { 0x00000001fffffffd, 0x00000001fffffffe } },
	{ /* suqadd v0.16b, v1.16b */
	  0x4e203820, .o = { 0x00807e00807e0080, 0x807e00807e00807e },
	  .a = { 0x80ff0180ff0180ff, 0xff0180ff0180ff01 },
	  .want = TWICE(0x7f7f7f7f7f7f7f7f), .fpsr = QC },
	{ /* suqadd d0, d1 */
	  0x5ee03820, .o = TWICE(0x8000000000000000), .a = TWICE(ONES),
	  .want = { 0x7fffffffffffffff, 0 } },
	{ /* usqadd v0.8h, v1.8h */
	  0x6e603820, .o = { 0x0000ffff00050000, 0x00050000ffff0005 },
	  .a = { 0xffff7fffffffffff, 0xffffffff7fffffff },
	  .want = { 0x0000ffff00040000, 0x00040000ffff0004 }, .fpsr = QC },
	{ /* usqadd d0, d1 */
	  0x7ee03820, .o = TWICE(0x7fffffffffffffff),
	  .a = TWICE(0x8000000000000000), .want = { 0, 0 }, .fpsr = QC },
};

static void test_sums_of_pairs_and_of_mixed_signs(void **s)
{
	(void)s;
	rows_run(sums_of_pairs_and_of_mixed_signs,
		 LEN(sums_of_pairs_and_of_mixed_signs));
}

static const struct row narrowing_keeps_or_saturates[] = {
	{ /* xtn v0.8b, v1.8h */
	  0x0e212820, .a = TWICE(0x5678123456781234),
	  .want = { 0x7834783478347834, 0 } },
	{ /* xtn2 v0.4s, v1.2d */
	  0x4ea12820, .o = { 0x5, 0x6 }, .a = { 0x0000010000000007, 0x9 },
	  .want = { 0x5, 0x0000000900000007 } },
	{ /* sqxtn v0.8b, v1.8h */
	  0x0e214820, .a = TWICE(0xff7fff800080007f),
	  .want = { 0x80807f7f80807f7f, 0 }, .fpsr = QC },
	{ /* uqxtn s0, d1 */
	  0x7ea14820, .a = TWICE(0x0000000100000000), .want = { 0xffffffff, 0 },
	  .fpsr = QC },
	{ /* sqxtun v0.2s, v1.2d */
	  0x2ea12820, .a = { ONES, 0x0000000200000000 },
	  .want = { 0xffffffff00000000, 0 }, .fpsr = QC },
	{ /* sqxtun2 v0.8h, v1.4s */
	  0x6e612820, .o = { 0x5, 0x6 },
	  .a = { 0x0000000200000001, 0x0001000000000003 },
	  .want = { 0x5, 0xffff000300020001 }, .fpsr = QC },
	{ /* shll v0.8h, v1.8b, #8 */
	  0x2e213820, .a = TWICE(0x0180018001800180),
	  .want = TWICE(0x0100800001008000) },
	{ /* shll2 v0.2d, v1.4s, #32 */
	  0x6ea13820, .a = { 0, 0x0000000600000005 },
	  .want = { 0x0000000500000000, 0x0000000600000000 } },
};

static void test_narrowing_keeps_or_saturates(void **s)
{
	(void)s;
	rows_run(narrowing_keeps_or_saturates,
		 LEN(narrowing_keeps_or_saturates));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reversals_and_counts),
		cmocka_unit_test(test_magnitudes_and_comparisons_with_zero),
		cmocka_unit_test(test_sums_of_pairs_and_of_mixed_signs),
		cmocka_unit_test(test_narrowing_keeps_or_saturates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
