/* SPDX-License-Identifier: MIT */
/*
 * Floating point as bits: fp_num.c, fp_arith.c, fp_compare.c, fp_convert.c,
 * fp_estimate.c; and that the host's way, fp_fast.h, agrees with it.
 */
#include <fenv.h>
#include <math.h>

#include "../check.h"
#include "base/container.h"
#include "cpu/arm64/fp_fast.h"
#include "cpu/arm64/fp_host.h"
#include "cpu/arm64/fp_num.h"

enum {
	UP = FP_UP << FPCR_RMODE_AT,
	DOWN = FP_DOWN << FPCR_RMODE_AT,
	ZERO = FP_TO_ZERO << FPCR_RMODE_AT,
};

#define INF 0x7ff0000000000000
#define QNAN 0x7ff8000000000000
#define SNAN 0x7ff0000000000001
#define ONE 0x3ff0000000000000
#define MINUS UINT64_C(0x8000000000000000)
#define LARGEST 0x7fefffffffffffff
#define SMALLEST_NORMAL 0x0010000000000000

typedef uint64_t binary(const struct fp_format *f, uint64_t a, uint64_t b,
			uint32_t fpcr, uint32_t *fpsr);

static const struct {
	binary *fn;
	uint64_t a, b, want;
	uint32_t fpcr, fpsr;
} doubles[] = {
	/* zeros have signs, and the sum of opposite ones follows rounding */
	{ fp_add, 0, MINUS, 0, 0, 0 },
	{ fp_add, 0, MINUS, MINUS, DOWN, 0 },
	{ fp_add, MINUS, MINUS, MINUS, 0, 0 },
	{ fp_sub, ONE, ONE, MINUS, DOWN, 0 },
	/* the last bit, in all directions */
	{ fp_add, ONE, 0x3ca0000000000000, ONE, 0, FPSR_IXC },
	{ fp_add, ONE, 0x3ca0000000000001, ONE + 1, 0, FPSR_IXC },
	{ fp_add, ONE, 1, ONE + 1, UP, FPSR_IXC },
	{ fp_add, ONE | MINUS, 1, ONE - 1 + MINUS, UP, FPSR_IXC },
	{ fp_sub, ONE, 1, ONE - 1, DOWN, FPSR_IXC },
	{ fp_sub, ONE, 1, ONE - 1, ZERO, FPSR_IXC },
	/* invalid */
	{ fp_sub, INF, INF, QNAN, 0, FPSR_IOC },
	{ fp_mul, INF, 0, QNAN, 0, FPSR_IOC },
	{ fp_div, 0, MINUS, QNAN, 0, FPSR_IOC },
	{ fp_div, INF, INF, QNAN, 0, FPSR_IOC },
	/* not invalid */
	{ fp_mulx, INF, MINUS, MINUS | 0x4000000000000000, 0, 0 },
	{ fp_div, INF, 0, INF, 0, 0 },
	{ fp_div, ONE, MINUS, INF | MINUS, 0, FPSR_DZC },
	{ fp_div, ONE, INF, 0, 0, 0 },
	/* NaNs: signalling before quiet, then the first */
	{ fp_add, QNAN | 5, SNAN | 8, QNAN | 9, 0, FPSR_IOC },
	{ fp_add, QNAN | 5, QNAN | 6, QNAN | 5, 0, 0 },
	{ fp_add, ONE, QNAN | 6 | MINUS, QNAN | 6 | MINUS, 0, 0 },
	{ fp_add, QNAN | 5, QNAN | 6, QNAN, FPCR_DN, 0 },
	{ fp_mul, SNAN, INF, QNAN | 1, 0, FPSR_IOC },
	/* overflow, by rounding mode and sign */
	{ fp_mul, LARGEST, LARGEST, INF, 0, FPSR_OFC | FPSR_IXC },
	{ fp_mul, LARGEST, LARGEST, LARGEST, ZERO, FPSR_OFC | FPSR_IXC },
	{ fp_mul, LARGEST, LARGEST, LARGEST, DOWN, FPSR_OFC | FPSR_IXC },
	{ fp_mul, LARGEST | MINUS, LARGEST, INF | MINUS, DOWN,
	  FPSR_OFC | FPSR_IXC },
	{ fp_add, LARGEST, 0x7ca0000000000000, INF, 0, FPSR_OFC | FPSR_IXC },
	{ fp_add, LARGEST, 0x7c8fffffffffffff, LARGEST, 0, FPSR_IXC },
	/* underflow: tiny is what is tiny before rounding */
	{ fp_div, 1, 0x4000000000000000, 0, 0, FPSR_UFC | FPSR_IXC },
	{ fp_div, 3, 0x4000000000000000, 2, 0, FPSR_UFC | FPSR_IXC },
	{ fp_div, 2, 0x4000000000000000, 1, 0, 0 },
	{ fp_mul, 0x001fffffffffffff, 0x3fe0000000000000, SMALLEST_NORMAL, 0,
	  FPSR_UFC | FPSR_IXC },
	{ fp_mul, 1, 1, 1, UP, FPSR_UFC | FPSR_IXC },
	/* flush to zero, of operands and results */
	{ fp_add, 1, ONE, ONE, FPCR_FZ, FPSR_IDC },
	{ fp_add, 1, QNAN, QNAN, FPCR_FZ, FPSR_IDC },
	{ fp_mul, SMALLEST_NORMAL | MINUS, 0x3fe0000000000000, MINUS, FPCR_FZ,
	  FPSR_UFC },
	{ fp_mul, 0x001fffffffffffff, 0x3fe0000000000000, 0, FPCR_FZ | UP,
	  FPSR_UFC },
	/* the larger and the smaller */
	{ fp_max, MINUS, 0, 0, 0, 0 },
	{ fp_min, 0, MINUS, MINUS, 0, 0 },
	{ fp_max, INF | MINUS, LARGEST | MINUS, LARGEST | MINUS, 0, 0 },
	{ fp_min, 1, 2, 1, 0, 0 },
	{ fp_min, 1, 2, 0, FPCR_FZ, FPSR_IDC },
	{ fp_max, ONE, QNAN | 3, QNAN | 3, 0, 0 },
	{ fp_maxnum, ONE, QNAN | 3, ONE, 0, 0 },
	{ fp_minnum, QNAN | 3, INF, INF, 0, 0 },
	{ fp_maxnum, QNAN | 3, QNAN | 4, QNAN | 3, 0, 0 },
	{ fp_maxnum, ONE, SNAN, QNAN | 1, 0, FPSR_IOC },
	/* steps */
	{ fp_recip_step, INF, 0, 0x4000000000000000, 0, 0 },
	{ fp_recip_step, 0x4000000000000000, ONE, 0, 0, 0 },
	{ fp_recip_step, QNAN | 3, ONE, QNAN | 3 | MINUS, 0, 0 },
	{ fp_rsqrt_step, INF, 0, 0x3ff8000000000000, 0, 0 },
	{ fp_rsqrt_step, ONE, ONE, ONE, 0, 0 },
	{ fp_rsqrt_step, INF, ONE, INF | MINUS, 0, 0 },
};

