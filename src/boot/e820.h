/* SPDX-License-Identifier: MIT */
/*
 * e820.h - the x86_64 guest's memory map, as firmware would tell it.
 *
 * ACPI 6.4, 15.1.  Both ways into the kernel carry it, each in its own form.
 */
#ifndef BOOT_E820_H
#define BOOT_E820_H

#include <stddef.h>
#include <stdint.h>

#include "core/gmem.h"

/* Types, ACPI 6.4 table 15.2. */
enum { E820_RAM = 1, E820_RESERVED = 2 };

/* Low memory and the ACPI area come in addition to the regions. */
enum { E820_MAX = GMEM_MAX_REGIONS + 2 };

struct e820_entry {
	uint64_t start, len;
	uint32_t type;
};

/* How many entries; the regions of `mem` are in ascending order. */
unsigned e820_map(const struct gmem *mem,
		  struct e820_entry out[static E820_MAX]);

/*
 * The map as Linux prints it behind "BIOS-e820: ", a line for each entry.
 * Returns the length of all of it, like snprintf(): what does not fit `room`
 * with a NUL at its end is cut off; room 0 only asks for the length.
 */
size_t e820_text(const struct e820_entry *e, unsigned n, char *buf,
		 size_t room);

/* RAM from 0 up to the hole below 4 GiB: its end. */
uint64_t e820_low_end(const struct gmem *mem);

#endif
