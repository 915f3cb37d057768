/* SPDX-License-Identifier: MIT */
/* span.c - lists of memory windows, seen as one piece. */
#include "base/span.h"

#include <stdbool.h>
#include <string.h>

size_t spans_len(const struct span *v, unsigned n)
{
	size_t len = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		len += v[i].len;
	return len;
}

unsigned spans_slice(struct span *out, unsigned max, const struct span *v,
		     unsigned n, size_t off, size_t len)
{
	unsigned i, count = 0;

	for (i = 0; i < n && len && count < max; i++) {
		size_t here;

		if (off >= v[i].len) {
			off -= v[i].len;
			continue;
		}
		here = v[i].len - off < len ? v[i].len - off : len;
		out[count++] = (struct span){ v[i].p + off, here };
		len -= here;
		off = 0;
	}
	return count;
}

/* Copy between the list and `flat`, whichever way. */
static size_t move(const struct span *v, unsigned n, size_t off, uint8_t *flat,
		   size_t len, bool out)
{
	size_t done = 0;
	unsigned i;

	for (i = 0; i < n && done < len; i++) {
		struct span part;

		if (!spans_slice(&part, 1, &v[i], 1, off, len - done)) {
			off -= v[i].len;
			continue;
		}
		if (out)
			memcpy(flat + done, part.p, part.len);
		else
			memcpy(part.p, flat + done, part.len);
		done += part.len;
		off = 0;
	}
	return done;
}

size_t spans_put(const struct span *v, unsigned n, size_t off, const void *src,
		 size_t len)
{
	/* Only read from, when it goes this way. */
	return move(v, n, off, (uint8_t *)(uintptr_t)src, len, false);
}

size_t spans_get(const struct span *v, unsigned n, size_t off, void *dst,
		 size_t len)
{
	return move(v, n, off, dst, len, true);
}
