/* SPDX-License-Identifier: MIT */
/*
 * simd_immediate.c - MOVI, MVNI, ORR, BIC, FMOV with an immediate: Advanced
 * SIMD modified immediate of DDI 0487 C4.1.
 */
#include "cpu/arm64/fp_immediate.h"
#include "cpu/arm64/simd_lanes.h"

/* op->uimm repeated; the upper word of each double; a bit per byte. */
A64_OP(movi_s)
{
	union a64_vreg r = { .s = { op->uimm, op->uimm, op->uimm, op->uimm } };

	v_put(c, op, r);
	NEXT;
}

A64_OP(orr_s)
{
	const union a64_vreg *o = &c->v[op->rd];
	const uint64_t imm = (uint64_t)op->uimm << 32 | op->uimm;
	union a64_vreg r = { .d = { o->d[0] | imm, o->d[1] | imm } };

	v_put(c, op, r);
	NEXT;
}

A64_OP(bic_s)
{
	const union a64_vreg *o = &c->v[op->rd];
	const uint64_t imm = (uint64_t)op->uimm << 32 | op->uimm;
	union a64_vreg r = { .d = { o->d[0] & ~imm, o->d[1] & ~imm } };

	v_put(c, op, r);
	NEXT;
}

A64_OP(fmov_d)
{
	const uint64_t imm = (uint64_t)op->uimm << 32;
	union a64_vreg r = { .d = { imm, imm } };

	v_put(c, op, r);
	NEXT;
}

static inline uint64_t byte_mask(unsigned imm8)
{
	uint64_t r = 0;
	unsigned i;

	for (i = 0; i < 8; i++)
		if (imm8 >> i & 1)
			r |= (uint64_t)0xff << 8 * i;
	return r;
}

A64_OP(movi_d)
{
	const uint64_t imm = byte_mask(op->uimm);
	union a64_vreg r = { .d = { imm, imm } };

	v_put(c, op, r);
	NEXT;
}

/* AdvSIMDExpandImm(), J1.3: the 32 bits that are repeated. */
static uint32_t expand(unsigned cmode, uint32_t imm8)
{
	unsigned shift = 8 * (cmode >> 1 & 3);

	if (cmode < 8)
		return imm8 << shift;
	if (cmode < 12)
		return (imm8 << (shift & 8)) * 0x10001;
	switch (cmode) {
	case 12: return imm8 << 8 | 0xff;
	case 13: return imm8 << 16 | 0xffff;
	case 14: return imm8 * 0x01010101;
	default: return fp_immediate_s(imm8);
	}
}

enum a64_flow simd_decode_immediate(uint32_t insn, struct a64_op *op)
{
	unsigned cmode = bits(insn, 15, 12), invert = bits(insn, 29, 29);
	unsigned imm8 = bits(insn, 18, 16) << 5 | bits(insn, 9, 5);

	if (bits(insn, 11, 11))
		return A64_UNDEFINED;
	simd_regs(insn, op);
	op->uimm = expand(cmode, imm8);
	if (cmode < 12 && (cmode & 1)) {
		op->fn = invert ? bic_s : orr_s;
	} else if (cmode < 14) {
		op->fn = movi_s;
		if (invert)
			op->uimm = ~op->uimm;
	} else if (!invert) {
		op->fn = movi_s;
	} else if (cmode == 14) {
		op->fn = movi_d;
		op->uimm = imm8;
	} else {
		if (op->ra == 8)
			return A64_UNDEFINED;
		op->fn = fmov_d;
		op->uimm = (uint32_t)(fp_immediate_d(imm8) >> 32);
	}
	return A64_GOES_ON;
}
