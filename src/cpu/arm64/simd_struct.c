/* SPDX-License-Identifier: MIT */
/*
 * simd_struct.c - loads and stores of structures, DDI 0487 C4.1.4.
 *
 * Memory holds elements in the order of the structures, registers hold one
 * member each: bytes pass through a buffer, so that a fault in the middle
 * leaves registers and memory as they were.  Knows no addressing but base
 * and post-index.
 */
#include "cpu/arm64/mem.h"
#include "cpu/arm64/simd.h"

enum { BUF = 64 }; /* four whole registers */

/*
 * op->imm of a structure operation, in fields of eight bits: the size of an
 * element, members of a structure, registers, and bytes of a register used.
 * For a single structure the last two are: the index of the lane, and for
 * "load and replicate" the bytes of a register.
 */
static unsigned field(const struct a64_op *op, unsigned n)
{
	return op->uimm >> 8 * n & 0xff;
}

static uint32_t fields(unsigned a, unsigned b, unsigned c, unsigned d)
{
	return a | b << 8 | c << 16 | d << 24;
}

/* Read memory as elements; false: a fault was taken. */
static bool fetch(struct a64 *c, const struct a64_op *op, uint8_t buf[BUF],
		  unsigned total)
{
	uint64_t va = c->x[op->rn];
	const uint8_t *p = tlb_read(&c->e.tlb, va, total);
	unsigned size = field(op, 0), i;

	if (likely(p != NULL)) {
		memcpy(buf, p, total);
		return true;
	}
	for (i = 0; i < total; i += size) {
		if (!a64_load_slow(c, op, va + i, size, A64_NORMAL))
			return false;
		memcpy(buf + i, &c->mem, size);
	}
	return true;
}

/* Write memory as elements, all or nothing. */
static bool spill(struct a64 *c, const struct a64_op *op,
		  const uint8_t buf[BUF], unsigned total)
{
	uint64_t va = c->x[op->rn];
	uint8_t *p = tlb_write(&c->e.tlb, va, total);
	unsigned size = field(op, 0), i;

	if (likely(p != NULL)) {
		memcpy(p, buf, total);
		return true;
	}
	if (!a64_probe(c, op, va, total, true))
		return false;
	for (i = 0; i < total; i += size) {
		memcpy(&c->mem, buf + i, size);
		if (!a64_store_slow(c, op, va + i, size, A64_NORMAL))
			return false;
	}
	return true;
}

/* The base moves by a register, or by what was transferred. */
static void post_index(struct a64 *c, const struct a64_op *op, unsigned total)
{
	if (op->ra)
		c->x[op->rn] += op->rm == A64_SP ? total : c->x[op->rm];
}

static union a64_vreg *vreg(struct a64 *c, const struct a64_op *op, unsigned n)
{
	return &c->v[(op->rd + n) & 31];
}

static bool load_multiple(struct a64 *c, const struct a64_op *op)
{
	unsigned size = field(op, 0), members = field(op, 1);
	unsigned regs = field(op, 2), bytes = field(op, 3);
	uint8_t buf[BUF];
	unsigned r, at;

	if (!fetch(c, op, buf, regs * bytes))
		return false;
	for (r = 0; r < regs; r++) {
		union a64_vreg *v = vreg(c, op, r);

		v->d[1] = 0;
		if (members == 1) {
			memcpy(v, buf + r * bytes, bytes);
			continue;
		}
		for (at = 0; at < bytes; at += size)
			memcpy(v->b + at, buf + at * members + r * size, size);
	}
	post_index(c, op, regs * bytes);
	return true;
}

static bool store_multiple(struct a64 *c, const struct a64_op *op)
{
	unsigned size = field(op, 0), members = field(op, 1);
	unsigned regs = field(op, 2), bytes = field(op, 3);
	uint8_t buf[BUF];
	unsigned r, at;

	for (r = 0; r < regs; r++) {
		const union a64_vreg *v = vreg(c, op, r);

		if (members == 1) {
			memcpy(buf + r * bytes, v, bytes);
			continue;
		}
		for (at = 0; at < bytes; at += size)
			memcpy(buf + at * members + r * size, v->b + at, size);
	}
	if (!spill(c, op, buf, regs * bytes))
		return false;
	post_index(c, op, regs * bytes);
	return true;
}

