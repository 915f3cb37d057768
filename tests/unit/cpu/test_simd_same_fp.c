/* SPDX-License-Identifier: MIT */
/* Floating point lane by lane: simd_same_fp.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row arithmetic_per_lane[] = {
	{ /* fadd v0.4s, v1.4s, v2.4s */
	  0x4e22d420, .a = { 0x7f8000003f800000, 0x7f7fffff7f800001 },
	  .b = { 0xff80000040000000, 0x7f7fffff3f800000 },
	  .want = { 0x7fc0000040400000, 0x7f8000007fc00001 },
	  .fpsr = IOC | OFC | IXC },
	{ /* fsub v0.2d, v1.2d, v2.2d */
	  0x4ee2d420, .a = { 0x3ff0000000000000, 0x7ff8000000001234 },
	  .b = { 0x3ff0000000000000, 0x7ff0000000000001 },
	  .want = { 0, 0x7ff8000000000001 }, .fpsr = IOC },
	{ /* fmul v0.2s, v1.2s, v2.2s */
	  0x2e22dc20, .a = TWICE(0x0080000040400000),
	  .b = TWICE(0x3f00000140e00000), .want = { 0x0040000041a80000, 0 },
	  .fpsr = UFC | IXC },
	{ /* fdiv v0.4s, v1.4s, v2.4s */
	  0x6e22fc20, .a = { 0x3f8000003f800000, 0x7f80000000000000 },
	  .b = { 0x4040000000000000, 0x4000000000000000 },
	  .want = { 0x3eaaaaab7f800000, 0x7f8000007fc00000 },
	  .fpsr = IOC | DZC | IXC },
	{ /* fmulx v0.4s, v1.4s, v2.4s */
	  0x4e22dc20, .a = { 0xff8000007f800000, 0x4000000000000000 },
	  .b = { 0, 0x40400000ff800000 },
	  .want = { 0xc000000040000000, 0x40c00000c0000000 } },
	{ /* fabd d0, d1, d2 */
	  0x7ee2d420, .a = TWICE(0x3ff0000000000000),
	  .b = TWICE(0x400c000000000000), .want = { 0x4004000000000000, 0 } },
	{ /* fmla v0.2d, v1.2d, v2.2d */
	  0x4e62cc20, .o = { 0x7ff8000000001234, 0x3ff0000000000000 },
	  .a = { 0x7ff0000000000000, 0x4000000000000000 },
	  .b = { 0, 0x4008000000000000 },
	  .want = { 0x7ff8000000000000, 0x401c000000000000 }, .fpsr = IOC },
	{ /* fmls v0.4s, v1.4s, v2.4s */
	  0x4ea2cc20, .o = TWICE(0x40c000003f800000),
	  .a = TWICE(0x400000007fc01234), .b = TWICE(0x404000003f800000),
	  .want = TWICE(0xffc01234) },
	{ /* fmax v0.4s, v1.4s, v2.4s */
	  0x4e22f420, .a = { 0x7fc0123400000000, 0xff8000003f800000 },
	  .b = { 0x3f80000080000000, 0x7f8000007f800001 },
	  .want = { 0x7fc0123400000000, 0x7f8000007fc00001 }, .fpsr = IOC },
	{ /* fmin v0.4s, v1.4s, v2.4s */
	  0x4ea2f420, .a = { 0x7fc0123400000000, 0xff8000003f800000 },
	  .b = { 0x3f80000080000000, 0x7f8000007f800001 },
	  .want = { 0x7fc0123480000000, 0xff8000007fc00001 }, .fpsr = IOC },
	{ /* fmaxnm v0.4s, v1.4s, v2.4s */
	  0x4e22c420, .a = { 0x3f8000007fc01234, 0x7fc012347f800001 },
	  .b = { 0x7fc012343f800000, 0x7f8000013f800000 },
	  .want = { 0x3f8000003f800000, 0x7fc000017fc00001 }, .fpsr = IOC },
	{ /* fminnm v0.2d, v1.2d, v2.2d */
	  0x4ee2c420, .a = { 0x7ff8000000001234, 0x3ff0000000000000 },
	  .b = { 0xbff0000000000000, 0 }, .want = { 0xbff0000000000000, 0 } },
	{ /* frecps v0.4s, v1.4s, v2.4s */
	  0x4e22fc20, .a = { 0x400000007f800000, 0x7fc012343f800000 },
	  .b = { 0x4040000000000000, 0x3f80000040000000 },
	  .want = { 0xc080000040000000, 0xffc0123400000000 } },
	{ /* frsqrts v0.2d, v1.2d, v2.2d */
	  0x4ee2fc20, .a = { 0x7ff0000000000000, 0x4000000000000000 },
	  .b = { 0, 0x4008000000000000 },
	  .want = { 0x3ff8000000000000, 0xbff8000000000000 } },
	{ /* faddp v0.4s, v1.4s, v2.4s */
	  0x6e22d420, .a = { 0x400000003f800000, 0x4080000040400000 },
	  .b = { 0x40c0000040a00000, 0x4100000040e00000 },
	  .want = { 0x40e0000040400000, 0x4170000041300000 } },
	{ /* fmaxnmp v0.2d, v1.2d, v2.2d */
	  0x6e62c420, .a = { 0x3ff0000000000000, 0x7ff8000000001234 },
	  .b = { 0x4010000000000000, 0x4008000000000000 },
	  .want = { 0x3ff0000000000000, 0x4010000000000000 } },
};

