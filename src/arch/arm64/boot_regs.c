/* SPDX-License-Identifier: MIT */
/* boot_regs.c - the general registers a CPU starts with. */
#include "arch/arm64/boot_regs.h"

/* SPSR_EL1, DDI 0487 C5.2.18 */
enum {
	PSTATE_EL1H = 0x5,      /* EL1 on its own stack pointer */
	PSTATE_DAIF = 0xf << 6, /* all exceptions masked */
};

static void start(struct regs *r, uint64_t pc, uint64_t x0)
{
	*r = (struct regs){ 0 };
	r->arm64.x[0] = x0;
	r->arm64.pc = pc;
	r->arm64.pstate = PSTATE_DAIF | PSTATE_EL1H;
}

void boot_regs_primary(struct regs *r, uint64_t entry, uint64_t dtb_gpa)
{
	start(r, entry, dtb_gpa);
}

void boot_regs_secondary(struct regs *r, uint64_t entry, uint64_t context_id)
{
	start(r, entry, context_id);
}
