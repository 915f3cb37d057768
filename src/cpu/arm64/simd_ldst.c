/* SPDX-License-Identifier: MIT */
/*
 * simd_ldst.c - loads and stores of SIMD and FP registers, DDI 0487 C4.1.4.
 *
 * One register, a pair, or a literal; structures are in simd_struct.c.  All
 * are precise: what may fault comes before the first write of a register.
 * Knows nothing of what the registers hold.
 */
#include "cpu/arm64/mem.h"
#include "cpu/arm64/simd.h"

/* The low `size` bytes of a register, cleared above. */
static inline union a64_vreg v_get(const void *p, unsigned size)
{
	union a64_vreg v = { .d = { 0, 0 } };

	v.d[0] = a64_ld(p, size < 8 ? size : 8);
	if (size == 16)
		v.d[1] = a64_ld((const uint8_t *)p + 8, 8);
	return v;
}

/*
 * In a handler: declare `var` and load `size` bytes into it, or leave the
 * block with the fault taken.
 */
#define V_LOAD(var, va, size)                                        \
	union a64_vreg var;                                          \
	do {                                                         \
		const void *v_p = tlb_read(&c->e.tlb, (va), (size)); \
		if (unlikely(v_p == NULL)) {                         \
			if (!a64_load_slow(c, op, (va), (size), 0))  \
				return NULL;                         \
			v_p = &c->mem;                               \
		}                                                    \
		var = v_get(v_p, (size));                            \
	} while (0)

/* Likewise, store the low `size` bytes of register `reg`. */
#define V_STORE(va, size, reg)                                       \
	do {                                                         \
		uint8_t *v_p = tlb_write(&c->e.tlb, (va), (size));   \
		if (likely(v_p != NULL)) {                           \
			memcpy(v_p, &c->v[reg], (size));             \
		} else {                                             \
			c->mem = c->v[reg];                          \
			if (!a64_store_slow(c, op, (va), (size), 0)) \
				return NULL;                         \
		}                                                    \
	} while (0)

/* The index of a register offset: op->ra is the encoding's option (LSL..). */
static inline uint64_t extended(const struct a64 *c, const struct a64_op *op)
{
	uint64_t x = c->x[op->rm];

	if (op->ra == 2) /* UXTW */
		x = (uint32_t)x;
	else if (op->ra == 6) /* SXTW */
		x = (uint64_t)(int32_t)x;
	return x << op->uimm;
}

