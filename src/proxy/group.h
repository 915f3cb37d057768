/* SPDX-License-Identifier: MIT */
/*
 * group.h - what kind of address it is, by the registries of IANA.
 *
 * Knows no rules, and not which addresses the host has.
 */
#ifndef PROXY_GROUP_H
#define PROXY_GROUP_H

#include "os/addr.h"

enum group {
	GROUP_PUBLIC,    /* globally reachable */
	GROUP_PRIVATE,   /* of somebody's own network */
	GROUP_LOOPBACK,  /* the host itself; 0.0.0.0/8 and :: too */
	GROUP_LINKLOCAL, /* of one link, and metadata services of clouds */
	GROUP_MULTICAST,
	GROUP_RESERVED,  /* the rest: documentation, benchmarks, not assigned */
};

/* IPv4-mapped addresses are reserved here: see embed_unmap(). */
enum group group_of(const struct addr *a);

#endif
