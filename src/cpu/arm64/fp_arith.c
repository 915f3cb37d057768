/* SPDX-License-Identifier: MIT */
/*
 * fp_arith.c - addition, multiplication, division, square root, fused
 * multiply-add and what is made of it, in integer arithmetic.
 *
 * Knows no encodings of instructions.
 */
#include "cpu/arm64/fp_num.h"

/* x - x is +0, but -0 when rounding down. */
static bool zero_sum_sign(bool a, bool b, uint32_t fpcr)
{
	return a == b ? a : fp_rmode(fpcr) == FP_DOWN;
}

static fp_u128 shift128(fp_u128 v, unsigned n)
{
	if (n == 0)
		return v;
	if (n > 127)
		return v != 0;
	return v >> n | ((v << (128 - n)) != 0);
}

/* A finite number with twice the bits: frac * 2^(exp - 127). */
struct wide {
	bool sign;
	int exp;
	fp_u128 frac; /* bit 127 set */
};

static struct wide widen(struct num n)
{
	struct wide w = { n.sign, n.exp, (fp_u128)n.frac << 64 };

	return w;
}

/*
 * a + b of finite numbers.  The lowest bit of the products and sums that get
 * here is free, so the carry finds room by shifting first.
 */
static struct num wide_add(struct wide a, struct wide b)
{
	struct num r = { NUM_FINITE, false, 0, 0 };
	struct wide t;
	fp_u128 sum;
	unsigned shift;

	if (a.exp < b.exp || (a.exp == b.exp && a.frac < b.frac)) {
		t = a;
		a = b;
		b = t;
	}
	sum = shift128(b.frac >> 1, (unsigned)(a.exp - b.exp));
	sum = (a.frac >> 1) + (a.sign == b.sign ? sum : -sum);
	if (!sum) {
		r.kind = NUM_ZERO;
		return r;
	}
	shift = (uint64_t)(sum >> 64)
			? (unsigned)__builtin_clzll((uint64_t)(sum >> 64))
			: 64 + (unsigned)__builtin_clzll((uint64_t)sum);
	sum <<= shift;
	r.sign = a.sign;
	r.exp = a.exp + 1 - (int)shift;
	r.frac = (uint64_t)(sum >> 64) | ((uint64_t)sum != 0);
	return r;
}

static struct wide wide_mul(struct num a, struct num b)
{
	struct wide w = { a.sign != b.sign, a.exp + b.exp + 1,
			  (fp_u128)a.frac * b.frac };

	if (!(w.frac >> 127)) {
		w.frac <<= 1;
		w.exp--;
	}
	return w;
}

/* Like wide_add() for operands that use the upper half alone. */
static struct num num_add(struct num a, struct num b)
{
	struct num r = a;
	uint64_t sum;
	int shift;

	if (a.exp < b.exp || (a.exp == b.exp && a.frac < b.frac)) {
		r = b;
		b = a;
	}
	sum = num_shift(b.frac >> 1, (unsigned)(r.exp - b.exp));
	sum = (r.frac >> 1) + (r.sign == b.sign ? sum : -sum);
	if (!sum) {
		r.kind = NUM_ZERO;
		return r;
	}
	shift = __builtin_clzll(sum);
	r.frac = sum << shift;
	r.exp += 1 - shift;
	return r;
}

static uint64_t add(const struct fp_format *f, uint64_t a, uint64_t b,
		    bool minus, uint32_t fpcr, uint32_t *fpsr)
{
	struct num x = num_unpack(f, a, fpcr, fpsr);
	struct num y = num_unpack(f, b, fpcr, fpsr);
	struct num r;

	if (num_is_nan(x) || num_is_nan(y))
		return num_nan2(f, a, x, b, y, fpcr, fpsr);
	y.sign ^= minus;
	if (x.kind == NUM_INF || y.kind == NUM_INF) {
		if (x.kind == y.kind && x.sign != y.sign)
			return num_invalid(f, fpsr);
		return num_inf(f, x.kind == NUM_INF ? x.sign : y.sign);
	}
	if (x.kind == NUM_ZERO && y.kind == NUM_ZERO)
		return num_zero(f, zero_sum_sign(x.sign, y.sign, fpcr));
	if (x.kind == NUM_ZERO)
		r = y;
	else if (y.kind == NUM_ZERO)
		r = x;
	else
		r = num_add(x, y);
	if (r.kind == NUM_ZERO)
		return num_zero(f, zero_sum_sign(false, true, fpcr));
	return num_round(f, r, fp_rmode(fpcr), fpcr, fpsr);
}

