/* SPDX-License-Identifier: MIT */
/*
 * fp_num.h - numbers taken apart, for the files that compute with them.
 *
 * FPUnpack(), FPRound() and FPProcessNaN() of DDI 0487 J1.3, for any format.
 */
#ifndef CPU_ARM64_FP_NUM_H
#define CPU_ARM64_FP_NUM_H

#include "cpu/arm64/fp.h"

__extension__ typedef unsigned __int128 fp_u128;

enum num_kind { NUM_ZERO, NUM_FINITE, NUM_INF, NUM_QNAN, NUM_SNAN };

struct num {
	enum num_kind kind;
	bool          sign;
	int           exp;      /* finite: frac * 2^(exp - 63) */
	uint64_t      frac;     /* finite: bit 63 set; bit 0 may be sticky */
};

/* Flushes denormals as FPCR says. */
struct num num_unpack(const struct fp_format *f, uint64_t a, uint32_t fpcr,
		      uint32_t *fpsr);

/* A finite number, rounded to the format; raises what that raises. */
uint64_t num_round(const struct fp_format *f, struct num n, enum fp_round mode,
		   uint32_t fpcr, uint32_t *fpsr);

/* Does a value of this sign and last bit move away from zero? */
bool num_rounds_up(enum fp_round mode, bool sign, bool odd, uint64_t lost,
		   uint64_t half);

/* Shift right; bits that fall out are remembered in bit 0. */
static inline uint64_t num_shift(uint64_t v, unsigned n)
{
	if (n == 0)
		return v;
	if (n > 63)
		return v != 0;
	return v >> n | ((v << (64 - n)) != 0);
}

static inline bool num_is_nan(struct num n)
{
	return n.kind >= NUM_QNAN;
}

static inline uint64_t num_sign_bit(const struct fp_format *f)
{
	return (uint64_t)1 << (f->exp + f->frac);
}

static inline uint64_t num_inf(const struct fp_format *f, bool sign)
{
	return (sign ? num_sign_bit(f) : 0) |
	       (((uint64_t)1 << f->exp) - 1) << f->frac;
}

static inline uint64_t num_zero(const struct fp_format *f, bool sign)
{
	return sign ? num_sign_bit(f) : 0;
}

static inline uint64_t num_quiet_bit(const struct fp_format *f)
{
	return (uint64_t)1 << (f->frac - 1);
}

static inline uint64_t num_default_nan(const struct fp_format *f)
{
	return num_inf(f, false) | num_quiet_bit(f);
}

static inline int num_bias(const struct fp_format *f)
{
	return (1 << (f->exp - 1)) - 1;
}

/* The default NaN of an invalid operation. */
uint64_t num_invalid(const struct fp_format *f, uint32_t *fpsr);

/* The NaN that NaN `a` makes of an operation. */
uint64_t num_nan(const struct fp_format *f, uint64_t a, enum num_kind kind,
		 uint32_t fpcr, uint32_t *fpsr);

/* One of two is a NaN: signalling ones first, then the first. */
uint64_t num_nan2(const struct fp_format *f, uint64_t a, struct num na,
		  uint64_t b, struct num nb, uint32_t fpcr, uint32_t *fpsr);

#endif
