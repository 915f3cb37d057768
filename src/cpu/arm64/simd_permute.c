/* SPDX-License-Identifier: MIT */
/*
 * simd_permute.c - lanes in another order: ZIP, UZP, TRN, EXT, TBL, TBX;
 * Advanced SIMD permute, extract and table lookup of DDI 0487 C4.1.
 */
#include "cpu/arm64/simd_lanes.h"

/* Lanes of both sources; op->uimm is the part wanted, 0 or 1. */
#define PERMUTE(w)                                                           \
	A64_OP(uzp_##w)                                                      \
	{                                                                    \
		union a64_vreg a = c->v[op->rn], b = c->v[op->rm], r;        \
		unsigned i;                                                  \
                                                                             \
		if (op->ra == 8)                                             \
			a.d[1] = b.d[0];                                     \
		for (i = 0; i < N_##w / 2; i++) {                            \
			r.w[i] = a.w[2 * i + op->uimm];                      \
			r.w[i + N_##w / 2] = b.w[2 * i + op->uimm];          \
		}                                                            \
		v_put(c, op, r);                                             \
		NEXT;                                                        \
	}                                                                    \
	A64_OP(trn_##w)                                                      \
	{                                                                    \
		const union a64_vreg *a = &c->v[op->rn], *b = &c->v[op->rm]; \
		union a64_vreg r;                                            \
		unsigned i;                                                  \
                                                                             \
		for (i = 0; i < N_##w / 2; i++) {                            \
			r.w[2 * i] = a->w[2 * i + op->uimm];                 \
			r.w[2 * i + 1] = b->w[2 * i + op->uimm];             \
		}                                                            \
		v_put(c, op, r);                                             \
		NEXT;                                                        \
	}                                                                    \
	A64_OP(zip_##w)                                                      \
	{                                                                    \
		const union a64_vreg *a = &c->v[op->rn], *b = &c->v[op->rm]; \
		const unsigned from = op->uimm * op->ra / (W_##w / 4);       \
		union a64_vreg r;                                            \
		unsigned i;                                                  \
                                                                             \
		for (i = 0; i < N_##w / 2; i++) {                            \
			r.w[2 * i] = a->w[from + i];                         \
			r.w[2 * i + 1] = b->w[from + i];                     \
		}                                                            \
		v_put(c, op, r);                                             \
		NEXT;                                                        \
	}

PERMUTE(b)
PERMUTE(h)
PERMUTE(s)
PERMUTE(d)

/* The bytes of rm:rn from op->uimm on. */
A64_OP(ext_16)
{
	const union a64_vreg a = c->v[op->rn], b = c->v[op->rm];
	const unsigned up = 8 * (op->uimm & 7);
	uint64_t lo = a.d[0], mid = a.d[1], hi = b.d[0];

	if (op->uimm & 8) {
		lo = a.d[1];
		mid = b.d[0];
		hi = b.d[1];
	}
	if (up) {
		lo = lo >> up | mid << (64 - up);
		mid = mid >> up | hi << (64 - up);
	}
	c->v[op->rd].d[0] = lo;
	c->v[op->rd].d[1] = mid;
	NEXT;
}

A64_OP(ext_8)
{
	const unsigned up = 8 * op->uimm;
	uint64_t r = c->v[op->rn].d[0];

	if (up)
		r = r >> up | c->v[op->rm].d[0] << (64 - up);
	c->v[op->rd].d[0] = r;
	c->v[op->rd].d[1] = 0;
	NEXT;
}

/* Table lookup in op->uimm registers; `miss` is for indexes out of range. */
#define LOOKUP(name, miss)                                                   \
	A64_OP(name)                                                         \
	{                                                                    \
		const union a64_vreg *o = &c->v[op->rd], *m = &c->v[op->rm]; \
		union a64_vreg r = { .d = { 0, 0 } };                        \
		unsigned i;                                                  \
                                                                             \
		(void)o;                                                     \
		for (i = 0; i < op->ra; i++) {                               \
			unsigned at = m->b[i];                               \
			unsigned from = (op->rn + (at >> 4)) & 31;           \
                                                                             \
			r.b[i] = at < 16 * op->uimm ? c->v[from].b[at & 15]  \
						    : (miss);                \
		}                                                            \
		c->v[op->rd] = r;                                            \
		NEXT;                                                        \
	}

LOOKUP(tbl, 0)
LOOKUP(tbx, o->b[i])

static a64_fn *const permute[4][4] = {
	[1] = ROW_BHSD(uzp),
	[2] = ROW_BHSD(trn),
	[3] = ROW_BHSD(zip),
};

/* Bits 31, 28:24 and 21 are as in the groups; bit 15 and 10 are clear. */
enum a64_flow simd_decode_permute(uint32_t insn, struct a64_op *op)
{
	unsigned size = bits(insn, 23, 22), opcode = bits(insn, 13, 12);

	simd_regs(insn, op);
	if (bits(insn, 29, 29)) { /* EXT */
		op->uimm = bits(insn, 14, 11);
		if (size || (op->ra == 8 && op->uimm > 7))
			return A64_UNDEFINED;
		op->fn = op->ra == 8 ? ext_8 : ext_16;
		return A64_GOES_ON;
	}
	if (!bits(insn, 11, 11)) { /* TBL, TBX */
		if (size)
			return A64_UNDEFINED;
		op->uimm = bits(insn, 14, 13) + 1;
		op->fn = bits(insn, 12, 12) ? tbx : tbl;
		return A64_GOES_ON;
	}
	op->uimm = bits(insn, 14, 14);
	return simd_emit(insn, op, permute[opcode][size], size, 0);
}