static void test_two_operands_give_result_and_flags(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LEN(doubles); i++) {
		uint32_t fpsr = 0;
		uint64_t r =
			doubles[i].fn(&fp_double, doubles[i].a, doubles[i].b,
				      doubles[i].fpcr, &fpsr);

		if (r != doubles[i].want || fpsr != doubles[i].fpsr)
			print_error("row %zu:\n", i);
		assert_int_equal(r, doubles[i].want);
		assert_int_equal(fpsr, doubles[i].fpsr);
	}
}

static void test_flags_add_up(void **s)
{
	uint32_t fpsr = FPSR_QC | FPSR_DZC;

	(void)s;
	(void)fp_sub(&fp_double, INF, INF, 0, &fpsr);
	assert_int_equal(fpsr, FPSR_QC | FPSR_DZC | FPSR_IOC);
}

static void test_a_fused_multiplication_rounds_once(void **s)
{
	uint32_t fpsr = 0;

	(void)s;
	/* (1 + 2^-52)^2 - (1 + 2^-51) = 2^-104 */
	assert_int_equal(fp_muladd(&fp_double, (ONE + 2) | MINUS, ONE + 1,
				   ONE + 1, 0, &fpsr),
			 0x3970000000000000);
	assert_int_equal(fpsr, 0);
	/* a product far below the addend still rounds it up */
	assert_int_equal(fp_muladd(&fp_double, ONE, 1, 1, UP, &fpsr), ONE + 1);
	assert_int_equal(fpsr, FPSR_IXC);
	fpsr = 0;
	assert_int_equal(fp_muladd(&fp_double, QNAN | 7, INF, 0, 0, &fpsr),
			 QNAN);
	assert_int_equal(fpsr, FPSR_IOC);
	fpsr = 0;
	assert_int_equal(fp_muladd(&fp_double, QNAN | 7, SNAN, 0, 0, &fpsr),
			 QNAN | 1);
	assert_int_equal(fpsr, FPSR_IOC);
}