uint64_t fp_add(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr)
{
	return add(f, a, b, false, fpcr, fpsr);
}

uint64_t fp_sub(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr)
{
	return add(f, a, b, true, fpcr, fpsr);
}

static bool is_inf_times_zero(struct num a, struct num b)
{
	return (a.kind == NUM_INF && b.kind == NUM_ZERO) ||
	       (a.kind == NUM_ZERO && b.kind == NUM_INF);
}

static uint64_t mul(const struct fp_format *f, uint64_t a, uint64_t b,
		    bool extended, uint32_t fpcr, uint32_t *fpsr)
{
	struct num x = num_unpack(f, a, fpcr, fpsr);
	struct num y = num_unpack(f, b, fpcr, fpsr);
	bool sign = x.sign != y.sign;
	struct wide w;
	struct num r = { NUM_FINITE, sign, 0, 0 };

	if (num_is_nan(x) || num_is_nan(y))
		return num_nan2(f, a, x, b, y, fpcr, fpsr);
	if (is_inf_times_zero(x, y)) {
		if (!extended)
			return num_invalid(f, fpsr);
		return num_zero(f, sign) | (uint64_t)1
						   << (f->exp - 1 + f->frac);
	}
	if (x.kind == NUM_INF || y.kind == NUM_INF)
		return num_inf(f, sign);
	if (x.kind == NUM_ZERO || y.kind == NUM_ZERO)
		return num_zero(f, sign);
	w = wide_mul(x, y);
	r.exp = w.exp;
	r.frac = (uint64_t)(w.frac >> 64) | ((uint64_t)w.frac != 0);
	return num_round(f, r, fp_rmode(fpcr), fpcr, fpsr);
}

uint64_t fp_mul(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr)
{
	return mul(f, a, b, false, fpcr, fpsr);
}

uint64_t fp_mulx(const struct fp_format *f, uint64_t a, uint64_t b,
		 uint32_t fpcr, uint32_t *fpsr)
{
	return mul(f, a, b, true, fpcr, fpsr);
}

uint64_t fp_div(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr)
{
	struct num x = num_unpack(f, a, fpcr, fpsr);
	struct num y = num_unpack(f, b, fpcr, fpsr);
	bool sign = x.sign != y.sign;
	struct num r = { NUM_FINITE, sign, x.exp - y.exp, 0 };
	fp_u128 dividend;

	if (num_is_nan(x) || num_is_nan(y))
		return num_nan2(f, a, x, b, y, fpcr, fpsr);
	if (x.kind == y.kind && x.kind != NUM_FINITE)
		return num_invalid(f, fpsr);
	if (x.kind == NUM_INF || y.kind == NUM_ZERO) {
		if (y.kind == NUM_ZERO && x.kind != NUM_INF)
			*fpsr |= FPSR_DZC;
		return num_inf(f, sign);
	}
	if (x.kind == NUM_ZERO || y.kind == NUM_INF)
		return num_zero(f, sign);
	dividend = (fp_u128)x.frac << 63;
	if (x.frac < y.frac) {
		dividend <<= 1;
		r.exp--;
	}
	r.frac = (uint64_t)(dividend / y.frac);
	r.frac |= r.frac * (fp_u128)y.frac != dividend;
	return num_round(f, r, fp_rmode(fpcr), fpcr, fpsr);
}

/* The square root of v, 2^126 <= v < 2^128; bit 0 set when inexact. */
static uint64_t root(fp_u128 v)
{
	uint64_t r = 0, bit;

	for (bit = (uint64_t)1 << 63; bit; bit >>= 1)
		if ((fp_u128)(r | bit) * (r | bit) <= v)
			r |= bit;
	return r | ((fp_u128)r * r != v);
}

