/* SPDX-License-Identifier: MIT */
/* Vector by element: simd_element.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row one_lane_of_the_second_goes_with_every_lane[] = {
	{ /* mul v0.8h, v1.8h, v2.h[7] */
	  0x4f728820, .a = { 0x0001000300020001, 0x0002000100030002 },
	  .b = { 0, 0x0009000000000000 },
	  .want = { 0x0009001b00120009, 0x00120009001b0012 } },
	{ /* mla v0.4s, v1.4s, v2.s[3] */
	  0x6fa20820, .o = TWICE(0x0000000100000001),
	  .a = { 0x0000000200000001, 0x0000000400000003 },
	  .b = { 0, 0x0000000700000000 },
	  .want = { 0x0000000f00000008, 0x0000001d00000016 } },
	{ /* mls v0.2s, v1.2s, v2.s[1] */
	  0x2fa24020, .o = TWICE(0x0000000100000001),
	  .a = TWICE(0x0000000200000001), .b = TWICE(0x0000000500000000),
	  .want = { 0xfffffff7fffffffc, 0 } },
	{ /* smull2 v0.4s, v1.8h, v2.h[0] */
	  0x4f42a020, .a = { 0x0001000100010001, 0x000400030002ffff },
	  .b = TWICE(0xfffefffefffefffe),
	  .want = { 0xfffffffc00000002, 0xfffffff8fffffffa } },
	{ /* umlsl v0.2d, v1.2s, v2.s[2] */
	  0x2f826820, .o = TWICE(0x7), .a = TWICE(0x00000001ffffffff),
	  .b = { 0, 0xffffffff },
	  .want = { 0x0000000200000006, 0xffffffff00000008 } },
	{ /* sqdmulh h0, h1, v2.h[4] */
	  0x5f42c820, .a = TWICE(0x8000800080008000), .b = { 0, 0x8000 },
	  .want = { 0x7fff, 0 }, .fpsr = QC },
	{ /* sqrdmulh v0.4s, v1.4s, v2.s[1] */
	  0x4fa2d020, .a = TWICE(0x0000000140000000),
	  .b = TWICE(0x4000000000000000), .want = TWICE(0x0000000120000000) },
	{ /* sqdmlal d0, s1, v2.s[3] */
	  0x5fa23820, .o = TWICE(0xa), .a = TWICE(0x0000000200000002),
	  .b = { 0, 0x0000000300000000 }, .want = { 0x16, 0 } },
	{ /* fmul v0.4s, v1.4s, v2.s[2] */
	  0x4f829820, .a = { 0x400000003f800000, 0x7f8000017f800000 },
	  .b = { 0, 0x3f000000 },
	  .want = { 0x3f8000003f000000, 0x7fc000017f800000 }, .fpsr = IOC },
	{ /* fmulx d0, d1, v2.d[1] */
	  0x7fc29820, .a = TWICE(0x7ff0000000000000),
	  .b = { 0x3ff0000000000000, 0x8000000000000000 },
	  .want = { 0xc000000000000000, 0 } },
	{ /* fmla v0.2d, v1.2d, v2.d[1] */
	  0x4fc21820, .o = { 0x3ff0000000000000, 0xc028000000000000 },
	  .a = { 0x4000000000000000, 0x4008000000000000 },
	  .b = { 0, 0x4010000000000000 }, .want = { 0x4022000000000000, 0 } },
	{ /* fmls s0, s1, v2.s[1] */
	  0x5fa25020, .o = TWICE(0x4110000041100000),
	  .a = TWICE(0x4000000040000000), .b = TWICE(0x4080000000000000),
	  .want = { 0x3f800000, 0 } },
};

static void test_one_lane_of_the_second_goes_with_every_lane(void **s)
{
	(void)s;
	rows_run(one_lane_of_the_second_goes_with_every_lane,
		 LEN(one_lane_of_the_second_goes_with_every_lane));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_one_lane_of_the_second_goes_with_every_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
