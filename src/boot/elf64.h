/* SPDX-License-Identifier: MIT */
/*
 * elf64.h - an x86_64 kernel as an ELF file: what it loads, where it starts.
 *
 * System V gABI 4, chapters 4 and 5, and its AMD64 supplement.  Segments go to
 * their physical addresses; sections and relocations are not looked at.  Does
 * not know where in memory there is room.
 */
#ifndef BOOT_ELF64_H
#define BOOT_ELF64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "boot/config.h"
#include "core/gmem.h"

enum { ELF64_SEGMENTS = 64 }; /* Linux has 5 */

struct elf64_segment {
	uint32_t type;
	uint64_t off, filesz;
	uint64_t paddr, memsz;
};

struct elf64 {
	const struct boot_blob *file;
	unsigned             segments;
	struct elf64_segment segment[ELF64_SEGMENTS];
	uint64_t       entry;           /* e_entry: 64-bit code */
	bool           entry_loaded;    /* is it a physical address in here? */
	bool           has_pvh;
	uint32_t       pvh_entry;       /* 32-bit code */
	uint64_t       start, end;      /* what the segments take */
};

/* An ELF file, cut or not, for this CPU?  Enough to choose the machine. */
bool elf64_is_x86(const uint8_t *p, size_t len);

/* Read and check the headers of a file, which must outlive *out. */
int elf64_parse(const struct boot_blob *file, struct elf64 *out,
		mv_error *err) MUST_CHECK;

/*
 * Copy the segments to where they belong.  What a segment has in memory but
 * not in the file is left as it is: guest memory is zero before the guest
 * runs, and untouched pages cost nothing.
 */
int elf64_load(const struct elf64 *e, const struct gmem *mem,
	       mv_error *err) MUST_CHECK;

/*
 * Instead of that, a packed file may be unpacked to guest memory as it is, to
 * the address where its first segment then lies already; elf64_settle() moves
 * the others to their places, all of them down, and zeroes what is left.
 *
 * Can that be done with this file, of which p[0..len-1] is the beginning?  If
 * so, *gpa is where it begins.
 */
bool elf64_unpack_gpa(const uint8_t *p, size_t len, uint64_t *gpa);

/* Afterwards e->file is no ELF file any more. */
int elf64_settle(const struct elf64 *e, uint64_t gpa, const struct gmem *mem,
		 mv_error *err) MUST_CHECK;

#endif
