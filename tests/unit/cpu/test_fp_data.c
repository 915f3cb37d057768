/* SPDX-License-Identifier: MIT */
/* Scalar floating point: fp_data.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row one_source[] = {
	{ /* fmov s0, s1 */
	  0x1e204020, .a = TWICE(0x400000003fc00000),
	  .want = { 0x3fc00000, 0 } },
	{ /* fabs d0, d1 */
	  0x1e60c020, .a = TWICE(0xfff0000000000001),
	  .want = { 0x7ff0000000000001, 0 } },
	{ /* fneg s0, s1 */
	  0x1e214020, .want = { 0x80000000, 0 } },
	{ /* fsqrt d0, d1 */
	  0x1e61c020, .a = TWICE(0x4000000000000000),
	  .want = { 0x3ff6a09e667f3bcd, 0 }, .fpsr = IXC },
	{ /* fsqrt s0, s1 */
	  0x1e21c020, .a = TWICE(0xbf800000bf800000), .want = { 0x7fc00000, 0 },
	  .fpsr = IOC },
	{ /* fsqrt d0, d1 */
	  0x1e61c020, .a = TWICE(0x1), .want = { 0, 0 }, .fpsr = IDC,
	  .fpcr = FPCR_FZ },
	{ /* frintn d0, d1 */
	  0x1e644020, .a = TWICE(0x4004000000000000),
	  .want = { 0x4000000000000000, 0 } },
	{ /* frintp s0, s1 */
	  0x1e24c020, .a = TWICE(0xbe800000be800000),
	  .want = { 0x80000000, 0 } },
	{ /* frintm d0, d1 */
	  0x1e654020, .a = TWICE(0xbfd0000000000000),
	  .want = { 0xbff0000000000000, 0 } },
	{ /* frintz s0, s1 */
	  0x1e25c020, .a = TWICE(0xbfe00000bfe00000),
	  .want = { 0xbf800000, 0 } },
	{ /* frinta d0, d1 */
	  0x1e664020, .a = TWICE(0xc004000000000000),
	  .want = { 0xc008000000000000, 0 } },
	{ /* frintx s0, s1 */
	  0x1e274020, .a = TWICE(0x4020000040200000), .want = { 0x40400000, 0 },
	  .fpsr = IXC, .fpcr = RMODE_UP },
	{ /* frinti d0, d1 */
	  0x1e67c020, .a = TWICE(0x4004000000000000),
	  .want = { 0x4000000000000000, 0 }, .fpcr = RMODE_DOWN },
};

static void test_one_source(void **s)
{
	(void)s;
	rows_run(one_source, LEN(one_source));
}

static const struct row conversions_between_formats[] = {
	{ /* fcvt d0, s1 */
	  0x1e22c020, .a = TWICE(0x0000000100000001),
	  .want = { 0x36a0000000000000, 0 } },
	{ /* fcvt d0, s1 */
	  0x1e22c020, .a = TWICE(0x7f8000017f800001),
	  .want = { 0x7ff8000020000000, 0 }, .fpsr = IOC },
	{ /* fcvt s0, d1 */
	  0x1e624020, .a = TWICE(0x3fb999999999999a), .want = { 0x3dcccccd, 0 },
	  .fpsr = IXC },
	{ /* fcvt s0, d1 */
	  0x1e624020, .a = TWICE(0x7e37e43c8800759c), .want = { 0x7f800000, 0 },
	  .fpsr = OFC | IXC },
	{ /* fcvt s0, d1 */
	  0x1e624020, .a = TWICE(0x7e37e43c8800759c), .want = { 0x7f7fffff, 0 },
	  .fpsr = OFC | IXC, .fpcr = RMODE_ZERO },
	{ /* fcvt s0, d1 */
	  0x1e624020, .a = TWICE(0x7ff0000000000001), .want = { 0x7fc00000, 0 },
	  .fpsr = IOC },
	{ /* fcvt s0, d1 */
	  0x1e624020, .a = TWICE(0x36a0000000000000), .want = { 0x1, 0 } },
	{ /* fcvt s0, d1 */
	  0x1e624020, .a = TWICE(0x380fffffe0000000), .want = { 0x800000, 0 },
	  .fpsr = UFC | IXC },
	{ /* fcvt h0, s1 */
	  0x1e23c020, .a = TWICE(0x4780000047800000), .want = { 0x7c00, 0 },
	  .fpsr = OFC | IXC },
	{ /* fcvt h0, s1 */
	  0x1e23c020, .a = TWICE(0x4780000047800000), .want = { 0x7c00, 0 },
	  .fpcr = FPCR_AHP },
	{ /* fcvt h0, s1 */
	  0x1e23c020, .a = TWICE(0x4800000048000000), .want = { 0x7fff, 0 },
	  .fpsr = IOC, .fpcr = FPCR_AHP },
	{ /* fcvt h0, d1 */
	  0x1e63c020, .a = TWICE(0x7ff8000000001234), .want = { 0, 0 },
	  .fpsr = IOC, .fpcr = FPCR_AHP },
	{ /* fcvt h0, s1 */
	  0x1e23c020, .a = TWICE(0xff800000ff800000), .want = { 0xffff, 0 },
	  .fpsr = IOC, .fpcr = FPCR_AHP },
	{ /* fcvt h0, d1 */
	  0x1e63c020, .a = TWICE(0x3e60000000000000), .want = { 0, 0 },
	  .fpsr = UFC | IXC },
	{ /* fcvt s0, h1 */
	  0x1ee24020, .a = TWICE(0x7fff7fff7fff7fff),
	  .want = { 0x7fffe000, 0 } },
	{ /* fcvt s0, h1 */
	  0x1ee24020, .a = TWICE(0x7fff7fff7fff7fff), .want = { 0x47ffe000, 0 },
	  .fpcr = FPCR_AHP },
	{ /* fcvt d0, h1 */
	  0x1ee2c020, .a = TWICE(0x8001800180018001),
	  .want = { 0xbe70000000000000, 0 } },
};

