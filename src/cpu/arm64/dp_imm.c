/* SPDX-License-Identifier: MIT */
/* dp_imm.c - data processing with an immediate, DDI 0487 C4.1.86. */
#include "cpu/arm64/alu.h"
#include "cpu/arm64/decode.h"

/* ---- PC-relative ------------------------------------------------------ */

A64_OP(op_adr)
{
	c->x[op->rd] = c->e.page_va + (uint64_t)(int64_t)op->imm;
	NEXT;
}

A64_OP(op_adrp)
{
	c->x[op->rd] = c->e.page_va + ((uint64_t)(int64_t)op->imm << 12);
	NEXT;
}

static enum a64_flow decode_pcrel(uint32_t insn, const struct a64_where *w,
				  struct a64_op *op)
{
	int32_t imm = (int32_t)((uint32_t)sbits(insn, 23, 5) << 2 |
				bits(insn, 30, 29));

	op->rd = reg_out(insn, 0);
	if (bits(insn, 31, 31)) {
		op->fn = op_adrp;
		op->imm = imm;
	} else {
		op->fn = op_adr;
		op->imm = imm + (int32_t)w->offset;
	}
	return A64_GOES_ON;
}

/* ---- add and subtract ------------------------------------------------- */

A64_OP(op_add_x)
{
	c->x[op->rd] = c->x[op->rn] + (uint64_t)(int64_t)op->imm;
	NEXT;
}

A64_OP(op_add_w)
{
	c->x[op->rd] = (uint32_t)c->x[op->rn] + op->uimm;
	NEXT;
}

A64_OP(op_adds_x)
{
	c->x[op->rd] = add64(c, c->x[op->rn], op->uimm);
	NEXT;
}

A64_OP(op_adds_w)
{
	c->x[op->rd] = add32(c, (uint32_t)c->x[op->rn], op->uimm);
	NEXT;
}

A64_OP(op_subs_x)
{
	c->x[op->rd] = sub64(c, c->x[op->rn], op->uimm);
	NEXT;
}

A64_OP(op_subs_w)
{
	c->x[op->rd] = sub32(c, (uint32_t)c->x[op->rn], op->uimm);
	NEXT;
}

static enum a64_flow decode_addsub(uint32_t insn, struct a64_op *op)
{
	static a64_fn *const flags[2][2] = {
		{ op_adds_w, op_adds_x },
		{ op_subs_w, op_subs_x },
	};
	unsigned sf = bits(insn, 31, 31), sub = bits(insn, 30, 30);
	uint32_t imm = bits(insn, 21, 10) << (bits(insn, 22, 22) * 12);

	op->rn = reg_sp(insn, 5);
	if (bits(insn, 29, 29)) {
		op->rd = reg_out(insn, 0);
		op->uimm = imm;
		op->fn = flags[sub][sf];
	} else {
		op->rd = reg_sp(insn, 0);
		op->uimm = sub ? -imm : imm;
		op->fn = sf ? op_add_x : op_add_w;
	}
	return A64_GOES_ON;
}

/* ---- logical ---------------------------------------------------------- */

/*
 * A bit mask is a run of ones in an element of 2 to 64 bits, rotated and
 * repeated (DecodeBitMasks, J1.3.3).  Three shapes cover all: one that fits a
 * sign-extended immediate (imm), one whose halves are equal (pair), and a run
 * in 64 bits (run: ra ones less one, rotated right by rm).
 */
static inline uint64_t mask_imm(const struct a64_op *op)
{
	return (uint64_t)(int64_t)op->imm;
}

static inline uint64_t mask_pair(const struct a64_op *op)
{
	return (uint64_t)op->uimm << 32 | op->uimm;
}

static inline uint64_t mask_run(const struct a64_op *op)
{
	return ror64(UINT64_MAX >> (63 - op->ra), op->rm);
}

