/* SPDX-License-Identifier: MIT */
/* span.c - lists of memory windows, seen as one piece. */
#include "base/span.h"

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

/* The next piece of a list, from *off on, of at most `len` bytes. */
static struct span next(const struct span **v, unsigned *n, size_t *off,
			size_t len)
{
	struct span piece = { NULL, 0 };

	while (*n && *off >= (*v)->len) {
		*off -= (*v)->len;
		++*v;
		--*n;
	}
	if (spans_slice(&piece, 1, *v, *n, *off, len))
		*off += piece.len;
	return piece;
}

size_t spans_put(const struct span *v, unsigned n, size_t off, const void *src,
		 size_t len)
{
	const uint8_t *from = src;
	struct span piece;
	size_t done = 0;

	while ((piece = next(&v, &n, &off, len - done)).len) {
		memcpy(piece.p, from + done, piece.len);
		done += piece.len;
	}
	return done;
}

size_t spans_get(const struct span *v, unsigned n, size_t off, void *dst,
		 size_t len)
{
	struct span piece;
	uint8_t *to = dst;
	size_t done = 0;

	while ((piece = next(&v, &n, &off, len - done)).len) {
		memcpy(to + done, piece.p, piece.len);
		done += piece.len;
	}
	return done;
}
