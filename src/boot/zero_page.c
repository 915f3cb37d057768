/* SPDX-License-Identifier: MIT */
/* zero_page.c - struct boot_params: what Linux/x86 reads at its entry. */
#include "boot/zero_page.h"

#include <string.h>

#include "base/bytes.h"

/* zero-page.rst; from 0x1f1 on boot.rst, "The Real-Mode Kernel Header" */
enum {
	ACPI_RSDP_ADDR = 0x070,
	EXT_RAMDISK_IMAGE = 0x0c0, /* these three: the upper halves */
	EXT_RAMDISK_SIZE = 0x0c4,
	EXT_CMD_LINE_PTR = 0x0c8,
	E820_ENTRIES = 0x1e8,
	BOOT_FLAG = 0x1fe,
	HEADER_MAGIC = 0x202,
	VERSION = 0x206,
	TYPE_OF_LOADER = 0x210,
	LOADFLAGS = 0x211,
	RAMDISK_IMAGE = 0x218,
	RAMDISK_SIZE = 0x21c,
	CMD_LINE_PTR = 0x228,
	CMDLINE_SIZE = 0x238,
	SETUP_DATA = 0x250,
	E820_TABLE = 0x2d0,
};

enum {
	BOOT_MAGIC = 0xaa55,
	HDRS = 0x53726448, /* "HdrS" */
	PROTOCOL_2_15 = 0x020f,
	LOADER_UNDEFINED = 0xff,
	LOADED_HIGH = 1 << 0, /* no KASLR_FLAG: see boot_x86_64.h */
	CMDLINE_MAX_LEN = 2047,
	E820_ENTRY_LEN = 20,
};

_Static_assert(E820_TABLE + E820_MAX * E820_ENTRY_LEN <= ZERO_PAGE_LEN,
	       "the memory map fits");

static void put_header(uint8_t *p)
{
	put_le16(p + BOOT_FLAG, BOOT_MAGIC);
	put_le32(p + HEADER_MAGIC, HDRS);
	put_le16(p + VERSION, PROTOCOL_2_15);
	p[TYPE_OF_LOADER] = LOADER_UNDEFINED;
	p[LOADFLAGS] = LOADED_HIGH;
	put_le32(p + CMDLINE_SIZE, CMDLINE_MAX_LEN);
}

/* A 64-bit number in two places. */
static void put_halves(uint8_t *low, uint8_t *high, uint64_t v)
{
	put_le32(low, (uint32_t)v);
	put_le32(high, (uint32_t)(v >> 32));
}

static void put_map(const struct x86_facts *f, uint8_t *p)
{
	uint8_t *to = p + E820_TABLE;
	unsigned i;

	p[E820_ENTRIES] = (uint8_t)f->ranges;
	for (i = 0; i < f->ranges; i++, to += E820_ENTRY_LEN) {
		put_le64(to, f->range[i].start);
		put_le64(to + 8, f->range[i].len);
		put_le32(to + 16, f->range[i].type);
	}
}

void zero_page_write(const struct x86_facts *f,
		     uint8_t out[static ZERO_PAGE_LEN])
{
	memset(out, 0, ZERO_PAGE_LEN);
	put_header(out);
	put_le64(out + ACPI_RSDP_ADDR, f->rsdp_gpa);
	put_halves(out + CMD_LINE_PTR, out + EXT_CMD_LINE_PTR, f->cmdline_gpa);
	if (f->initrd_len) {
		put_halves(out + RAMDISK_IMAGE, out + EXT_RAMDISK_IMAGE,
			   f->initrd_gpa);
		put_halves(out + RAMDISK_SIZE, out + EXT_RAMDISK_SIZE,
			   f->initrd_len);
	}
	put_le64(out + SETUP_DATA, f->setup_data_gpa);
	put_map(f, out);
}

/* boot.rst, "setup_data": next, type, length, data */
enum { SETUP_NEXT = 0, SETUP_TYPE = 8, SETUP_LEN = 12, SETUP_RNG_SEED = 9 };

void setup_seed_write(const uint8_t *seed, uint32_t len, uint8_t *out)
{
	put_le64(out + SETUP_NEXT, 0);
	put_le32(out + SETUP_TYPE, SETUP_RNG_SEED);
	put_le32(out + SETUP_LEN, len);
	memcpy(out + SETUP_SEED_HEAD, seed, len);
}
