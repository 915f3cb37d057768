/* SPDX-License-Identifier: MIT */
/*
 * ldst.c - loads and stores of one or two general registers, DDI 0487
 * C4.1.88; and the way to the files with the others.
 */
#include "cpu/arm64/ldst.h"

#include "cpu/arm64/alu.h"
#include "cpu/arm64/decode.h"
#include "cpu/arm64/mem.h"

/*
 * What is moved, by size:opc of the encoding: bytes, and what a load makes of
 * it.  A store has one form a size.
 */
#define AS_IS(v, size) (v)
#define TO_X(v, size) sext((v), (size)*8)
#define TO_W(v, size) (uint32_t) sext((v), (size)*8)

/* For every kind of access K(name, size, conversion). */
#define EVERY_LOAD(K)       \
	K(ldrb, 1, AS_IS)   \
	K(ldrh, 2, AS_IS)   \
	K(ldr_w, 4, AS_IS)  \
	K(ldr_x, 8, AS_IS)  \
	K(ldrsb_x, 1, TO_X) \
	K(ldrsh_x, 2, TO_X) \
	K(ldrsw, 4, TO_X)   \
	K(ldrsb_w, 1, TO_W) \
	K(ldrsh_w, 2, TO_W)

#define EVERY_STORE(K) \
	K(strb, 1)     \
	K(strh, 2)     \
	K(str_w, 4)    \
	K(str_x, 8)

/* The modes: how the address is found and what the base becomes. */
#define BASE_IMM (c->x[op->rn] + (uint64_t)(int64_t)op->imm)
#define BASE_LSL (c->x[op->rn] + (c->x[op->rm] << op->ra))
#define BASE_UXTW (c->x[op->rn] + ((uint64_t)(uint32_t)c->x[op->rm] << op->ra))
#define BASE_SXTW (c->x[op->rn] + (sext(c->x[op->rm], 32) << op->ra))