static void test_square_roots(void **s)
{
	uint32_t fpsr = 0;

	(void)s;
	assert_int_equal(fp_sqrt(&fp_single, 0x40800000, 0, &fpsr), 0x40000000);
	assert_int_equal(fp_sqrt(&fp_double, MINUS, 0, &fpsr), MINUS);
	assert_int_equal(fp_sqrt(&fp_double, INF, 0, &fpsr), INF);
	/* the smallest denormal, 2^-1074 */
	assert_int_equal(fp_sqrt(&fp_double, 1, 0, &fpsr), 0x1e60000000000000);
	assert_int_equal(fpsr, 0);
	assert_int_equal(fp_sqrt(&fp_single, 0x40000000, 0, &fpsr), 0x3fb504f3);
	assert_int_equal(fpsr, FPSR_IXC);
	assert_int_equal(fp_sqrt(&fp_single, 0x40000000, UP, &fpsr),
			 0x3fb504f4);
	fpsr = 0;
	assert_int_equal(fp_sqrt(&fp_single, 0x80000001, 0, &fpsr), 0x7fc00000);
	assert_int_equal(fpsr, FPSR_IOC);
}

static void test_order(void **s)
{
	static const struct {
		uint64_t a, b;
		bool signals;
		enum fp_order want;
		uint32_t fpcr, fpsr;
	} row[] = {
		{ 0, MINUS, true, FP_EQUAL, 0, 0 },
		{ 1, 0, true, FP_GREATER, 0, 0 },
		{ 1 | MINUS, 0, true, FP_LESS, 0, 0 },
		{ 1, MINUS, true, FP_EQUAL, FPCR_FZ, FPSR_IDC },
		{ INF | MINUS, LARGEST | MINUS, true, FP_LESS, 0, 0 },
		{ INF, INF, true, FP_EQUAL, 0, 0 },
		{ LARGEST, INF, true, FP_LESS, 0, 0 },
		{ QNAN, QNAN, false, FP_UNORDERED, 0, 0 },
		{ QNAN, QNAN, true, FP_UNORDERED, 0, FPSR_IOC },
		{ ONE, SNAN, false, FP_UNORDERED, 0, FPSR_IOC },
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(row); i++) {
		uint32_t fpsr = 0;

		assert_int_equal(fp_compare(&fp_double, row[i].a, row[i].b,
					    row[i].signals, row[i].fpcr, &fpsr),
				 row[i].want);
		assert_int_equal(fpsr, row[i].fpsr);
	}
}

