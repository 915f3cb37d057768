/* SPDX-License-Identifier: MIT */
/*
 * fuse.c - a compare and the conditional branch behind it, as one operation.
 *
 * One in ten instructions is a conditional branch, and most follow the
 * compare they depend on.  The fused operation compares the operands instead
 * of looking at the flags it has just made.  It reads both halves' fields: the
 * compare's from `op`, the branch's from `op + 1`, which stays in its place so
 * that addresses follow from positions.
 */
#include "cpu/arm64/alu.h"
#include "cpu/arm64/branch.h"
#include "cpu/arm64/decode.h"

#define FUSED(name, type, stype, a_expr, b_expr, sub, cond, test) \
	A64_OP(op_##name##_##cond)                                \
	{                                                         \
		type a = (type)(a_expr), b = (type)(b_expr);      \
		type r = sub(c, a, b);                            \
                                                                  \
		c->x[op->rd] = r;                                 \
		if (test)                                         \
			A64_BRANCH(c, op[1].imm, LINK_TAKEN);     \
		A64_BRANCH(c, a64_behind(op + 1), LINK_NEXT);     \
	}

/* In the order of the condition codes; overflow alone is too rare. */
#define EVERY_COND(K, name, type, stype, left, right, sub)               \
	K(name, type, stype, left, right, sub, eq, a == b)               \
	K(name, type, stype, left, right, sub, ne, a != b)               \
	K(name, type, stype, left, right, sub, hs, a >= b)               \
	K(name, type, stype, left, right, sub, lo, a < b)                \
	K(name, type, stype, left, right, sub, mi, (stype)r < 0)         \
	K(name, type, stype, left, right, sub, pl, (stype)r >= 0)        \
	K(name, type, stype, left, right, sub, hi, a > b)                \
	K(name, type, stype, left, right, sub, ls, a <= b)               \
	K(name, type, stype, left, right, sub, ge, (stype)a >= (stype)b) \
	K(name, type, stype, left, right, sub, lt, (stype)a < (stype)b)  \
	K(name, type, stype, left, right, sub, gt, (stype)a > (stype)b)  \
	K(name, type, stype, left, right, sub, le, (stype)a <= (stype)b)

EVERY_COND(FUSED, imm_x, uint64_t, int64_t, c->x[op->rn], op->uimm, sub64)
EVERY_COND(FUSED, imm_w, uint32_t, int32_t, c->x[op->rn], op->uimm, sub32)
EVERY_COND(FUSED, reg_x, uint64_t, int64_t, c->x[op->rn], c->x[op->rm], sub64)
EVERY_COND(FUSED, reg_w, uint32_t, int32_t, c->x[op->rn], c->x[op->rm], sub32)

#define ROW(name)                                                             \
	{                                                                     \
		op_##name##_eq, op_##name##_ne, op_##name##_hs,               \
			op_##name##_lo, op_##name##_mi, op_##name##_pl, NULL, \
			NULL, op_##name##_hi, op_##name##_ls, op_##name##_ge, \
			op_##name##_lt, op_##name##_gt, op_##name##_le, NULL, \
			NULL                                                  \
	}

void a64_fuse(uint32_t insn, uint32_t next, struct a64_op *op)
{
	static a64_fn *const imm[2][16] = { ROW(imm_w), ROW(imm_x) };
	static a64_fn *const reg[2][16] = { ROW(reg_w), ROW(reg_x) };
	unsigned sf = bits(insn, 31, 31), cond = bits(next, 3, 0);
	a64_fn *fn = NULL;

	if ((next & 0xff000010) != 0x54000000) /* B.cond */
		return;
	if ((insn & 0x7f800000) == 0x71000000) /* SUBS immediate */
		fn = imm[sf][cond];
	else if ((insn & 0x7fe0fc00) == 0x6b000000) /* SUBS register */
		fn = reg[sf][cond];
	if (fn)
		op->fn = fn;
}
