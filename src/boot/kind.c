/* SPDX-License-Identifier: MIT */
/* kind.c - what a file is, told by its first bytes. */
#include "boot/kind.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/container.h"
#include "base/num.h"

struct magic {
	uint16_t off;
	uint8_t len;
	enum kind kind;
	const char *bytes;
};

/* The first match counts: what is wrapped in a PE file comes before PE. */
static const struct magic magics[] = {
	{ 0, 3, KIND_GZIP, "\x1f\x8b\x08" },     /* RFC 1952 2.3.1 */
	{ 0, 4, KIND_ZSTD, "\x28\xb5\x2f\xfd" }, /* RFC 8878 3.1.1 */
	{ 0, 6, KIND_XZ,
	  "\xfd"
	  "7zXZ\0" },
	{ 0, 4, KIND_LZ4_LEGACY, "\x02\x21\x4c\x18" },
	{ 0, 4, KIND_LZ4_FRAME, "\x04\x22\x4d\x18" },
	{ 0, 3, KIND_BZIP2, "BZh" },
	{ 0, 3, KIND_LZMA, "\x5d\0\0" },
	{ 0, 4, KIND_LZO, "\x89LZO" },
	{ 0, 6, KIND_CPIO_NEWC, "070701" },
	{ 0, 6, KIND_CPIO_NEWC, "070702" },
	{ 0, 6, KIND_CPIO_OLD, "070707" },
	{ 0, 2, KIND_CPIO_OLD, "\xc7\x71" }, /* 070707 as a number */
	{ 0, 4, KIND_ELF,
	  "\x7f"
	  "ELF" },
	{ 0, 4, KIND_UIMAGE, "\x27\x05\x19\x56" },
	{ 0, 4, KIND_FIT, "\xd0\x0d\xfe\xed" },
	{ 0, 21, KIND_DEB, "!<arch>\ndebian-binary" },
	{ 0, 8, KIND_AR, "!<arch>\n" },
	{ 0, 2, KIND_SCRIPT, "#!" },
	{ 56, 4, KIND_ARM64_IMAGE, "ARM\x64" }, /* booting.rst 4 */
	{ 56, 4, KIND_RISCV_IMAGE, "RSC\x05" },
	{ 4, 4, KIND_ZBOOT, "zimg" },
	{ 0x202, 4, KIND_BZIMAGE, "HdrS" }, /* x86/boot.rst */
	{ 0, 2, KIND_PE, "MZ" },
	{ 257, 5, KIND_TAR, "ustar" },
};

/* Looks at the beginning only: enough to call a web page text. */
static bool is_text(const uint8_t *p, size_t len)
{
	size_t n = len < 512 ? len : 512;
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] < 0x20 && !(p[i] >= '\t' && p[i] <= '\r'))
			return false;
		if (p[i] >= 0x7f)
			return false;
	}
	return true;
}

enum kind kind_of(const uint8_t *p, size_t len)
{
	size_t i;

	if (!len)
		return KIND_EMPTY;
	for (i = 0; i < LEN(magics); i++) {
		const struct magic *m = &magics[i];

		if (fits(m->off, m->len, len) &&
		    memcmp(p + m->off, m->bytes, m->len) == 0)
			return m->kind;
	}
	return is_text(p, len) ? KIND_TEXT : KIND_UNKNOWN;
}

static const char *const names[] = {
	[KIND_UNKNOWN] = "nothing we know",
	[KIND_EMPTY] = "an empty file",
	[KIND_ARM64_IMAGE] = "an arm64 Linux kernel",
	[KIND_RISCV_IMAGE] = "a RISC-V Linux kernel",
	[KIND_ZBOOT] = "an EFI zboot image",
	[KIND_BZIMAGE] = "an x86 Linux kernel (bzImage)",
	[KIND_PE] = "an EFI or Windows program",
	[KIND_ELF] = "an ELF file",
	[KIND_UIMAGE] = "a U-Boot image (uImage)",
	[KIND_FIT] = "a U-Boot FIT image or a device tree",
	[KIND_GZIP] = "gzip data",
	[KIND_ZSTD] = "zstd data",
	[KIND_XZ] = "xz data",
	[KIND_LZ4_LEGACY] = "lz4 data (legacy format)",
	[KIND_LZ4_FRAME] = "lz4 data (frame format)",
	[KIND_BZIP2] = "bzip2 data",
	[KIND_LZMA] = "lzma data",
	[KIND_LZO] = "lzo data",
	[KIND_CPIO_NEWC] = "an initramfs (cpio archive)",
	[KIND_CPIO_OLD] = "a cpio archive in an old format",
	[KIND_DEB] = "a Debian package",
	[KIND_AR] = "an ar archive",
	[KIND_TAR] = "a tar archive",
	[KIND_SCRIPT] = "a script",
	[KIND_TEXT] = "a text file",
};

_Static_assert(LEN(names) == KIND_COUNT, "every kind has a name");

const char *kind_name(enum kind kind)
{
	return names[kind];
}

struct machine {
	uint16_t id; /* e_machine, System V gABI 4, and its registry */
	const char *name;
};

static const struct machine machines[] = {
	{ 3, "x86" },     { 8, "MIPS" },     { 21, "POWER" },
	{ 22, "s390" },   { 40, "arm" },     { 62, "x86_64" },
	{ 183, "arm64" }, { 243, "RISC-V" }, { 258, "LoongArch" },
};

enum { ELF_DATA = 5, ELF_DATA_BE = 2, ELF_MACHINE = 18 };

static struct kind_text elf_text(const uint8_t *p, size_t len)
{
	struct kind_text t;
	unsigned id;
	size_t i;

	if (len < ELF_MACHINE + 2) {
		(void)snprintf(t.s, sizeof(t.s), "a cut ELF file");
		return t;
	}
	id = le16(p + ELF_MACHINE);
	if (p[ELF_DATA] == ELF_DATA_BE)
		id = (id >> 8 | id << 8) & 0xffff;
	for (i = 0; i < LEN(machines); i++) {
		if (machines[i].id == id) {
			(void)snprintf(t.s, sizeof(t.s), "an ELF file for %s",
				       machines[i].name);
			return t;
		}
	}
	(void)snprintf(t.s, sizeof(t.s), "an ELF file for machine %u", id);
	return t;
}

struct kind_text kind_text(const uint8_t *p, size_t len)
{
	enum kind kind = kind_of(p, len);
	struct kind_text t;
	int n;
	size_t i;

	if (kind == KIND_ELF)
		return elf_text(p, len);
	n = snprintf(t.s, sizeof(t.s), "%s", kind_name(kind));
	if (kind != KIND_UNKNOWN)
		return t;
	n += snprintf(t.s + n, sizeof(t.s) - (size_t)n, " (it begins");
	for (i = 0; i < len && i < 8; i++)
		n += snprintf(t.s + n, sizeof(t.s) - (size_t)n, " %02x", p[i]);
	(void)snprintf(t.s + n, sizeof(t.s) - (size_t)n, ")");
	return t;
}
