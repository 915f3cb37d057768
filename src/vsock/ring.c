/* SPDX-License-Identifier: MIT */
/* ring.c - a ring of bytes that is there only while it holds some. */
#include "vsock/ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 4096 }; /* bytes; most that waits is less */

static bool grow(struct ring *r, size_t need, size_t max)
{
	size_t cap = r->cap ? r->cap : FIRST;
	struct span old[2];
	uint8_t *p;
	unsigned n;

	while (cap < need)
		cap *= 2;
	if (cap > max)
		cap = max;
	p = malloc(cap);
	if (!p)
		return false;
	n = ring_peek(r, old);
	(void)spans_get(old, n, 0, p, r->len);
	free(r->p);
	*r = (struct ring){ .p = p, .cap = cap, .len = r->len };
	return true;
}

bool ring_put(struct ring *r, size_t max, const struct span *v, unsigned n,
	      size_t off, size_t len)
{
	size_t tail, first;

	assert(len <= max && r->len <= max - len);
	if (!len)
		return true;
	if (r->len + len > r->cap && !grow(r, r->len + len, max))
		return false;
	tail = (r->head + r->len) % r->cap;
	first = r->cap - tail < len ? r->cap - tail : len;
	(void)spans_get(v, n, off, r->p + tail, first);
	(void)spans_get(v, n, off + first, r->p, len - first);
	r->len += len;
	return true;
}

unsigned ring_peek(const struct ring *r, struct span out[static 2])
{
	size_t first = r->cap - r->head < r->len ? r->cap - r->head : r->len;

	if (!r->len)
		return 0;
	out[0] = (struct span){ r->p + r->head, first };
	out[1] = (struct span){ r->p, r->len - first };
	return out[1].len ? 2 : 1;
}

void ring_drop(struct ring *r, size_t len)
{
	assert(len <= r->len);
	r->len -= len;
	if (!r->len)
		ring_fini(r);
	else
		r->head = (r->head + len) % r->cap;
}

void ring_fini(struct ring *r)
{
	free(r->p);
	*r = (struct ring){ 0 };
}
