/* SPDX-License-Identifier: MIT */
/*
 * mem.h - loads and stores of operations.
 *
 * The inline part is the TLB hit.  The slow part walks the page tables, takes
 * faults, reaches devices and splits what crosses a page.  Both are precise:
 * when a64_load_slow or a64_store_slow says false an exception has been taken
 * (registers still untouched) and the handler must `return NULL`.
 *
 * The address of a local must not escape from a handler (op.h), therefore the
 * slow way leaves its result in c->mem.
 */
#ifndef CPU_ARM64_MEM_H
#define CPU_ARM64_MEM_H

#include <string.h>

#include "cpu/arm64/op.h"

/* How an access is made, beside its size: these fault on their own rules. */
enum a64_access {
	A64_NORMAL = 0,
	A64_ORDERED = 1, /* acquire, release: must be aligned */
	A64_EXCL = 2,    /* exclusive: likewise */
	A64_UNPRIV = 4,  /* LDTR, STTR: with the permissions of EL0 */
	A64_PAIR = 8,    /* two halves: a device sees two accesses */
	A64_PROBE = 16,  /* of several elements: any alignment */
};

/*
 * Load `size` bytes (1, 2, 4, 8, 16) at va into c->mem.  Store c->mem.
 * `flags` is a sum of enum a64_access.
 */
bool a64_load_slow(struct a64 *c, const struct a64_op *op, uint64_t va,
		   unsigned size, unsigned flags);
bool a64_store_slow(struct a64 *c, const struct a64_op *op, uint64_t va,
		    unsigned size, unsigned flags);

/*
 * Check that [va, va+size) may be written, or read, without doing so: for
 * operations of several accesses that must fault before the first.  size is
 * at most a page.  False: an exception has been taken.
 */
bool a64_probe(struct a64 *c, const struct a64_op *op, uint64_t va,
	       unsigned size, bool write);

/*
 * The stack pointer is not 16-byte aligned: true when SCTLR_EL1 allows it,
 * false when the SP alignment fault has been taken (D1.8.2).
 */
bool a64_sp_unaligned(struct a64 *c, const struct a64_op *op);

/* In a handler whose base register, op->rn, may be the stack pointer. */
#define A64_CHECK_SP                                                   \
	do {                                                           \
		if (unlikely(op->rn == A64_SP && c->x[A64_SP] & 15) && \
		    !a64_sp_unaligned(c, op))                          \
			return NULL;                                   \
	} while (0)

static inline uint64_t a64_ld(const void *p, unsigned size)
{
	uint8_t b;
	uint16_t h;
	uint32_t s;
	uint64_t d;

	switch (size) {
	case 1: memcpy(&b, p, 1); return b;
	case 2: memcpy(&h, p, 2); return h;
	case 4: memcpy(&s, p, 4); return s;
	default: memcpy(&d, p, 8); return d;
	}
}

static inline void a64_st(void *p, unsigned size, uint64_t v)
{
	uint8_t b = (uint8_t)v;
	uint16_t h = (uint16_t)v;
	uint32_t s = (uint32_t)v;

	switch (size) {
	case 1: memcpy(p, &b, 1); break;
	case 2: memcpy(p, &h, 2); break;
	case 4: memcpy(p, &s, 4); break;
	default: memcpy(p, &v, 8); break;
	}
}

/*
 * In a handler: declare `var` and load `size` bytes (1, 2, 4, 8) into it,
 * zero-extended, or leave the block with the fault taken.
 */
#define A64_LOAD(var, va, size)                                              \
	uint64_t var;                                                        \
	do {                                                                 \
		const uint8_t *a64_p = tlb_read(&c->e.tlb, (va), (size));    \
		if (likely(a64_p != NULL)) {                                 \
			var = a64_ld(a64_p, (size));                         \
		} else {                                                     \
			if (!a64_load_slow(c, op, (va), (size), A64_NORMAL)) \
				return NULL;                                 \
			var = a64_ld(&c->mem, (size));                       \
		}                                                            \
	} while (0)

/* Likewise, store the low `size` bytes of `v`. */
#define A64_STORE(va, size, v)                                                \
	do {                                                                  \
		uint8_t *a64_p = tlb_write(&c->e.tlb, (va), (size));          \
		if (likely(a64_p != NULL)) {                                  \
			a64_st(a64_p, (size), (v));                           \
		} else {                                                      \
			a64_st(&c->mem, (size), (v));                         \
			if (!a64_store_slow(c, op, (va), (size), A64_NORMAL)) \
				return NULL;                                  \
		}                                                             \
	} while (0)

#endif
