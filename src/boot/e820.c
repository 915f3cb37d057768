/* SPDX-License-Identifier: MIT */
/* e820.c - the x86_64 guest's memory map. */
#include "boot/e820.h"

#include "arch/x86_64/layout.h"
#include "base/num.h"

uint64_t e820_low_end(const struct gmem *mem)
{
	unsigned i;

	for (i = 0; i < mem->count; i++) {
		if (mem->region[i].gpa == 0)
			return min_u64(mem->region[i].size, X86_HOLE_BASE);
	}
	return 0;
}

static unsigned add(struct e820_entry *out, unsigned n, uint64_t start,
		    uint64_t end, uint32_t type)
{
	if (end <= start)
		return n;
	out[n] = (struct e820_entry){ start, end - start, type };
	return n + 1;
}

/*
 * Between low memory and 1 MiB a PC has its screen and firmware: Linux looks
 * for neither in RAM.  The tables' area is named, so that nothing is put there.
 */
unsigned e820_map(const struct gmem *mem,
		  struct e820_entry out[static E820_MAX])
{
	uint64_t low = e820_low_end(mem);
	unsigned i, n = 0;

	n = add(out, n, 0, min_u64(low, X86_EBDA_GPA), E820_RAM);
	n = add(out, n, X86_ACPI_GPA, X86_ACPI_GPA + X86_ACPI_SIZE,
		E820_RESERVED);
	n = add(out, n, X86_KERNEL_GPA, low, E820_RAM);
	for (i = 0; i < mem->count; i++) {
		const struct gmem_region *r = &mem->region[i];

		if (r->gpa >= X86_HIGH_BASE)
			n = add(out, n, r->gpa, r->gpa + r->size, E820_RAM);
	}
	return n;
}
