/* SPDX-License-Identifier: MIT */
/*
 * fp.h - binary floating point exactly as Arm defines it (DDI 0487 A1.4, J1).
 *
 * Half, single and double precision values are plain bits in a uint64_t.  An
 * operation takes FPCR, from which it uses the rounding mode, flush-to-zero,
 * default NaN and alternative half precision, and adds the exceptions it
 * raises to FPSR.  Integer arithmetic only: host rounding modes and flags are
 * neither used nor changed.  Knows no registers and no instructions; the fast
 * way through the host's arithmetic is in fp_fast.h.
 *
 * FPCR and FPSR are never cached: MSR may write c->fpcr and c->fpsr as it
 * likes and has nothing to tell.  It must keep to FPCR_BITS and FPSR_BITS.
 */
#ifndef CPU_ARM64_FP_H
#define CPU_ARM64_FP_H

#include <stdbool.h>
#include <stdint.h>

/* FPCR, C5.2.7: no half-precision arithmetic, no traps. */
enum {
	FPCR_RMODE_AT = 22,
	FPCR_RMODE    = 3 << FPCR_RMODE_AT,
	FPCR_FZ       = 1 << 24,
	FPCR_DN       = 1 << 25,
	FPCR_AHP      = 1 << 26,
	FPCR_BITS     = FPCR_RMODE | FPCR_FZ | FPCR_DN | FPCR_AHP,
};

/* FPSR, C5.2.8. */
enum {
	FPSR_IOC  = 1 << 0,     /* invalid operation */
	FPSR_DZC  = 1 << 1,     /* division by zero */
	FPSR_OFC  = 1 << 2,     /* overflow */
	FPSR_UFC  = 1 << 3,     /* underflow, found before rounding */
	FPSR_IXC  = 1 << 4,     /* inexact */
	FPSR_IDC  = 1 << 7,     /* denormal input flushed to zero */
	FPSR_QC   = 1 << 27,    /* integer saturation */
	FPSR_BITS = FPSR_IOC | FPSR_DZC | FPSR_OFC | FPSR_UFC | FPSR_IXC |
		    FPSR_IDC | FPSR_QC,
};

/* Rounding: the first four as in FPCR.RMode. */
enum fp_round {
	FP_NEAREST,             /* ties to even */
	FP_UP,                  /* to plus infinity */
	FP_DOWN,
	FP_TO_ZERO,
	FP_TIES_AWAY,
	FP_ODD,                 /* inexact results get an odd last bit */
};

static inline enum fp_round fp_rmode(uint32_t fpcr)
{
	return (enum fp_round)(fpcr >> FPCR_RMODE_AT & 3);
}

/* A format: bits of the exponent and of the fraction. */
struct fp_format {
	uint8_t exp, frac;
};

extern const struct fp_format fp_half, fp_single, fp_double;

/* Arithmetic: J1's FPAdd(), FPSub(), ... by name. */
uint64_t fp_add(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_sub(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_mul(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_mulx(const struct fp_format *f, uint64_t a, uint64_t b,
		 uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_div(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_sqrt(const struct fp_format *f, uint64_t a, uint32_t fpcr,
		 uint32_t *fpsr);

/* c + a * b, rounded once. */
uint64_t fp_muladd(const struct fp_format *f, uint64_t c, uint64_t a,
		   uint64_t b, uint32_t fpcr, uint32_t *fpsr);

/* The steps of Newton's method: 2 - a * b and (3 - a * b) / 2. */
uint64_t fp_recip_step(const struct fp_format *f, uint64_t a, uint64_t b,
		       uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_rsqrt_step(const struct fp_format *f, uint64_t a, uint64_t b,
		       uint32_t fpcr, uint32_t *fpsr);

uint64_t fp_max(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_min(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr);

/* Likewise, but a quiet NaN loses against a number. */
uint64_t fp_maxnum(const struct fp_format *f, uint64_t a, uint64_t b,
		   uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_minnum(const struct fp_format *f, uint64_t a, uint64_t b,
		   uint32_t fpcr, uint32_t *fpsr);

enum fp_order { FP_LESS, FP_EQUAL, FP_GREATER, FP_UNORDERED };

/* `signals`: a quiet NaN is an invalid operation, too. */
enum fp_order fp_compare(const struct fp_format *f, uint64_t a, uint64_t b,
			 bool signals, uint32_t fpcr, uint32_t *fpsr);

/* To an integral value; `exact` reports what was lost as inexact. */
uint64_t fp_round_int(const struct fp_format *f, uint64_t a,
		      enum fp_round mode, bool exact, uint32_t fpcr,
		      uint32_t *fpsr);

/* An integer type, or fixed point with that many bits of fraction. */
struct fp_int {
	uint8_t bits;           /* 32 or 64 */
	bool    is_signed;
	uint8_t fraction;
};

/* The result saturates, and is zero-extended to 64 bits. */
uint64_t fp_to_int(const struct fp_format *f, uint64_t a, struct fp_int type,
		   enum fp_round mode, uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_from_int(const struct fp_format *f, uint64_t v, struct fp_int type,
		     uint32_t fpcr, uint32_t *fpsr);

/* Between formats; `mode` counts only when the result has fewer bits. */
uint64_t fp_convert(const struct fp_format *to, const struct fp_format *from,
		    uint64_t a, enum fp_round mode, uint32_t fpcr,
		    uint32_t *fpsr);

/* Estimates of eight bits, and their integer relatives; FPRecpX(). */
uint64_t fp_recip_estimate(const struct fp_format *f, uint64_t a,
			   uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_rsqrt_estimate(const struct fp_format *f, uint64_t a,
			   uint32_t fpcr, uint32_t *fpsr);
uint64_t fp_recip_exponent(const struct fp_format *f, uint64_t a,
			   uint32_t fpcr, uint32_t *fpsr);
uint32_t fp_urecip_estimate(uint32_t a);
uint32_t fp_ursqrt_estimate(uint32_t a);

#endif
