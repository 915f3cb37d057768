/* SPDX-License-Identifier: MIT */
/*
 * unpack.h - gzip, zstd, xz and lz4 data, into bytes of our own.
 *
 * Every call has a limit on what comes out, so that a small file cannot fill
 * the host's memory.  Knows nothing of what the bytes are for.
 */
#ifndef BOOT_UNPACK_H
#define BOOT_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "boot/kind.h"

struct unpacked {
	uint8_t *p;             /* the caller's to free() */
	size_t   len;           /* 1 .. limit */
};

/*
 * All gzip members, zstd frames, or xz streams that follow each other from `p`
 * on.  What stands behind the last one is passed over: build systems append
 * signatures, sizes and device trees there.
 */
int unpack_gzip(const uint8_t *p, size_t len, size_t limit,
		struct unpacked *out, mv_error *err) MUST_CHECK;
int unpack_zstd(const uint8_t *p, size_t len, size_t limit,
		struct unpacked *out, mv_error *err) MUST_CHECK;
int unpack_xz(const uint8_t *p, size_t len, size_t limit,
	      struct unpacked *out, mv_error *err) MUST_CHECK;

/*
 * lz4's legacy format.  It has no end mark: its blocks must end where the
 * bytes end, or at a block length of zero, as Linux reads it.
 */
int unpack_lz4(const uint8_t *p, size_t len, size_t limit,
	       struct unpacked *out, mv_error *err) MUST_CHECK;

/* Is `kind` one of these? */
bool unpack_knows(enum kind kind);

/* The one for that kind. */
int unpack(enum kind kind, const uint8_t *p, size_t len, size_t limit,
	   struct unpacked *out, mv_error *err) MUST_CHECK;

#endif
