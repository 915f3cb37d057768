/* SPDX-License-Identifier: MIT */
/*
 * tlb.h - the software TLB of one vCPU.
 *
 * A direct-mapped table from guest-virtual pages to host addresses.  A tag is
 * the page's address with a context number in its low 12 bits, so that one
 * comparison checks page, permission, address space and flushes at once:
 *
 *  - every flush takes a fresh context number and is O(1);
 *  - an address space that comes back finds its entries by its old number;
 *  - the context's low bit is the privilege: odd for user mode;
 *  - an access that crosses a page fails the comparison, as its last byte
 *    is what is compared, and goes the slow way.
 *
 * Addresses have two halves (bit 63), as in Linux on both architectures: the
 * lower belongs to the current address space, the upper to the kernel.  What
 * a page table says, and which faults there are, is the front end's business.
 */
#ifndef CPU_ENGINE_TLB_H
#define CPU_ENGINE_TLB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PAGE_BITS = 12,
	PAGE_SIZE = 1 << PAGE_BITS,
	TLB_BITS = 12,
	TLB_ENTRIES = 1 << TLB_BITS,
	TLB_CONTEXTS = 1 << PAGE_BITS, /* numbers that fit under a page */
	TLB_USER = 1,                  /* the privilege bit of a context */
};

#define PAGE_MASK (~(uint64_t)(PAGE_SIZE - 1))

/* What a page may be used for; a tag of 0 never matches (0 is no context). */
struct tlb_entry {
	uint64_t read, write, exec; /* tags */
	uintptr_t addend;           /* host address - guest address */
};

struct tlb {
	struct tlb *next_tlb; /* of the code cache's list */
	uint64_t context[2];  /* current, per half of the addresses */
	uint32_t next;        /* the next fresh context number */
	uint32_t epoch;       /* counts how often they ran out */
	uint64_t large[16];   /* a filter of 2 MiB ranges, below */
	struct tlb_entry entry[TLB_ENTRIES];
};

enum tlb_use { TLB_READ = 1, TLB_WRITE = 2, TLB_EXEC = 4 };

void tlb_init(struct tlb *t);

/*
 * A fresh pair of context numbers, even; | TLB_USER is the other.  When they
 * have run out all entries are dropped and `epoch` changes: numbers from an
 * older epoch must not be used again.
 */
uint32_t tlb_new_context(struct tlb *t);

/*
 * Enter the page of `va`, found at host address `host`, for the given uses
 * (sum of enum tlb_use) under `context`.  `large`: the guest maps it by an
 * entry larger than a page, all of which one invalidation has to drop.
 */
void tlb_insert(struct tlb *t, uint64_t va, uint64_t context, uint8_t *host,
		unsigned uses, bool large);

/* Drop the page of `va` in every context, and the large page around it. */
void tlb_drop_page(struct tlb *t, uint64_t va);

/* Take the write permission of every entry that maps host page `host`. */
void tlb_protect(struct tlb *t, const uint8_t *host);

static inline struct tlb_entry *tlb_slot(struct tlb *t, uint64_t va)
{
	return &t->entry[(va >> PAGE_BITS) & (TLB_ENTRIES - 1)];
}

/* The tag that an access of `size` bytes at `va` must find. */
static inline uint64_t tlb_tag(const struct tlb *t, uint64_t va, unsigned size)
{
	return ((va + size - 1) & PAGE_MASK) | t->context[va >> 63];
}

/* Host addresses of a hit, or NULL: then go the slow way. */
static inline const uint8_t *tlb_read(struct tlb *t, uint64_t va, unsigned size)
{
	const struct tlb_entry *e = tlb_slot(t, va);

	if (__builtin_expect(e->read != tlb_tag(t, va, size), 0))
		return NULL;
	// NOLINTNEXTLINE(performance-no-int-to-ptr): it was a pointer
	return (const uint8_t *)(e->addend + (uintptr_t)va);
}

static inline uint8_t *tlb_write(struct tlb *t, uint64_t va, unsigned size)
{
	const struct tlb_entry *e = tlb_slot(t, va);

	if (__builtin_expect(e->write != tlb_tag(t, va, size), 0))
		return NULL;
	// NOLINTNEXTLINE(performance-no-int-to-ptr): it was a pointer
	return (uint8_t *)(e->addend + (uintptr_t)va);
}

#endif
