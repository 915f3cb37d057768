/* SPDX-License-Identifier: MIT */
/* Across lanes and scalar pairs: simd_across.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row one_number_of_all_lanes[] = {
	{ /* addv b0, v1.16b */
	  0x4e31b820, .a = TWICE(0x8180818081808180), .want = { 0x8, 0 } },
	{ /* saddlv h0, v1.16b */
	  0x4e303820, .a = TWICE(0x8080808080808080), .want = { 0xf800, 0 } },
	{ /* uaddlv d0, v1.4s */
	  0x6eb03820, .a = TWICE(ONES), .want = { 0x00000003fffffffc, 0 } },
	{ /* saddlv s0, v1.4h */
	  0x0e703820, .a = TWICE(0x0000ffff7fff7fff), .want = { 0xfffd, 0 } },
	{ /* smaxv b0, v1.8b */
	  0x0e30a820, .a = { 0x0504030201007f80, 0x7f7f7f7f7f7f7f7f },
	  .want = { 0x7f, 0 } },
	{ /* uminv s0, v1.4s */
	  0x6eb1a820, .a = { 0x0000000300000005, 0x0000000480000000 },
	  .want = { 0x3, 0 } },
	{ /* umaxv h0, v1.8h */
	  0x6e70a820, .a = { 0x0003000200010000, 0x8000000600050004 },
	  .want = { 0x8000, 0 } },
	{ /* sminv b0, v1.16b */
	  0x4e31a820, .a = TWICE(0x8001800180018001), .want = { 0x80, 0 } },
	{ /* addp d0, v1.2d */
	  0x5ef1b820, .a = { ONES, 0x3 }, .want = { 0x2, 0 } },
};

static void test_one_number_of_all_lanes(void **s)
{
	(void)s;
	rows_run(one_number_of_all_lanes, LEN(one_number_of_all_lanes));
}

static const struct row the_extreme_number_and_pairs_of_numbers[] = {
	{ /* fmaxv s0, v1.4s */
	  0x6e30f820, .a = { 0x80000000, 0xff800000bf800000 },
	  .want = { 0, 0 } },
	{ /* fminv s0, v1.4s */
	  0x6eb0f820, .a = { 0x7fc012343f800000, 0x4040000040000000 },
	  .want = { 0x7fc01234, 0 } },
	{ /* fmaxnmv s0, v1.4s */
	  0x6e30c820, .a = { 0x7fc012343f800000, 0x7fc0123440000000 },
	  .want = { 0x40000000, 0 } },
	{ /* fminnmv s0, v1.4s */
	  0x6eb0c820, .a = { 0x7f8000013f800000, 0x4040000040000000 },
	  .want = { 0x40000000, 0 }, .fpsr = IOC },
	{ /* faddp s0, v1.2s */
	  0x7e30d820, .a = { 0x401000003fc00000, 0x3fc0000041100000 },
	  .want = { 0x40700000, 0 } },
	{ /* faddp d0, v1.2d */
	  0x7e70d820, .a = { 0x7ff0000000000000, 0xfff0000000000000 },
	  .want = { 0x7ff8000000000000, 0 }, .fpsr = IOC },
	{ /* fmaxp d0, v1.2d */
	  0x7e70f820, .a = { 0x3ff0000000000000, 0x4000000000000000 },
	  .want = { 0x4000000000000000, 0 } },
	{ /* fminp s0, v1.2s */
	  0x7eb0f820, .a = TWICE(0x8000000000000000),
	  .want = { 0x80000000, 0 } },
	{ /* fmaxnmp d0, v1.2d */
	  0x7e70c820, .a = { 0x7ff8000000001234, 0xc000000000000000 },
	  .want = { 0xc000000000000000, 0 } },
	{ /* fminnmp s0, v1.2s */
	  0x7eb0c820, .a = TWICE(0x7fc012347fc01234),
	  .want = { 0x7fc01234, 0 } },
};

static void test_the_extreme_number_and_pairs_of_numbers(void **s)
{
	(void)s;
	rows_run(the_extreme_number_and_pairs_of_numbers,
		 LEN(the_extreme_number_and_pairs_of_numbers));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_number_of_all_lanes),
		cmocka_unit_test(test_the_extreme_number_and_pairs_of_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
