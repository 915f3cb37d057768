/* SPDX-License-Identifier: MIT */
/*
 * simd_element.c - every lane with one lane of rm: Advanced SIMD vector x
 * indexed element and scalar x indexed element of DDI 0487 C4.1.
 */
#include "cpu/arm64/fp_fast.h"
#include "cpu/arm64/simd_arith.h"
#include "cpu/arm64/simd_wide.h"

#define LANE (op->uimm & LONG_LANE)

#define ELEMENT_HS(name, expr)                 \
	PURE_LANES(name##_h, u, h, LANE, expr) \
	PURE_LANES(name##_s, u, s, LANE, expr)

ELEMENT_HS(mul, 1u * a * b)
ELEMENT_HS(mla, o + 1u * a * b)
ELEMENT_HS(mls, o - 1u * a * b)

EACH_LANE(sqdmulh_h, s, h, LANE, lane_sqdmulh(c, a, b, W_h))
EACH_LANE(sqdmulh_s, s, s, LANE, lane_sqdmulh(c, a, b, W_s))
EACH_LANE(sqrdmulh_h, s, h, LANE, lane_sqrdmulh(c, a, b, W_h))
EACH_LANE(sqrdmulh_s, s, s, LANE, lane_sqrdmulh(c, a, b, W_s))

#define ELEMENT_LONG(name, k, expr)         \
	LONG(name##_h, k, h, s, LANE, expr) \
	LONG(name##_s, k, s, d, LANE, expr)

ELEMENT_LONG(smull, s, a *b)
ELEMENT_LONG(umull, u, a *b)
ELEMENT_LONG(smlal, s, o + (u_d)(a * b))
ELEMENT_LONG(umlal, u, o + a * b)
ELEMENT_LONG(smlsl, s, o - (u_d)(a * b))
ELEMENT_LONG(umlsl, u, o - a * b)

EACH_LONG(sqdmull_h, s, h, s, LANE, SQDMULL(s))
EACH_LONG(sqdmull_s, s, s, d, LANE, SQDMULL(d))
EACH_LONG(sqdmlal_h, s, h, s, LANE, SQDMLAL(s))
EACH_LONG(sqdmlal_s, s, s, d, LANE, SQDMLAL(d))
EACH_LONG(sqdmlsl_h, s, h, s, LANE, SQDMLSL(s))
EACH_LONG(sqdmlsl_s, s, s, d, LANE, SQDMLSL(d))

#define ELEMENT_FP(name, expr_s, expr_d)        \
	EACH_LANE(name##_s, u, s, LANE, expr_s) \
	EACH_LANE(name##_d, u, d, LANE, expr_d)

ELEMENT_FP(fmul, fp_mul_s(c, a, b), fp_mul_d(c, a, b))
ELEMENT_FP(fmulx, fp_mulx_s(c, a, b), fp_mulx_d(c, a, b))
ELEMENT_FP(fmla, fp_muladd_s(c, o, a, b), fp_muladd_d(c, o, a, b))
ELEMENT_FP(fmls, fp_muladd_s(c, o, a ^ FP_SIGN_S, b),
	   fp_muladd_d(c, o, a ^ FP_SIGN_D, b))

/* By U and opcode: what there is, for which sizes, and as a scalar. */
static const struct row {
	a64_fn *fn[4];
	uint8_t scalar_sizes;
	bool is_long;
} element[2][16] = {
	{
		[1] = { { 0, 0, fmla_s, fmla_d }, 12, false },
		[2] = { ROW_HS(smlal), 0, true },
		[3] = { ROW_HS(sqdmlal), 6, true },
		[5] = { { 0, 0, fmls_s, fmls_d }, 12, false },
		[6] = { ROW_HS(smlsl), 0, true },
		[7] = { ROW_HS(sqdmlsl), 6, true },
		[8] = { ROW_HS(mul), 0, false },
		[9] = { { 0, 0, fmul_s, fmul_d }, 12, false },
		[10] = { ROW_HS(smull), 0, true },
		[11] = { ROW_HS(sqdmull), 6, true },
		[12] = { ROW_HS(sqdmulh), 6, false },
		[13] = { ROW_HS(sqrdmulh), 6, false },
	},
	{
		[0] = { ROW_HS(mla), 0, false },
		[2] = { ROW_HS(umlal), 0, true },
		[4] = { ROW_HS(mls), 0, false },
		[6] = { ROW_HS(umlsl), 0, true },
		[9] = { { 0, 0, fmulx_s, fmulx_d }, 12, false },
		[10] = { ROW_HS(umull), 0, true },
	},
};

enum a64_flow simd_decode_element(uint32_t insn, struct a64_op *op)
{
	unsigned u = bits(insn, 29, 29), size = bits(insn, 23, 22);
	unsigned h = bits(insn, 11, 11), l = bits(insn, 21, 21);
	const struct row *row = &element[u][bits(insn, 15, 12)];
	enum a64_flow flow;

	simd_regs(insn, op);
	if (size == 3 && l)
		return A64_UNDEFINED;
	if (size == 3) {
		op->uimm = h;
	} else if (size == 2) {
		op->uimm = h << 1 | l;
	} else {
		op->uimm = h << 2 | l << 1 | (op->rm >> 4);
		op->rm &= 15;
	}
	flow = simd_emit(insn, op, row->fn[size], size, row->scalar_sizes);
	if (flow == A64_GOES_ON && row->is_long)
		long_operands(insn, op, size);
	return flow;
}
