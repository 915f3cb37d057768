/* SPDX-License-Identifier: MIT */
/*
 * tables.h - the descriptor and page tables the boot CPU starts with.
 *
 * Bytes for X86_GDT_GPA and X86_PML4_GPA.  A kernel soon makes its own; until
 * then all below 4 GiB is where its physical address is, which is more than
 * any loader puts somewhere.
 */
#ifndef ARCH_X86_64_TABLES_H
#define ARCH_X86_64_TABLES_H

#include <stdint.h>

#include "core/regs.h"

/* Linux boot.rst, "64-bit Boot Protocol", fixes the first two. */
enum {
	X86_SEL_CODE64 = 0x10,
	X86_SEL_DATA = 0x18,
	X86_SEL_TSS = 0x20,
	X86_SEL_CODE32 = 0x30,
	X86_GDT_LEN = 0x38, /* bytes */
};

void x86_gdt_write(uint8_t out[static X86_GDT_LEN]);

/* The segment register that has loaded `selector`, one of the above. */
struct x86_segment x86_gdt_segment(uint16_t selector);

/* A PML4, its one page directory pointer table, and four directories. */
enum { X86_PAGE_TABLES_LEN = 6 * 4096 };

/* Maps [0, 4 GiB) to itself, by 2 MiB pages; for X86_PML4_GPA. */
void x86_page_tables_write(uint8_t out[static X86_PAGE_TABLES_LEN]);

#endif