static void test_arithmetic_per_lane(void **s)
{
	(void)s;
	rows_run(arithmetic_per_lane, LEN(arithmetic_per_lane));
}

static const struct row comparisons_per_lane_and_the_nans_that_signal[] = {
	{ /* fcmeq v0.4s, v1.4s, v2.4s */
	  0x4e22e420, .a = { 0x7fc0123400000000, 0x400000003f800000 },
	  .b = { 0x3f80000080000000, 0x3f8000003f800000 },
	  .want = TWICE(0xffffffff) },
	{ /* fcmeq d0, d1, d2 */
	  0x5e62e420, .a = TWICE(0x7ff0000000000001),
	  .b = TWICE(0x3ff0000000000000), .want = { 0, 0 }, .fpsr = IOC },
	{ /* fcmge v0.4s, v1.4s, v2.4s */
	  0x6e22e420, .a = { 0xbf80000000000000, 0xc00000003f800000 },
	  .b = { 0x3f80000080000000, 0xbf8000003f800000 },
	  .want = TWICE(0xffffffff) },
	{ /* fcmgt v0.4s, v1.4s, v2.4s */
	  0x6ea2e420, .a = { 0x7fc0123400000000, 0xc00000003f800000 },
	  .b = { 0x3f80000080000000, 0xc04000003f000000 }, .want = { 0, ONES },
	  .fpsr = IOC },
	{ /* facge v0.2d, v1.2d, v2.2d */
	  0x6e62ec20, .a = { 0xc008000000000000, 0x3ff0000000000000 },
	  .b = { 0x4000000000000000, 0xbff0000000000000 },
	  .want = TWICE(ONES) },
	{ /* facgt s0, s1, s2 */
	  0x7ea2ec20, .a = TWICE(0xc0400000c0400000),
	  .b = TWICE(0xc0000000c0000000), .want = { 0xffffffff, 0 } },
	{ /* fcmgt v0.4s, v1.4s, v2.4s */
	  0x6ea2e420, .a = { 0x8000000100000001, 0x3f80000000000001 },
	  .want = { 0, 0xffffffff00000000 }, .fpsr = IDC, .fpcr = FPCR_FZ },
};

static void test_comparisons_per_lane_and_the_nans_that_signal(void **s)
{
	(void)s;
	rows_run(comparisons_per_lane_and_the_nans_that_signal,
		 LEN(comparisons_per_lane_and_the_nans_that_signal));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic_per_lane),
		cmocka_unit_test(
			test_comparisons_per_lane_and_the_nans_that_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
