/* SPDX-License-Identifier: MIT */
/* Floating point of one vector: simd_misc_fp.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row integral_values_and_conversions_per_lane[] = {
	{ /* frintn v0.4s, v1.4s */
	  0x4e218820, .a = { 0x3fc000003f000000, 0x7f800001bf000000 },
	  .want = { 0x4000000000000000, 0x7fc0000180000000 }, .fpsr = IOC },
	{ /* frinta v0.4s, v1.4s */
	  0x6e218820, .a = { 0x3fc000003f000000, 0xbfc00000bf000000 },
	  .want = { 0x400000003f800000, 0xc0000000bf800000 } },
	{ /* frintx v0.2d, v1.2d */
	  0x6e619820, .a = { 0x3fe0000000000000, 0x3ff0000000000000 },
	  .want = { 0, 0x3ff0000000000000 }, .fpsr = IXC },
	{ /* frintp v0.2d, v1.2d */
	  0x4ee18820, .a = { 0xbfe0000000000000, 0x4330000000000000 },
	  .want = { 0x8000000000000000, 0x4330000000000000 } },
	{ /* fcvtzs v0.4s, v1.4s */
	  0x4ea1b820, .a = { 0xcf0000004f000000, 0xbfc000007fc01234 },
	  .want = { 0x800000007fffffff, 0xffffffff00000000 },
	  .fpsr = IOC | IXC },
	{ /* fcvtzu v0.2d, v1.2d */
	  0x6ee1b820, .a = { 0xbff0000000000000, 0x43f0000000000000 },
	  .want = { 0, ONES }, .fpsr = IOC },
	{ /* fcvtas v0.4s, v1.4s */
	  0x4e21c820, .a = { 0xbf0000003f000000, 0xff80000040200000 },
	  .want = { 0xffffffff00000001, 0x8000000000000003 },
	  .fpsr = IOC | IXC },
	{ /* fcvtnu d0, d1 */
	  0x7e61a820, .a = TWICE(0x4004000000000000), .want = { 0x2, 0 },
	  .fpsr = IXC },
	{ /* fcvtmu s0, s1 */
	  0x7e21b820, .a = TWICE(0xbf000000bf000000), .want = { 0, 0 },
	  .fpsr = IOC },
	{ /* scvtf v0.4s, v1.4s */
	  0x4e21d820, .a = { 0xffffffff00000001, 0x7fffffff },
	  .want = { 0xbf8000003f800000, 0x4f000000 }, .fpsr = IXC },
	{ /* ucvtf v0.2d, v1.2d */
	  0x6e61d820, .a = { ONES, 0x1 },
	  .want = { 0x43f0000000000000, 0x3ff0000000000000 }, .fpsr = IXC },
	{ /* scvtf v0.4s, v1.4s, #8 */
	  0x4f38e420, .a = { 0xffffff8000000100, 0x1 },
	  .want = { 0xbf0000003f800000, 0x3b800000 } },
	{ /* ucvtf d0, d1, #64 */
	  0x7f40e420, .a = TWICE(0x8000000000000000),
	  .want = { 0x3fe0000000000000, 0 } },
	{ /* fcvtzs v0.2d, v1.2d, #32 */
	  0x4f60fc20, .a = { 0x3ff8000000000000, 0xbfd0000000000000 },
	  .want = { 0x0000000180000000, 0xffffffffc0000000 } },
	{ /* fcvtzu s0, s1, #32 */
	  0x7f20fc20, .a = TWICE(0x3f8000003f800000), .want = { 0xffffffff, 0 },
	  .fpsr = IOC },
	{ /* fcvtn v0.4h, v1.4s */
	  0x0e216820, .a = { 0x477ff0003f800000, 0x7fc0123433000000 },
	  .want = { 0x7e0000007c003c00, 0 }, .fpsr = OFC | UFC | IXC },
	{ /* fcvtn2 v0.4s, v1.2d */
	  0x4e616820, .o = { 0x5, 0x6 },
	  .a = { 0x3ff0000000000000, 0x3fb999999999999a },
	  .want = { 0x5, 0x3dcccccd3f800000 }, .fpsr = IXC },
	{ /* fcvtxn s0, d1 */
	  0x7e616820, .a = TWICE(0x3fb999999999999a), .want = { 0x3dcccccd, 0 },
	  .fpsr = IXC },
	{ /* fcvtl v0.4s, v1.4h */
	  0x0e217820, .a = TWICE(0xfc007c0100013c00),
	  .want = { 0x338000003f800000, 0xff8000007fc02000 }, .fpsr = IOC },
	{ /* fcvtl2 v0.2d, v1.4s */
	  0x4e617820, .a = { 0x4110000041100000, 0xff80000000000001 },
	  .want = { 0x36a0000000000000, 0xfff0000000000000 } },
};

