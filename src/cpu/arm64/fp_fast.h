/* SPDX-License-Identifier: MIT */
/*
 * fp_fast.h - floating point on the host's arithmetic where that is exact.
 *
 * Every function here is the one of the same name in fp.h, for one format (_s
 * single, _d double).  Host arithmetic rounds to nearest as IEEE 754 says;
 * its result stands when
 *
 *  - FPCR asks for round to nearest and no flushing,
 *  - the result is a number above the smallest normal one, so that no NaN,
 *    no overflow, no underflow and no division by zero is involved, and
 *  - FPSR says "inexact" already, so that nobody can tell whether it was, or
 *    it certainly was not.
 *
 * Otherwise fp.h computes.  The caller of the handlers puts the host's
 * rounding mode right: fp_host.h.
 */
#ifndef CPU_ARM64_FP_FAST_H
#define CPU_ARM64_FP_FAST_H

#include <math.h>
#include <string.h>

#include "cpu/arm64/cpu.h"
#include "cpu/arm64/fp.h"

static inline float fp_host_s(uint32_t a)
{
	float f;

	memcpy(&f, &a, sizeof(f));
	return f;
}

static inline double fp_host_d(uint64_t a)
{
	double d;

	memcpy(&d, &a, sizeof(d));
	return d;
}

static inline uint32_t fp_bits_s(float f)
{
	uint32_t a;

	memcpy(&a, &f, sizeof(a));
	return a;
}

static inline uint64_t fp_bits_d(double d)
{
	uint64_t a;

	memcpy(&a, &d, sizeof(a));
	return a;
}

/* Signs, and the range of results that need no care. */
#define FP_SIGN_S 0x80000000u
#define FP_SIGN_D 0x8000000000000000u
#define FP_MIN_S  0x00800000u           /* smallest normal number */
#define FP_MIN_D  0x0010000000000000u
#define FP_INF_S  0x7f800000u
#define FP_INF_D  0x7ff0000000000000u

static inline bool fp_plain(const struct a64 *c)
{
	return !(c->fpcr & (FPCR_RMODE | FPCR_FZ));
}

static inline bool fp_stands_s(const struct a64 *c, uint32_t r)
{
	return (r & ~FP_SIGN_S) - FP_MIN_S - 1 < FP_INF_S - FP_MIN_S - 1 &&
	       fp_plain(c) && (c->fpsr & FPSR_IXC);
}

static inline bool fp_stands_d(const struct a64 *c, uint64_t r)
{
	return (r & ~FP_SIGN_D) - FP_MIN_D - 1 < FP_INF_D - FP_MIN_D - 1 &&
	       fp_plain(c) && (c->fpsr & FPSR_IXC);
}

/*
 * A sum never loses a bit to underflow, and the error of one that was rounded
 * is a number itself (Knuth's TwoSum).
 */
#define FP_SUM_STANDS(w, type, number, inf, sign)                          \
	static inline bool fp_sum_stands_##w(const struct a64 *c, number a, \
					     number b, type sum)            \
	{                                                                  \
		const number r = fp_host_##w(sum), rest = r - a;           \
									   \
		return (sum & ~(sign)) < (inf) && fp_plain(c) &&           \
		       ((c->fpsr & FPSR_IXC) ||                            \
			(a - (r - rest)) + (b - rest) == 0);               \
	}

FP_SUM_STANDS(s, uint32_t, float, FP_INF_S, FP_SIGN_S)
FP_SUM_STANDS(d, uint64_t, double, FP_INF_D, FP_SIGN_D)

/* A product of zero, or of numbers with half the bits, is exact. */
#define FP_PRODUCT_STANDS(w, type, sign, min, inf, low)                     \
	static inline bool fp_product_stands_##w(const struct a64 *c,       \
						 type a, type b, type r)    \
	{                                                                   \
		const type size = r & ~(sign);                              \
									    \
		if (size - (min) - 1 < (inf) - (min) - 1)                   \
			return fp_plain(c) && ((c->fpsr & FPSR_IXC) ||      \
					       !((a | b) & (low)));         \
		return !size && fp_plain(c) &&                              \
		       (!(a & ~(sign)) || !(b & ~(sign)));                  \
	}

FP_PRODUCT_STANDS(s, uint32_t, FP_SIGN_S, FP_MIN_S, FP_INF_S, 0xfffu)
FP_PRODUCT_STANDS(d, uint64_t, FP_SIGN_D, FP_MIN_D, FP_INF_D, 0x7ffffffu)

/* A function on the host's operator, and one on fp.h alone. */
#define FP_BY_HOST(name, operator, w, type, format, stands)             \
	static inline type fp_##name##_##w(struct a64 *c, type a, type b) \
	{                                                               \
		const type r = fp_bits_##w(fp_host_##w(a)               \
					   operator fp_host_##w(b));    \
									\
		if (__builtin_expect(stands, 1))                        \
			return r;                                       \
		return (type)fp_##name(format, a, b, c->fpcr, &c->fpsr); \
	}

#define FP_BY_BITS(name, w, type, format)                                \
	static inline type fp_##name##_##w(struct a64 *c, type a, type b)     \
	{                                                                \
		return (type)fp_##name(format, a, b, c->fpcr, &c->fpsr); \
	}

FP_BY_HOST(add, +, s, uint32_t, &fp_single,
	   fp_sum_stands_s(c, fp_host_s(a), fp_host_s(b), r))
FP_BY_HOST(add, +, d, uint64_t, &fp_double,
	   fp_sum_stands_d(c, fp_host_d(a), fp_host_d(b), r))