static void test_conversions_between_formats(void **s)
{
	(void)s;
	rows_run(conversions_between_formats, LEN(conversions_between_formats));
}

static const struct row two_and_three_sources[] = {
	{ /* fmul s0, s1, s2 */
	  0x1e220820, .a = TWICE(0x3fc000003fc00000),
	  .b = TWICE(0xc0000000c0000000), .want = { 0xc0400000, 0 } },
	{ /* fdiv d0, d1, d2 */
	  0x1e621820, .a = TWICE(0xbff0000000000000),
	  .want = { 0xfff0000000000000, 0 }, .fpsr = DZC },
	{ /* fadd d0, d1, d2 */
	  0x1e622820, .a = TWICE(0x3ff0000000000000),
	  .b = TWICE(0x3ca0000000000000), .want = { 0x3ff0000000000000, 0 },
	  .fpsr = IXC },
	{ /* fsub s0, s1, s2 */
	  0x1e223820, .a = TWICE(0x3f8000003f800000),
	  .b = TWICE(0x3f8000003f800000), .want = { 0x80000000, 0 },
	  .fpcr = RMODE_DOWN },
	{ /* fmax d0, d1, d2 */
	  0x1e624820, .a = TWICE(0x8000000000000000), .want = { 0, 0 } },
	{ /* fmin s0, s1, s2 */
	  0x1e225820, .a = TWICE(0x7f8000017f800001),
	  .b = TWICE(0x7fc012347fc01234), .want = { 0x7fc00001, 0 },
	  .fpsr = IOC },
	{ /* fmaxnm s0, s1, s2 */
	  0x1e226820, .a = TWICE(0x7fc012347fc01234),
	  .b = TWICE(0xff800000ff800000), .want = { 0xff800000, 0 } },
	{ /* fminnm d0, d1, d2 */
	  0x1e627820, .a = TWICE(0x3ff0000000000000),
	  .b = TWICE(0x7ff0000000000001), .want = { 0x7ff8000000000000, 0 },
	  .fpsr = IOC, .fpcr = FPCR_DN },
	{ /* fnmul d0, d1, d2 */
	  0x1e628820, .a = TWICE(0x7ff8000000001234),
	  .b = TWICE(0x3ff0000000000000), .want = { 0xfff8000000001234, 0 } },
	{ /* fmadd d0, d1, d2, d0 */
	  0x1f420020, .o = TWICE(0xfff0000000000000),
	  .a = TWICE(0x6570000000000000), .b = TWICE(0x6570000000000000),
	  .want = { 0xfff0000000000000, 0 } },
	{ /* fmsub s0, s1, s2, s0 */
	  0x1f028020, .o = TWICE(0x3f8000003f800000),
	  .a = TWICE(0x3f8000013f800001), .b = TWICE(0x3f8000013f800001),
	  .want = { 0xb4800000, 0 }, .fpsr = IXC },
	{ /* fnmadd d0, d1, d2, d0 */
	  0x1f620020, .o = TWICE(0x3ff0000000000000),
	  .a = TWICE(0x4008000000000000), .b = TWICE(0x4010000000000000),
	  .want = { 0xc02a000000000000, 0 } },
	{ /* fnmsub s0, s1, s2, s0 */
	  0x1f228020, .o = TWICE(0x3f8000003f800000),
	  .a = TWICE(0x4040000040400000), .b = TWICE(0x4080000040800000),
	  .want = { 0x41300000, 0 } },
	{ /* fmadd s0, s1, s2, s0 */
	  0x1f020020, .o = TWICE(0x7fc012347fc01234),
	  .b = TWICE(0x7f8000007f800000), .want = { 0x7fc00000, 0 },
	  .fpsr = IOC },
	{ /* fmadd s0, s1, s2, s0 */
	  0x1f020020, .o = TWICE(0x7fc012347fc01234),
	  .a = TWICE(0x7f8000017f800001), .b = TWICE(0x7fc012357fc01235),
	  .want = { 0x7fc00001, 0 }, .fpsr = IOC },
};