uint64_t fp_sqrt(const struct fp_format *f, uint64_t a, uint32_t fpcr,
		 uint32_t *fpsr)
{
	struct num x = num_unpack(f, a, fpcr, fpsr);
	bool odd = x.exp & 1;

	if (num_is_nan(x))
		return num_nan(f, a, x.kind, fpcr, fpsr);
	if (x.kind == NUM_ZERO)
		return num_zero(f, x.sign);
	if (x.sign)
		return num_invalid(f, fpsr);
	if (x.kind == NUM_INF)
		return num_inf(f, false);
	x.frac = root((fp_u128)x.frac << (63 + odd));
	x.exp = (x.exp - odd) / 2;
	return num_round(f, x, fp_rmode(fpcr), fpcr, fpsr);
}

/*
 * (c + a * b) * 2^scale of anything but NaNs and inf * 0, rounded once.
 */
static uint64_t fused(const struct fp_format *f, struct num c, struct num a,
		      struct num b, int scale, uint32_t fpcr, uint32_t *fpsr)
{
	bool sign = a.sign != b.sign, inf, zero;
	struct num r = c;

	inf = a.kind == NUM_INF || b.kind == NUM_INF;
	zero = a.kind == NUM_ZERO || b.kind == NUM_ZERO;
	if (c.kind == NUM_INF && inf && c.sign != sign)
		return num_invalid(f, fpsr);
	if (c.kind == NUM_INF || inf)
		return num_inf(f, inf ? sign : c.sign);
	if (zero) {
		if (c.kind == NUM_ZERO)
			return num_zero(f, zero_sum_sign(c.sign, sign, fpcr));
	} else if (c.kind == NUM_ZERO) {
		struct wide w = wide_mul(a, b);

		r.kind = NUM_FINITE;
		r.sign = w.sign;
		r.exp = w.exp;
		r.frac = (uint64_t)(w.frac >> 64) | ((uint64_t)w.frac != 0);
	} else {
		r = wide_add(widen(c), wide_mul(a, b));
		if (r.kind == NUM_ZERO)
			return num_zero(f, zero_sum_sign(false, true, fpcr));
	}
	r.exp += scale;
	return num_round(f, r, fp_rmode(fpcr), fpcr, fpsr);
}

uint64_t fp_muladd(const struct fp_format *f, uint64_t c, uint64_t a,
		   uint64_t b, uint32_t fpcr, uint32_t *fpsr)
{
	struct num z = num_unpack(f, c, fpcr, fpsr);
	struct num x = num_unpack(f, a, fpcr, fpsr);
	struct num y = num_unpack(f, b, fpcr, fpsr);
	bool invalid = is_inf_times_zero(x, y);

	/* Even a quiet addend gives way to inf * 0. */
	if (invalid && z.kind != NUM_SNAN)
		return num_invalid(f, fpsr);
	if (z.kind == NUM_SNAN ||
	    (z.kind == NUM_QNAN && x.kind != NUM_SNAN && y.kind != NUM_SNAN))
		return num_nan(f, c, z.kind, fpcr, fpsr);
	if (num_is_nan(x) || num_is_nan(y))
		return num_nan2(f, a, x, b, y, fpcr, fpsr);
	return fused(f, z, x, y, 0, fpcr, fpsr);
}

/* addend - a * b, times 2^scale, for the steps. */
static uint64_t step(const struct fp_format *f, struct num addend, uint64_t a,
		     uint64_t b, int scale, uint32_t fpcr, uint32_t *fpsr)
{
	uint64_t minus_a = a ^ num_sign_bit(f);
	struct num x = num_unpack(f, minus_a, fpcr, fpsr);
	struct num y = num_unpack(f, b, fpcr, fpsr);

	if (num_is_nan(x) || num_is_nan(y))
		return num_nan2(f, minus_a, x, b, y, fpcr, fpsr);
	if (is_inf_times_zero(x, y))
		x.kind = y.kind = NUM_ZERO;
	return fused(f, addend, x, y, scale, fpcr, fpsr);
}

uint64_t fp_recip_step(const struct fp_format *f, uint64_t a, uint64_t b,
		       uint32_t fpcr, uint32_t *fpsr)
{
	static const struct num two = { NUM_FINITE, false, 1,
					(uint64_t)1 << 63 };

	return step(f, two, a, b, 0, fpcr, fpsr);
}

uint64_t fp_rsqrt_step(const struct fp_format *f, uint64_t a, uint64_t b,
		       uint32_t fpcr, uint32_t *fpsr)
{
	static const struct num three = { NUM_FINITE, false, 1,
					  (uint64_t)3 << 62 };

	return step(f, three, a, b, -1, fpcr, fpsr);
}
