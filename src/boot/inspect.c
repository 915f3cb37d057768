/* SPDX-License-Identifier: MIT */
/* inspect.c - what a kernel or initramfs file is, told to people. */
#include "boot/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/num.h"
#include "boot/arm64_image.h"
#include "boot/bzimage.h"
#include "boot/elf64.h"
#include "boot/image.h"
#include "boot/unpack.h"

/* Linux Documentation/arch/arm64/booting.rst 4: the flags' page size */
enum { ARM64_FLAGS = 24, ARM64_HEADER = 64 };

/* Linux Documentation/arch/x86/boot.rst: where the version text is */
enum { X86_VERSION = 0x20e, X86_VERSION_BASE = 0x200 };

enum { X86_PAGE = 4096 };

/* Up to the first byte that is not printable. */
static void copy_text(char *dst, size_t size, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len && i < size - 1 && p[i] >= ' ' && p[i] < 0x7f; i++)
		dst[i] = (char)p[i];
	dst[i] = '\0';
}

/* Every Linux has its banner as text: "Linux version 6.1.0 (...) #1 ..." */
static void find_banner(const uint8_t *p, size_t len, char *dst, size_t size)
{
	static const char words[] = "Linux version ";
	const size_t n = sizeof(words) - 1;
	const uint8_t *end = p + len;

	while (p && (size_t)(end - p) > n) {
		if (memcmp(p, words, n) == 0 && p[n] >= '0' && p[n] <= '9') {
			copy_text(dst, size, p + n, (size_t)(end - p) - n);
			return;
		}
		p = memchr(p + 1, 'L', (size_t)(end - p) - 1);
	}
}

static void look_at_arm64(const uint8_t *p, size_t len, struct inspection *in)
{
	static const uint32_t pages[] = { 0, 4096, 16384, 65536 };
	struct arm64_image im;

	in->kernel = true;
	in->arch = ARCH_ARM64;
	if (len >= ARM64_HEADER)
		in->page = pages[le64(p + ARM64_FLAGS) >> 1 & 3];
	if (arm64_image_parse(p, len, &im, NULL) == 0)
		in->memory = im.reserve;
	find_banner(p, len, in->version, sizeof(in->version));
}

/* A 32-bit kernel, or an old one, is a kernel too, and told with its version */
static void look_at_bzimage(const uint8_t *p, size_t len, struct inspection *in)
{
	struct bzimage bz;
	size_t off;

	in->kernel = true;
	in->arch = ARCH_X86_64;
	in->page = X86_PAGE;
	if (bzimage_parse(p, len, &bz, NULL) == 0)
		in->memory = bz.init_size;
	if (!fits(X86_VERSION, 2, len))
		return;
	off = (size_t)le16(p + X86_VERSION) + X86_VERSION_BASE;
	if (off < len)
		copy_text(in->version, sizeof(in->version), p + off, len - off);
}

/* Any ELF file may be for this CPU: one that tells it is Linux is a kernel. */
static void look_at_elf(const uint8_t *p, size_t len, struct inspection *in)
{
	const struct boot_blob file = { .p = p, .len = len };
	struct elf64 e;

	if (elf64_parse(&file, &e, NULL))
		return;
	find_banner(p, len, in->version, sizeof(in->version));
	if (!in->version[0] && !e.has_pvh)
		return;
	in->kernel = true;
	in->arch = ARCH_X86_64;
	in->page = X86_PAGE;
	in->memory = e.end - e.start;
}

/* cpio(5), "New ASCII Format": a magic and 13 numbers of 8 hex digits */
enum {
	CPIO_SIZE = 54,
	CPIO_NAMESIZE = 94,
	CPIO_HEADER = 110,
};

static bool hex8(const uint8_t *p, uint32_t *v)
{
	unsigned i;

	*v = 0;
	for (i = 0; i < 8; i++) {
		uint8_t c = p[i] | 0x20;

		if (c >= '0' && c <= '9')
			*v = *v << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*v = *v << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

struct entry {
	const char *name; /* ended by NUL */
	uint64_t next;    /* where the next header is */
};

static bool entry_at(const uint8_t *p, uint64_t len, uint64_t off,
		     struct entry *e)
{
	uint32_t size, namesize;
	uint64_t data;

	if (!fits(off, CPIO_HEADER, len) ||
	    kind_of(p + off, (size_t)(len - off)) != KIND_CPIO_NEWC ||
	    !hex8(p + off + CPIO_SIZE, &size) ||
	    !hex8(p + off + CPIO_NAMESIZE, &namesize) || namesize == 0 ||
	    !fits(off + CPIO_HEADER, namesize, len) ||
	    p[off + CPIO_HEADER + namesize - 1] != '\0')
		return false;
	e->name = (const char *)p + off + CPIO_HEADER;
	data = align_up(off + CPIO_HEADER + namesize, 4);
	if (!fits(data, size, len))
		return false;
	e->next = align_up(data + size, 4);
	return true;
}

static bool is_init(const char *name)
{
	while (*name == '/' || (*name == '.' && name[1] == '/'))
		name++;
	return strcmp(name, "init") == 0;
}

/* Archives may follow each other, with zeros between them. */
static void look_at_cpio(const uint8_t *p, size_t len, struct inspection *in)
{
	struct entry e;
	uint64_t off = 0;

	in->archive = true;
	while (entry_at(p, len, off, &e)) {
		off = min_u64(e.next, len);
		if (strcmp(e.name, "TRAILER!!!") == 0) {
			while (off < len && p[off] == 0)
				off++;
			in->whole = off == len;
			continue;
		}
		in->files++;
		in->init = in->init || is_init(e.name);
	}
}

static void look(const uint8_t *p, size_t len, struct inspection *in)
{
	in->inner = kind_of(p, len);
	in->content = len;
	if (in->inner == KIND_ARM64_IMAGE)
		look_at_arm64(p, len, in);
	else if (in->inner == KIND_BZIMAGE)
		look_at_bzimage(p, len, in);
	else if (in->inner == KIND_ELF)
		look_at_elf(p, len, in);
	else if (in->inner == KIND_CPIO_NEWC)
		look_at_cpio(p, len, in);
}

void inspect(const uint8_t *p, size_t len, size_t limit, struct inspection *out)
{
	const struct boot_blob file = { .name = "", .p = p, .len = len };
	struct unpacked u = { 0 };
	struct image im;
	int rc = 0;

	*out = (struct inspection){ .kind = kind_of(p, len) };
	if (out->kind == KIND_BZIMAGE) { /* its header tells it all */
		look(p, len, out);
		return;
	}
	if (image_open(&file, limit, NULL, &im, NULL) == 0) {
		look(im.raw.p, im.raw.len, out);
		image_close(&im);
		return;
	}
	if (unpack_knows(out->kind))
		rc = unpack(out->kind, p, len, limit, &u, NULL);
	if (rc == 0 && u.p)
		look(u.p, u.len, out);
	else
		look(p, len, out);
	free(u.p);
}
