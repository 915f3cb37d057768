/* SPDX-License-Identifier: MIT */
/*
 * fp_num.c - taking floating-point numbers apart, and rounding them.
 *
 * Knows the formats and FPCR, not the operations.
 */
#include "cpu/arm64/fp_num.h"

const struct fp_format fp_half = { 5, 10 };
const struct fp_format fp_single = { 8, 23 };
const struct fp_format fp_double = { 11, 52 };

static bool is_half(const struct fp_format *f)
{
	return f->exp == 5;
}

/* Half precision never flushes without FEAT_FP16. */
static bool flushes(const struct fp_format *f, uint32_t fpcr)
{
	return (fpcr & FPCR_FZ) && !is_half(f);
}

/* The alternative half precision has numbers where others have NaNs. */
static bool is_alternative(const struct fp_format *f, uint32_t fpcr)
{
	return (fpcr & FPCR_AHP) && is_half(f);
}

struct num num_unpack(const struct fp_format *f, uint64_t a, uint32_t fpcr,
		      uint32_t *fpsr)
{
	int e_max = (1 << f->exp) - 1;
	int e = (int)(a >> f->frac) & e_max;
	uint64_t frac = a & (((uint64_t)1 << f->frac) - 1);
	struct num n = { NUM_FINITE, (a & num_sign_bit(f)) != 0, 0, 0 };
	int shift;

	if (e == e_max && !is_alternative(f, fpcr)) {
		n.kind = !frac                   ? NUM_INF
			 : frac >> (f->frac - 1) ? NUM_QNAN
						 : NUM_SNAN;
		return n;
	}
	if (e) {
		n.exp = e - num_bias(f);
		n.frac = (frac | (uint64_t)1 << f->frac) << (63 - f->frac);
		return n;
	}
	n.kind = NUM_ZERO;
	if (!frac)
		return n;
	if (flushes(f, fpcr)) {
		*fpsr |= FPSR_IDC;
		return n;
	}
	n.kind = NUM_FINITE;
	shift = __builtin_clzll(frac);
	n.frac = frac << shift;
	n.exp = 64 - num_bias(f) - f->frac - shift;
	return n;
}

bool num_rounds_up(enum fp_round mode, bool sign, bool odd, uint64_t lost,
		   uint64_t half)
{
	switch (mode) {
	case FP_NEAREST: return lost > half || (lost == half && odd);
	case FP_UP: return lost && !sign;
	case FP_DOWN: return lost && sign;
	case FP_TO_ZERO: return false;
	case FP_TIES_AWAY: return lost >= half;
	case FP_ODD: return lost && !odd;
	}
	return false;
}

static uint64_t overflow(const struct fp_format *f, bool sign,
			 enum fp_round mode, uint32_t fpcr, uint32_t *fpsr)
{
	uint64_t inf = num_inf(f, sign);

	if (is_alternative(f, fpcr)) {
		*fpsr |= FPSR_IOC;
		return num_zero(f, sign) | (num_sign_bit(f) - 1);
	}
	*fpsr |= FPSR_OFC | FPSR_IXC;
	switch (mode) {
	case FP_NEAREST:
	case FP_TIES_AWAY: return inf;
	case FP_UP: return sign ? inf - 1 : inf;
	case FP_DOWN: return sign ? inf : inf - 1;
	case FP_TO_ZERO:
	case FP_ODD: return inf - 1;
	}
	return inf;
}

uint64_t num_round(const struct fp_format *f, struct num n, enum fp_round mode,
		   uint32_t fpcr, uint32_t *fpsr)
{
	uint64_t half = (uint64_t)1 << (62 - f->frac);
	int e_end = (1 << f->exp) - 1 + is_alternative(f, fpcr);
	int e = n.exp + num_bias(f);
	uint64_t lost, r;

	if (e >= e_end)
		return overflow(f, n.sign, mode, fpcr, fpsr);
	if (e <= 0) {
		if (flushes(f, fpcr)) {
			*fpsr |= FPSR_UFC;
			return num_zero(f, n.sign);
		}
		n.frac = num_shift(n.frac, (unsigned)(1 - e));
		e = 1;
	}
	lost = n.frac & (2 * half - 1);
	r = n.frac >> (63 - f->frac);
	if (lost) {
		if (!(r >> f->frac)) /* still tiny, before rounding */
			*fpsr |= FPSR_UFC;
		r += num_rounds_up(mode, n.sign, r & 1, lost, half);
	}
	/* The leading one counts as one more in the exponent. */
	r += (uint64_t)(e - 1) << f->frac;
	if (r >> f->frac >= (uint64_t)e_end)
		return overflow(f, n.sign, mode, fpcr, fpsr);
	if (lost)
		*fpsr |= FPSR_IXC;
	return r | num_zero(f, n.sign);
}

uint64_t num_invalid(const struct fp_format *f, uint32_t *fpsr)
{
	*fpsr |= FPSR_IOC;
	return num_default_nan(f);
}

uint64_t num_nan(const struct fp_format *f, uint64_t a, enum num_kind kind,
		 uint32_t fpcr, uint32_t *fpsr)
{
	if (kind == NUM_SNAN)
		*fpsr |= FPSR_IOC;
	if (fpcr & FPCR_DN)
		return num_default_nan(f);
	return a | num_quiet_bit(f);
}

uint64_t num_nan2(const struct fp_format *f, uint64_t a, struct num na,
		  uint64_t b, struct num nb, uint32_t fpcr, uint32_t *fpsr)
{
	if (na.kind == NUM_SNAN || (nb.kind != NUM_SNAN && na.kind == NUM_QNAN))
		return num_nan(f, a, na.kind, fpcr, fpsr);
	return num_nan(f, b, nb.kind, fpcr, fpsr);
}
