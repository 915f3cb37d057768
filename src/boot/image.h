/* SPDX-License-Identifier: MIT */
/*
 * image.h - from the kernel file a user has to the raw image inside.
 *
 * Takes off what distributions wrap around it (gzip, zstd, xz, lz4, EFI
 * zboot, bzImage) and tells for which architecture the kernel is: a raw image
 * is an arm64 Image or an x86_64 vmlinux.  Refuses everything else by name.
 * Does not look into the raw image's own header.
 */
#ifndef BOOT_IMAGE_H
#define BOOT_IMAGE_H

#include "base/error.h"
#include "boot/config.h"
#include "core/regs.h"

struct image {
	enum arch      arch;
	const uint8_t *p;       /* the raw image, for as long as it is open */
	size_t         len;
	uint8_t       *owned;   /* what p points to, if not the file itself */
};

/*
 * `limit` bounds every unpacking: the guest's RAM is a good one.  The file's
 * bytes must outlive the image.  On failure nothing is held; the message
 * begins with "kernel" and the file's name.
 */
int image_open(const struct boot_blob *file, uint64_t limit, struct image *out,
	       mv_error *err) MUST_CHECK;
void image_close(struct image *im);

#endif
