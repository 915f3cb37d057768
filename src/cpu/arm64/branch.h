/* SPDX-License-Identifier: MIT */
/* branch.h - leaving a block for the next one. */
#ifndef CPU_ARM64_BRANCH_H
#define CPU_ARM64_BRANCH_H

#include "cpu/arm64/op.h"

/* Which of a block's links a branch uses. */
enum { LINK_TAKEN, LINK_NEXT };

/* Begin block b; page_va is right already.  Ends the handler. */
#define A64_ENTER(c, b)                                                      \
	do {                                                                 \
		struct block *a64_b = (b);                                   \
		(c)->e.block = a64_b;                                        \
		(c)->e.budget -= a64_b->insns;                               \
		A64_GOTO(c, (const struct a64_op *)(const void *)a64_b->op); \
	} while (0)

/* To `rel` bytes from this page's start, when no link leads there yet. */
const struct a64_op *a64_branch_slow(struct a64 *c, int64_t rel, unsigned link);

/* To any virtual address: register branches, and other pages. */
const struct a64_op *a64_branch_to(struct a64 *c, uint64_t va);

/*
 * In a handler: go to `rel` bytes from this page's start.  A link exists only
 * to blocks of the same page.
 */
#define A64_BRANCH(c, rel, which)                                \
	do {                                                     \
		struct block *a64_t = (c)->e.block->link[which]; \
		if (likely(a64_t != NULL && (c)->e.budget > 0))  \
			A64_ENTER(c, a64_t);                     \
		return a64_branch_slow((c), (rel), (which));     \
	} while (0)

/*
 * A branch keeps the offset of the instruction behind it in rm and ra, and its
 * target in imm, both from the start of the page.
 */
static inline uint32_t a64_behind(const struct a64_op *op)
{
	return op->rm | (uint32_t)op->ra << 8;
}

/* Goes on behind the block's last instruction: a block that just ends. */
a64_fn a64_op_fall_through;

#endif
