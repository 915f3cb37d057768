/* SPDX-License-Identifier: MIT */
/*
 * msr.c - registers that are read before anybody asks whether they exist.
 *
 * SDM volume 4; AMD's are in the processor programming references.  A list of
 * what is let through, not of what is refused: most of Linux's accesses expect
 * a fault where there is no register, and draw the right conclusion.  So what
 * would claim something is not here: LS_CFG (0xC0011020), for one, whose mere
 * presence Linux takes for a defence against speculation.
 */
#include "arch/x86_64/msr.h"

#include <stddef.h>

#include "base/container.h"

/* IA32_MISC_ENABLE: without the first Linux does not use rep movs. */
#define FAST_STRINGS (UINT64_C(1) << 0)
#define NO_BRANCH_TRACE (UINT64_C(1) << 11)
#define NO_PEBS (UINT64_C(1) << 12)

/* HWCR: the TSC counts at one rate; without it Linux complains. */
#define TSC_FREQ_SEL (UINT64_C(1) << 24)

static const struct {
	uint32_t first, last;
	uint64_t value;
} known[] = {
	{ 0x17, 0x17, 0 }, /* IA32_PLATFORM_ID: the microcode's loader */
	{ 0x2a, 0x2a, 0 }, /* EBL_CR_POWERON: bus ratios, P6 */
	{ 0x2c, 0x2c, 0 }, /* EBC_FREQUENCY_ID: the same, NetBurst */
	{ 0x8b, 0x8b, 0 }, /* BIOS_SIGN_ID, PATCH_LEVEL: no microcode */
	{ 0x1a0, 0x1a0, FAST_STRINGS | NO_BRANCH_TRACE | NO_PEBS },
	{ 0x1d9, 0x1d9, 0 }, /* DEBUGCTL: stepping by branches */

	/* AMD: performance counters, whose first four CPUID does not tell. */
	{ 0xc0010000, 0xc0010007, 0 },
	{ 0xc0010010, 0xc0010010, 0 }, /* SYSCFG: no second top of memory */
	{ 0xc0010015, 0xc0010015, TSC_FREQ_SEL }, /* HWCR */
	{ 0xc001001a, 0xc001001a, 0 },            /* TOP_MEM */
	{ 0xc001001d, 0xc001001d, 0 },            /* TOP_MEM2 */
	{ 0xc001001f, 0xc001001f, 0 }, /* NB_CFG: PCI at port 0xcf8 */
	{ 0xc0010055, 0xc0010055, 0 }, /* INT_PENDING_MSG: erratum 400 */
	{ 0xc0010058, 0xc0010058, 0 }, /* MMIO_CONF_BASE: no PCI there */
	{ 0xc0010112, 0xc0010113, 0 }, /* TSEG: no SMM */
	{ 0xc0010140, 0xc0010141, 0 }, /* OSVW: nothing known of errata */
	{ 0xc0010200, 0xc001020b, 0 }, /* six counters of family 0x15 */
	{ 0xc0011022, 0xc0011023, 0 }, /* DC_CFG, BU_CFG: errata bits */
	{ 0xc0011029, 0xc0011029, 0 }, /* DE_CFG: lfence, set and not read */
	{ 0xc001102a, 0xc001102a, 0 }, /* BU_CFG2: errata bits */
};

bool x86_msr(struct sysreg_access *a)
{
	size_t i;

	for (i = 0; i < LEN(known); i++) {
		if (a->id < known[i].first || a->id > known[i].last)
			continue;
		if (!a->write)
			a->value = known[i].value;
		return true;
	}
	return false;
}
