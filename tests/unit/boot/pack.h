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

/* An EFI zboot image with this payload, and eight bytes behind it. */
struct bytes pack_zboot(const char *codec, const void *p, size_t len);

/* `a` with `b` behind it. */
struct bytes join(struct bytes a, struct bytes b);

struct boot_blob blob(const char *name, struct bytes b);

#endif
