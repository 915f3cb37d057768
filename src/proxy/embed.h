/* SPDX-License-Identifier: MIT */
/*
 * embed.h - IPv4 addresses inside of IPv6 addresses.
 *
 * A packet to such an address may end at the one it carries: somewhere on its
 * way a translator or a tunnel takes it out.
 */
#ifndef PROXY_EMBED_H
#define PROXY_EMBED_H

#include "os/addr.h"

enum { EMBED_MAX = 4 };

/*
 * An IPv4-mapped address (::ffff:0:0/96) becomes the IPv4 address that it is:
 * no packet ever bears the other one.  Anything else stays.
 */
struct addr embed_unmap(const struct addr *a);

/* The addresses that `a` carries, with its port; how many. */
unsigned embed_list(const struct addr *a, struct addr out[static EMBED_MAX]);

#endif
