/* SPDX-License-Identifier: MIT */
/*
 * decode.h - from A64 encodings to operations, DDI 0487 C4.1.
 *
 * One function per top-level group, each in its own file beside the
 * operations it yields.  They fill op->fn and the fields that fn reads.
 */
#ifndef CPU_ARM64_DECODE_H
#define CPU_ARM64_DECODE_H

#include "cpu/arm64/op.h"

/* What the meaning of an encoding depends on, beside itself. */
struct a64_where {
	unsigned el;
	bool fp_trapped; /* CPACR_EL1.FPEN traps FP and SIMD here */
	unsigned offset; /* of the instruction in its page */
};

/* The whole instruction set; never A64_UNDEFINED. */
enum a64_flow a64_decode(uint32_t insn, const struct a64_where *w,
			 struct a64_op *op);

/*
 * `insn` has been decoded to op[0], and `next` to op[1]: if they are a compare
 * and the branch on it, let op[0] do both.
 */
void a64_fuse(uint32_t insn, uint32_t next, struct a64_op *op);

/* The groups.  A64_UNDEFINED: no such instruction in ARMv8.0. */
enum a64_flow a64_decode_dp_imm(uint32_t insn, const struct a64_where *w,
				struct a64_op *op);
enum a64_flow a64_decode_branch(uint32_t insn, const struct a64_where *w,
				struct a64_op *op);
enum a64_flow a64_decode_system(uint32_t insn, const struct a64_where *w,
				struct a64_op *op);
enum a64_flow a64_decode_ldst(uint32_t insn, const struct a64_where *w,
			      struct a64_op *op);
enum a64_flow a64_decode_dp_reg(uint32_t insn, const struct a64_where *w,
				struct a64_op *op);

/* Loads and stores with V=1: simd_ldst.c. */
enum a64_flow a64_decode_simd_ldst(uint32_t insn, struct a64_op *op);

/* Data processing, scalar FP and Advanced SIMD (op0 = x111): simd.c, fp.c. */
enum a64_flow a64_decode_fp(uint32_t insn, struct a64_op *op);

/* Bits hi..lo of an encoding. */
static inline uint32_t bits(uint32_t insn, unsigned hi, unsigned lo)
{
	return insn >> lo & ((2u << (hi - lo)) - 1);
}

/* The same, sign-extended. */
static inline int32_t sbits(uint32_t insn, unsigned hi, unsigned lo)
{
	unsigned up = 31 - hi;

	return (int32_t)(insn << up) >> (up + lo);
}

/* Register fields: 31 is the stack pointer, zero, or nowhere. */
static inline uint8_t reg_sp(uint32_t insn, unsigned lo)
{
	return (uint8_t)bits(insn, lo + 4, lo);
}

static inline uint8_t reg_in(uint32_t insn, unsigned lo)
{
	uint32_t r = bits(insn, lo + 4, lo);

	return (uint8_t)(r == 31 ? A64_ZERO : r);
}

static inline uint8_t reg_out(uint32_t insn, unsigned lo)
{
	uint32_t r = bits(insn, lo + 4, lo);

	return (uint8_t)(r == 31 ? A64_SINK : r);
}

#endif
