/* SPDX-License-Identifier: MIT */
/* decode.c - the top level of the instruction set, DDI 0487 C4.1. */
#include "cpu/arm64/decode.h"

#include "cpu/arm64/exception.h"

static enum a64_flow decode_group(uint32_t insn, const struct a64_where *w,
				  struct a64_op *op)
{
	switch (bits(insn, 28, 25)) {
	case 8:
	case 9: return a64_decode_dp_imm(insn, w, op);
	case 10:
	case 11: return a64_decode_branch(insn, w, op);
	case 4:
	case 6:
	case 12:
	case 14: return a64_decode_ldst(insn, w, op);
	case 5:
	case 13: return a64_decode_dp_reg(insn, w, op);
	case 7:
	case 15: return a64_decode_fp(insn, op);
	default: return A64_UNDEFINED;
	}
}

/* Does it use the FP and SIMD registers?  Data processing, or V=1. */
static bool uses_fp(uint32_t insn)
{
	unsigned group = bits(insn, 28, 25);

	return group == 7 || group == 15 || group == 6 || group == 14;
}

enum a64_flow a64_decode(uint32_t insn, const struct a64_where *w,
			 struct a64_op *op)
{
	enum a64_flow flow = decode_group(insn, w, op);

	if (flow == A64_UNDEFINED) {
		op->fn = a64_op_undefined;
		op->uimm = insn;
		return A64_ENDS;
	}
	if (w->fp_trapped && uses_fp(insn)) {
		op->fn = a64_op_fp_trap;
		return A64_ENDS;
	}
	return flow;
}
