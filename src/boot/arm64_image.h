/* SPDX-License-Identifier: MIT */
/*
 * arm64_image.h - the raw arm64 kernel: its header, and its place in memory.
 *
 * Linux Documentation/arch/arm64/booting.rst, section 4 "Call the kernel
 * image".  Does not know how the image was packed.
 */
#ifndef BOOT_ARM64_IMAGE_H
#define BOOT_ARM64_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/gmem.h"

struct arm64_image {
	const uint8_t *p;
	size_t         len;
	uint64_t       text_offset;     /* from a 2 MiB boundary */
	uint64_t       reserve;         /* from there: what the kernel uses */
};

/* Read and check the header of p[0..len-1], which must outlive *out. */
int arm64_image_parse(const uint8_t *p, size_t len, struct arm64_image *out,
		      mv_error *err) MUST_CHECK;

/*
 * How many bytes from `base`, the start of RAM, the kernel takes with all
 * before and in it; saturates at UINT64_MAX.  *gpa is where it starts.
 */
uint64_t arm64_image_place(const struct arm64_image *im, uint64_t base,
			   uint64_t *gpa);

/* Copy it there. */
int arm64_image_load(const struct arm64_image *im, uint64_t gpa,
		     const struct gmem *mem, mv_error *err) MUST_CHECK;

#endif