static bool load_single(struct a64 *c, const struct a64_op *op)
{
	unsigned size = field(op, 0), members = field(op, 1);
	uint8_t buf[BUF];
	unsigned r;

	if (!fetch(c, op, buf, members * size))
		return false;
	for (r = 0; r < members; r++)
		memcpy(vreg(c, op, r)->b + field(op, 2) * size, buf + r * size,
		       size);
	post_index(c, op, members * size);
	return true;
}

static bool store_single(struct a64 *c, const struct a64_op *op)
{
	unsigned size = field(op, 0), members = field(op, 1);
	uint8_t buf[BUF];
	unsigned r;

	for (r = 0; r < members; r++)
		memcpy(buf + r * size, vreg(c, op, r)->b + field(op, 2) * size,
		       size);
	if (!spill(c, op, buf, members * size))
		return false;
	post_index(c, op, members * size);
	return true;
}

static bool load_replicate(struct a64 *c, const struct a64_op *op)
{
	unsigned size = field(op, 0), members = field(op, 1);
	unsigned bytes = field(op, 3);
	uint8_t buf[BUF];
	unsigned r, at;

	if (!fetch(c, op, buf, members * size))
		return false;
	for (r = 0; r < members; r++) {
		union a64_vreg *v = vreg(c, op, r);

		v->d[1] = 0;
		for (at = 0; at < bytes; at += size)
			memcpy(v->b + at, buf + r * size, size);
	}
	post_index(c, op, members * size);
	return true;
}

#define STRUCTURE(name, perform)     \
	A64_OP(name)                 \
	{                            \
		A64_CHECK_SP;        \
		if (!perform(c, op)) \
			return NULL; \
		NEXT;                \
	}

STRUCTURE(ld_multiple, load_multiple)
STRUCTURE(st_multiple, store_multiple)
STRUCTURE(ld_single, load_single)
STRUCTURE(st_single, store_single)
STRUCTURE(ld_replicate, load_replicate)

/* Multiple structures: members and registers by opcode. */
static enum a64_flow decode_multiple(uint32_t insn, struct a64_op *op)
{
	static const struct {
		uint8_t members, regs;
	} row[16] = {
		[0] = { 4, 4 }, [2] = { 1, 4 }, [4] = { 3, 3 },  [6] = { 1, 3 },
		[7] = { 1, 1 }, [8] = { 2, 2 }, [10] = { 1, 2 },
	};
	unsigned opcode = bits(insn, 15, 12), size = bits(insn, 11, 10);
	unsigned q = bits(insn, 30, 30), members = row[opcode].members;

	if (!members || (members != 1 && size == 3 && !q))
		return A64_UNDEFINED;
	if (bits(insn, 21, 21))
		return A64_UNDEFINED;
	op->fn = bits(insn, 22, 22) ? ld_multiple : st_multiple;
	op->uimm = fields(1u << size, members, row[opcode].regs, 8u << q);
	return A64_GOES_ON;
}

/* Single structures: opcode, S and size give the size and the lane. */
static enum a64_flow decode_single(uint32_t insn, struct a64_op *op)
{
	unsigned opcode = bits(insn, 15, 13), s = bits(insn, 12, 12);
	unsigned size = bits(insn, 11, 10), load = bits(insn, 22, 22);
	unsigned q = bits(insn, 30, 30), scale = opcode >> 1;
	unsigned members = (opcode & 1) * 2 + bits(insn, 21, 21) + 1;
	unsigned lane = q << 3 | s << 2 | size;

	if (scale == 3) {
		if (!load || s)
			return A64_UNDEFINED;
		op->fn = ld_replicate;
		op->uimm = fields(1u << size, members, 0, 8u << q);
		return A64_GOES_ON;
	}
	if (scale == 2 && (size & 1)) {
		if (s)
			return A64_UNDEFINED;
		scale = 3;
	}
	if ((scale == 1 && (size & 1)) || (scale >= 2 && (size & 2)))
		return A64_UNDEFINED;
	op->fn = load ? ld_single : st_single;
	op->uimm = fields(1u << scale, members, lane >> scale, 0);
	return A64_GOES_ON;
}

enum a64_flow simd_decode_struct(uint32_t insn, struct a64_op *op)
{
	bool post = bits(insn, 23, 23);

	if (bits(insn, 31, 31) || (!post && bits(insn, 20, 16)))
		return A64_UNDEFINED;
	op->ra = post;
	op->rm = (uint8_t)bits(insn, 20, 16);
	if (bits(insn, 24, 24))
		return decode_single(insn, op);
	return decode_multiple(insn, op);
}
