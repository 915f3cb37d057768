/* SPDX-License-Identifier: MIT */
/* blob.c - bytes of a file that need not all be in memory. */
#include "boot/blob.h"

#include <string.h>

#include "base/num.h"

size_t blob_here(const struct boot_blob *b)
{
	return b->read ? (size_t)min_u64(b->len, BOOT_HEAD) : b->len;
}

enum kind blob_kind(const struct boot_blob *b)
{
	return kind_of(b->p, blob_here(b));
}

int blob_read(const struct boot_blob *b, uint64_t off, void *dst, size_t n,
	      mv_error *err)
{
	if (!n)
		return 0;
	if (b->read)
		return b->read(b->ctx, off, dst, n, err);
	memcpy(dst, b->p + off, n);
	return 0;
}