/* Handlers of one size: base + offset, pre- and post-index, register. */
#define ONE_REGISTER(size)                                               \
	A64_OP(ldr_##size)                                               \
	{                                                                \
		A64_CHECK_SP;                                            \
		V_LOAD(r, c->x[op->rn] + (uint64_t)op->imm, size);       \
		c->v[op->rd] = r;                                        \
		NEXT;                                                    \
	}                                                                \
	A64_OP(str_##size)                                               \
	{                                                                \
		A64_CHECK_SP;                                            \
		V_STORE(c->x[op->rn] + (uint64_t)op->imm, size, op->rd); \
		NEXT;                                                    \
	}                                                                \
	A64_OP(ldr_pre_##size)                                           \
	{                                                                \
		A64_CHECK_SP;                                            \
		V_LOAD(r, c->x[op->rn] + (uint64_t)op->imm, size);       \
		c->v[op->rd] = r;                                        \
		c->x[op->rn] += (uint64_t)op->imm;                       \
		NEXT;                                                    \
	}                                                                \
	A64_OP(str_pre_##size)                                           \
	{                                                                \
		A64_CHECK_SP;                                            \
		V_STORE(c->x[op->rn] + (uint64_t)op->imm, size, op->rd); \
		c->x[op->rn] += (uint64_t)op->imm;                       \
		NEXT;                                                    \
	}                                                                \
	A64_OP(ldr_post_##size)                                          \
	{                                                                \
		A64_CHECK_SP;                                            \
		V_LOAD(r, c->x[op->rn], size);                           \
		c->v[op->rd] = r;                                        \
		c->x[op->rn] += (uint64_t)op->imm;                       \
		NEXT;                                                    \
	}                                                                \
	A64_OP(str_post_##size)                                          \
	{                                                                \
		A64_CHECK_SP;                                            \
		V_STORE(c->x[op->rn], size, op->rd);                     \
		c->x[op->rn] += (uint64_t)op->imm;                       \
		NEXT;                                                    \
	}                                                                \
	A64_OP(ldr_reg_##size)                                           \
	{                                                                \
		A64_CHECK_SP;                                            \
		V_LOAD(r, c->x[op->rn] + extended(c, op), size);         \
		c->v[op->rd] = r;                                        \
		NEXT;                                                    \
	}                                                                \
	A64_OP(str_reg_##size)                                           \
	{                                                                \
		A64_CHECK_SP;                                            \
		V_STORE(c->x[op->rn] + extended(c, op), size, op->rd);   \
		NEXT;                                                    \
	}

ONE_REGISTER(1)
ONE_REGISTER(2)
ONE_REGISTER(4)
ONE_REGISTER(8)
ONE_REGISTER(16)

/* PC-relative, and pairs, have no sizes below 4. */
#define LITERAL(size)                                                  \
	A64_OP(ldr_lit_##size)                                         \
	{                                                              \
		V_LOAD(r, a64_op_pc(c, op) + (uint64_t)op->imm, size); \
		c->v[op->rd] = r;                                      \
		NEXT;                                                  \
	}

LITERAL(4)
LITERAL(8)
LITERAL(16)

/* Where a pair is: op->ra says whether the base is moved first. */
enum { PAIR_POST = 1, PAIR_OFFSET = 2, PAIR_PRE = 3 };

#define PAIR(size)                                                        \
	A64_OP(ldp_##size)                                                \
	{                                                                 \
		uint64_t moved = c->x[op->rn] + (uint64_t)op->imm;        \
		uint64_t va = op->ra == PAIR_POST ? c->x[op->rn] : moved; \
                                                                          \
		A64_CHECK_SP;                                             \
		V_LOAD(a, va, size);                                      \
		V_LOAD(b, va + (size), size);                             \
		c->v[op->rd] = a;                                         \
		c->v[op->rm] = b;                                         \
		if (op->ra != PAIR_OFFSET)                                \
			c->x[op->rn] = moved;                             \
		NEXT;                                                     \
	}                                                                 \
	A64_OP(stp_##size)                                                \
	{                                                                 \
		uint64_t moved = c->x[op->rn] + (uint64_t)op->imm;        \
		uint64_t va = op->ra == PAIR_POST ? c->x[op->rn] : moved; \
                                                                          \
		A64_CHECK_SP;                                             \
		if (unlikely(!tlb_write(&c->e.tlb, va, 2 * (size))) &&    \
		    !a64_probe(c, op, va, 2 * (size), true))              \
			return NULL;                                      \
		V_STORE(va, size, op->rd);                                \
		V_STORE(va + (size), size, op->rm);                       \
		if (op->ra != PAIR_OFFSET)                                \
			c->x[op->rn] = moved;                             \
		NEXT;                                                     \
	}

PAIR(4)
PAIR(8)
PAIR(16)

/* By L and log2 of the size. */
static a64_fn *const offset_ops[2][5] = {
	{ str_1, str_2, str_4, str_8, str_16 },
	{ ldr_1, ldr_2, ldr_4, ldr_8, ldr_16 },
};
static a64_fn *const pre_ops[2][5] = {
	{ str_pre_1, str_pre_2, str_pre_4, str_pre_8, str_pre_16 },
	{ ldr_pre_1, ldr_pre_2, ldr_pre_4, ldr_pre_8, ldr_pre_16 },
};
static a64_fn *const post_ops[2][5] = {
	{ str_post_1, str_post_2, str_post_4, str_post_8, str_post_16 },
	{ ldr_post_1, ldr_post_2, ldr_post_4, ldr_post_8, ldr_post_16 },
};
static a64_fn *const reg_ops[2][5] = {
	{ str_reg_1, str_reg_2, str_reg_4, str_reg_8, str_reg_16 },
	{ ldr_reg_1, ldr_reg_2, ldr_reg_4, ldr_reg_8, ldr_reg_16 },
};
static a64_fn *const pair_ops[2][3] = {
	{ stp_4, stp_8, stp_16 },
	{ ldp_4, ldp_8, ldp_16 },
};
static a64_fn *const literal_ops[3] = { ldr_lit_4, ldr_lit_8, ldr_lit_16 };

/* Load/store register: immediate, unscaled, pre, post, register offset. */
static enum a64_flow decode_one(uint32_t insn, struct a64_op *op)
{
	unsigned opc = bits(insn, 23, 22), load = opc & 1;
	unsigned size = bits(insn, 31, 30) | (opc & 2) << 1;

	if (size > 4)
		return A64_UNDEFINED;
	op->imm = sbits(insn, 20, 12);
	if (bits(insn, 24, 24)) {
		op->fn = offset_ops[load][size];
		op->uimm = bits(insn, 21, 10) << size;
		return A64_GOES_ON;
	}
	switch (bits(insn, 21, 21) << 2 | bits(insn, 11, 10)) {
	case 0: op->fn = offset_ops[load][size]; return A64_GOES_ON;
	case 1: op->fn = post_ops[load][size]; return A64_GOES_ON;
	case 3: op->fn = pre_ops[load][size]; return A64_GOES_ON;
	case 6: break;
	default: return A64_UNDEFINED;
	}
	if (!bits(insn, 14, 14))
		return A64_UNDEFINED;
	op->fn = reg_ops[load][size];
	op->rm = reg_in(insn, 16);
	op->ra = (uint8_t)bits(insn, 15, 13);
	op->uimm = bits(insn, 12, 12) ? size : 0;
	return A64_GOES_ON;
}

/* Load/store pair, and no-allocate pair, which is the same to us. */
static enum a64_flow decode_pair(uint32_t insn, struct a64_op *op)
{
	unsigned size = bits(insn, 31, 30), mode = bits(insn, 24, 23);

	if (size > 2)
		return A64_UNDEFINED;
	op->fn = pair_ops[bits(insn, 22, 22)][size];
	op->rm = (uint8_t)bits(insn, 14, 10);
	op->ra = (uint8_t)(mode ? mode : PAIR_OFFSET);
	op->imm = sbits(insn, 21, 15) * (4 << size);
	return A64_GOES_ON;
}

static enum a64_flow decode_literal(uint32_t insn, struct a64_op *op)
{
	unsigned size = bits(insn, 31, 30);

	if (size > 2)
		return A64_UNDEFINED;
	op->fn = literal_ops[size];
	op->imm = sbits(insn, 23, 5) * 4;
	return A64_GOES_ON;
}

enum a64_flow a64_decode_simd_ldst(uint32_t insn, struct a64_op *op)
{
	op->rd = (uint8_t)bits(insn, 4, 0);
	op->rn = reg_sp(insn, 5);
	switch (bits(insn, 29, 27)) {
	case 1: return simd_decode_struct(insn, op);
	case 3:
		if (bits(insn, 24, 24))
			return A64_UNDEFINED;
		return decode_literal(insn, op);
	case 5: return decode_pair(insn, op);
	case 7: return decode_one(insn, op);
	default: return A64_UNDEFINED;
	}
}