FP_BY_HOST(sub, -, s, uint32_t, &fp_single,
	   fp_sum_stands_s(c, fp_host_s(a), -fp_host_s(b), r))
FP_BY_HOST(sub, -, d, uint64_t, &fp_double,
	   fp_sum_stands_d(c, fp_host_d(a), -fp_host_d(b), r))
FP_BY_HOST(mul, *, s, uint32_t, &fp_single, fp_product_stands_s(c, a, b, r))
FP_BY_HOST(mul, *, d, uint64_t, &fp_double, fp_product_stands_d(c, a, b, r))
FP_BY_HOST(div, /, s, uint32_t, &fp_single, fp_stands_s(c, r))
FP_BY_HOST(div, /, d, uint64_t, &fp_double, fp_stands_d(c, r))

#define FP_EXACT2(name)                                          \
	FP_BY_BITS(name, s, uint32_t, &fp_single)                \
	FP_BY_BITS(name, d, uint64_t, &fp_double)

FP_EXACT2(mulx)
FP_EXACT2(recip_step)
FP_EXACT2(rsqrt_step)
FP_EXACT2(maxnum)
FP_EXACT2(minnum)

/* Different numbers compare alike everywhere, unless flushed. */
#define FP_EXTREME(name, operator, w, type, format)                      \
	static inline type fp_##name##_##w(struct a64 *c, type a, type b)     \
	{                                                                \
		if (!(c->fpcr & FPCR_FZ)) {                              \
			if (fp_host_##w(a) operator fp_host_##w(b))      \
				return a;                                \
			if (fp_host_##w(b) operator fp_host_##w(a))      \
				return b;                                \
		}                                                        \
		return (type)fp_##name(format, a, b, c->fpcr, &c->fpsr); \
	}

FP_EXTREME(max, >, s, uint32_t, &fp_single)
FP_EXTREME(max, >, d, uint64_t, &fp_double)
FP_EXTREME(min, <, s, uint32_t, &fp_single)
FP_EXTREME(min, <, d, uint64_t, &fp_double)

#define FP_COMPARE(w, type, format)                                         \
	static inline enum fp_order fp_compare_##w(struct a64 *c, type a,   \
						   type b, bool signals)    \
	{                                                                   \
		if (!(c->fpcr & FPCR_FZ)) {                                 \
			if (fp_host_##w(a) < fp_host_##w(b))                \
				return FP_LESS;                             \
			if (fp_host_##w(a) > fp_host_##w(b))                \
				return FP_GREATER;                          \
		}                                                           \
		return fp_compare(format, a, b, signals, c->fpcr, &c->fpsr); \
	}

FP_COMPARE(s, uint32_t, &fp_single)
FP_COMPARE(d, uint64_t, &fp_double)

#define FP_ROOT(w, type, root, format)                              \
	static inline type fp_sqrt_##w(struct a64 *c, type a)          \
	{                                                           \
		type r;                                             \
								    \
		if (a < FP_INF_##w##_) {                            \
			r = fp_bits_##w(root(fp_host_##w(a)));      \
			if (fp_stands_##w(c, r))                    \
				return r;                           \
		}                                                   \
		return (type)fp_sqrt(format, a, c->fpcr, &c->fpsr); \
	}

#define FP_INF_s_ FP_INF_S
#define FP_INF_d_ FP_INF_D
FP_ROOT(s, uint32_t, sqrtf, &fp_single)
FP_ROOT(d, uint64_t, sqrt, &fp_double)

static inline uint32_t fp_muladd_s(struct a64 *c, uint32_t o, uint32_t a,
				uint32_t b)
{
#ifdef FP_FAST_FMAF
	uint32_t r = fp_bits_s(fmaf(fp_host_s(a), fp_host_s(b), fp_host_s(o)));

	if (fp_stands_s(c, r))
		return r;
#endif
	return (uint32_t)fp_muladd(&fp_single, o, a, b, c->fpcr, &c->fpsr);
}

static inline uint64_t fp_muladd_d(struct a64 *c, uint64_t o, uint64_t a,
				uint64_t b)
{
#ifdef FP_FAST_FMA
	uint64_t r = fp_bits_d(fma(fp_host_d(a), fp_host_d(b), fp_host_d(o)));

	if (fp_stands_d(c, r))
		return r;
#endif
	return fp_muladd(&fp_double, o, a, b, c->fpcr, &c->fpsr);
}

/* Single to double loses nothing; only NaNs and denormals need care. */
static inline uint64_t fp_widen_s(struct a64 *c, uint32_t a)
{
	if ((a & ~FP_SIGN_S) - FP_MIN_S < FP_INF_S - FP_MIN_S)
		return fp_bits_d((double)fp_host_s(a));
	return fp_convert(&fp_double, &fp_single, a, FP_NEAREST, c->fpcr,
			  &c->fpsr);
}

static inline uint32_t fp_narrow_d(struct a64 *c, uint64_t a)
{
	uint32_t r = fp_bits_s((float)fp_host_d(a));

	if (fp_stands_s(c, r))
		return r;
	return (uint32_t)fp_convert(&fp_single, &fp_double, a,
				    fp_rmode(c->fpcr), c->fpcr, &c->fpsr);
}

/* What C's conversion to an integer does: toward zero. */
static inline bool fp_truncates(const struct a64 *c, double d, double limit)
{
	return d > -limit && d < limit && !(c->fpcr & FPCR_FZ) &&
	       (c->fpsr & FPSR_IXC);
}

#endif
