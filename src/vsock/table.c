/* SPDX-License-Identifier: MIT */
/* table.c - a hash table of connections. */
#include "vsock/table.h"

#include <stddef.h>

static unsigned hash(const struct table *t, uint32_t host, uint32_t guest)
{
	/* The finalizer of MurmurHash3, as everybody uses it. */
	uint64_t h = ((uint64_t)host << 32 | guest) ^ t->seed;

	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return (unsigned)(h >> 33) % TABLE_BUCKETS;
}

struct conn *table_find(const struct table *t, uint32_t host_port,
			uint32_t guest_port)
{
	struct conn *c = t->bucket[hash(t, host_port, guest_port)];

	while (c && (c->host_port != host_port || c->guest_port != guest_port))
		c = c->chain;
	return c;
}

void table_add(struct table *t, struct conn *c)
{
	struct conn **first = &t->bucket[hash(t, c->host_port, c->guest_port)];

	c->chain = *first;
	*first = c;
}

void table_remove(struct table *t, struct conn *c)
{
	struct conn **at = &t->bucket[hash(t, c->host_port, c->guest_port)];

	while (*at && *at != c)
		at = &(*at)->chain;
	if (*at)
		*at = c->chain;
	c->chain = NULL;
}
