/* SPDX-License-Identifier: MIT */
/* Shifts by an immediate: simd_shift.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row shifts_by_the_full_width[] = {
	{ /* sshr v0.16b, v1.16b, #8 */
	  0x4f080420, .a = TWICE(0x7f807f807f807f80),
	  .want = TWICE(0x00ff00ff00ff00ff) },
	{ /* ushr v0.2d, v1.2d, #64 */
	  0x6f400420, .a = TWICE(ONES), .want = { 0, 0 } },
	{ /* sshr d0, d1, #64 */
	  0x5f400420, .a = TWICE(0x8000000000000000), .want = { ONES, 0 } },
	{ /* srshr v0.8h, v1.8h, #16 */
	  0x4f102420, .a = TWICE(0x7fff80007fff8000), .want = { 0, 0 } },
	{ /* urshr v0.4s, v1.4s, #32 */
	  0x6f202420, .a = TWICE(0x7fffffff80000000), .want = TWICE(0x1) },
	{ /* ssra v0.2d, v1.2d, #64 */
	  0x4f401420, .o = TWICE(0x1), .a = { ONES, 0x1 }, .want = { 0, 0x1 } },
	{ /* ursra d0, d1, #64 */
	  0x7f403420, .a = TWICE(0x8000000000000000), .want = { 0, 0 } },
	{ /* sri v0.4s, v1.4s, #32 */
	  0x6f204420, .o = TWICE(0x0000000500000005), .a = TWICE(ONES),
	  .want = TWICE(0x0000000500000005) },
	{ /* sli v0.2d, v1.2d, #63 */
	  0x6f7f5420, .o = TWICE(0x5), .a = TWICE(0x3),
	  .want = TWICE(0x8000000000000005) },
	{ /* shl v0.8b, v1.8b, #7 */
	  0x0f0f5420, .a = TWICE(0x0203020302030203),
	  .want = { 0x0080008000800080, 0 } },
};

static void test_shifts_by_the_full_width(void **s)
{
	(void)s;
	rows_run(shifts_by_the_full_width, LEN(shifts_by_the_full_width));
}

static const struct row rounding_saturation_and_other_widths[] = {
	{ /* srshr v0.4s, v1.4s, #1 */
	  0x4f3f2420, .a = { 0xfffffffd00000003, 0x000000017fffffff },
	  .want = { 0xffffffff00000002, 0x0000000140000000 } },
	{ /* srsra v0.8h, v1.8h, #4 */
	  0x4f1c3420, .o = TWICE(0x0001000100010001),
	  .a = TWICE(0x0007000800070008), .want = TWICE(0x0001000200010002) },
	{ /* sli v0.8h, v1.8h, #4 */
	  0x6f145420, .o = TWICE(0x1237123712371237),
	  .a = TWICE(0xabcdabcdabcdabcd), .want = TWICE(0xbcd7bcd7bcd7bcd7) },
	{ /* sri v0.8h, v1.8h, #4 */
	  0x6f1c4420, .o = TWICE(0x7123712371237123),
	  .a = TWICE(0xabcdabcdabcdabcd), .want = TWICE(0x7abc7abc7abc7abc) },
	{ /* sqshl v0.8b, v1.8b, #1 */
	  0x0f097420, .a = TWICE(0xc0bf3f40c0bf3f40),
	  .want = { 0x80807e7f80807e7f, 0 }, .fpsr = QC },
	{ /* uqshl h0, h1, #8 */
	  0x7f187420, .a = TWICE(0x0100010001000100), .want = { 0xffff, 0 },
	  .fpsr = QC },
	{ /* sqshlu v0.4s, v1.4s, #4 */
	  0x6f246420, .a = { 0x00000001ffffffff, 0xffffffff10000000 },
	  .want = { 0x0000001000000000, 0xffffffff }, .fpsr = QC },
	{ /* shrn v0.8b, v1.8h, #4 */
	  0x0f0c8420, .a = TWICE(0xffff1234ffff1234),
	  .want = { 0xff23ff23ff23ff23, 0 } },
	{ /* shrn2 v0.8h, v1.4s, #16 */
	  0x4f108420, .o = { 0x5, 0x6 }, .a = TWICE(0x1234567812345678),
	  .want = { 0x5, 0x1234123412341234 } },
	{ /* rshrn v0.2s, v1.2d, #32 */
	  0x0f208c20, .a = { 0x80000000, 0x000000017fffffff },
	  .want = { 0x0000000100000001, 0 } },
	{ /* sqshrn v0.8b, v1.8h, #8 */
	  0x0f089420, .a = TWICE(0x7fff80007fff8000),
	  .want = { 0x7f807f807f807f80, 0 } },
	{ /* sqrshrn b0, h1, #1 */
	  0x5f0f9c20, .a = TWICE(0x00ff00ff00ff00ff), .want = { 0x7f, 0 },
	  .fpsr = QC },
	{ /* uqshrn v0.4h, v1.4s, #1 */
	  0x2f1f9420, .a = TWICE(0x0001ffff00020000), .want = { ONES, 0 },
	  .fpsr = QC },
	{ /* uqrshrn h0, s1, #1 */
	  0x7f1f9c20, .a = TWICE(0x0001ffff0001ffff), .want = { 0xffff, 0 },
	  .fpsr = QC },
	{ /* sqshrun v0.8b, v1.8h, #1 */
	  0x2f0f8420, .a = { 0xffff020001feffff, 0x01feffff020001fe },
	  .want = { 0xff00ffff00ffff00, 0 }, .fpsr = QC },
	{ /* sqrshrun2 v0.4s, v1.2d, #32 */
	  0x6f208c20, .o = { 0x5, 0x6 }, .a = { 0x80000000, ONES },
	  .want = { 0x5, 0x1 } },
	{ /* sshll v0.8h, v1.8b, #7 */
	  0x0f0fa420, .a = TWICE(0x0180018001800180),
	  .want = TWICE(0x0080c0000080c000) },
	{ /* ushll2 v0.2d, v1.4s, #31 */
	  0x6f3fa420, .a = { 0, 0x00000001ffffffff },
	  .want = { 0x7fffffff80000000, 0x80000000 } },
};

static void test_rounding_saturation_and_other_widths(void **s)
{
	(void)s;
	rows_run(rounding_saturation_and_other_widths,
		 LEN(rounding_saturation_and_other_widths));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shifts_by_the_full_width),
		cmocka_unit_test(test_rounding_saturation_and_other_widths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