static void test_integral_values_and_conversions_per_lane(void **s)
{
	(void)s;
	rows_run(integral_values_and_conversions_per_lane,
		 LEN(integral_values_and_conversions_per_lane));
}

static const struct row signs_zeros_and_estimates[] = {
	{ /* fabs v0.4s, v1.4s */
	  0x4ea0f820, .a = { 0x80000000bf800000, 0x3f800000ff800001 },
	  .want = { 0x3f800000, 0x3f8000007f800001 } },
	{ /* fneg v0.2d, v1.2d */
	  0x6ee0f820, .a = { 0x3ff0000000000000, 0x7ff0000000000001 },
	  .want = { 0xbff0000000000000, 0xfff0000000000001 } },
	{ /* fsqrt v0.4s, v1.4s */
	  0x6ea1f820, .a = { 0x4000000040800000, 0xbf80000080000000 },
	  .want = { 0x3fb504f340000000, 0x7fc0000080000000 },
	  .fpsr = IOC | IXC },
	{ /* fcmgt v0.4s, v1.4s, #0.0 */
	  0x4ea0c820, .a = { 0x800000003f800000, 0xbf8000007fc01234 },
	  .want = { 0xffffffff, 0 }, .fpsr = IOC },
	{ /* fcmge v0.4s, v1.4s, #0.0 */
	  0x6ea0c820, .a = { 0x800000003f800000, 0xbf8000007fc01234 },
	  .want = { ONES, 0 }, .fpsr = IOC },
	{ /* fcmeq v0.4s, v1.4s, #0.0 */
	  0x4ea0d820, .a = { 0x800000003f800000, 0xbf8000007fc01234 },
	  .want = { 0xffffffff00000000, 0 } },
	{ /* fcmle v0.4s, v1.4s, #0.0 */
	  0x6ea0d820, .a = { 0x800000003f800000, 0xbf8000007fc01234 },
	  .want = TWICE(0xffffffff00000000), .fpsr = IOC },
	{ /* fcmlt d0, d1, #0.0 */
	  0x5ee0e820, .a = TWICE(0xbff0000000000000), .want = { ONES, 0 } },
	{ /* frecpe v0.4s, v1.4s */
	  0x4ea1d820, .a = { 0x3f800000, 0x000000017e800000 },
	  .want = { 0x7f8000003f7f8000, 0x7f800000007fc000 },
	  .fpsr = DZC | OFC | IXC },
	{ /* frecpe d0, d1 */
	  0x5ee1d820, .a = TWICE(0xc008000000000000),
	  .want = { 0xbfd5500000000000, 0 } },
	{ /* frsqrte v0.4s, v1.4s */
	  0x6ea1d820, .a = { 0x8000000040800000, 0x00000001bf800000 },
	  .want = { 0xff8000003eff8000, 0x64b480007fc00000 },
	  .fpsr = IOC | DZC },
	{ /* frecpx s0, s1 */
	  0x5ea1f820, .want = { 0x7f000000, 0 } },
	{ /* frecpx d0, d1 */
	  0x5ee1f820, .a = TWICE(0xfff0000000000000),
	  .want = { 0x8000000000000000, 0 } },
	{ /* urecpe v0.4s, v1.4s */
	  0x4ea1c820, .a = { 0x800000007fffffff, 0xc0000000ffffffff },
	  .want = { 0xff800000ffffffff, 0xaa80000080000000 } },
	{ /* ursqrte v0.2s, v1.2s */
	  0x2ea1c820, .a = TWICE(0x400000003fffffff),
	  .want = { 0xff800000ffffffff, 0 } },
};

static void test_signs_zeros_and_estimates(void **s)
{
	(void)s;
	rows_run(signs_zeros_and_estimates, LEN(signs_zeros_and_estimates));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integral_values_and_conversions_per_lane),
		cmocka_unit_test(test_signs_zeros_and_estimates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
