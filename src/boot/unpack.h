/* SPDX-License-Identifier: MIT */
/*
 * unpack.h - gzip, zstd, xz and lz4 data, into bytes.
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
#include "base/span.h"
#include "boot/kind.h"

struct unpacked {
	uint8_t *p;             /* the caller's to free() */
	size_t   len;           /* 1 .. limit */
};

/* Do we know how to unpack this kind?  Those named above, no others. */
bool unpack_knows(enum kind kind);

/*
 * All gzip members, zstd frames, or xz streams that follow each other from `p`
 * on.  What stands behind the last one is passed over: build systems append
 * signatures, sizes and device trees there.  Only lz4 data, of the legacy
 * format, have no end mark: their blocks must end where the bytes end, or at a
 * block length of zero, as Linux reads it.
 */
int unpack(enum kind kind, const uint8_t *p, size_t len, size_t limit,
	   struct unpacked *out, mv_error *err) MUST_CHECK;

/*
 * The same into room that the caller has, longer than what comes out by a byte
 * at least; behind the *n bytes that do it is zeroed, as decoders do not stop
 * there.  A failed call may have written to all of it.
 */
int unpack_to(enum kind kind, const uint8_t *p, size_t len, struct span room,
	      size_t *n, mv_error *err) MUST_CHECK;

/* As many of the first bytes as there is room for; fewer of bad data. */
size_t unpack_head(enum kind kind, const uint8_t *p, size_t len,
		   struct span room);

#endif
