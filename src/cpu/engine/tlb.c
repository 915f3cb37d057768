/* SPDX-License-Identifier: MIT */
/* tlb.c - entering and dropping pages of the software TLB. */
#include "cpu/engine/tlb.h"

#include <string.h>

enum { LARGE_BITS = 21 };

/* The filter's bit for the 2 MiB around va. */
static unsigned large_bit(uint64_t va)
{
	uint64_t n = va >> LARGE_BITS;

	return (unsigned)((n ^ n >> 10 ^ n >> 20) & 1023);
}

void tlb_init(struct tlb *t)
{
	*t = (struct tlb){ .next = 2 }; /* 0: the context of empty entries */
}

uint32_t tlb_new_context(struct tlb *t)
{
	uint32_t n = t->next;

	if (n >= TLB_CONTEXTS) {
		memset(t->entry, 0, sizeof(t->entry));
		memset(t->large, 0, sizeof(t->large));
		t->epoch++;
		n = 2;
	}
	t->next = n + 2;
	return n;
}

void tlb_insert(struct tlb *t, uint64_t va, uint64_t context, uint8_t *host,
		unsigned uses, bool large)
{
	struct tlb_entry *e = tlb_slot(t, va);
	uint64_t page = va & PAGE_MASK, tag = page | context;

	/* What is known of the page may be known for other uses already. */
	if (e->addend != (uintptr_t)host - (uintptr_t)page)
		*e = (struct tlb_entry){ 0 };
	e->read = uses & TLB_READ ? tag : 0;
	e->write = uses & TLB_WRITE ? tag : 0;
	e->exec = uses & TLB_EXEC ? tag : 0;
	e->addend = (uintptr_t)host - (uintptr_t)page;
	if (large)
		t->large[large_bit(va) / 64] |= UINT64_C(1)
						<< (large_bit(va) % 64);
}

/* Entries of the range of 1 << shift bytes around va. */
static bool inside(const struct tlb_entry *e, uint64_t va, unsigned shift)
{
	uint64_t tag = e->read | e->write | e->exec;

	return tag && (tag ^ va) >> shift == 0;
}

static void drop_large(struct tlb *t, uint64_t va)
{
	uint64_t first = va >> LARGE_BITS << LARGE_BITS;
	unsigned i;

	for (i = 0; i < 1u << (LARGE_BITS - PAGE_BITS); i++) {
		struct tlb_entry *e =
			tlb_slot(t, first + ((uint64_t)i << PAGE_BITS));

		if (inside(e, va, LARGE_BITS))
			*e = (struct tlb_entry){ 0 };
	}
}

void tlb_drop_page(struct tlb *t, uint64_t va)
{
	struct tlb_entry *e = tlb_slot(t, va);

	if (inside(e, va, PAGE_BITS))
		*e = (struct tlb_entry){ 0 };
	if (t->large[large_bit(va) / 64] >> (large_bit(va) % 64) & 1)
		drop_large(t, va);
}

void tlb_protect(struct tlb *t, const uint8_t *host)
{
	unsigned i;

	for (i = 0; i < TLB_ENTRIES; i++) {
		struct tlb_entry *e = &t->entry[i];
		uint64_t page = e->write & PAGE_MASK;

		if (e->write && e->addend + (uintptr_t)page == (uintptr_t)host)
			e->write = 0;
	}
}
