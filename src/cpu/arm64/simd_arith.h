/* SPDX-License-Identifier: MIT */
/*
 * simd_arith.h - saturating arithmetic and shifts of one lane.
 *
 * Lanes come extended to 64 bits, with their width; results are right in
 * their low `width` bits.  Saturation sets FPSR.QC.
 */
#ifndef CPU_ARM64_SIMD_ARITH_H
#define CPU_ARM64_SIMD_ARITH_H

#include "cpu/arm64/simd_lanes.h"

static inline int64_t lane_sqadd(struct a64 *c, int64_t a, int64_t b,
				 unsigned width)
{
	int64_t r;

	if (!__builtin_add_overflow(a, b, &r))
		return sat_s(c, r, width);
	c->fpsr |= FPSR_QC;
	return sat_limit_s(a < 0, width);
}

static inline int64_t lane_sqsub(struct a64 *c, int64_t a, int64_t b,
				 unsigned width)
{
	int64_t r;

	if (!__builtin_sub_overflow(a, b, &r))
		return sat_s(c, r, width);
	c->fpsr |= FPSR_QC;
	return sat_limit_s(a < 0, width);
}

static inline uint64_t lane_uqadd(struct a64 *c, uint64_t a, uint64_t b,
				  unsigned width)
{
	uint64_t r;

	if (!__builtin_add_overflow(a, b, &r))
		return sat_u(c, r, width);
	c->fpsr |= FPSR_QC;
	return UINT64_MAX >> (64 - width);
}

static inline uint64_t lane_uqsub(struct a64 *c, uint64_t a, uint64_t b,
				  unsigned width)
{
	(void)width;
	if (a >= b)
		return a - b;
	c->fpsr |= FPSR_QC;
	return 0;
}

/* 2 * a * b, for products of lanes of half the width. */
static inline int64_t lane_sqdmull(struct a64 *c, int64_t a, int64_t b,
				   unsigned width)
{
	return lane_sqadd(c, a * b, a * b, width);
}

/* The upper half of 2 * a * b; width is 16 or 32. */
static inline int64_t mulh(struct a64 *c, int64_t a, int64_t b, bool round,
			   unsigned width)
{
	int64_t half = round ? (int64_t)1 << (width - 2) : 0;

	return sat_s(c, (a * b + half) >> (width - 1), width);
}

static inline int64_t lane_sqdmulh(struct a64 *c, int64_t a, int64_t b,
				   unsigned width)
{
	return mulh(c, a, b, false, width);
}

static inline int64_t lane_sqrdmulh(struct a64 *c, int64_t a, int64_t b,
				    unsigned width)
{
	return mulh(c, a, b, true, width);
}

/* Right by 1 .. width, the last bit lost rounding up. */
static inline int64_t shr_round_s(int64_t a, unsigned n)
{
	return (a >> (n - 1) >> 1) + (a >> (n - 1) & 1);
}

static inline uint64_t shr_round_u(uint64_t a, unsigned n)
{
	return (a >> (n - 1) >> 1) + (a >> (n - 1) & 1);
}

static inline int64_t shl_sat_s(struct a64 *c, int64_t a, unsigned n,
				unsigned width)
{
	unsigned up = 64 - width;
	int64_t r = n < width ? (int64_t)((uint64_t)a << n << up) >> up : 0;

	if (n < width ? r >> n == a : a == 0)
		return r;
	c->fpsr |= FPSR_QC;
	return sat_limit_s(a < 0, width);
}

static inline uint64_t shl_sat_u(struct a64 *c, uint64_t a, unsigned n,
				 unsigned width)
{
	uint64_t ones = UINT64_MAX >> (64 - width);

	if (n < width ? a <= ones >> n : a == 0)
		return n < width ? a << n : 0;
	c->fpsr |= FPSR_QC;
	return ones;
}

/* Shift by the low byte of b: left, or right when that is negative. */
static inline int64_t shift_s(struct a64 *c, int64_t a, int64_t b, bool round,
			      bool sat, unsigned width)
{
	int n = (int8_t)b;
	unsigned right = (unsigned)-n;

	if (n >= 0) {
		if (sat)
			return shl_sat_s(c, a, (unsigned)n, width);
		return n < (int)width ? (int64_t)((uint64_t)a << n) : 0;
	}
	if (round)
		return right < width ? shr_round_s(a, right) : 0;
	return a >> (right < width ? right : width - 1);
}

static inline uint64_t shift_u(struct a64 *c, uint64_t a, uint64_t b,
			       bool round, bool sat, unsigned width)
{
	int n = (int8_t)b;
	unsigned right = (unsigned)-n;

	if (n >= 0) {
		if (sat)
			return shl_sat_u(c, a, (unsigned)n, width);
		return n < (int)width ? a << n : 0;
	}
	if (round)
		return right <= width ? shr_round_u(a, right) : 0;
	return right < width ? a >> right : 0;
}

#define LANE_SHIFT(name, type, shift, round, sat)                      \
	static inline type lane_##name(struct a64 *c, type a, type b,  \
				       unsigned width)                 \
	{                                                              \
		return shift(c, a, b, round, sat, width);              \
	}

LANE_SHIFT(sshl, int64_t, shift_s, false, false)
LANE_SHIFT(srshl, int64_t, shift_s, true, false)
LANE_SHIFT(sqshl, int64_t, shift_s, false, true)
LANE_SHIFT(sqrshl, int64_t, shift_s, true, true)
LANE_SHIFT(ushl, uint64_t, shift_u, false, false)
LANE_SHIFT(urshl, uint64_t, shift_u, true, false)
LANE_SHIFT(uqshl, uint64_t, shift_u, false, true)
LANE_SHIFT(uqrshl, uint64_t, shift_u, true, true)

#endif