#define LOAD_AT(name, size, conv, mode, check, address) \
	A64_OP(op_##name##_##mode)                      \
	{                                               \
		check;                                  \
		uint64_t va = address;                  \
                                                        \
		A64_LOAD(v, va, size);                  \
		c->x[op->rd] = conv(v, size);           \
		NEXT;                                   \
	}

#define STORE_AT(name, size, mode, check, address) \
	A64_OP(op_##name##_##mode)                 \
	{                                          \
		check;                             \
		uint64_t va = address;             \
                                                   \
		A64_STORE(va, size, c->x[op->rd]); \
		NEXT;                              \
	}

#define LOAD_MODES(name, size, conv)                              \
	LOAD_AT(name, size, conv, imm, (void)0, BASE_IMM)         \
	LOAD_AT(name, size, conv, sp, A64_CHECK_SP, BASE_IMM)     \
	LOAD_AT(name, size, conv, lsl, A64_CHECK_SP, BASE_LSL)    \
	LOAD_AT(name, size, conv, uxtw, A64_CHECK_SP, BASE_UXTW)  \
	LOAD_AT(name, size, conv, sxtw, A64_CHECK_SP, BASE_SXTW)  \
	A64_OP(op_##name##_pre)                                   \
	{                                                         \
		A64_CHECK_SP;                                     \
		uint64_t va = BASE_IMM;                           \
                                                                  \
		A64_LOAD(v, va, size);                            \
		c->x[op->rn] = va;                                \
		c->x[op->rd] = conv(v, size);                     \
		NEXT;                                             \
	}                                                         \
	A64_OP(op_##name##_post)                                  \
	{                                                         \
		A64_CHECK_SP;                                     \
		uint64_t va = c->x[op->rn];                       \
                                                                  \
		A64_LOAD(v, va, size);                            \
		c->x[op->rn] = va + (uint64_t)(int64_t)op->imm;   \
		c->x[op->rd] = conv(v, size);                     \
		NEXT;                                             \
	}                                                         \
	A64_OP(op_##name##_unpriv)                                \
	{                                                         \
		A64_CHECK_SP;                                     \
		uint64_t va = BASE_IMM;                           \
                                                                  \
		if (!a64_load_slow(c, op, va, size, A64_UNPRIV))  \
			return NULL;                              \
		c->x[op->rd] = conv(a64_ld(&c->mem, size), size); \
		NEXT;                                             \
	}

#define STORE_MODES(name, size)                                   \
	STORE_AT(name, size, imm, (void)0, BASE_IMM)              \
	STORE_AT(name, size, sp, A64_CHECK_SP, BASE_IMM)          \
	STORE_AT(name, size, lsl, A64_CHECK_SP, BASE_LSL)         \
	STORE_AT(name, size, uxtw, A64_CHECK_SP, BASE_UXTW)       \
	STORE_AT(name, size, sxtw, A64_CHECK_SP, BASE_SXTW)       \
	A64_OP(op_##name##_pre)                                   \
	{                                                         \
		A64_CHECK_SP;                                     \
		uint64_t va = BASE_IMM;                           \
                                                                  \
		A64_STORE(va, size, c->x[op->rd]);                \
		c->x[op->rn] = va;                                \
		NEXT;                                             \
	}                                                         \
	A64_OP(op_##name##_post)                                  \
	{                                                         \
		A64_CHECK_SP;                                     \
		uint64_t va = c->x[op->rn];                       \
                                                                  \
		A64_STORE(va, size, c->x[op->rd]);                \
		c->x[op->rn] = va + (uint64_t)(int64_t)op->imm;   \
		NEXT;                                             \
	}                                                         \
	A64_OP(op_##name##_unpriv)                                \
	{                                                         \
		A64_CHECK_SP;                                     \
		uint64_t va = BASE_IMM;                           \
                                                                  \
		a64_st(&c->mem, size, c->x[op->rd]);              \
		if (!a64_store_slow(c, op, va, size, A64_UNPRIV)) \
			return NULL;                              \
		NEXT;                                             \
	}

EVERY_LOAD(LOAD_MODES)
EVERY_STORE(STORE_MODES)

A64_OP(op_prefetch)
{
	NEXT;
}

enum mode { IMM, SP, LSL, UXTW, SXTW, PRE, POST, UNPRIV, MODES };

#define MODE_ROW(name)                                                       \
	{                                                                    \
		op_##name##_imm, op_##name##_sp, op_##name##_lsl,            \
			op_##name##_uxtw, op_##name##_sxtw, op_##name##_pre, \
			op_##name##_post, op_##name##_unpriv                 \
	}
#define PREFETCH_ROW                                                \
	{                                                           \
		op_prefetch, op_prefetch, op_prefetch, op_prefetch, \
			op_prefetch                                 \
	}

/* By size:opc, then by mode; PRFM has no modes that write back. */
static a64_fn *const access_fn[16][MODES] = {
	MODE_ROW(strb),  MODE_ROW(ldrb),  MODE_ROW(ldrsb_x), MODE_ROW(ldrsb_w),
	MODE_ROW(strh),  MODE_ROW(ldrh),  MODE_ROW(ldrsh_x), MODE_ROW(ldrsh_w),
	MODE_ROW(str_w), MODE_ROW(ldr_w), MODE_ROW(ldrsw),   { NULL },
	MODE_ROW(str_x), MODE_ROW(ldr_x), PREFETCH_ROW,      { NULL },
};

static enum a64_flow decode_mode(uint32_t insn, enum mode mode,
				 struct a64_op *op)
{
	unsigned opc = bits(insn, 23, 22);

	op->rd = opc == 0 ? reg_in(insn, 0) : reg_out(insn, 0);
	op->rn = reg_sp(insn, 5);
	if (mode == IMM && op->rn == A64_SP)
		mode = SP;
	op->fn = access_fn[bits(insn, 31, 30) << 2 | opc][mode];
	return op->fn ? A64_GOES_ON : A64_UNDEFINED;
}

/* Register offset: the index, how it is extended, and the shift. */
static enum a64_flow decode_register(uint32_t insn, struct a64_op *op)
{
	static const enum mode by_option[8] = {
		[2] = UXTW,
		[3] = LSL,
		[6] = SXTW,
		[7] = LSL,
	};
	unsigned option = bits(insn, 15, 13);

	if (!(option & 2))
		return A64_UNDEFINED;
	op->rm = reg_in(insn, 16);
	op->ra = (uint8_t)(bits(insn, 12, 12) ? bits(insn, 31, 30) : 0);
	return decode_mode(insn, by_option[option], op);
}

static enum a64_flow decode_single(uint32_t insn, struct a64_op *op)
{
	static const enum mode by_op[4] = { IMM, POST, UNPRIV, PRE };

	if (bits(insn, 24, 24)) {
		op->uimm = bits(insn, 21, 10) << bits(insn, 31, 30);
		return decode_mode(insn, IMM, op);
	}
	if (bits(insn, 21, 21)) {
		if (bits(insn, 11, 10) != 2)
			return A64_UNDEFINED;
		return decode_register(insn, op);
	}
	op->imm = sbits(insn, 20, 12);
	return decode_mode(insn, by_op[bits(insn, 11, 10)], op);
}

/* ---- literal ---------------------------------------------------------- */

#define LITERAL(name, size, conv)                                        \
	A64_OP(op_##name##_literal)                                      \
	{                                                                \
		uint64_t va = c->e.page_va + (uint64_t)(int64_t)op->imm; \
                                                                         \
		A64_LOAD(v, va, size);                                   \
		c->x[op->rd] = conv(v, size);                            \
		NEXT;                                                    \
	}

LITERAL(ldr_w, 4, AS_IS)
LITERAL(ldr_x, 8, AS_IS)
LITERAL(ldrsw, 4, TO_X)

static enum a64_flow decode_literal(uint32_t insn, const struct a64_where *w,
				    struct a64_op *op)
{
	static a64_fn *const fn[4] = { op_ldr_w_literal, op_ldr_x_literal,
				       op_ldrsw_literal, op_prefetch };

	op->rd = reg_out(insn, 0);
	op->imm = (int32_t)w->offset + sbits(insn, 23, 5) * 4;
	op->fn = fn[bits(insn, 31, 30)];
	return A64_GOES_ON;
}

/* ---- pairs ------------------------------------------------------------ */

/*
 * A pair is one access of twice the size to the TLB, so that it either
 * happens whole or not at all.
 */
#define PAIR_LOAD(name, size, conv, mode, address, writeback)                \
	A64_OP(op_##name##_##mode)                                           \
	{                                                                    \
		A64_CHECK_SP;                                                \
		uint64_t va = address;                                       \
		const uint8_t *p = tlb_read(&c->e.tlb, va, 2 * (size));      \
		uint64_t v, w;                                               \
                                                                             \
		if (unlikely(!p)) {                                          \
			if (!a64_load_slow(c, op, va, 2 * (size), A64_PAIR)) \
				return NULL;                                 \
			p = c->mem.b;                                        \
		}                                                            \
		v = a64_ld(p, size);                                         \
		w = a64_ld(p + (size), size);                                \
		writeback;                                                   \
		c->x[op->rd] = conv(v, size);                                \
		c->x[op->ra] = conv(w, size);                                \
		NEXT;                                                        \
	}

#define PAIR_STORE(name, size, mode, address, writeback)                      \
	A64_OP(op_##name##_##mode)                                            \
	{                                                                     \
		A64_CHECK_SP;                                                 \
		uint64_t va = address;                                        \
		uint64_t v = c->x[op->rd], w = c->x[op->ra];                  \
		uint8_t *p = tlb_write(&c->e.tlb, va, 2 * (size));            \
                                                                              \
		if (likely(p != NULL)) {                                      \
			a64_st(p, size, v);                                   \
			a64_st(p + (size), size, w);                          \
		} else {                                                      \
			a64_st(c->mem.b, size, v);                            \
			a64_st(c->mem.b + (size), size, w);                   \
			if (!a64_store_slow(c, op, va, 2 * (size), A64_PAIR)) \
				return NULL;                                  \
		}                                                             \
		writeback;                                                    \
		NEXT;                                                         \
	}

#define BASE_ONLY c->x[op->rn]
#define BASE_MOVES c->x[op->rn] += (uint64_t)(int64_t)op->imm

#define PAIR_LOADS(name, size, conv)                                  \
	PAIR_LOAD(name, size, conv, offset, BASE_IMM, (void)0)        \
	PAIR_LOAD(name, size, conv, pre, BASE_IMM, c->x[op->rn] = va) \
	PAIR_LOAD(name, size, conv, post, BASE_ONLY, BASE_MOVES)
#define PAIR_STORES(name, size)                                  \
	PAIR_STORE(name, size, offset, BASE_IMM, (void)0)        \
	PAIR_STORE(name, size, pre, BASE_IMM, c->x[op->rn] = va) \
	PAIR_STORE(name, size, post, BASE_ONLY, BASE_MOVES)

PAIR_LOADS(ldp_w, 4, AS_IS)
PAIR_LOADS(ldp_x, 8, AS_IS)
PAIR_LOADS(ldpsw, 4, TO_X)
PAIR_STORES(stp_w, 4)
PAIR_STORES(stp_x, 8)

#define PAIR_ROW(name)                                                    \
	{                                                                 \
		op_##name##_offset, op_##name##_post, op_##name##_offset, \
			op_##name##_pre                                   \
	}

static enum a64_flow decode_pair(uint32_t insn, struct a64_op *op)
{
	/* By opc:L, then by mode: no-allocate, post, offset, pre. */
	static a64_fn *const fn[8][4] = {
		PAIR_ROW(stp_w), PAIR_ROW(ldp_w), { NULL }, PAIR_ROW(ldpsw),
		PAIR_ROW(stp_x), PAIR_ROW(ldp_x), { NULL }, { NULL },
	};
	unsigned opc = bits(insn, 31, 30), load = bits(insn, 22, 22);
	unsigned mode = bits(insn, 24, 23);

	if (opc == 1 && mode == 0)
		return A64_UNDEFINED; /* no LDNPSW */
	op->fn = fn[opc << 1 | load][mode];
	op->rd = load ? reg_out(insn, 0) : reg_in(insn, 0);
	op->ra = load ? reg_out(insn, 10) : reg_in(insn, 10);
	op->rn = reg_sp(insn, 5);
	op->imm = sbits(insn, 21, 15) * (opc == 2 ? 8 : 4);
	return op->fn ? A64_GOES_ON : A64_UNDEFINED;
}

enum a64_flow a64_decode_ldst(uint32_t insn, const struct a64_where *w,
			      struct a64_op *op)
{
	unsigned kind = bits(insn, 29, 28);

	if (kind == 0) {
		/* Exclusives with V=0, SIMD structures with V=1. */
		return bits(insn, 26, 26) ? a64_decode_simd_ldst(insn, op)
					  : a64_decode_excl(insn, op);
	}
	if (bits(insn, 26, 26))
		return a64_decode_simd_ldst(insn, op);
	if (kind == 2)
		return decode_pair(insn, op);
	if (kind == 3)
		return decode_single(insn, op);
	return bits(insn, 24, 24) ? A64_UNDEFINED : decode_literal(insn, w, op);
}