#define LOGIC(shape)                                            \
	A64_OP(op_and_x_##shape)                                \
	{                                                       \
		c->x[op->rd] = c->x[op->rn] & mask_##shape(op); \
		NEXT;                                           \
	}                                                       \
	A64_OP(op_orr_x_##shape)                                \
	{                                                       \
		c->x[op->rd] = c->x[op->rn] | mask_##shape(op); \
		NEXT;                                           \
	}                                                       \
	A64_OP(op_eor_x_##shape)                                \
	{                                                       \
		c->x[op->rd] = c->x[op->rn] ^ mask_##shape(op); \
		NEXT;                                           \
	}                                                       \
	A64_OP(op_ands_x_##shape)                               \
	{                                                       \
		uint64_t r = c->x[op->rn] & mask_##shape(op);   \
                                                                \
		flags_logic64(c, r);                            \
		c->x[op->rd] = r;                               \
		NEXT;                                           \
	}

LOGIC(imm)
LOGIC(pair)
LOGIC(run)

A64_OP(op_and_w)
{
	c->x[op->rd] = (uint32_t)c->x[op->rn] & op->uimm;
	NEXT;
}

A64_OP(op_orr_w)
{
	c->x[op->rd] = (uint32_t)c->x[op->rn] | op->uimm;
	NEXT;
}

A64_OP(op_eor_w)
{
	c->x[op->rd] = (uint32_t)c->x[op->rn] ^ op->uimm;
	NEXT;
}

A64_OP(op_ands_w)
{
	uint32_t r = (uint32_t)c->x[op->rn] & op->uimm;

	flags_logic32(c, r);
	c->x[op->rd] = r;
	NEXT;
}

/*
 * Element size in bits of an encoded mask: the highest bit of N:NOT(imms), or
 * 0 when that is reserved.
 */
static unsigned mask_element(uint32_t n, uint32_t imms)
{
	uint32_t key = n << 6 | (~imms & 0x3f);
	unsigned size = 64;

	while (size > 1 && !(key & size))
		size /= 2;
	return size > 1 ? size : 0;
}

static enum a64_flow decode_logical(uint32_t insn, struct a64_op *op)
{
	enum { IMM, PAIR, RUN, SHAPES };
	static a64_fn *const fn_x[4][SHAPES] = {
		{ op_and_x_imm, op_and_x_pair, op_and_x_run },
		{ op_orr_x_imm, op_orr_x_pair, op_orr_x_run },
		{ op_eor_x_imm, op_eor_x_pair, op_eor_x_run },
		{ op_ands_x_imm, op_ands_x_pair, op_ands_x_run },
	};
	static a64_fn *const fn_w[4] = { op_and_w, op_orr_w, op_eor_w,
					 op_ands_w };
	unsigned sf = bits(insn, 31, 31), opc = bits(insn, 30, 29);
	uint32_t n = bits(insn, 22, 22), immr = bits(insn, 21, 16);
	uint32_t imms = bits(insn, 15, 10);
	unsigned size = mask_element(n, imms), ones, rot, have;
	uint64_t mask;

	if (!size || (!sf && size == 64))
		return A64_UNDEFINED;
	ones = imms & (size - 1);
	rot = immr & (size - 1);
	if (ones == size - 1)
		return A64_UNDEFINED;
	mask = UINT64_MAX >> (63 - ones);
	if (rot)
		mask = (mask >> rot | mask << (size - rot)) &
		       UINT64_MAX >> (64 - size);
	for (have = size; have < 64; have *= 2)
		mask |= mask << have;

	op->rd = opc == 3 ? reg_out(insn, 0) : reg_sp(insn, 0);
	op->rn = reg_in(insn, 5);
	op->uimm = (uint32_t)mask;
	if (!sf) {
		op->fn = fn_w[opc];
	} else if ((uint64_t)(int64_t)op->imm == mask) {
		op->fn = fn_x[opc][IMM];
	} else if (size < 64) {
		op->fn = fn_x[opc][PAIR];
	} else {
		op->ra = (uint8_t)ones;
		op->rm = (uint8_t)rot;
		op->fn = fn_x[opc][RUN];
	}
	return A64_GOES_ON;
}

/* ---- move wide -------------------------------------------------------- */

A64_OP(op_movz)
{
	c->x[op->rd] = (uint64_t)op->uimm << op->ra;
	NEXT;
}

A64_OP(op_movn_x)
{
	c->x[op->rd] = ~((uint64_t)op->uimm << op->ra);
	NEXT;
}

A64_OP(op_movk_x)
{
	c->x[op->rd] = (c->x[op->rd] & ~(UINT64_C(0xffff) << op->ra)) |
		       (uint64_t)op->uimm << op->ra;
	NEXT;
}

A64_OP(op_movk_w)
{
	c->x[op->rd] = ((uint32_t)c->x[op->rd] & ~(0xffffu << op->ra)) |
		       op->uimm << op->ra;
	NEXT;
}

A64_OP(op_nothing)
{
	NEXT;
}

static enum a64_flow decode_movewide(uint32_t insn, struct a64_op *op)
{
	unsigned sf = bits(insn, 31, 31), opc = bits(insn, 30, 29);
	unsigned shift = bits(insn, 22, 21) * 16;

	if (opc == 1 || (!sf && shift > 16))
		return A64_UNDEFINED;
	op->rd = reg_out(insn, 0);
	op->uimm = bits(insn, 20, 5);
	op->ra = (uint8_t)shift;
	if (opc == 3) {
		/* MOVK reads what it writes: there is no zero to write to. */
		op->fn = sf ? op_movk_x : op_movk_w;
		if (op->rd == A64_SINK)
			op->fn = op_nothing;
	} else if (opc == 2) {
		op->fn = op_movz;
	} else if (sf) {
		op->fn = op_movn_x;
	} else {
		op->uimm = ~(op->uimm << shift);
		op->ra = 0;
		op->fn = op_movz;
	}
	return A64_GOES_ON;
}

/* ---- bit fields and extract ------------------------------------------- */

/*
 * UBFM and SBFM move a field to the top (left by rm) and then down to its
 * place (right by ra); which of the aliases it is makes no difference.
 */
A64_OP(op_ubfm_x)
{
	c->x[op->rd] = c->x[op->rn] << op->rm >> op->ra;
	NEXT;
}

A64_OP(op_ubfm_w)
{
	c->x[op->rd] = (uint32_t)c->x[op->rn] << op->rm >> op->ra;
	NEXT;
}

A64_OP(op_sbfm_x)
{
	c->x[op->rd] = asr64(c->x[op->rn] << op->rm, op->ra);
	NEXT;
}

A64_OP(op_sbfm_w)
{
	c->x[op->rd] = asr32((uint32_t)c->x[op->rn] << op->rm, op->ra);
	NEXT;
}

A64_OP(op_lsl_x)
{
	c->x[op->rd] = c->x[op->rn] << op->rm;
	NEXT;
}

A64_OP(op_lsr_x)
{
	c->x[op->rd] = c->x[op->rn] >> op->ra;
	NEXT;
}

A64_OP(op_uxtb)
{
	c->x[op->rd] = (uint8_t)c->x[op->rn];
	NEXT;
}

/* BFM: imm+1 bits from bit rm of rn, to bit ra of rd. */
static inline uint64_t bfm(uint64_t rd, uint64_t rn, const struct a64_op *op)
{
	uint64_t mask = UINT64_MAX >> (63 - op->uimm) << op->ra;

	return (rd & ~mask) | (rn >> op->rm << op->ra & mask);
}

A64_OP(op_bfm_x)
{
	c->x[op->rd] = bfm(c->x[op->rd], c->x[op->rn], op);
	NEXT;
}

A64_OP(op_bfm_w)
{
	c->x[op->rd] = (uint32_t)bfm(c->x[op->rd], c->x[op->rn], op);
	NEXT;
}

static void decode_bfm(uint32_t insn, struct a64_op *op, unsigned size)
{
	unsigned immr = bits(insn, 21, 16), imms = bits(insn, 15, 10);
	bool extract = imms >= immr;

	op->rm = (uint8_t)(extract ? immr : 0);
	op->ra = (uint8_t)(extract ? 0 : size - immr);
	op->uimm = extract ? imms - immr : imms;
	op->fn = size == 64 ? op_bfm_x : op_bfm_w;
	if (op->rd == A64_SINK)
		op->fn = op_nothing;
}

static enum a64_flow decode_bitfield(uint32_t insn, struct a64_op *op)
{
	unsigned sf = bits(insn, 31, 31), opc = bits(insn, 30, 29);
	unsigned immr = bits(insn, 21, 16), imms = bits(insn, 15, 10);
	unsigned size = sf ? 64 : 32;

	if (opc == 3 || bits(insn, 22, 22) != sf || immr >= size ||
	    imms >= size)
		return A64_UNDEFINED;
	op->rd = reg_out(insn, 0);
	op->rn = reg_in(insn, 5);
	if (opc == 1) {
		decode_bfm(insn, op, size);
		return A64_GOES_ON;
	}
	op->rm = (uint8_t)(size - 1 - imms);
	op->ra = (uint8_t)(imms >= immr ? size - 1 - imms + immr
					: immr - imms - 1);
	if (opc == 0)
		op->fn = sf ? op_sbfm_x : op_sbfm_w;
	else if (immr == 0 && imms == 7)
		op->fn = op_uxtb;
	else if (sf && op->rm == 0)
		op->fn = op_lsr_x;
	else if (sf && op->ra == 0)
		op->fn = op_lsl_x;
	else
		op->fn = sf ? op_ubfm_x : op_ubfm_w;
	return A64_GOES_ON;
}

A64_OP(op_extr_x)
{
	uint64_t hi = c->x[op->rn], lo = c->x[op->rm];

	c->x[op->rd] = op->uimm ? lo >> op->uimm | hi << (64 - op->uimm) : lo;
	NEXT;
}

A64_OP(op_extr_w)
{
	uint64_t both = c->x[op->rn] << 32 | (uint32_t)c->x[op->rm];

	c->x[op->rd] = (uint32_t)(both >> op->uimm);
	NEXT;
}

static enum a64_flow decode_extract(uint32_t insn, struct a64_op *op)
{
	unsigned sf = bits(insn, 31, 31);

	if (bits(insn, 30, 29) || bits(insn, 21, 21) ||
	    bits(insn, 22, 22) != sf || (!sf && bits(insn, 15, 15)))
		return A64_UNDEFINED;
	op->rd = reg_out(insn, 0);
	op->rn = reg_in(insn, 5);
	op->rm = reg_in(insn, 16);
	op->uimm = bits(insn, 15, 10);
	op->fn = sf ? op_extr_x : op_extr_w;
	return A64_GOES_ON;
}

enum a64_flow a64_decode_dp_imm(uint32_t insn, const struct a64_where *w,
				struct a64_op *op)
{
	switch (bits(insn, 25, 23)) {
	case 0:
	case 1: return decode_pcrel(insn, w, op);
	case 2: return decode_addsub(insn, op);
	case 4: return decode_logical(insn, op);
	case 5: return decode_movewide(insn, op);
	case 6: return decode_bitfield(insn, op);
	case 7: return decode_extract(insn, op);
	default: return A64_UNDEFINED; /* 3: add with tags, ARMv8.5 */
	}
}
