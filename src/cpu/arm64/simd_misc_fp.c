/* SPDX-License-Identifier: MIT */
/*
 * simd_misc_fp.c - floating-point numbers of one vector: the other part of
 * Advanced SIMD two-register miscellaneous, scalar and vector, and conversion
 * from and to fixed point (in shift by immediate) of DDI 0487 C4.1.
 */
#include "cpu/arm64/fp_fast.h"
#include "cpu/arm64/simd_wide.h"

#define ENV c->fpcr, &c->fpsr

/* One expression for both formats; `f` is the format. */
#define BOTH(name, expr_s, expr_d)           \
	EACH_LANE(name##_s, u, s, i, expr_s) \
	EACH_LANE(name##_d, u, d, i, expr_d)

BOTH(fabs, a & ~FP_SIGN_S, a & ~FP_SIGN_D)
BOTH(fneg, a ^ FP_SIGN_S, a ^ FP_SIGN_D)
EACH_FP1(fsqrt, fp_sqrt)

/* Comparisons with zero; only "equal" lets quiet NaNs pass quietly. */
#define ZERO(name, signals, condition)                                        \
	BOTH(name, fp_compare_s(c, a, 0, signals) condition ? UINT32_MAX : 0, \
	     fp_compare_d(c, a, 0, signals) condition ? UINT64_MAX : 0)

/* enum fp_order: less, equal, greater, unordered. */
ZERO(fcmgt0, true, == FP_GREATER)
ZERO(fcmge0, true, % FP_UNORDERED >= FP_EQUAL)
ZERO(fcmeq0, false, == FP_EQUAL)
ZERO(fcmle0, true, <= FP_EQUAL)
ZERO(fcmlt0, true, == FP_LESS)

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

/* op->uimm: bits of fraction, 0 for integers. */
static inline struct fp_int type(const struct a64_op *op, uint8_t width,
				 bool is_signed)
{
	struct fp_int t = { width, is_signed, (uint8_t)op->uimm };

	return t;
}

#define TO_INT(name, is_signed, mode)                                      \
	BOTH(name,                                                         \
	     fp_to_int(&fp_single, a, type(op, 32, is_signed), mode, ENV), \
	     fp_to_int(&fp_double, a, type(op, 64, is_signed), mode, ENV))
#define FROM_INT(name, is_signed)                                            \
	BOTH(name, fp_from_int(&fp_single, a, type(op, 32, is_signed), ENV), \
	     fp_from_int(&fp_double, a, type(op, 64, is_signed), ENV))

TO_INT(fcvtns, true, FP_NEAREST)
TO_INT(fcvtps, true, FP_UP)
TO_INT(fcvtms, true, FP_DOWN)
TO_INT(fcvtzs, true, FP_TO_ZERO)
TO_INT(fcvtas, true, FP_TIES_AWAY)
TO_INT(fcvtnu, false, FP_NEAREST)
TO_INT(fcvtpu, false, FP_UP)
TO_INT(fcvtmu, false, FP_DOWN)
TO_INT(fcvtzu, false, FP_TO_ZERO)
TO_INT(fcvtau, false, FP_TIES_AWAY)
FROM_INT(scvtf, true)
FROM_INT(ucvtf, false)

BOTH(frecpe, fp_recip_estimate(&fp_single, a, ENV),
     fp_recip_estimate(&fp_double, a, ENV))
BOTH(frsqrte, fp_rsqrt_estimate(&fp_single, a, ENV),
     fp_rsqrt_estimate(&fp_double, a, ENV))
BOTH(frecpx, fp_recip_exponent(&fp_single, a, ENV),
     fp_recip_exponent(&fp_double, a, ENV))
EACH_LANE(urecpe_s, u, s, i, fp_urecip_estimate(a))
EACH_LANE(ursqrte_s, u, s, i, fp_ursqrt_estimate(a))

/* By the width of the narrow side. */
EACH_NARROW(fcvtn_h, u, h, s,
	    fp_convert(&fp_half, &fp_single, a, fp_rmode(c->fpcr), ENV))
EACH_NARROW(fcvtn_s, u, s, d, fp_narrow_d(c, a))
EACH_NARROW(fcvtxn_s, u, s, d,
	    fp_convert(&fp_single, &fp_double, a, FP_ODD, ENV))
EACH_LONG(fcvtl_h, u, h, s, i,
	  ((void)b,
	   fp_convert(&fp_single, &fp_half, (u_h)a, fp_rmode(c->fpcr), ENV)))
EACH_LONG(fcvtl_s, u, s, d, i, ((void)b, fp_widen_s(c, (u_s)a)))

enum { VECTOR = 1, SCALAR = 2, ANY = VECTOR | SCALAR };

/* By U, bit 23 and opcode - 12; the functions for single and double. */
enum { FIRST = 0x0c, FCVTN = 0x16, FCVTL = 0x17 };

static const struct row {
	a64_fn *fn[2];
	uint8_t forms;
} misc_fp[2][2][20] = {
	{
		{
			[FCVTN - FIRST] = { { fcvtn_h, fcvtn_s }, VECTOR },
			[FCVTL - FIRST] = { { fcvtl_h, fcvtl_s }, VECTOR },
			[0x18 - FIRST] = { ROW_FP(frintn), VECTOR },
			[0x19 - FIRST] = { ROW_FP(frintm), VECTOR },
			[0x1a - FIRST] = { ROW_FP(fcvtns), ANY },
			[0x1b - FIRST] = { ROW_FP(fcvtms), ANY },
			[0x1c - FIRST] = { ROW_FP(fcvtas), ANY },
			[0x1d - FIRST] = { ROW_FP(scvtf), ANY },
		},
		{
			[0x0c - FIRST] = { ROW_FP(fcmgt0), ANY },
			[0x0d - FIRST] = { ROW_FP(fcmeq0), ANY },
			[0x0e - FIRST] = { ROW_FP(fcmlt0), ANY },
			[0x0f - FIRST] = { ROW_FP(fabs), VECTOR },
			[0x18 - FIRST] = { ROW_FP(frintp), VECTOR },
			[0x19 - FIRST] = { ROW_FP(frintz), VECTOR },
			[0x1a - FIRST] = { ROW_FP(fcvtps), ANY },
			[0x1b - FIRST] = { ROW_FP(fcvtzs), ANY },
			[0x1c - FIRST] = { { urecpe_s }, VECTOR },
			[0x1d - FIRST] = { ROW_FP(frecpe), ANY },
			[0x1f - FIRST] = { ROW_FP(frecpx), SCALAR },
		},
	},
	{
		{
			[FCVTN - FIRST] = { { NULL, fcvtxn_s }, ANY },
			[0x18 - FIRST] = { ROW_FP(frinta), VECTOR },
			[0x19 - FIRST] = { ROW_FP(frintx), VECTOR },
			[0x1a - FIRST] = { ROW_FP(fcvtnu), ANY },
			[0x1b - FIRST] = { ROW_FP(fcvtmu), ANY },
			[0x1c - FIRST] = { ROW_FP(fcvtau), ANY },
			[0x1d - FIRST] = { ROW_FP(ucvtf), ANY },
		},
		{
			[0x0c - FIRST] = { ROW_FP(fcmge0), ANY },
			[0x0d - FIRST] = { ROW_FP(fcmle0), ANY },
			[0x0f - FIRST] = { ROW_FP(fneg), VECTOR },
			[0x19 - FIRST] = { ROW_FP(frinti), VECTOR },
			[0x1a - FIRST] = { ROW_FP(fcvtpu), ANY },
			[0x1b - FIRST] = { ROW_FP(fcvtzu), ANY },
			[0x1c - FIRST] = { { ursqrte_s }, VECTOR },
			[0x1d - FIRST] = { ROW_FP(frsqrte), ANY },
			[0x1f - FIRST] = { ROW_FP(fsqrt), VECTOR },
		},
	},
};

enum a64_flow simd_decode_misc_fp(uint32_t insn, struct a64_op *op)
{
	unsigned opcode = bits(insn, 16, 12), sz = bits(insn, 22, 22);
	const struct row *row = &misc_fp[bits(insn, 29, 29)][bits(insn, 23, 23)]
					[opcode - FIRST];
	unsigned narrow = opcode == FCVTN || opcode == FCVTL;
	unsigned size = 2 + sz - narrow;
	enum a64_flow flow;

	if (!(row->forms & (simd_is_scalar(insn) ? SCALAR : VECTOR)))
		return A64_UNDEFINED;
	flow = simd_emit(insn, op, row->fn[sz], size, 12 >> narrow);
	if (flow == A64_GOES_ON && opcode == FCVTL)
		long_operands(insn, op, size);
	return flow;
}

static a64_fn *const fixed[2][2][2] = {
	{ ROW_FP(scvtf), ROW_FP(ucvtf) },
	{ ROW_FP(fcvtzs), ROW_FP(fcvtzu) },
};

/* Called for the two opcodes alone; immh is not 0. */
enum a64_flow simd_decode_fixed(uint32_t insn, struct a64_op *op)
{
	unsigned immhb = bits(insn, 22, 16), size = immhb >> 6 ? 3 : 2;

	if (immhb < 32)
		return A64_UNDEFINED;
	op->rm = 0;
	op->uimm = (16u << size) - immhb;
	return simd_emit(
		insn, op,
		fixed[bits(insn, 12, 12)][bits(insn, 29, 29)][size - 2], size,
		12);
}
