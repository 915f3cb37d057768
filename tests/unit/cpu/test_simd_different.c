/* SPDX-License-Identifier: MIT */
/* Wider and narrower integers: simd_different.c and simd_wide.h. */
#include "../check.h"
#include "simd_rows.h"

static const struct row long_operations_take_the_lower_or_the_upper_half[] = {
	{ /* saddl v0.8h, v1.8b, v2.8b */
	  0x0e220020, .a = { 0x80, 0x7f }, .b = { 0x80, 0x7f },
	  .want = { 0xff00, 0 } },
	{ /* saddl2 v0.8h, v1.16b, v2.16b */
	  0x4e220020, .a = { 0x80, 0x7f }, .b = { 0x80, 0x7f },
	  .want = { 0xfe, 0 } },
	{ /* usubl v0.2d, v1.2s, v2.2s */
	  0x2ea22020, .a = TWICE(0x0000000500000000),
	  .b = TWICE(0x0000000300000001), .want = { ONES, 0x2 } },
	{ /* uabdl v0.4s, v1.4h, v2.4h */
	  0x2e627020, .a = TWICE(0xffff0000ffff0000),
	  .b = TWICE(0x0000ffff0000ffff), .want = TWICE(0x0000ffff0000ffff) },
	{ /* sabal2 v0.8h, v1.16b, v2.16b */
	  0x4e225020, .o = TWICE(0x0001000100010001),
	  .a = TWICE(0x8080808080808080), .b = TWICE(0x7f7f7f7f7f7f7f7f),
	  .want = TWICE(0x0100010001000100) },
	{ /* smull v0.2d, v1.2s, v2.2s */
	  0x0ea2c020, .a = TWICE(0xfffffffd80000000),
	  .b = TWICE(0x0000000780000000),
	  .want = { 0x4000000000000000, 0xffffffffffffffeb } },
	{ /* umlal v0.4s, v1.4h, v2.4h */
	  0x2e628020, .a = TWICE(ONES), .b = TWICE(ONES),
	  .want = TWICE(0xfffe0000fffe0000) },
	{ /* smlsl2 v0.4s, v1.8h, v2.8h */
	  0x4e62a020, .o = TWICE(0x0000000500000005),
	  .a = TWICE(0x8000800080008000), .b = TWICE(0x8000800080008000),
	  .want = TWICE(0xc0000005c0000005) },
	{ /* pmull v0.8h, v1.8b, v2.8b */
	  0x0e22e020, .a = TWICE(0x03ff03ff03ff03ff),
	  .b = TWICE(0x80ff80ff80ff80ff), .want = TWICE(0x0180555501805555) },
	{ /* sqdmull v0.4s, v1.4h, v2.4h */
	  0x0e62d020, .a = TWICE(0x4000800040008000),
	  .b = TWICE(0x4000800040008000), .want = TWICE(0x200000007fffffff),
	  .fpsr = QC },
	{ /* sqdmlal s0, h1, h2 */
	  0x5e629020, .o = TWICE(0x7fffffff7fffffff),
	  .a = TWICE(0x7fff7fff7fff7fff), .b = TWICE(0x7fff7fff7fff7fff),
	  .want = { 0x7fffffff, 0 }, .fpsr = QC },
	{ /* sqdmlsl v0.2d, v1.2s, v2.2s */
	  0x0ea2b020, .o = { 0x8000000000000000, 0 },
	  .a = TWICE(0x8000000000000001), .b = TWICE(0x8000000000000001),
	  .want = { 0x8000000000000000, 0x8000000000000001 }, .fpsr = QC },
};

static void test_long_operations_take_the_lower_or_the_upper_half(void **s)
{
	(void)s;
	rows_run(long_operations_take_the_lower_or_the_upper_half,
		 LEN(long_operations_take_the_lower_or_the_upper_half));
}

static const struct row wide_and_narrowing_operations[] = {
	{ /* saddw v0.8h, v1.8h, v2.8b */
	  0x0e221020, .a = TWICE(0x0001000100010001),
	  .b = TWICE(0x01ff01ff01ff01ff), .want = TWICE(0x0002000000020000) },
	{ /* usubw2 v0.2d, v1.2d, v2.4s */
	  0x6ea23020, .b = { 0, 0x0000000200000001 },
	  .want = { ONES, 0xfffffffffffffffe } },
	{ /* addhn v0.8b, v1.8h, v2.8h */
	  0x0e224020, .a = TWICE(0xff807fffff807fff),
	  .b = TWICE(0x007f0001007f0001), .want = { 0xff80ff80ff80ff80, 0 } },
	{ /* raddhn v0.8b, v1.8h, v2.8h */
	  0x2e224020, .a = TWICE(0xff807fffff807fff),
	  .b = TWICE(0x0000000100000001), .want = { 0x0080008000800080, 0 } },
	{ /* addhn2 v0.16b, v1.8h, v2.8h */
	  0x4e224020, .o = { 0x5, 0x6 }, .a = TWICE(0x1234123412341234),
	  .want = { 0x5, 0x1212121212121212 } },
	{ /* rsubhn2 v0.4s, v1.2d, v2.2d */
	  0x6ea26020, .o = { 0x5, 0x6 }, .a = { 0, 0x80000000 },
	  .b = { 0x1, 0 }, .want = { 0x5, 0x0000000100000000 } },
};

static void test_wide_and_narrowing_operations(void **s)
{
	(void)s;
	rows_run(wide_and_narrowing_operations,
		 LEN(wide_and_narrowing_operations));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_long_operations_take_the_lower_or_the_upper_half),
		cmocka_unit_test(test_wide_and_narrowing_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
