/* SPDX-License-Identifier: MIT */
/*
 * boot_regs.h - the general registers a CPU starts with.
 *
 * Linux Documentation/arch/arm64/booting.rst, section 4, for the boot CPU;
 * Arm DEN 0022 (PSCI) 6.4 for the others.  Everything not named is zero.
 */
#ifndef ARCH_ARM64_BOOT_REGS_H
#define ARCH_ARM64_BOOT_REGS_H

#include "core/regs.h"

/* The boot CPU: at the kernel's entry, the device tree in x0. */
void boot_regs_primary(struct regs *r, uint64_t entry, uint64_t dtb_gpa);

/* The target of a CPU_ON: at the caller's entry, its context in x0. */
void boot_regs_secondary(struct regs *r, uint64_t entry, uint64_t context_id);

#endif
