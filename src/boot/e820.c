/* SPDX-License-Identifier: MIT */
/* e820.c - the x86_64 guest's memory map. */
#include "boot/e820.h"

#include <stdio.h>
#include <string.h>

#include "arch/x86_64/layout.h"
#include "base/container.h"
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

/* [mem 0x0000000000100000-0x000000000fffffff] usable */
enum { LINE_ROOM = 80 };

static size_t line_text(const struct e820_entry *e, char out[static LINE_ROOM])
{
	static const char *const known[] = {
		[E820_RAM] = "usable",
		[E820_RESERVED] = "reserved",
	};
	char other[24];
	const char *type = other;

	(void)snprintf(other, sizeof(other), "type %u", e->type);
	if (e->type < LEN(known) && known[e->type])
		type = known[e->type];
	return (size_t)snprintf(
		out, LINE_ROOM, "[mem 0x%016llx-0x%016llx] %s\n",
		(unsigned long long)e->start,
		(unsigned long long)(e->start + e->len - 1), type);
}

size_t e820_text(const struct e820_entry *e, unsigned n, char *buf, size_t room)
{
	char line[LINE_ROOM];
	size_t len = 0, put = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		size_t more = line_text(&e[i], line), part = more;

		if (room && part > room - 1 - put)
			part = room - 1 - put;
		if (room)
			memcpy(buf + put, line, part);
		put += room ? part : 0;
		len += more;
	}
	if (room)
		buf[put] = '\0';
	return len;
}
