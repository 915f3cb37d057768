/* SPDX-License-Identifier: MIT */
/*
 * op.h - decoded operations, and how one hands over to the next.
 *
 * A block's code is an array of struct a64_op.  Each names the function that
 * performs it; every such function ends in one of
 *
 *	NEXT;                   go on with the operation behind this one
 *	return NULL;            leave the block; pc has been set
 *
 * With an optimizing compiler NEXT is a tail call, a jump from handler to
 * handler.  Otherwise (unoptimized and sanitizer builds) it returns to a loop.
 * For the tail call a handler must not pass the address of a local to anyone.
 *
 * Precision: a handler writes no register before its last possible fault.
 */
#ifndef CPU_ARM64_OP_H
#define CPU_ARM64_OP_H

#include "cpu/arm64/cpu.h"

struct a64_op;

typedef const struct a64_op *a64_fn(struct a64 *c, const struct a64_op *op);

/* Which field means what is up to each operation. */
struct a64_op {
	a64_fn *fn;
	uint8_t rd, rn, rm, ra;
	union {
		int32_t imm;
		uint32_t uimm;
	};
};

_Static_assert(sizeof(struct a64_op) == 16, "operations are small");

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	!defined(__OPTIMIZE__)
#define A64_TAIL_CALLS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define A64_TAIL_CALLS 0
#else
#define A64_TAIL_CALLS 1
#endif
#else
#define A64_TAIL_CALLS 1
#endif

#if A64_TAIL_CALLS
#define A64_GOTO(c, target)                             \
	do {                                            \
		const struct a64_op *a64_to = (target); \
		return a64_to->fn((c), a64_to);         \
	} while (0)
#else
#define A64_GOTO(c, target)      \
	do {                     \
		(void)(c);       \
		return (target); \
	} while (0)
#endif

#define NEXT A64_GOTO(c, op + 1)

#define A64_OP(name) \
	static const struct a64_op *name(struct a64 *c, const struct a64_op *op)

/* A helper with address-taken locals, which must not get into a handler. */
#define A64_APART __attribute__((noinline))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* How the decoder goes on after an instruction. */
enum a64_flow {
	A64_GOES_ON,
	A64_ENDS,      /* leaves the block by itself */
	A64_UNDEFINED, /* unallocated: the caller makes it undefined */
};

/* The address of the instruction that `op` performs. */
static inline uint64_t a64_op_pc(const struct a64 *c, const struct a64_op *op)
{
	const struct block *b = c->e.block;
	const struct a64_op *first = (const struct a64_op *)(const void *)b->op;

	return c->e.page_va + b->offset + (uint64_t)(op - first) * 4;
}

#endif
