/* SPDX-License-Identifier: MIT */
/* branch.c - branches, DDI 0487 C4.1.87. */
#include "cpu/arm64/branch.h"

#include "cpu/arm64/alu.h"
#include "cpu/arm64/decode.h"
#include "cpu/arm64/exception.h"

const struct a64_op *a64_branch_to(struct a64 *c, uint64_t va)
{
	struct block *b = engine_lookup(&c->e, va);

	if (likely(b != NULL && c->e.budget > 0)) {
		c->e.page_va = va & PAGE_MASK;
		A64_ENTER(c, b);
	}
	c->e.pc = va;
	return NULL;
}

const struct a64_op *a64_branch_slow(struct a64 *c, int64_t rel, unsigned link)
{
	uint64_t va = c->e.page_va + (uint64_t)rel;

	if (rel < 0 || rel >= PAGE_SIZE)
		return a64_branch_to(c, va);
	c->e.pc = va;
	c->e.link = &c->e.block->link[link];
	c->e.link_version = c->e.cache->version;
	return NULL;
}

/* The fields that a64_behind() and the branch itself read. */
static void place(struct a64_op *op, const struct a64_where *w, int32_t rel)
{
	uint32_t next = w->offset + 4;

	op->rm = (uint8_t)next;
	op->ra = (uint8_t)(next >> 8);
	op->imm = (int32_t)w->offset + rel;
}

const struct a64_op *a64_op_fall_through(struct a64 *c, const struct a64_op *op)
{
	A64_BRANCH(c, op->imm, LINK_NEXT);
}

A64_OP(op_b)
{
	A64_BRANCH(c, op->imm, LINK_TAKEN);
}

A64_OP(op_bl)
{
	c->x[30] = c->e.page_va + a64_behind(op);
	A64_BRANCH(c, op->imm, LINK_TAKEN);
}

/* ---- conditional ------------------------------------------------------ */

#define BRANCH_IF(name, condition)                          \
	A64_OP(op_##name)                                   \
	{                                                   \
		if (condition)                              \
			A64_BRANCH(c, op->imm, LINK_TAKEN); \
		A64_BRANCH(c, a64_behind(op), LINK_NEXT);   \
	}

BRANCH_IF(b_eq, a64_holds(c, COND_EQ))
BRANCH_IF(b_ne, a64_holds(c, COND_NE))
BRANCH_IF(b_hs, a64_holds(c, COND_HS))
BRANCH_IF(b_lo, a64_holds(c, COND_LO))
BRANCH_IF(b_mi, a64_holds(c, COND_MI))
BRANCH_IF(b_pl, a64_holds(c, COND_PL))
BRANCH_IF(b_vs, a64_holds(c, COND_VS))
BRANCH_IF(b_vc, a64_holds(c, COND_VC))
BRANCH_IF(b_hi, a64_holds(c, COND_HI))
BRANCH_IF(b_ls, a64_holds(c, COND_LS))
BRANCH_IF(b_ge, a64_holds(c, COND_GE))
BRANCH_IF(b_lt, a64_holds(c, COND_LT))
BRANCH_IF(b_gt, a64_holds(c, COND_GT))
BRANCH_IF(b_le, a64_holds(c, COND_LE))
BRANCH_IF(cbz_x, c->x[op->rn] == 0)
BRANCH_IF(cbz_w, (uint32_t)c->x[op->rn] == 0)
BRANCH_IF(cbnz_x, c->x[op->rn] != 0)
BRANCH_IF(cbnz_w, (uint32_t)c->x[op->rn] != 0)
BRANCH_IF(tbz, !(c->x[op->rn] >> op->rd & 1))
BRANCH_IF(tbnz, c->x[op->rn] >> op->rd & 1)

static enum a64_flow decode_cond(uint32_t insn, const struct a64_where *w,
				 struct a64_op *op)
{
	static a64_fn *const fn[16] = {
		op_b_eq, op_b_ne, op_b_hs, op_b_lo, op_b_mi, op_b_pl,
		op_b_vs, op_b_vc, op_b_hi, op_b_ls, op_b_ge, op_b_lt,
		op_b_gt, op_b_le, op_b,    op_b,
	};

	if (bits(insn, 24, 24) || bits(insn, 4, 4))
		return A64_UNDEFINED;
	place(op, w, sbits(insn, 23, 5) * 4);
	op->fn = fn[bits(insn, 3, 0)];
	return A64_ENDS;
}

static enum a64_flow decode_compare(uint32_t insn, const struct a64_where *w,
				    struct a64_op *op)
{
	static a64_fn *const fn[2][2] = { { op_cbz_w, op_cbz_x },
					  { op_cbnz_w, op_cbnz_x } };

	place(op, w, sbits(insn, 23, 5) * 4);
	op->rn = reg_in(insn, 0);
	op->fn = fn[bits(insn, 24, 24)][bits(insn, 31, 31)];
	return A64_ENDS;
}

static enum a64_flow decode_test(uint32_t insn, const struct a64_where *w,
				 struct a64_op *op)
{
	place(op, w, sbits(insn, 18, 5) * 4);
	op->rn = reg_in(insn, 0);
	op->rd = (uint8_t)(bits(insn, 31, 31) << 5 | bits(insn, 23, 19));
	op->fn = bits(insn, 24, 24) ? op_tbnz : op_tbz;
	return A64_ENDS;
}

static enum a64_flow decode_immediate(uint32_t insn, const struct a64_where *w,
				      struct a64_op *op)
{
	place(op, w, sbits(insn, 25, 0) * 4);
	op->fn = bits(insn, 31, 31) ? op_bl : op_b;
	return A64_ENDS;
}

/* ---- register --------------------------------------------------------- */

A64_OP(op_br)
{
	return a64_branch_to(c, c->x[op->rn]);
}

A64_OP(op_blr)
{
	uint64_t va = c->x[op->rn];

	c->x[30] = c->e.page_va + a64_behind(op);
	return a64_branch_to(c, va);
}

A64_OP(op_eret)
{
	(void)op;
	a64_return(c);
	return NULL;
}

static enum a64_flow decode_register(uint32_t insn, const struct a64_where *w,
				     struct a64_op *op)
{
	unsigned opc = bits(insn, 24, 21);

	if (bits(insn, 20, 16) != 31 || bits(insn, 15, 10) || bits(insn, 4, 0))
		return A64_UNDEFINED;
	place(op, w, 0);
	op->rn = reg_in(insn, 5);
	switch (opc) {
	case 0: /* BR */
	case 2: /* RET */ op->fn = op_br; return A64_ENDS;
	case 1: op->fn = op_blr; return A64_ENDS;
	case 4:
		if (op->rn != A64_ZERO || w->el == 0)
			return A64_UNDEFINED;
		op->fn = op_eret;
		return A64_ENDS;
	default: /* DRPS is for the debug state only */ return A64_UNDEFINED;
	}
}

enum a64_flow a64_decode_branch(uint32_t insn, const struct a64_where *w,
				struct a64_op *op)
{
	switch (bits(insn, 30, 29)) {
	case 0: return decode_immediate(insn, w, op);
	case 1:
		return bits(insn, 25, 25) ? decode_test(insn, w, op)
					  : decode_compare(insn, w, op);
	case 2:
		if (!bits(insn, 31, 31))
			return decode_cond(insn, w, op);
		if (bits(insn, 25, 25))
			return decode_register(insn, w, op);
		return a64_decode_system(insn, w, op);
	default: return A64_UNDEFINED;
	}
}
