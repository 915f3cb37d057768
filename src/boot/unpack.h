/* SPDX-License-Identifier: MIT */
/*
 * unpack.h - gzip and zstd data, into bytes of our own.
 *
 * Every call has a limit on what comes out, so that a small file cannot fill
 * the host's memory.  Knows nothing of what the bytes are for.
 */
#ifndef BOOT_UNPACK_H
#define BOOT_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct unpacked {
	uint8_t *p;             /* the caller's to free() */
	size_t   len;           /* 1 .. limit */
};

/*
 * All gzip members, or zstd frames, that follow each other from `p` on.  What
 * stands behind the last one is passed over: build systems append signatures,
 * sizes and device trees there.
 */
int unpack_gzip(const uint8_t *p, size_t len, size_t limit,
		struct unpacked *out, mv_error *err) MUST_CHECK;
int unpack_zstd(const uint8_t *p, size_t len, size_t limit,
		struct unpacked *out, mv_error *err) MUST_CHECK;

#endif
