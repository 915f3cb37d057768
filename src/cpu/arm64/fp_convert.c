/* SPDX-License-Identifier: MIT */
/*
 * fp_convert.c - between formats, and to and from integers and fixed point.
 *
 * Knows no encodings of instructions.
 */
#include "cpu/arm64/fp_num.h"

/*
 * A finite number with its binary point moved below bit 0: the magnitude,
 * and what was lost below it as a 64-bit fraction, sticky.
 */
struct fixed {
	uint64_t whole, lost;
	bool huge; /* the magnitude does not fit */
};

static struct fixed to_fixed(struct num n)
{
	struct fixed x = { 0, 0, false };

	if (n.exp > 63) {
		x.huge = true;
	} else if (n.exp == 63) {
		x.whole = n.frac;
	} else if (n.exp >= 0) {
		x.whole = n.frac >> (63 - n.exp);
		x.lost = n.frac << (n.exp + 1);
	} else {
		x.lost = num_shift(n.frac, (unsigned)(-1 - n.exp));
	}
	return x;
}

/* Up or down to the whole; a carry out of the top makes it huge. */
static void round_fixed(struct fixed *x, enum fp_round mode, bool sign)
{
	if (num_rounds_up(mode, sign, x->whole & 1, x->lost,
			  (uint64_t)1 << 63) &&
	    ++x->whole == 0)
		x->huge = true;
}

uint64_t fp_round_int(const struct fp_format *f, uint64_t a, enum fp_round mode,
		      bool exact, uint32_t fpcr, uint32_t *fpsr)
{
	struct num n = num_unpack(f, a, fpcr, fpsr);
	struct fixed x;

	if (num_is_nan(n))
		return num_nan(f, a, n.kind, fpcr, fpsr);
	if (n.kind == NUM_ZERO)
		return num_zero(f, n.sign);
	if (n.kind == NUM_INF || n.exp >= f->frac)
		return a;
	x = to_fixed(n);
	if (x.lost && exact)
		*fpsr |= FPSR_IXC;
	round_fixed(&x, mode, n.sign);
	if (!x.whole)
		return num_zero(f, n.sign);
	n.exp = 63 - __builtin_clzll(x.whole);
	n.frac = x.whole << __builtin_clzll(x.whole);
	return num_round(f, n, mode, fpcr, fpsr);
}

/* The largest magnitude of an integer type with that sign. */
static uint64_t int_limit(struct fp_int type, bool sign)
{
	uint64_t ones = UINT64_MAX >> (64 - type.bits);

	if (type.is_signed)
		return (ones >> 1) + sign;
	return sign ? 0 : ones;
}

uint64_t fp_to_int(const struct fp_format *f, uint64_t a, struct fp_int type,
		   enum fp_round mode, uint32_t fpcr, uint32_t *fpsr)
{
	struct num n = num_unpack(f, a, fpcr, fpsr);
	uint64_t limit = int_limit(type, n.sign);
	struct fixed x = { 0, 0, false };

	if (num_is_nan(n)) {
		*fpsr |= FPSR_IOC;
		return 0;
	}
	n.exp += type.fraction;
	if (n.kind == NUM_INF)
		x.huge = true;
	else if (n.kind == NUM_FINITE)
		x = to_fixed(n);
	if (!x.huge)
		round_fixed(&x, mode, n.sign);
	if (x.huge || x.whole > limit) {
		*fpsr |= FPSR_IOC;
		x.whole = limit;
	} else if (x.lost) {
		*fpsr |= FPSR_IXC;
	}
	if (n.sign)
		x.whole = -x.whole;
	return x.whole & UINT64_MAX >> (64 - type.bits);
}

uint64_t fp_from_int(const struct fp_format *f, uint64_t v, struct fp_int type,
		     uint32_t fpcr, uint32_t *fpsr)
{
	unsigned up = 64 - type.bits;
	struct num n = { NUM_FINITE, false, 0, v << up };
	int shift;

	if (!n.frac)
		return num_zero(f, false);
	if (type.is_signed && n.frac >> 63) {
		n.sign = true;
		n.frac = -n.frac;
	}
	shift = __builtin_clzll(n.frac);
	n.frac <<= shift;
	n.exp = type.bits - 1 - shift - type.fraction;
	return num_round(f, n, fp_rmode(fpcr), fpcr, fpsr);
}

/* A NaN in another format keeps the upper bits of its fraction. */
static uint64_t convert_nan(const struct fp_format *to,
			    const struct fp_format *from, uint64_t a,
			    struct num n, uint32_t fpcr, uint32_t *fpsr)
{
	uint64_t frac;

	if (to == &fp_half && (fpcr & FPCR_AHP)) {
		*fpsr |= FPSR_IOC;
		return num_zero(to, n.sign);
	}
	if (n.kind == NUM_SNAN)
		*fpsr |= FPSR_IOC;
	if (fpcr & FPCR_DN)
		return num_default_nan(to);
	frac = (a & (num_quiet_bit(from) - 1)) << (63 - from->frac);
	return num_inf(to, n.sign) | num_quiet_bit(to) |
	       frac >> (63 - to->frac);
}

uint64_t fp_convert(const struct fp_format *to, const struct fp_format *from,
		    uint64_t a, enum fp_round mode, uint32_t fpcr,
		    uint32_t *fpsr)
{
	struct num n = num_unpack(from, a, fpcr, fpsr);

	switch (n.kind) {
	case NUM_QNAN:
	case NUM_SNAN: return convert_nan(to, from, a, n, fpcr, fpsr);
	case NUM_ZERO: return num_zero(to, n.sign);
	case NUM_INF:
		if (to == &fp_half && (fpcr & FPCR_AHP)) {
			*fpsr |= FPSR_IOC;
			return num_zero(to, n.sign) | (num_sign_bit(to) - 1);
		}
		return num_inf(to, n.sign);
	case NUM_FINITE: break;
	}
	return num_round(to, n, mode, fpcr, fpsr);
}