static void test_to_integers(void **s)
{
	static const struct {
		double a;
		struct fp_int type;
		enum fp_round mode;
		uint64_t want;
		uint32_t fpsr;
	} row[] = {
		{ 2.5, { 64, true, 0 }, FP_NEAREST, 2, FPSR_IXC },
		{ 2.5, { 64, true, 0 }, FP_TIES_AWAY, 3, FPSR_IXC },
		{ -2.5, { 64, true, 0 }, FP_UP, (uint64_t)-2, FPSR_IXC },
		{ -2.5, { 32, true, 0 }, FP_DOWN, 0xfffffffd, FPSR_IXC },
		{ 0x1p63, { 64, true, 0 }, FP_TO_ZERO, INT64_MAX, FPSR_IOC },
		{ -0x1p63, { 64, true, 0 }, FP_TO_ZERO, MINUS, 0 },
		{ 0x1p63, { 64, false, 0 }, FP_TO_ZERO, MINUS, 0 },
		{ 0x1p64, { 64, false, 0 }, FP_TO_ZERO, UINT64_MAX, FPSR_IOC },
		{ 4294967295.5,
		  { 32, false, 0 },
		  FP_TO_ZERO,
		  UINT32_MAX,
		  FPSR_IXC },
		{ 4294967295.5, { 32, false, 0 }, FP_UP, UINT32_MAX, FPSR_IOC },
		{ -0.75, { 32, false, 0 }, FP_TO_ZERO, 0, FPSR_IXC },
		{ -0.75, { 32, false, 0 }, FP_NEAREST, 0, FPSR_IOC },
		{ 0.75, { 32, true, 4 }, FP_TO_ZERO, 12, 0 },
		{ 0.5, { 64, true, 64 }, FP_TO_ZERO, INT64_MAX, FPSR_IOC },
		{ 0x1p-1000, { 64, true, 0 }, FP_UP, 1, FPSR_IXC },
		{ -INFINITY,
		  { 32, true, 0 },
		  FP_TO_ZERO,
		  0x80000000,
		  FPSR_IOC },
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(row); i++) {
		uint32_t fpsr = 0;
		uint64_t r = fp_to_int(&fp_double, fp_bits_d(row[i].a),
				       row[i].type, row[i].mode, 0, &fpsr);

		if (r != row[i].want || fpsr != row[i].fpsr)
			print_error("row %zu:\n", i);
		assert_int_equal(r, row[i].want);
		assert_int_equal(fpsr, row[i].fpsr);
	}
}

static void test_from_integers(void **s)
{
	const struct fp_int s32 = { 32, true, 0 }, u64 = { 64, false, 0 };
	const struct fp_int q31 = { 32, true, 31 };
	uint32_t fpsr = 0;

	(void)s;
	assert_int_equal(
		fp_from_int(&fp_double, 0xffffffff80000000, s32, 0, &fpsr),
		fp_bits_d(-0x1p31));
	assert_int_equal(fp_from_int(&fp_single, 0, u64, DOWN, &fpsr), 0);
	assert_int_equal(fp_from_int(&fp_single, 0x40000000, q31, 0, &fpsr),
			 fp_bits_s(0.5f));
	assert_int_equal(fpsr, 0);
	assert_int_equal(fp_from_int(&fp_double, UINT64_MAX, u64, 0, &fpsr),
			 fp_bits_d(0x1p64));
	assert_int_equal(fp_from_int(&fp_double, UINT64_MAX, u64, ZERO, &fpsr),
			 fp_bits_d(0x1p64) - 1);
	assert_int_equal(fpsr, FPSR_IXC);
}

static void test_integral_values(void **s)
{
	uint32_t fpsr = 0;

	(void)s;
	assert_int_equal(fp_round_int(&fp_double, fp_bits_d(0.5), FP_NEAREST,
				      false, 0, &fpsr),
			 0);
	assert_int_equal(fp_round_int(&fp_double, fp_bits_d(-0.5), FP_TIES_AWAY,
				      false, 0, &fpsr),
			 fp_bits_d(-1.0));
	assert_int_equal(
		fp_round_int(&fp_double, 1 | MINUS, FP_UP, false, 0, &fpsr),
		MINUS);
	assert_int_equal(fp_round_int(&fp_double, fp_bits_d(0x1p60), FP_UP,
				      true, 0, &fpsr),
			 fp_bits_d(0x1p60));
	assert_int_equal(fpsr, 0);
	assert_int_equal(fp_round_int(&fp_single, fp_bits_s(8388607.5f),
				      FP_NEAREST, true, 0, &fpsr),
			 fp_bits_s(8388608.0f));
	assert_int_equal(fpsr, FPSR_IXC);
}

