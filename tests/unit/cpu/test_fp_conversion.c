/* SPDX-License-Identifier: MIT */
/* Between general and floating-point registers: fp_conversion.c. */
#include "../check.h"
#include "simd_rows.h"

/* x0 = conversion of v1. */
static const struct {
	uint32_t insn;
	uint64_t a, want;
	uint32_t fpsr;
} to_general[] = {
	{ /* fcvtzs w0, d1 */ 0x1e780020, 0xbff8000000000000, 0xffffffff, IXC },
	{ /* fcvtzs x0, s1 */ 0x9e380020, 0xbfc00000, ONES, IXC },
	{ /* fcvtzs w0, s1 */ 0x1e380020, 0x4f000000, 0x7fffffff, IOC },
	{ /* fcvtzs w0, s1 */ 0x1e380020, 0xcf000000, 0x80000000, 0 },
	{ /* fcvtzs x0, d1 */ 0x9e780020, 0x7ff8000000000000, 0, IOC },
	{ /* fcvtzs x0, d1 */ 0x9e780020, 0x43dfffffffffffff,
	  0x7ffffffffffffc00, 0 },
	{ /* fcvtzs x0, d1 */ 0x9e780020, 0x43e0000000000000,
	  0x7fffffffffffffff, IOC },
	{ /* fcvtzu w0, s1 */ 0x1e390020, 0xbf800000, 0, IOC },
	{ /* fcvtzu x0, d1 */ 0x9e790020, 0x43e0000000000000,
	  0x8000000000000000, 0 },
	{ /* fcvtns x0, d1 */ 0x9e600020, 0x4004000000000000, 2, IXC },
	{ /* fcvtps x0, d1 */ 0x9e680020, 0x4004000000000000, 3, IXC },
	{ /* fcvtmu w0, s1 */ 0x1e310020, 0x40200000, 2, IXC },
	{ /* fcvtas w0, d1 */ 0x1e640020, 0xc004000000000000, 0xfffffffd, IXC },
	{ /* fcvtau x0, s1 */ 0x9e250020, 0x3f000000, 1, IXC },
	{ /* fcvtzs w0, s1, #4 */ 0x1e18f020, 0xbfc00000, 0xffffffe8, 0 },
	{ /* fcvtzu x0, d1, #64 */ 0x9e590020, 0x3fe0000000000000,
	  0x8000000000000000, 0 },
	{ /* fmov w0, s1 */ 0x1e260020, 0xf00000007f800001, 0x7f800001, 0 },
	{ /* fmov x0, d1 */ 0x9e660020, 0xf00000007f800001, 0xf00000007f800001,
	  0 },
	{ /* fmov x0, v1.d[1] */ 0x9eae0020, 0, 0x1234, 0 },
};

/* FPSR first clear, then with IXC, for the host's way. */
static void test_numbers_become_integers(void **s)
{
	struct box *b = box_new();
	size_t i;

	(void)s;
	for (i = 0; i < 2 * LEN(to_general); i++) {
		size_t row = i / 2;
		uint32_t before = i % 2 ? IXC : 0;

		b->cpu.v[1].d[0] = to_general[row].a;
		b->cpu.v[1].d[1] = 0x1234;
		b->cpu.fpsr = before;
		box_run(b, &to_general[row].insn, 1);
		assert_int_equal(b->cpu.x[0], to_general[row].want);
		assert_int_equal(b->cpu.fpsr, to_general[row].fpsr | before);
	}
	box_free(b);
}

/* v0 = conversion of x1. */
static const struct {
	uint32_t insn;
	uint64_t a, want;
	uint32_t fpsr;
} from_general[] = {
	{ /* scvtf d0, w1 */ 0x1e620020, 0x12345678ffffffff, 0xbff0000000000000,
	  0 },
	{ /* ucvtf d0, w1 */ 0x1e630020, 0x12345678ffffffff, 0x41efffffffe00000,
	  0 },
	{ /* scvtf d0, x1 */ 0x9e620020, 7, 0x401c000000000000, 0 },
	{ /* scvtf d0, x1 */ 0x9e620020, 0x7fffffffffffffff, 0x43e0000000000000,
	  IXC },
	{ /* ucvtf s0, x1 */ 0x9e230020, ONES, 0x5f800000, IXC },
	{ /* scvtf s0, w1 */ 0x1e220020, 0x80000000, 0xcf000000, 0 },
	{ /* scvtf s0, w1, #31 */ 0x1e028420, 0x80000000, 0xbf800000, 0 },
	{ /* ucvtf d0, x1, #64 */ 0x9e430020, 1, 0x3bf0000000000000, 0 },
	{ /* fmov s0, w1 */ 0x1e270020, ONES, 0xffffffff, 0 },
	{ /* fmov d0, x1 */ 0x9e670020, 0x123456789, 0x123456789, 0 },
	{ /* fmov d0, xzr */ 0x9e6703e0, 5, 0, 0 },
};

static void test_integers_become_numbers(void **s)
{
	struct box *b = box_new();
	size_t i;

	(void)s;
	for (i = 0; i < LEN(from_general); i++) {
		b->cpu.v[0].d[0] = b->cpu.v[0].d[1] = ONES;
		b->cpu.x[1] = from_general[i].a;
		b->cpu.fpsr = 0;
		box_run(b, &from_general[i].insn, 1);
		assert_int_equal(b->cpu.v[0].d[0], from_general[i].want);
		assert_int_equal(b->cpu.v[0].d[1], 0);
		assert_int_equal(b->cpu.fpsr, from_general[i].fpsr);
	}
	box_free(b);
}

static void test_the_upper_half_moves_alone(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.v[0].d[0] = 7;
	b->cpu.x[1] = 9;
	BOX_RUN(b, /* fmov v0.d[1], x1 */ 0x9eaf0020);
	assert_int_equal(b->cpu.v[0].d[0], 7);
	assert_int_equal(b->cpu.v[0].d[1], 9);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_become_integers),
		cmocka_unit_test(test_integers_become_numbers),
		cmocka_unit_test(test_the_upper_half_moves_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
