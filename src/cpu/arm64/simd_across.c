/* SPDX-License-Identifier: MIT */
/*
 * simd_across.c - one number out of a vector: Advanced SIMD across lanes and
 * scalar pairwise of DDI 0487 C4.1.
 */
#include "cpu/arm64/fp_fast.h"
#include "cpu/arm64/simd_lanes.h"

static inline void put_scalar(struct a64 *c, const struct a64_op *op,
			      uint64_t r)
{
	c->v[op->rd].d[0] = r;
	c->v[op->rd].d[1] = 0;
}

/* r starts as the first lane, and takes up the others; as wide as w2. */
#define ACROSS(name, k, w, w2, expr)                         \
	A64_OP(name)                                         \
	{                                                    \
		const union a64_vreg *v_n = &c->v[op->rn];   \
		k##_d r = (k##_##w)v_n->w[0];                \
		unsigned i;                                  \
                                                             \
		for (i = 1; i < op->ra / (W_##w / 8); i++) { \
			const k##_d a = (k##_##w)v_n->w[i];  \
                                                             \
			r = (expr);                          \
		}                                            \
		put_scalar(c, op, (u_##w2)r);                \
		NEXT;                                        \
	}

#define ACROSS_BHS(name, k, expr)       \
	ACROSS(name##_b, k, b, b, expr) \
	ACROSS(name##_h, k, h, h, expr) \
	ACROSS(name##_s, k, s, s, expr)

ACROSS(saddlv_b, s, b, h, r + a)
ACROSS(saddlv_h, s, h, s, r + a)
ACROSS(saddlv_s, s, s, d, r + a)
ACROSS(uaddlv_b, u, b, h, r + a)
ACROSS(uaddlv_h, u, h, s, r + a)
ACROSS(uaddlv_s, u, s, d, r + a)
ACROSS_BHS(addv, u, r + a)
ACROSS_BHS(smaxv, s, a > r ? a : r)
ACROSS_BHS(sminv, s, a < r ? a : r)
ACROSS_BHS(umaxv, u, a > r ? a : r)
ACROSS_BHS(uminv, u, a < r ? a : r)

/* Four singles, as a tree: first the halves, then their results. */
#define ACROSS_FP(name, fn)                                    \
	A64_OP(name##v)                                        \
	{                                                      \
		const union a64_vreg n = c->v[op->rn];         \
		const uint32_t lo = fn##_s(c, n.s[0], n.s[1]); \
		const uint32_t hi = fn##_s(c, n.s[2], n.s[3]); \
                                                               \
		put_scalar(c, op, fn##_s(c, lo, hi));          \
		NEXT;                                          \
	}

#define PAIR_FP(name, fn)                                     \
	A64_OP(name##_s)                                      \
	{                                                     \
		const union a64_vreg n = c->v[op->rn];        \
                                                              \
		put_scalar(c, op, fn##_s(c, n.s[0], n.s[1])); \
		NEXT;                                         \
	}                                                     \
	A64_OP(name##_d)                                      \
	{                                                     \
		const union a64_vreg n = c->v[op->rn];        \
                                                              \
		put_scalar(c, op, fn##_d(c, n.d[0], n.d[1])); \
		NEXT;                                         \
	}

ACROSS_FP(fmax, fp_max)
ACROSS_FP(fmin, fp_min)
ACROSS_FP(fmaxnm, fp_maxnum)
ACROSS_FP(fminnm, fp_minnum)
PAIR_FP(fmaxp, fp_max)
PAIR_FP(fminp, fp_min)
PAIR_FP(fmaxnmp, fp_maxnum)
PAIR_FP(fminnmp, fp_minnum)
PAIR_FP(faddp, fp_add)

A64_OP(addp_d)
{
	put_scalar(c, op, c->v[op->rn].d[0] + c->v[op->rn].d[1]);
	NEXT;
}

/* By U, opcode and size. */
static a64_fn *const across[2][32][4] = {
	{
		[0x03] = ROW_BHS(saddlv),
		[0x0a] = ROW_BHS(smaxv),
		[0x1a] = ROW_BHS(sminv),
		[0x1b] = ROW_BHS(addv),
	},
	{
		[0x03] = ROW_BHS(uaddlv),
		[0x0a] = ROW_BHS(umaxv),
		[0x1a] = ROW_BHS(uminv),
	},
};

/* Floating point, U = 1: by bit 23 and opcode. */
static a64_fn *const across_fp[2][32] = {
	{ [0x0c] = fmaxnmv, [0x0f] = fmaxv },
	{ [0x0c] = fminnmv, [0x0f] = fminv },
};
static a64_fn *const pair_fp[2][32][2] = {
	{
		[0x0c] = ROW_FP(fmaxnmp),
		[0x0d] = ROW_FP(faddp),
		[0x0f] = ROW_FP(fmaxp),
	},
	{
		[0x0c] = ROW_FP(fminnmp),
		[0x0f] = ROW_FP(fminp),
	},
};

enum a64_flow simd_decode_across(uint32_t insn, struct a64_op *op)
{
	unsigned u = bits(insn, 29, 29), size = bits(insn, 23, 22);
	unsigned opcode = bits(insn, 16, 12);

	simd_regs(insn, op);
	op->fn = across[u][opcode][size];
	if (op->fn && (size < 2 || op->ra == 16))
		return A64_GOES_ON;
	op->fn = across_fp[size >> 1][opcode];
	if (op->fn && u && !(size & 1) && op->ra == 16)
		return A64_GOES_ON;
	return A64_UNDEFINED;
}

enum { ADDP = 0x1b };

enum a64_flow simd_decode_pair(uint32_t insn, struct a64_op *op)
{
	unsigned u = bits(insn, 29, 29), size = bits(insn, 23, 22);
	unsigned opcode = bits(insn, 16, 12);

	simd_regs(insn, op);
	if (!u) {
		if (opcode != ADDP || size != 3)
			return A64_UNDEFINED;
		op->fn = addp_d;
		return A64_GOES_ON;
	}
	op->fn = pair_fp[size >> 1][opcode][size & 1];
	return op->fn ? A64_GOES_ON : A64_UNDEFINED;
}
