/* SPDX-License-Identifier: MIT */
/* pvh_info.c - what a kernel reads at its PVH entry. */
#include "boot/pvh_info.h"

#include <string.h>

#include "base/bytes.h"

/* struct hvm_start_info, version 1 */
enum {
	MAGIC = 0,
	VERSION = 4,
	NR_MODULES = 12,
	MODLIST = 16,
	CMDLINE = 24,
	RSDP = 32,
	MEMMAP = 40,
	MEMMAP_ENTRIES = 48,
};

#define START_MAGIC UINT32_C(0x336ec578)

/* struct hvm_modlist_entry; struct hvm_memmap_table_entry */
enum { MODULE_LEN = 32, RANGE_LEN = 24 };

enum {
	MODULES_AT = 64, /* the head takes 56 */
	RANGES_AT = MODULES_AT + MODULE_LEN,
};

_Static_assert(RANGES_AT + E820_MAX * RANGE_LEN <= PVH_INFO_LEN,
	       "the memory map fits");

static void put_initrd(const struct x86_facts *f, uint64_t gpa, uint8_t *p)
{
	if (!f->initrd_len)
		return;
	put_le32(p + NR_MODULES, 1);
	put_le64(p + MODLIST, gpa + MODULES_AT);
	put_le64(p + MODULES_AT, f->initrd_gpa);
	put_le64(p + MODULES_AT + 8, f->initrd_len);
}

static void put_map(const struct x86_facts *f, uint64_t gpa, uint8_t *p)
{
	uint8_t *to = p + RANGES_AT;
	unsigned i;

	put_le64(p + MEMMAP, gpa + RANGES_AT);
	put_le32(p + MEMMAP_ENTRIES, f->ranges);
	for (i = 0; i < f->ranges; i++, to += RANGE_LEN) {
		put_le64(to, f->range[i].start);
		put_le64(to + 8, f->range[i].len);
		put_le32(to + 16, f->range[i].type);
	}
}

void pvh_info_write(const struct x86_facts *f, uint64_t gpa,
		    uint8_t out[static PVH_INFO_LEN])
{
	memset(out, 0, PVH_INFO_LEN);
	put_le32(out + MAGIC, START_MAGIC);
	put_le32(out + VERSION, 1);
	put_le64(out + CMDLINE, f->cmdline_gpa);
	put_le64(out + RSDP, f->rsdp_gpa);
	put_initrd(f, gpa, out);
	put_map(f, gpa, out);
}
