/* SPDX-License-Identifier: MIT */
/*
 * simd_copy.c - lanes from and to registers: DUP, INS, SMOV, UMOV; Advanced
 * SIMD copy and scalar copy of DDI 0487 C4.1.
 */
#include "cpu/arm64/simd_lanes.h"

/* op->uimm is the lane of the source, op->rm the lane of the destination. */
#define COPY(w)                                                    \
	A64_OP(dup_element_##w)                                    \
	{                                                          \
		const u_##w a = c->v[op->rn].w[op->uimm];          \
		union a64_vreg r;                                  \
		unsigned i;                                        \
                                                                   \
		for (i = 0; i < N_##w; i++)                        \
			r.w[i] = a;                                \
		v_put(c, op, r);                                   \
		NEXT;                                              \
	}                                                          \
	A64_OP(dup_scalar_##w)                                     \
	{                                                          \
		const u_##w a = c->v[op->rn].w[op->uimm];          \
                                                                   \
		c->v[op->rd].d[0] = a;                             \
		c->v[op->rd].d[1] = 0;                             \
		NEXT;                                              \
	}                                                          \
	A64_OP(dup_general_##w)                                    \
	{                                                          \
		const u_##w a = (u_##w)c->x[op->rn];               \
		union a64_vreg r;                                  \
		unsigned i;                                        \
                                                                   \
		for (i = 0; i < N_##w; i++)                        \
			r.w[i] = a;                                \
		v_put(c, op, r);                                   \
		NEXT;                                              \
	}                                                          \
	A64_OP(ins_element_##w)                                    \
	{                                                          \
		c->v[op->rd].w[op->rm] = c->v[op->rn].w[op->uimm]; \
		NEXT;                                              \
	}                                                          \
	A64_OP(ins_general_##w)                                    \
	{                                                          \
		c->v[op->rd].w[op->rm] = (u_##w)c->x[op->rn];      \
		NEXT;                                              \
	}                                                          \
	A64_OP(umov_##w)                                           \
	{                                                          \
		c->x[op->rd] = c->v[op->rn].w[op->uimm];           \
		NEXT;                                              \
	}

#define SMOV_TO(wide, name, w)                                        \
	A64_OP(name)                                                  \
	{                                                             \
		const wide r = (wide)(s_##w)c->v[op->rn].w[op->uimm]; \
                                                                      \
		c->x[op->rd] = r;                                     \
		NEXT;                                                 \
	}

COPY(b)
COPY(h)
COPY(s)
COPY(d)
SMOV_TO(u_s, smov_w_b, b)
SMOV_TO(u_s, smov_w_h, h)
SMOV_TO(u_d, smov_x_b, b)
SMOV_TO(u_d, smov_x_h, h)
SMOV_TO(u_d, smov_x_s, s)

static a64_fn *const dup_element[4] = ROW_BHSD(dup_element);
static a64_fn *const dup_scalar[4] = ROW_BHSD(dup_scalar);
static a64_fn *const dup_general[4] = ROW_BHSD(dup_general);
static a64_fn *const ins_element[4] = ROW_BHSD(ins_element);
static a64_fn *const ins_general[4] = ROW_BHSD(ins_general);
static a64_fn *const umov[2][4] = { ROW_BHS(umov), { 0, 0, 0, umov_d } };
static a64_fn *const smov[2][4] = { ROW_BH(smov_w), ROW_BHS(smov_x) };

enum { DUP_ELEMENT = 0, DUP_GENERAL = 1, INS_GENERAL = 3, SMOV = 5, UMOV = 7 };

/* Vector to general registers and back; imm4 selects. */
static a64_fn *copy_fn(uint32_t insn, struct a64_op *op, unsigned size)
{
	unsigned q = bits(insn, 30, 30);

	switch (bits(insn, 14, 11)) {
	case DUP_ELEMENT: return size == 3 && !q ? NULL : dup_element[size];
	case DUP_GENERAL:
		op->rn = reg_in(insn, 5);
		return size == 3 && !q ? NULL : dup_general[size];
	case INS_GENERAL:
		op->rn = reg_in(insn, 5);
		return q ? ins_general[size] : NULL;
	case SMOV: op->rd = reg_out(insn, 0); return smov[q][size];
	case UMOV: op->rd = reg_out(insn, 0); return umov[q][size];
	default: return NULL;
	}
}

enum a64_flow simd_decode_copy(uint32_t insn, struct a64_op *op)
{
	unsigned imm5 = bits(insn, 20, 16), imm4 = bits(insn, 14, 11);
	unsigned size;
	a64_fn *fn = NULL;

	if (!(imm5 & 15))
		return A64_UNDEFINED;
	size = (unsigned)__builtin_ctz(imm5);
	simd_regs(insn, op);
	op->uimm = imm5 >> (size + 1);
	op->rm = (uint8_t)op->uimm;
	if (simd_is_scalar(insn)) {
		if (!bits(insn, 29, 29) && imm4 == DUP_ELEMENT)
			fn = dup_scalar[size];
	} else if (!bits(insn, 29, 29)) {
		fn = copy_fn(insn, op, size);
	} else if (bits(insn, 30, 30)) {
		op->uimm = imm4 >> size;
		fn = ins_element[size];
	}
	if (!fn)
		return A64_UNDEFINED;
	op->fn = fn;
	return A64_GOES_ON;
}
