/* SPDX-License-Identifier: MIT */
/*
 * fp_data.c - scalar floating point: data processing with 1, 2 and 3 sources,
 * compare, conditional compare, select and immediate, DDI 0487 C4.1.
 */
#include "cpu/arm64/alu.h"
#include "cpu/arm64/fp_fast.h"
#include "cpu/arm64/fp_immediate.h"
#include "cpu/arm64/simd_lanes.h"

#define ENV c->fpcr, &c->fpsr

static inline void put(struct a64 *c, unsigned rd, uint64_t r)
{
	c->v[rd].d[0] = r;
	c->v[rd].d[1] = 0;
}

/* An expression of rn, rm and ra as a, b, o, for one format. */
#define SCALAR(name, w, expr)                      \
	A64_OP(name##_##w)                         \
	{                                          \
		const u_##w a = c->v[op->rn].w[0]; \
		const u_##w b = c->v[op->rm].w[0]; \
		const u_##w o = c->v[op->ra].w[0]; \
                                                   \
		(void)b;                           \
		(void)o;                           \
		put(c, op->rd, (u_##w)(expr));     \
		NEXT;                              \
	}
#define BOTH(name, expr_s, expr_d) \
	SCALAR(name, s, expr_s)    \
	SCALAR(name, d, expr_d)

/* ---- one source ------------------------------------------------------- */

BOTH(fmov, a, a)
BOTH(fabs, a & ~FP_SIGN_S, a & ~FP_SIGN_D)
BOTH(fneg, a ^ FP_SIGN_S, a ^ FP_SIGN_D)
BOTH(fsqrt, fp_sqrt_s(c, a), fp_sqrt_d(c, a))

#define INTEGRAL(name, mode, exact)                               \
	BOTH(name, fp_round_int(&fp_single, a, mode, exact, ENV), \
	     fp_round_int(&fp_double, a, mode, exact, ENV))

INTEGRAL(frintn, FP_NEAREST, false)
INTEGRAL(frintp, FP_UP, false)
INTEGRAL(frintm, FP_DOWN, false)
INTEGRAL(frintz, FP_TO_ZERO, false)
INTEGRAL(frinta, FP_TIES_AWAY, false)
INTEGRAL(frintx, fp_rmode(c->fpcr), true)
INTEGRAL(frinti, fp_rmode(c->fpcr), false)

#define CONVERT(name, w, expr)                     \
	A64_OP(name)                               \
	{                                          \
		const u_##w a = c->v[op->rn].w[0]; \
                                                   \
		put(c, op->rd, (expr));            \
		NEXT;                              \
	}
#define TO(format, from) fp_convert(format, from, a, fp_rmode(c->fpcr), ENV)

CONVERT(fcvt_s_d, d, fp_narrow_d(c, a))
CONVERT(fcvt_h_d, d, TO(&fp_half, &fp_double))
CONVERT(fcvt_d_s, s, fp_widen_s(c, a))
CONVERT(fcvt_h_s, s, TO(&fp_half, &fp_single))
CONVERT(fcvt_s_h, h, TO(&fp_single, &fp_half))
CONVERT(fcvt_d_h, h, TO(&fp_double, &fp_half))

/* By type (single, double) and opcode. */
static a64_fn *const one_source[2][16] = {
	{
		fmov_s,
		fabs_s,
		fneg_s,
		fsqrt_s,
		0,
		fcvt_d_s,
		0,
		fcvt_h_s,
		frintn_s,
		frintp_s,
		frintm_s,
		frintz_s,
		frinta_s,
		0,
		frintx_s,
		frinti_s,
	},
	{
		fmov_d,
		fabs_d,
		fneg_d,
		fsqrt_d,
		fcvt_s_d,
		0,
		0,
		fcvt_h_d,
		frintn_d,
		frintp_d,
		frintm_d,
		frintz_d,
		frinta_d,
		0,
		frintx_d,
		frinti_d,
	},
};

enum { TYPE_HALF = 3, FCVT_TO_SINGLE = 4, FCVT_TO_DOUBLE = 5 };

static a64_fn *one_source_fn(unsigned type, unsigned opcode)
{
	if (type < 2)
		return opcode < 16 ? one_source[type][opcode] : NULL;
	if (type != TYPE_HALF)
		return NULL;
	switch (opcode) {
	case FCVT_TO_SINGLE: return fcvt_s_h;
	case FCVT_TO_DOUBLE: return fcvt_d_h;
	default: return NULL;
	}
}

/* ---- two and three sources -------------------------------------------- */

#define TWO(name, fn) BOTH(name, fn##_s(c, a, b), fn##_d(c, a, b))

TWO(fmul, fp_mul)
TWO(fdiv, fp_div)
TWO(fadd, fp_add)
TWO(fsub, fp_sub)
TWO(fmax, fp_max)
TWO(fmin, fp_min)
TWO(fmaxnm, fp_maxnum)
TWO(fminnm, fp_minnum)
BOTH(fnmul, fp_mul_s(c, a, b) ^ FP_SIGN_S, fp_mul_d(c, a, b) ^ FP_SIGN_D)

static a64_fn *const two_sources[2][16] = {
	{ fmul_s, fdiv_s, fadd_s, fsub_s, fmax_s, fmin_s, fmaxnm_s, fminnm_s,
	  fnmul_s },
	{ fmul_d, fdiv_d, fadd_d, fsub_d, fmax_d, fmin_d, fmaxnm_d, fminnm_d,
	  fnmul_d },
};

BOTH(fmadd, fp_muladd_s(c, o, a, b), fp_muladd_d(c, o, a, b))
BOTH(fmsub, fp_muladd_s(c, o, a ^ FP_SIGN_S, b),
     fp_muladd_d(c, o, a ^ FP_SIGN_D, b))
BOTH(fnmadd, fp_muladd_s(c, o ^ FP_SIGN_S, a ^ FP_SIGN_S, b),
     fp_muladd_d(c, o ^ FP_SIGN_D, a ^ FP_SIGN_D, b))
BOTH(fnmsub, fp_muladd_s(c, o ^ FP_SIGN_S, a, b),
     fp_muladd_d(c, o ^ FP_SIGN_D, a, b))

/* By type, o1 and o0. */
static a64_fn *const three_sources[2][4] = {
	{ fmadd_s, fmsub_s, fnmadd_s, fnmsub_s },
	{ fmadd_d, fmsub_d, fnmadd_d, fnmsub_d },
};

/* ---- comparison, selection, immediate --------------------------------- */

static inline void set_flags(struct a64 *c, enum fp_order order)
{
	c->nf = (uint64_t)(order == FP_LESS) << 63;
	c->zf = order != FP_EQUAL;
	c->cf = order != FP_LESS;
	c->vf = order == FP_UNORDERED;
}

/* op->ra: the condition; op->uimm: flags when it does not hold. */
static inline void set_flags_to(struct a64 *c, uint32_t nzcv)
{
	c->nf = (uint64_t)(nzcv >> 3 & 1) << 63;
	c->zf = !(nzcv >> 2 & 1);
	c->cf = nzcv >> 1 & 1;
	c->vf = nzcv & 1;
}

#define COMPARE(name, w, signals)                                              \
	A64_OP(name##_##w)                                                     \
	{                                                                      \
		set_flags(c, fp_compare_##w(c, c->v[op->rn].w[0],              \
					    c->v[op->rm].w[0], signals));      \
		NEXT;                                                          \
	}                                                                      \
	A64_OP(name##_zero_##w)                                                \
	{                                                                      \
		set_flags(c,                                                   \
			  fp_compare_##w(c, c->v[op->rn].w[0], 0, signals));   \
		NEXT;                                                          \
	}                                                                      \
	A64_OP(name##_if_##w)                                                  \
	{                                                                      \
		if (a64_holds(c, (enum a64_cond)op->ra))                       \
			set_flags(c,                                           \
				  fp_compare_##w(c, c->v[op->rn].w[0],         \
						 c->v[op->rm].w[0], signals)); \
		else                                                           \
			set_flags_to(c, op->uimm);                             \
		NEXT;                                                          \
	}

COMPARE(fcmp, s, false)
COMPARE(fcmp, d, false)
COMPARE(fcmpe, s, true)
COMPARE(fcmpe, d, true)

#define SELECT(w)                                                   \
	A64_OP(fcsel_##w)                                           \
	{                                                           \
		bool first = a64_holds(c, (enum a64_cond)op->ra);   \
                                                                    \
		put(c, op->rd, c->v[first ? op->rn : op->rm].w[0]); \
		NEXT;                                               \
	}

SELECT(s)
SELECT(d)

A64_OP(fmov_immediate_s)
{
	put(c, op->rd, op->uimm);
	NEXT;
}

A64_OP(fmov_immediate_d)
{
	put(c, op->rd, (uint64_t)op->uimm << 32);
	NEXT;
}

/* By type, "with zero" and "signalling". */
static a64_fn *const compare[2][2][2] = {
	{ { fcmp_s, fcmpe_s }, { fcmp_zero_s, fcmpe_zero_s } },
	{ { fcmp_d, fcmpe_d }, { fcmp_zero_d, fcmpe_zero_d } },
};
static a64_fn *const compare_if[2][2] = {
	{ fcmp_if_s, fcmpe_if_s },
	{ fcmp_if_d, fcmpe_if_d },
};
static a64_fn *const select_fn[2] = { fcsel_s, fcsel_d };
static a64_fn *const fmov_immediate[2] = { fmov_immediate_s, fmov_immediate_d };

/* ---- decoding --------------------------------------------------------- */

static a64_fn *immediate(uint32_t insn, struct a64_op *op, unsigned type)
{
	uint32_t imm8 = bits(insn, 20, 13);

	if (bits(insn, 9, 5))
		return NULL;
	if (type)
		op->uimm = (uint32_t)(fp_immediate_d(imm8) >> 32);
	else
		op->uimm = fp_immediate_s(imm8);
	return fmov_immediate[type];
}

/* Bits 11:10 are 00: compare, immediate, one source. */
static a64_fn *decode_zero(uint32_t insn, struct a64_op *op, unsigned type)
{
	if (bits(insn, 14, 10) == 16)
		return one_source_fn(type, bits(insn, 20, 15));
	if (type > 1)
		return NULL;
	if (bits(insn, 12, 12))
		return immediate(insn, op, type);
	if (bits(insn, 15, 10) != 8 || bits(insn, 2, 0))
		return NULL;
	return compare[type][bits(insn, 3, 3)][bits(insn, 4, 4)];
}

static a64_fn *decode_group(uint32_t insn, struct a64_op *op, unsigned type)
{
	if (!bits(insn, 11, 10))
		return decode_zero(insn, op, type);
	if (type > 1)
		return NULL;
	switch (bits(insn, 11, 10)) {
	case 1:
		op->ra = (uint8_t)bits(insn, 15, 12);
		op->uimm = bits(insn, 3, 0);
		return compare_if[type][bits(insn, 4, 4)];
	case 2: return two_sources[type][bits(insn, 15, 12)];
	default: op->ra = (uint8_t)bits(insn, 15, 12); return select_fn[type];
	}
}

enum a64_flow fp_decode_data(uint32_t insn, struct a64_op *op)
{
	unsigned type = bits(insn, 23, 22);
	a64_fn *fn = NULL;

	simd_regs(insn, op);
	op->ra = 0;
	if (!bits(insn, 24, 24)) {
		fn = decode_group(insn, op, type);
	} else if (type < 2) {
		op->ra = (uint8_t)bits(insn, 14, 10);
		fn = three_sources[type][bits(insn, 21, 21) << 1 |
					 bits(insn, 15, 15)];
	}
	if (!fn)
		return A64_UNDEFINED;
	op->fn = fn;
	return A64_GOES_ON;
}
