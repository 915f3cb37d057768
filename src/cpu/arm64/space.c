/* SPDX-License-Identifier: MIT */
/*
 * space.c - address spaces and TLB maintenance, DDI 0487 D8.13.
 *
 * An ASID owns a context number of the TLB as long as it is remembered; a
 * kernel that goes back and forth between address spaces, as Linux does at
 * every entry from user mode, finds its entries again.  The lower half of the
 * addresses belongs to the current ASID, global pages included (they only
 * miss more often than they had to).  The upper half is taken to be global
 * until a page there says otherwise.
 */
#include "cpu/arm64/mmu.h"
#include "cpu/arm64/sysreg.h"

#define NO_ASID UINT32_MAX

static unsigned current_asid(const struct a64 *c)
{
	uint64_t ttbr = c->sys.tcr & TCR_A1 ? c->sys.ttbr1 : c->sys.ttbr0;
	unsigned asid = (unsigned)(ttbr >> 48);

	return c->sys.tcr & TCR_AS ? asid : asid & 0xff;
}

static void set_context(struct a64 *c, unsigned half, uint32_t context)
{
	c->e.tlb.context[half] = context | (c->el == 0 ? TLB_USER : 0);
}

/* The context of an ASID, a fresh one if it has none that is still good. */
static uint32_t context_of(struct a64 *c, unsigned asid)
{
	struct a64_space *s = &c->space[asid % A64_SPACES];

	if (s->asid != asid || s->epoch != c->e.tlb.epoch) {
		s->context = tlb_new_context(&c->e.tlb);
		s->asid = asid;
		s->epoch = c->e.tlb.epoch;
	}
	return s->context;
}

/* A fresh upper half; when numbers have run out the lower one is renewed. */
static void renew_upper(struct a64 *c)
{
	set_context(c, 1, tlb_new_context(&c->e.tlb));
	c->upper_private = false;
}

void a64_space_switch(struct a64 *c)
{
	uint32_t epoch = c->e.tlb.epoch;
	uint32_t lower = context_of(c, current_asid(c));
	bool changed = (c->e.tlb.context[0] & ~(uint64_t)TLB_USER) != lower;

	if ((changed && c->upper_private) || epoch != c->e.tlb.epoch)
		renew_upper(c);
	/* Taking the upper's number may have begun a new epoch. */
	set_context(c, 0, context_of(c, current_asid(c)));
}

void a64_space_user(struct a64 *c, bool user)
{
	unsigned half;

	for (half = 0; half < 2; half++)
		c->e.tlb.context[half] =
			(c->e.tlb.context[half] & ~(uint64_t)TLB_USER) |
			(user ? TLB_USER : 0);
}

void a64_tlbi_all(struct a64 *c)
{
	unsigned i;

	for (i = 0; i < A64_SPACES; i++)
		c->space[i].asid = NO_ASID;
	renew_upper(c);
	a64_space_switch(c);
}

void a64_tlbi_asid(struct a64 *c, unsigned asid)
{
	struct a64_space *s = &c->space[asid % A64_SPACES];

	if (s->asid == asid)
		s->asid = NO_ASID;
	if (c->upper_private)
		renew_upper(c);
	a64_space_switch(c);
}

void a64_tlbi_va(struct a64 *c, uint64_t va)
{
	tlb_drop_page(&c->e.tlb, va);
}
