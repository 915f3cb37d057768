/* SPDX-License-Identifier: MIT */
/*
 * pack.h - makes the kinds of kernel files the boot code reads, for its tests.
 * All bytes returned are the caller's to free().
 */
#ifndef TESTS_UNIT_BOOT_PACK_H
#define TESTS_UNIT_BOOT_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "boot/config.h"

struct bytes {
	uint8_t *p;
	size_t   len;
};

enum { IMAGE_4K = 1 << 1 | 1 << 3 }; /* flags of a usual arm64 kernel */

/* A raw arm64 image of `len` bytes, filled with a pattern that packs badly. */
struct bytes make_image(size_t len, uint64_t text_offset, uint64_t image_size,
			uint64_t flags);

struct bytes pack_gzip(const void *p, size_t len);
struct bytes pack_zstd(const void *p, size_t len);
struct bytes pack_xz(const void *p, size_t len);
struct bytes pack_lz4(const void *p, size_t len); /* the legacy format */

/* An EFI zboot image with this payload, and eight bytes behind it. */
struct bytes pack_zboot(const char *codec, const void *p, size_t len);

/*
 * A bzImage of protocol 2.15 with this payload at PAYLOAD_AT, and bytes behind
 * it.  `unpacked` is appended to the payload as its unpacked size; 0: not.
 */
struct bytes pack_bzimage(const void *p, size_t len, uint32_t unpacked);

enum { PAYLOAD_AT = 2 * 512 + 0x2c };

/*
 * An x86_64 vmlinux: `filesz` bytes of a pattern, `memsz` in memory, for
 * address `gpa`; and a note with a PVH entry, if that is not 0.
 */
struct bytes make_vmlinux(uint64_t gpa, size_t filesz, uint64_t memsz,
			  uint64_t entry, uint32_t pvh);

enum { VMLINUX_LOAD = 64, VMLINUX_NOTE = 120, VMLINUX_DATA = 256 };

/* `a` with `b` behind it. */
struct bytes join(struct bytes a, struct bytes b);

struct boot_blob blob(const char *name, struct bytes b);

/*
 * The same, but of which only the beginning is in memory: the rest comes from
 * *src, and nothing any more when src->left reads were made.
 */
struct parts {
	struct bytes   b;
	unsigned       left;
	uint8_t        head[BOOT_HEAD];
};

struct boot_blob blob_in_parts(const char *name, struct parts *src);

#endif
