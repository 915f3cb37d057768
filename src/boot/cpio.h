/* SPDX-License-Identifier: MIT */
/*
 * cpio.h - configured files as a cpio archive that Linux unpacks at boot.
 *
 * The bytes depend on the files alone: no times, no numbers of this host.
 */
#ifndef BOOT_CPIO_H
#define BOOT_CPIO_H

#include "base/error.h"
#include "boot/config.h"

/*
 * Pack `files` files in their order, each directory on the way once, mode
 * 0755, owned by root.  *out is the caller's to free().
 */
int cpio_pack(const struct boot_file *file, unsigned files, uint8_t **out,
	      size_t *len, mv_error *err) MUST_CHECK;

#endif