static void test_two_and_three_sources(void **s)
{
	(void)s;
	rows_run(two_and_three_sources, LEN(two_and_three_sources));
}

static const struct row tiny_results_are_found_before_rounding[] = {
	{ /* fmul s0, s1, s2 */
	  0x1e220820, .a = TWICE(0x00ffffff00ffffff),
	  .b = TWICE(0x3f0000003f000000), .want = { 0x800000, 0 },
	  .fpsr = UFC | IXC },
	{ /* fmul s0, s1, s2 */
	  0x1e220820, .a = TWICE(0x00ffffff00ffffff),
	  .b = TWICE(0x3f0000013f000001), .want = { 0x800000, 0 },
	  .fpsr = IXC },
	{ /* fmul d0, d1, d2 */
	  0x1e620820, .a = TWICE(0x0010000000000000),
	  .b = TWICE(0x3fe0000000000000), .want = { 0x0008000000000000, 0 } },
	{ /* fmul d0, d1, d2 */
	  0x1e620820, .a = TWICE(0x0010000000000001),
	  .b = TWICE(0x3fe0000000000000), .want = { 0x0008000000000000, 0 },
	  .fpsr = UFC | IXC },
	{ /* fmul s0, s1, s2 */
	  0x1e220820, .a = TWICE(0x00ffffff00ffffff),
	  .b = TWICE(0x3f0000003f000000), .want = { 0, 0 }, .fpsr = UFC,
	  .fpcr = FPCR_FZ },
	{ /* fadd s0, s1, s2 */
	  0x1e222820, .a = TWICE(0x807fffff807fffff),
	  .b = TWICE(0x3f8000003f800000), .want = { 0x3f800000, 0 },
	  .fpsr = IDC, .fpcr = FPCR_FZ },
	{ /* fadd d0, d1, d2 */
	  0x1e622820, .a = TWICE(0x000fffffffffffff),
	  .b = TWICE(0x8010000000000000), .want = { 0x8010000000000000, 0 },
	  .fpsr = IDC, .fpcr = FPCR_FZ },
	{ /* fmul d0, d1, d2 */
	  0x1e620820, .a = TWICE(0x7e70000000000000),
	  .b = TWICE(0xfe70000000000000), .want = { 0xffefffffffffffff, 0 },
	  .fpsr = OFC | IXC, .fpcr = RMODE_UP },
	{ /* fmul d0, d1, d2 */
	  0x1e620820, .a = TWICE(0x7e70000000000000),
	  .b = TWICE(0xfe70000000000000), .want = { 0xfff0000000000000, 0 },
	  .fpsr = OFC | IXC, .fpcr = RMODE_DOWN },
};

static void test_tiny_results_are_found_before_rounding(void **s)
{
	(void)s;
	rows_run(tiny_results_are_found_before_rounding,
		 LEN(tiny_results_are_found_before_rounding));
}

