/* SPDX-License-Identifier: MIT */
/*
 * mmu.h - stage 1 translation of the EL1&0 regime, DDI 0487 D8.
 *
 * 4 KiB granule, up to 48 bits of virtual and 40 of physical address; access
 * flag and dirty state are the guest's business.
 */
#ifndef CPU_ARM64_MMU_H
#define CPU_ARM64_MMU_H

#include "cpu/arm64/op.h"

enum { A64_PA_BITS = 40 };

enum a64_use { USE_READ, USE_WRITE, USE_EXEC };

/* What a walk found. */
struct a64_walk {
	uint64_t gpa;
	unsigned uses; /* sum of enum tlb_use that are allowed */
	bool large;    /* mapped by a block */
	bool global;
	bool fault;
	unsigned fsc; /* FSC_..., with the level, when fault */
};

/*
 * Translate for the privilege `user` and for `use`, which may be what is at
 * fault; takes no exception.
 */
void a64_walk(struct a64 *c, uint64_t va, bool user, enum a64_use use,
	      struct a64_walk *w);

/*
 * Check an access as a64_load_slow() or a64_store_slow() would, alignment
 * included, without making it.  Leaves the address in c->access_gpa.
 * False: the exception has been taken.
 */
bool a64_check(struct a64 *c, const struct a64_op *op, uint64_t va,
	       unsigned size, unsigned flags, bool write);

/* Where c->e.pc is in the host, or NULL with the abort taken. */
const uint8_t *a64_fetch(struct a64 *c);

/* ---- address spaces: space.c ------------------------------------------ */

/* TTBR0_EL1, TTBR1_EL1, TCR_EL1 or SCTLR_EL1 has changed. */
void a64_space_switch(struct a64 *c);

/* The privilege has changed. */
void a64_space_user(struct a64 *c, bool user);

/* TLB maintenance on this CPU. */
void a64_tlbi_all(struct a64 *c);
void a64_tlbi_asid(struct a64 *c, unsigned asid);
void a64_tlbi_va(struct a64 *c, uint64_t va);

#endif
