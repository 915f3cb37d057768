/* SPDX-License-Identifier: MIT */
/* sysreg.h - the system registers this CPU has, DDI 0487 D17. */
#ifndef CPU_ARM64_SYSREG_H
#define CPU_ARM64_SYSREG_H

#include "cpu/arm64/cpu.h"

/* SCTLR_EL1, D17.2.118. */
#define SCTLR_M (UINT64_C(1) << 0)     /* MMU on */
#define SCTLR_A (UINT64_C(1) << 1)     /* alignment checks */
#define SCTLR_SA (UINT64_C(1) << 3)    /* SP alignment check at EL1 */
#define SCTLR_SA0 (UINT64_C(1) << 4)   /* ... at EL0 */
#define SCTLR_UMA (UINT64_C(1) << 9)   /* EL0 may use DAIF */
#define SCTLR_DZE (UINT64_C(1) << 14)  /* EL0 may DC ZVA */
#define SCTLR_UCT (UINT64_C(1) << 15)  /* EL0 may read CTR_EL0 */
#define SCTLR_NTWI (UINT64_C(1) << 16) /* EL0 may WFI */
#define SCTLR_NTWE (UINT64_C(1) << 18) /* EL0 may WFE */
#define SCTLR_WXN (UINT64_C(1) << 19)  /* writable is not executable */
#define SCTLR_UCI (UINT64_C(1) << 26)  /* EL0 may maintain caches */

/* TCR_EL1, D17.2.131. */
#define TCR_A1 (UINT64_C(1) << 22) /* the ASID is in TTBR1_EL1 */
#define TCR_AS (UINT64_C(1) << 36) /* and has 16 bits */

#define A64_SCTLR_RESET UINT64_C(0x30d00980)

enum { A64_CNTFRQ = 1000000000 }; /* a tick is a nanosecond */

/* op0[15:14] op1[13:11] CRn[10:7] CRm[6:3] op2[2:0]. */
#define A64_REG(op0, op1, crn, crm, op2)                 \
	((uint32_t)(op0) << 14 | (uint32_t)(op1) << 11 | \
	 (uint32_t)(crn) << 7 | (uint32_t)(crm) << 3 | (uint32_t)(op2))

enum a64_sysreg_flags {
	REG_READ = 1 << 0, /* at EL1 */
	REG_WRITE = 1 << 1,
	REG_EL0_READ = 1 << 2,
	REG_EL0_WRITE = 1 << 3,
	REG_FP = 1 << 4,      /* trapped as FP and SIMD are */
	REG_BARRIER = 1 << 5, /* a write ends the block */
};

struct a64_sysreg {
	uint32_t id;
	unsigned flags;

	/* EL0 is let in when any of these bits of *gate is set. */
	uint32_t gate; /* offset of the register; 0: always */
	uint64_t gate_bits;

	uint32_t offset; /* plain storage in struct a64; 0: none */
	uint64_t value;  /* without storage: what is read; with: ... */
	uint64_t mask;   /* ... bits fixed to value; bits writable */
	uint64_t (*get)(struct a64 *c);
	void (*set)(struct a64 *c, uint64_t v);
};

/* NULL: we do not have it, somebody above may. */
const struct a64_sysreg *a64_sysreg_find(uint32_t id);

uint64_t a64_sysreg_get(struct a64 *c, const struct a64_sysreg *r);
void a64_sysreg_set(struct a64 *c, const struct a64_sysreg *r, uint64_t v);

/* May EL0 use it now?  (REG_EL0_... is known to be set.) */
bool a64_sysreg_open(const struct a64 *c, const struct a64_sysreg *r);

/* Look at both timers: outputs and next deadline.  timer.c */
void a64_timer_update(struct a64 *c);
uint64_t a64_timer_get_ctl(struct a64 *c, bool physical);
uint64_t a64_timer_get_tval(struct a64 *c, bool physical);
void a64_timer_set_ctl(struct a64 *c, bool physical, uint64_t v);
void a64_timer_set_cval(struct a64 *c, bool physical, uint64_t v);
void a64_timer_set_tval(struct a64 *c, bool physical, uint64_t v);

#endif