static const struct row immediates[] = {
	{ /* fmov s0, #2.0 */
	  0x1e201000, .want = { 0x40000000, 0 } },
	{ /* fmov s0, #-0.125 */
	  0x1e381000, .want = { 0xbe000000, 0 } },
	{ /* fmov d0, #31.0 */
	  0x1e67f000, .want = { 0x403f000000000000, 0 } },
	{ /* fmov d0, #1.9375 */
	  0x1e6ff000, .want = { 0x3fff000000000000, 0 } },
};

static void test_immediates(void **s)
{
	(void)s;
	rows_run(immediates, LEN(immediates));
}

enum { N = 8, Z = 4, C = 2, V = 1 };

/* What is known of two numbers, and whether a quiet NaN signals. */
static const struct {
	uint32_t insn;
	uint64_t a, b;
	unsigned nzcv;
	uint32_t fpsr, fpcr;
} compares[] = {
	{ /* fcmp d1, d2 */ 0x1e622020, 0x3ff0000000000000, 0x4000000000000000,
	  N, 0, 0 },
	{ /* fcmp d1, d2 */ 0x1e622020, 0x8000000000000000, 0, Z | C, 0, 0 },
	{ /* fcmp d1, d2 */ 0x1e622020, 0x7ff0000000000000, 0xfff0000000000000,
	  C, 0, 0 },
	{ /* fcmp d1, d2 */ 0x1e622020, 0x7ff8000000000000, 0, C | V, 0, 0 },
	{ /* fcmp d1, d2 */ 0x1e622020, 0x7ff0000000000001, 0, C | V, IOC, 0 },
	{ /* fcmpe d1, d2 */ 0x1e622030, 0x7ff8000000000000, 0, C | V, IOC, 0 },
	{ /* fcmp s1, #0.0 */ 0x1e202028, 0x80000001, 0, N, 0, 0 },
	{ /* fcmp s1, #0.0 */ 0x1e202028, 0x80000001, 0, Z | C, IDC, FPCR_FZ },
	{ /* fcmpe s1, #0.0 */ 0x1e202038, 0x3f800000, 0, C, 0, 0 },
	{ /* fccmp s1, s2, #5, al */ 0x1e22e425, 0x3f800000, 0x3f800000, Z | C,
	  0, 0 },
	{ /* fccmpe d1, d2, #13, ne */ 0x1e62143d, 0, 0x7ff8000000000000,
	  N | Z | V, 0, 0 },
	{ /* fccmpe d1, d2, #13, eq */ 0x1e62043d, 0, 0x7ff8000000000000, C | V,
	  IOC, 0 },
};

/* Flags are Z and C before. */
static void test_comparisons_set_the_condition_flags(void **s)
{
	struct box *b = box_new();
	size_t i;

	(void)s;
	for (i = 0; i < LEN(compares); i++) {
		b->cpu.v[1].d[0] = compares[i].a;
		b->cpu.v[2].d[0] = compares[i].b;
		b->cpu.fpcr = compares[i].fpcr;
		b->cpu.fpsr = 0;
		a64_set_nzcv(&b->cpu, (Z | C) << 28);
		box_run(b, &compares[i].insn, 1);
		assert_int_equal(a64_nzcv(&b->cpu) >> 28, compares[i].nzcv);
		assert_int_equal(b->cpu.fpsr, compares[i].fpsr);
	}
	box_free(b);
}

static void test_select_takes_one_of_two(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.v[1].d[0] = 0x1111111122222222;
	b->cpu.v[2].d[0] = 0x3333333344444444;
	b->cpu.v[3].d[1] = b->cpu.v[4].d[1] = ONES;
	a64_set_nzcv(&b->cpu, 0);
	BOX_RUN(b, /* fcsel d3, d1, d2, ne */ 0x1e621c23,
		/* fcsel s4, s1, s2, eq */ 0x1e220c24);
	assert_int_equal(b->cpu.v[3].d[0], 0x1111111122222222);
	assert_int_equal(b->cpu.v[3].d[1], 0);
	assert_int_equal(b->cpu.v[4].d[0], 0x44444444);
	assert_int_equal(b->cpu.v[4].d[1], 0);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_source),
		cmocka_unit_test(test_conversions_between_formats),
		cmocka_unit_test(test_two_and_three_sources),
		cmocka_unit_test(test_tiny_results_are_found_before_rounding),
		cmocka_unit_test(test_immediates),
		cmocka_unit_test(test_comparisons_set_the_condition_flags),
		cmocka_unit_test(test_select_takes_one_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
