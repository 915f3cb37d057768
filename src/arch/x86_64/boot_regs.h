/* SPDX-License-Identifier: MIT */
/*
 * boot_regs.h - the registers an x86_64 CPU starts with.
 *
 * Linux Documentation/arch/x86/boot.rst, "64-bit Boot Protocol", or Xen
 * docs/misc/pvh.pandoc for the boot CPU; SDM volume 3, 8.4 and 9.1 for the
 * others.  Everything not named is zero.
 */
#ifndef ARCH_X86_64_BOOT_REGS_H
#define ARCH_X86_64_BOOT_REGS_H

#include "core/regs.h"

/* How a kernel wants to be entered. */
enum x86_entry {
	X86_ENTRY_64,  /* long mode; rsi = the zero page */
	X86_ENTRY_PVH, /* 32 bits, no paging; ebx = struct hvm_start_info */
};

/* The boot CPU, with the tables of arch/x86_64/tables.h in memory. */
void x86_boot_regs(struct regs *r, enum x86_entry kind, uint64_t entry,
		   uint64_t info_gpa);

/* A CPU that got INIT and now a start-up IPI: at page `vector`, real mode. */
void x86_sipi_regs(struct regs *r, uint8_t vector);

#endif