static void test_formats(void **s)
{
	static const struct {
		const struct fp_format *to, *from;
		uint64_t a, want;
		enum fp_round mode;
		uint32_t fpcr, fpsr;
	} row[] = {
		{ &fp_single, &fp_double, SNAN, 0x7fc00000, 0, 0, FPSR_IOC },
		{ &fp_double, &fp_single, 0xffc12345, 0xfff82468a0000000, 0, 0,
		  0 },
		{ &fp_double, &fp_single, 0xffc12345, QNAN, 0, FPCR_DN, 0 },
		{ &fp_double, &fp_single, 1, 0, 0, FPCR_FZ, FPSR_IDC },
		{ &fp_single, &fp_double, 0x3810000000000000, 0x00800000, 0,
		  FPCR_FZ, 0 },
		{ &fp_single, &fp_double, 0x380fffffffffffff, 0, 0, FPCR_FZ,
		  FPSR_UFC },
		/* round to odd */
		{ &fp_single, &fp_double, ONE + 1, 0x3f800001, FP_ODD, 0,
		  FPSR_IXC },
		{ &fp_single, &fp_double, LARGEST, 0x7f7fffff, FP_ODD, 0,
		  FPSR_OFC | FPSR_IXC },
		{ &fp_single, &fp_double, 1, 1, FP_ODD, 0,
		  FPSR_UFC | FPSR_IXC },
		/* half precision is not flushed */
		{ &fp_half, &fp_single, 0x33800000, 1, 0, FPCR_FZ, 0 },
		{ &fp_single, &fp_half, 1, 0x33800000, 0, FPCR_FZ, 0 },
		{ &fp_half, &fp_single, 0x477ff000, 0x7c00, 0, 0,
		  FPSR_OFC | FPSR_IXC },
		/* and has an alternative form */
		{ &fp_half, &fp_single, 0x477ff000, 0x7c00, 0, FPCR_AHP,
		  FPSR_IXC },
		{ &fp_half, &fp_single, 0x47fff000, 0x7fff, 0, FPCR_AHP,
		  FPSR_IOC },
		{ &fp_half, &fp_single, 0xffc00000, 0x8000, 0, FPCR_AHP,
		  FPSR_IOC },
		{ &fp_double, &fp_half, 0xfc00, 0xc0f0000000000000, 0, FPCR_AHP,
		  0 },
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(row); i++) {
		uint32_t fpsr = 0;
		uint64_t r = fp_convert(row[i].to, row[i].from, row[i].a,
					row[i].mode, row[i].fpcr, &fpsr);

		if (r != row[i].want || fpsr != row[i].fpsr)
			print_error("row %zu:\n", i);
		assert_int_equal(r, row[i].want);
		assert_int_equal(fpsr, row[i].fpsr);
	}
}

/* RecipEstimate() and RecipSqrtEstimate() have known first and last values. */
static void test_estimates(void **s)
{
	uint32_t fpsr = 0;

	(void)s;
	assert_int_equal(fp_recip_estimate(&fp_single, 0x3f800000, 0, &fpsr),
			 0x3f7f8000);
	assert_int_equal(
		fp_recip_estimate(&fp_double, 0x7fefffffffffffff, 0, &fpsr),
		0x0004000000000000);
	assert_int_equal(fp_rsqrt_estimate(&fp_double, ONE, 0, &fpsr),
			 0x3feff00000000000);
	assert_int_equal(fp_rsqrt_estimate(&fp_double, INF, 0, &fpsr), 0);
	assert_int_equal(fp_recip_exponent(&fp_double, ONE, 0, &fpsr),
			 0x4000000000000000);
	assert_int_equal(fp_urecip_estimate(0x7fffffff), UINT32_MAX);
	assert_int_equal(fp_urecip_estimate(0x80000000), 0xff800000);
	assert_int_equal(fp_ursqrt_estimate(0xffffffff), 0x80000000);
	assert_int_equal(fpsr, 0);
	assert_int_equal(fp_recip_estimate(&fp_double, 1 | MINUS, ZERO, &fpsr),
			 LARGEST | MINUS);
	assert_int_equal(fpsr, FPSR_OFC | FPSR_IXC);
	fpsr = 0;
	assert_int_equal(fp_recip_estimate(&fp_double, 0x7fd0000000000000,
					   FPCR_FZ, &fpsr),
			 0);
	assert_int_equal(fpsr, FPSR_UFC);
}

