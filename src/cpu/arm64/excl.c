/* SPDX-License-Identifier: MIT */
/*
 * excl.c - exclusive and ordered loads and stores, DDI 0487 C4.1.88 and
 * B2.9.
 *
 * All CPUs of a VM share one thread, so every access is atomic and ordered by
 * itself.  The monitor remembers the physical address of the last load; it is
 * cleared when another CPU gets to run, by ERET, CLREX and any STXR.
 */
#include "cpu/arm64/ldst.h"
#include "cpu/arm64/mem.h"
#include "cpu/arm64/mmu.h"

/* imm: bytes of the whole access; ra: the second register, if a pair. */
A64_OP(op_ldxr)
{
	unsigned size = op->uimm;

	A64_CHECK_SP;
	if (!a64_load_slow(c, op, c->x[op->rn], size, A64_EXCL))
		return NULL;
	c->excl = true;
	c->excl_size = size;
	c->excl_gpa = c->access_gpa;
	c->x[op->rd] = a64_ld(&c->mem, size > 8 ? 8 : size);
	NEXT;
}

A64_OP(op_ldxp)
{
	unsigned size = op->uimm, half = size / 2;

	A64_CHECK_SP;
	if (!a64_load_slow(c, op, c->x[op->rn], size, A64_EXCL | A64_PAIR))
		return NULL;
	c->excl = true;
	c->excl_size = size;
	c->excl_gpa = c->access_gpa;
	c->x[op->rd] = a64_ld(c->mem.b, half);
	c->x[op->ra] = a64_ld(c->mem.b + half, half);
	NEXT;
}

/* What became of an exclusive store. */
enum outcome { STORED, NOT_STORED, FAULTED };

/* The store itself, when the monitor allows it; c->mem holds the data. */
A64_APART static enum outcome
store_exclusive(struct a64 *c, const struct a64_op *op, unsigned flags)
{
	uint64_t va = c->x[op->rn];
	bool was = c->excl;

	/* The address is checked, and its faults are taken, in any case. */
	if (!a64_check(c, op, va, op->uimm, flags, true))
		return FAULTED;
	c->excl = false;
	if (!was || c->excl_size != op->uimm || c->excl_gpa != c->access_gpa)
		return NOT_STORED;
	return a64_store_slow(c, op, va, op->uimm, flags) ? STORED : FAULTED;
}

A64_OP(op_stxr)
{
	enum outcome out;

	A64_CHECK_SP;
	a64_st(&c->mem, op->uimm, c->x[op->rd]);
	out = store_exclusive(c, op, A64_EXCL);
	if (out == FAULTED)
		return NULL;
	c->x[op->rm] = out;
	NEXT;
}

A64_OP(op_stxp)
{
	unsigned half = op->uimm / 2;
	enum outcome out;

	A64_CHECK_SP;
	a64_st(c->mem.b, half, c->x[op->rd]);
	a64_st(c->mem.b + half, half, c->x[op->ra]);
	out = store_exclusive(c, op, A64_EXCL | A64_PAIR);
	if (out == FAULTED)
		return NULL;
	c->x[op->rm] = out;
	NEXT;
}

A64_OP(op_ldar)
{
	A64_CHECK_SP;
	if (!a64_load_slow(c, op, c->x[op->rn], op->uimm, A64_ORDERED))
		return NULL;
	c->x[op->rd] = a64_ld(&c->mem, op->uimm);
	NEXT;
}

A64_OP(op_stlr)
{
	A64_CHECK_SP;
	a64_st(&c->mem, op->uimm, c->x[op->rd]);
	if (!a64_store_slow(c, op, c->x[op->rn], op->uimm, A64_ORDERED))
		return NULL;
	NEXT;
}

enum a64_flow a64_decode_excl(uint32_t insn, struct a64_op *op)
{
	unsigned size = 1u << bits(insn, 31, 30);
	unsigned load = bits(insn, 22, 22), pair = bits(insn, 21, 21);

	if (bits(insn, 24, 24))
		return A64_UNDEFINED;
	op->rn = reg_sp(insn, 5);
	op->rd = load ? reg_out(insn, 0) : reg_in(insn, 0);
	op->ra = load ? reg_out(insn, 10) : reg_in(insn, 10);
	op->rm = reg_out(insn, 16);
	op->uimm = size;
	if (bits(insn, 23, 23)) {
		/* LDAR, STLR; o0=0 is the limited-ordering LDLAR, v8.1. */
		if (pair || !bits(insn, 15, 15))
			return A64_UNDEFINED;
		op->fn = load ? op_ldar : op_stlr;
		return A64_GOES_ON;
	}
	if (pair) {
		if (size < 4)
			return A64_UNDEFINED; /* CASP, v8.1 */
		op->uimm = size * 2;
		op->fn = load ? op_ldxp : op_stxp;
		return A64_GOES_ON;
	}
	op->fn = load ? op_ldxr : op_stxr;
	return A64_GOES_ON;
}
