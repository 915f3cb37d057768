/* SPDX-License-Identifier: MIT */
/*
 * sized.h - structs of the public interface that grow at their end.
 *
 * The caller says how large the struct was when it was compiled; it gets as
 * much of ours as it knows.
 */
#ifndef API_SIZED_H
#define API_SIZED_H

#include <string.h>

#include "base/error.h"

/* Fill `dst`, whose first member is its size, from `src`, ours. */
static inline int sized_fill(void *dst, const void *src, size_t ours,
			     const char *name, mv_error *err)
{
	uint32_t theirs;

	memcpy(&theirs, dst, sizeof(theirs));
	if (theirs < sizeof(theirs))
		return fail(err, MICROVM_EINVAL, "%s.size is not set", name);
	/* Behind the size; what we do not know stays as it was. */
	memcpy((char *)dst + sizeof(theirs), (const char *)src + sizeof(theirs),
	       (theirs < ours ? theirs : ours) - sizeof(theirs));
	return 0;
}

#endif
