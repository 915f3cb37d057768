/* SPDX-License-Identifier: MIT */
/*
 * initrd.h - the initramfs: the user's archives, and our own behind them.
 *
 * Linux reads any number of cpio archives out of one block of memory, packed
 * or not, later files winning over earlier ones (Linux
 * Documentation/driver-api/early-userspace/buffer-format.rst).  So archives
 * are stacked as they are, and configured files become one more.
 */
#ifndef BOOT_INITRD_H
#define BOOT_INITRD_H

#include <stdbool.h>

#include "base/error.h"
#include "boot/config.h"
#include "core/gmem.h"

struct initrd {
	const struct boot_blob *archive;        /* the caller's */
	unsigned                archives;
	uint8_t                *own;            /* cpio of the files, ours */
	size_t                  own_len;
	uint64_t                len;            /* of the whole stack */
};

/*
 * Check the archives and pack the files of `cfg`, whose bytes must outlive
 * the initrd.  On failure nothing is held.
 */
int initrd_init(struct initrd *rd, const struct boot_config *cfg,
		mv_error *err) MUST_CHECK;
void initrd_fini(struct initrd *rd);

/* Copy all of it, rd->len bytes, to `gpa`: a multiple of four. */
int initrd_load(const struct initrd *rd, uint64_t gpa, const struct gmem *mem,
		mv_error *err) MUST_CHECK;

/* One archive in the stack; our own is called "(added files)". */
struct initrd_part {
	const char *name;
	uint64_t    len;
	uint64_t    off;        /* what lies before it */
};

/* Does the stack fit `room` bytes?  If not, the first part that does not. */
bool initrd_fits(const struct initrd *rd, uint64_t room,
		 struct initrd_part *at);

#endif