/* A small generator of numbers, most of them of similar size. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t number(uint64_t *state)
{
	uint64_t r = next(state);

	switch (r & 7) {
	case 0: return next(state);
	case 1: return next(state) & ~(uint64_t)INF;
	case 2: return INF | (next(state) & MINUS);
	case 3: return (next(state) & 0x8000ffff0000ffff) << (r >> 60 & 15);
	default: return (next(state) & 0x800fffffffffffff) | ONE;
	}
}

static void test_the_host_agrees_wherever_it_is_asked(void **s)
{
	static struct a64 c;
	uint64_t state = 1;
	unsigned i, stood = 0;

	(void)s;
	for (i = 0; i < 200000; i++) {
		uint64_t a = number(&state), b = number(&state);
		uint32_t fpsr = FPSR_IXC;
		uint64_t want;

		c.fpcr = 0;
		c.fpsr = FPSR_IXC;
		want = fp_mul(&fp_double, a, b, 0, &fpsr);
		stood += fp_stands_d(&c, want);
		assert_int_equal(fp_mul_d(&c, a, b), want);
		want = fp_div(&fp_double, a, b, 0, &fpsr);
		assert_int_equal(fp_div_d(&c, a, b), want);
		want = fp_sub(&fp_single, a >> 32, b >> 32, 0, &fpsr);
		assert_int_equal(
			fp_sub_s(&c, (uint32_t)(a >> 32), (uint32_t)(b >> 32)),
			want);
		want = fp_sqrt(&fp_double, a, 0, &fpsr);
		assert_int_equal(fp_sqrt_d(&c, a), want);
		want = fp_muladd(&fp_double, a, b, b, 0, &fpsr);
		assert_int_equal(fp_muladd_d(&c, a, b, b), want);
		want = fp_convert(&fp_single, &fp_double, a, FP_NEAREST, 0,
				  &fpsr);
		assert_int_equal(fp_narrow_d(&c, a), want);
		assert_int_equal(c.fpsr, fpsr);
	}
	assert_true(stood > 10000);
}

static void test_the_environment_is_borrowed_and_given_back(void **s)
{
	volatile double one = 1.0, three = 3.0, near, down;
	fenv_t saved;

	(void)s;
	assert_int_equal(feclearexcept(FE_ALL_EXCEPT), 0);
	assert_int_equal(fesetround(FE_DOWNWARD), 0);
	down = -one / three;
	assert_int_equal(feclearexcept(FE_ALL_EXCEPT), 0);
	fp_host_enter(&saved);
	assert_int_equal(fegetround(), FE_TONEAREST);
	near = -one / three;
	fp_host_leave(&saved);
	assert_int_equal(fegetround(), FE_DOWNWARD);
	assert_int_equal(fetestexcept(FE_ALL_EXCEPT), 0);
	assert_true(near > down);
	assert_int_equal(fesetround(FE_TONEAREST), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_operands_give_result_and_flags),
		cmocka_unit_test(test_flags_add_up),
		cmocka_unit_test(test_a_fused_multiplication_rounds_once),
		cmocka_unit_test(test_square_roots),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_to_integers),
		cmocka_unit_test(test_from_integers),
		cmocka_unit_test(test_integral_values),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_estimates),
		cmocka_unit_test(test_the_host_agrees_wherever_it_is_asked),
		cmocka_unit_test(
			test_the_environment_is_borrowed_and_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
