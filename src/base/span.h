/* SPDX-License-Identifier: MIT */
/*
 * span.h - a window of memory, and lists of them.
 *
 * A list of spans is what scattered bytes are read into and written from: one
 * call moves a whole batch of guest buffers.  Offsets count over the list as
 * if it were one piece; what lies outside is not moved.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stddef.h>
#include <stdint.h>

struct span {
	uint8_t *p;
	size_t len;
};

/* Bytes in all of them. */
size_t spans_len(const struct span *v, unsigned n);

/* Copy into, or out of, the list from offset `off` on; how many bytes. */
size_t spans_put(const struct span *v, unsigned n, size_t off, const void *src,
		 size_t len);
size_t spans_get(const struct span *v, unsigned n, size_t off, void *dst,
		 size_t len);

/*
 * The part [off, off+len) of a list, as a list in `out`, which has room for
 * `max` spans.  Returns how many it took; what would need more is left out.
 */
unsigned spans_slice(struct span *out, unsigned max, const struct span *v,
		     unsigned n, size_t off, size_t len);

#endif
