/* SPDX-License-Identifier: MIT */
/* tables.c - the descriptor and page tables the boot CPU starts with. */
#include "arch/x86_64/tables.h"

#include <string.h>

#include "arch/x86_64/layout.h"
#include "base/bytes.h"

/*
 * SDM volume 3, 3.4.5 and 7.2.3.  All flat, present and already accessed, so
 * that no CPU writes to the table.  A TSS must be there, busy, but nobody
 * looks into it; in long mode its descriptor takes two places.
 */
static const uint64_t gdt[] = {
	[X86_SEL_CODE64 / 8] = UINT64_C(0x00af9b000000ffff),
	[X86_SEL_DATA / 8] = UINT64_C(0x00cf93000000ffff),
	[X86_SEL_TSS / 8] = UINT64_C(0x00008b0000000067),
	[X86_SEL_CODE32 / 8] = UINT64_C(0x00cf9b000000ffff),
};

_Static_assert(sizeof(gdt) == X86_GDT_LEN, "the table has this length");
_Static_assert(X86_PML4_GPA + X86_PAGE_TABLES_LEN <= X86_CMDLINE_GPA,
	       "the page tables end before the command line");

void x86_gdt_write(uint8_t out[static X86_GDT_LEN])
{
	unsigned i;

	for (i = 0; i < X86_GDT_LEN / 8; i++)
		put_le64(out + 8 * i, gdt[i]);
}

#define GRANULAR (1u << 15) /* the limit counts pages */

struct x86_segment x86_gdt_segment(uint16_t selector)
{
	uint64_t d = gdt[selector / 8];
	struct x86_segment s = {
		.base = (d >> 16 & 0xffffff) | (d >> 56 & 0xff) << 24,
		.limit = (uint32_t)((d & 0xffff) | (d >> 32 & 0xf0000)),
		.selector = selector,
		.attributes = (uint16_t)(d >> 40 & 0xf0ff),
	};

	if (s.attributes & GRANULAR)
		s.limit = s.limit << 12 | 0xfff;
	return s;
}

/* Page table entries, SDM volume 3, 4.5.4 */
enum {
	PTE_PRESENT = 1 << 0,
	PTE_WRITE = 1 << 1,
	PTE_ACCESSED = 1 << 5,
	PTE_DIRTY = 1 << 6,
	PTE_LARGE = 1 << 7,
	TABLE = PTE_PRESENT | PTE_WRITE | PTE_ACCESSED,
	PAGE_2M = TABLE | PTE_DIRTY | PTE_LARGE,
};

enum { PAGE = 4096, DIRECTORIES = 4, ENTRIES = 512 };

void x86_page_tables_write(uint8_t out[static X86_PAGE_TABLES_LEN])
{
	uint8_t *pdpt = out + PAGE, *directory = pdpt + PAGE;
	uint64_t gpa = X86_PML4_GPA + PAGE, i;

	memset(out, 0, X86_PAGE_TABLES_LEN);
	put_le64(out, gpa | TABLE);
	for (i = 0; i < DIRECTORIES; i++) {
		gpa += PAGE;
		put_le64(pdpt + 8 * i, gpa | TABLE);
	}
	for (i = 0; i < (uint64_t)DIRECTORIES * ENTRIES; i++)
		put_le64(directory + 8 * i, i << 21 | PAGE_2M);
}
