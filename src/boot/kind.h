/* SPDX-License-Identifier: MIT */
/*
 * kind.h - what a file is, told by its first bytes.
 *
 * Knows nothing of what the file is wanted for: a kernel's loader and an
 * initrd's loader both ask here, and each refuses the other's files by name.
 */
#ifndef BOOT_KIND_H
#define BOOT_KIND_H

#include <stddef.h>
#include <stdint.h>

enum kind {
	KIND_UNKNOWN,
	KIND_EMPTY,
	KIND_ARM64_IMAGE,
	KIND_RISCV_IMAGE,
	KIND_ZBOOT, /* EFI program with a packed kernel inside */
	KIND_BZIMAGE,
	KIND_PE, /* any other EFI or Windows program */
	KIND_ELF,
	KIND_UIMAGE, /* U-Boot's old wrapping */
	KIND_FIT,    /* U-Boot's new one, or a bare device tree */
	KIND_GZIP,
	KIND_ZSTD,
	KIND_XZ,
	KIND_LZ4_LEGACY, /* the only lz4 format Linux unpacks */
	KIND_LZ4_FRAME,
	KIND_BZIP2,
	KIND_LZMA,
	KIND_LZO,
	KIND_CPIO_NEWC, /* with or without checksums */
	KIND_CPIO_OLD,  /* the formats Linux does not read */
	KIND_DEB,
	KIND_AR,
	KIND_TAR,
	KIND_SCRIPT,
	KIND_TEXT,
	KIND_COUNT,
};

enum kind kind_of(const uint8_t *p, size_t len);

/* With its article: "an xz archive". */
const char *kind_name(enum kind kind);

/* The same in full: tells an ELF file's machine, a stranger's first bytes. */
struct kind_text {
	char s[80];
};

struct kind_text kind_text(const uint8_t *p, size_t len);

#endif
