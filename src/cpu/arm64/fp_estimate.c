/* SPDX-License-Identifier: MIT */
/*
 * fp_estimate.c - reciprocal and reciprocal square root estimates.
 *
 * The architecture defines every bit of them: RecipEstimate() and
 * RecipSqrtEstimate() of DDI 0487 J1.3.  Knows no instructions.
 */
#include "cpu/arm64/fp_num.h"

/* 256 <= a < 512 stands for 0.5 .. 1.0; so does the result for 1.0 .. 2.0. */
static unsigned recip(unsigned a)
{
	return ((1u << 19) / (2 * a + 1) + 1) / 2;
}

/* 128 <= a < 512 stands for 0.25 .. 1.0. */
static unsigned rsqrt(unsigned a)
{
	unsigned b = 512;

	a = a < 256 ? a * 2 + 1 : (a | 1) * 2;
	while (a * (b + 1) * (b + 1) < 1u << 28)
		b++;
	return (b + 1) / 2;
}

/* The fraction of a finite number at the top of 64 bits, and its exponent. */
static unsigned leading(struct num n)
{
	return (unsigned)(n.frac >> 55); /* one and eight bits */
}

uint64_t fp_recip_estimate(const struct fp_format *f, uint64_t a, uint32_t fpcr,
			   uint32_t *fpsr)
{
	struct num n = num_unpack(f, a, fpcr, fpsr);
	int bias = num_bias(f), e;
	uint64_t frac;

	if (num_is_nan(n))
		return num_nan(f, a, n.kind, fpcr, fpsr);
	if (n.kind == NUM_INF)
		return num_zero(f, n.sign);
	if (n.kind == NUM_ZERO) {
		*fpsr |= FPSR_DZC;
		return num_inf(f, n.sign);
	}
	if (n.exp < -bias - 1) { /* the reciprocal is too large */
		n.exp = bias + 1;
		return num_round(f, n, fp_rmode(fpcr), fpcr, fpsr);
	}
	if ((fpcr & FPCR_FZ) && n.exp >= bias - 1) {
		*fpsr |= FPSR_UFC;
		return num_zero(f, n.sign);
	}
	/* 1.0 .. 2.0 at the exponent of the result, which may be denormal. */
	frac = (uint64_t)recip(leading(n)) << (f->frac - 8);
	e = bias - 1 - n.exp;
	if (e <= 0)
		return num_zero(f, n.sign) | frac >> (1 - e);
	return num_zero(f, n.sign) | (((uint64_t)(e - 1) << f->frac) + frac);
}

uint64_t fp_rsqrt_estimate(const struct fp_format *f, uint64_t a, uint32_t fpcr,
			   uint32_t *fpsr)
{
	struct num n = num_unpack(f, a, fpcr, fpsr);
	unsigned scaled = leading(n);
	int e;

	if (num_is_nan(n))
		return num_nan(f, a, n.kind, fpcr, fpsr);
	if (n.kind == NUM_ZERO) {
		*fpsr |= FPSR_DZC;
		return num_inf(f, n.sign);
	}
	if (n.sign)
		return num_invalid(f, fpsr);
	if (n.kind == NUM_INF)
		return num_zero(f, false);
	/* As 0.25 .. 1.0 times an even power of two. */
	e = n.exp + 1;
	if (e & 1) {
		scaled >>= 1;
		e++;
	}
	e = num_bias(f) - 1 - e / 2;
	return ((uint64_t)e << f->frac) +
	       ((uint64_t)rsqrt(scaled) << (f->frac - 8));
}

/* The exponent turned around, FPRecpX(). */
uint64_t fp_recip_exponent(const struct fp_format *f, uint64_t a, uint32_t fpcr,
			   uint32_t *fpsr)
{
	struct num n = num_unpack(f, a, fpcr, fpsr);
	uint64_t ones = num_inf(f, false);
	uint64_t e = a & ones;

	if (num_is_nan(n))
		return num_nan(f, a, n.kind, fpcr, fpsr);
	if (!e)
		e = (uint64_t)1 << f->frac;
	return num_zero(f, n.sign) | (ones - e);
}

uint32_t fp_urecip_estimate(uint32_t a)
{
	return a >> 31 ? recip(a >> 23) << 23 : UINT32_MAX;
}

uint32_t fp_ursqrt_estimate(uint32_t a)
{
	return a >> 30 ? rsqrt(a >> 23) << 23 : UINT32_MAX;
}
