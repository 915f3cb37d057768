/* SPDX-License-Identifier: MIT */
/*
 * ring.h - bytes that wait until a stream takes them.
 *
 * Holds no memory while it is empty: thousands of idle connections cost
 * nothing here.  Grows by doubling up to what its user allows.
 */
#ifndef VSOCK_RING_H
#define VSOCK_RING_H

#include <stdbool.h>

#include "base/span.h"

/* All zero: empty. */
struct ring {
	uint8_t *p;
	size_t   cap, head, len;
};

/*
 * Append what [off, off+len) of a list of spans holds; the ring grows to `max`
 * bytes at most, and the caller knows that r->len + len is not more.  False:
 * no memory, and nothing was done.
 */
bool ring_put(struct ring *r, size_t max, const struct span *v, unsigned n,
	      size_t off, size_t len);

/* What waits, oldest first; how many spans that are. */
unsigned ring_peek(const struct ring *r, struct span out[static 2]);

/* The oldest `len` are no longer needed; len <= r->len. */
void ring_drop(struct ring *r, size_t len);

void ring_fini(struct ring *r);

#endif
