/* SPDX-License-Identifier: MIT */
/*
 * table.h - connections by their pair of ports.
 *
 * A table of fixed size with chains.  The guest chooses ports; a seed that it
 * does not know keeps it from choosing them all into one chain.
 */
#ifndef VSOCK_TABLE_H
#define VSOCK_TABLE_H

#include "vsock/conn.h"

enum { TABLE_BUCKETS = 4096 };

struct table {
	struct conn *bucket[TABLE_BUCKETS];
	uint64_t     seed;
};

struct conn *table_find(const struct table *t, uint32_t host_port,
			uint32_t guest_port);

/* Its ports are set, and no other has the same. */
void table_add(struct table *t, struct conn *c);

/* It may be gone already. */
void table_remove(struct table *t, struct conn *c);

#endif
