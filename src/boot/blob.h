/* SPDX-License-Identifier: MIT */
/*
 * blob.h - bytes of a file that need not all be in memory.
 *
 * A kernel or an archive that goes to guest memory as it is goes there without
 * a copy of its own in between.
 */
#ifndef BOOT_BLOB_H
#define BOOT_BLOB_H

#include "base/error.h"
#include "boot/config.h"
#include "boot/kind.h"

/* How many of its bytes are at p. */
size_t blob_here(const struct boot_blob *b);

enum kind blob_kind(const struct boot_blob *b);

/* Bytes [off, off+n), which the caller knows to be in it. */
int blob_read(const struct boot_blob *b, uint64_t off, void *dst, size_t n,
	      mv_error *err) MUST_CHECK;

#endif
