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

#include <stdbool.h>

#include "base/error.h"
#include "base/span.h"
#include "boot/config.h"
#include "core/regs.h"

struct image {
	enum arch        arch;
	struct boot_blob raw;   /* for as long as it is open */
	uint8_t         *owned; /* the memory it is in, or NULL */
};

/*
 * Need a kernel file, of which p[0..len-1] is the beginning, not be in memory?
 * It is so raw that nothing is to be done with it but to load it.
 */
bool image_in_parts(const uint8_t *p, size_t len);

/* Does its beginning tell for which architecture a kernel file is? */
bool image_tells_arch(const struct boot_blob *file, enum arch *arch);

/*
 * Where a packed image may be unpacked to, instead of memory of our own: given
 * its first bytes and its length, says so, or answers {NULL, 0}.  The room is
 * longer than the image by a byte at least.
 */
struct image_room {
	struct span (*find)(void *ctx, const uint8_t *head, size_t n,
			    uint64_t len);
	void *ctx;
};

/*
 * `limit` bounds every unpacking: the guest's RAM is a good one.  The file's
 * bytes must outlive the image.  `room` may be NULL; it is asked only where the
 * file tells the length of what is packed in it.  On failure nothing is held;
 * the message begins with "kernel" and the file's name.
 */
int image_open(const struct boot_blob *file, uint64_t limit,
	       const struct image_room *room, struct image *out,
	       mv_error *err) MUST_CHECK;
void image_close(struct image *im);

#endif
