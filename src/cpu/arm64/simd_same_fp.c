/* SPDX-License-Identifier: MIT */
/*
 * simd_same_fp.c - floating point, lane by lane: the other part of Advanced
 * SIMD three same and scalar three same of DDI 0487 C4.1.
 */
#include "cpu/arm64/fp_fast.h"
#include "cpu/arm64/simd_lanes.h"

EACH_FP2(fadd, fp_add)
EACH_FP2(fsub, fp_sub)
EACH_FP2(fmul, fp_mul)
EACH_FP2(fmulx, fp_mulx)
EACH_FP2(fdiv, fp_div)
EACH_FP2(fmax, fp_max)
EACH_FP2(fmin, fp_min)
EACH_FP2(fmaxnm, fp_maxnum)
EACH_FP2(fminnm, fp_minnum)
EACH_FP2(frecps, fp_recip_step)
EACH_FP2(frsqrts, fp_rsqrt_step)

#define BOTH(name, expr_s, expr_d)           \
	EACH_LANE(name##_s, u, s, i, expr_s) \
	EACH_LANE(name##_d, u, d, i, expr_d)

#define ABS_S(a) ((a) & ~FP_SIGN_S)
#define ABS_D(a) ((a) & ~FP_SIGN_D)

BOTH(fabd, ABS_S(fp_sub_s(c, a, b)), ABS_D(fp_sub_d(c, a, b)))
BOTH(fmla, fp_muladd_s(c, o, a, b), fp_muladd_d(c, o, a, b))
BOTH(fmls, fp_muladd_s(c, o, a ^ FP_SIGN_S, b),
     fp_muladd_d(c, o, a ^ FP_SIGN_D, b))

/* All ones or zeros; enum fp_order: less, equal, greater, unordered. */
#define COMPARE(name, x, y, signals, condition)                     \
	BOTH(name,                                                  \
	     fp_compare_s(c, x##_S(a), x##_S(b), signals) condition \
		     ? UINT32_MAX                                   \
		     : 0,                                           \
	     fp_compare_d(c, x##_D(a), x##_D(b), signals) condition \
		     ? UINT64_MAX                                   \
		     : 0)

#define PLAIN_S(a) (a)
#define PLAIN_D(a) (a)

COMPARE(fcmeq, PLAIN, PLAIN, false, == FP_EQUAL)
COMPARE(fcmge, PLAIN, PLAIN, true, % FP_UNORDERED >= FP_EQUAL)
COMPARE(fcmgt, PLAIN, PLAIN, true, == FP_GREATER)
COMPARE(facge, ABS, ABS, true, % FP_UNORDERED >= FP_EQUAL)
COMPARE(facgt, ABS, ABS, true, == FP_GREATER)

/* Neighbours of rn, then of rm. */
#define PAIRWISE(name, w, fn)                                                  \
	A64_OP(name##_##w)                                                     \
	{                                                                      \
		const union a64_vreg *v_n = &c->v[op->rn];                     \
		const union a64_vreg *v_m = &c->v[op->rm];                     \
		union a64_vreg r = { .d = { 0, 0 } };                          \
		unsigned i, half = op->ra / (W_##w / 8) / 2;                   \
                                                                               \
		for (i = 0; i < half; i++)                                     \
			r.w[i] =                                               \
				fn##_##w(c, v_n->w[2 * i], v_n->w[2 * i + 1]); \
		for (i = 0; i < half; i++)                                     \
			r.w[half + i] =                                        \
				fn##_##w(c, v_m->w[2 * i], v_m->w[2 * i + 1]); \
		c->v[op->rd] = r;                                              \
		NEXT;                                                          \
	}

#define PAIRWISE_FP(name, fn) \
	PAIRWISE(name, s, fn) \
	PAIRWISE(name, d, fn)

PAIRWISE_FP(faddp, fp_add)
PAIRWISE_FP(fmaxp, fp_max)
PAIRWISE_FP(fminp, fp_min)
PAIRWISE_FP(fmaxnmp, fp_maxnum)
PAIRWISE_FP(fminnmp, fp_minnum)

/* By U, bit 23 and opcode - 24. */
static const struct row {
	a64_fn *fn[2];
	uint8_t scalar_sizes;
} same_fp[2][2][8] = {
	{
		{
			[0] = { ROW_FP(fmaxnm), 0 },
			[1] = { ROW_FP(fmla), 0 },
			[2] = { ROW_FP(fadd), 0 },
			[3] = { ROW_FP(fmulx), 12 },
			[4] = { ROW_FP(fcmeq), 12 },
			[6] = { ROW_FP(fmax), 0 },
			[7] = { ROW_FP(frecps), 12 },
		},
		{
			[0] = { ROW_FP(fminnm), 0 },
			[1] = { ROW_FP(fmls), 0 },
			[2] = { ROW_FP(fsub), 0 },
			[6] = { ROW_FP(fmin), 0 },
			[7] = { ROW_FP(frsqrts), 12 },
		},
	},
	{
		{
			[0] = { ROW_FP(fmaxnmp), 0 },
			[2] = { ROW_FP(faddp), 0 },
			[3] = { ROW_FP(fmul), 0 },
			[4] = { ROW_FP(fcmge), 12 },
			[5] = { ROW_FP(facge), 12 },
			[6] = { ROW_FP(fmaxp), 0 },
			[7] = { ROW_FP(fdiv), 0 },
		},
		{
			[0] = { ROW_FP(fminnmp), 0 },
			[2] = { ROW_FP(fabd), 12 },
			[4] = { ROW_FP(fcmgt), 12 },
			[5] = { ROW_FP(facgt), 12 },
			[6] = { ROW_FP(fminp), 0 },
		},
	},
};

enum a64_flow simd_decode_same_fp(uint32_t insn, struct a64_op *op)
{
	unsigned sz = bits(insn, 22, 22), opcode = bits(insn, 13, 11);
	const struct row *row =
		&same_fp[bits(insn, 29, 29)][bits(insn, 23, 23)][opcode];

	return simd_emit(insn, op, row->fn[sz], 2 + sz, row->scalar_sizes);
}
