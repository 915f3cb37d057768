/* SPDX-License-Identifier: MIT */
/* prefix.h - does an address begin with these bits? */
#ifndef PROXY_PREFIX_H
#define PROXY_PREFIX_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Both have at least `bits` bits, in network order. */
static inline bool prefix_fits(const uint8_t *ip, const uint8_t *prefix,
			       unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	return !memcmp(ip, prefix, bytes) &&
	       (!rest || (ip[bytes] ^ prefix[bytes]) >> (8 - rest) == 0);
}

#endif
