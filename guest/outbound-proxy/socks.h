/* SPDX-License-Identifier: MIT */
/* socks.h - the numbers of SOCKS version 5, RFC 1928 and RFC 1929. */
#ifndef GUEST_OUTBOUND_PROXY_SOCKS_H
#define GUEST_OUTBOUND_PROXY_SOCKS_H

#include <stddef.h>
#include <stdint.h>

enum {
	SOCKS_VERSION = 5,
	SOCKS_LOGIN_VERSION = 1,   /* RFC 1929, 2 */
	SOCKS_NO_LOGIN = 0,        /* methods: RFC 1928, 3 */
	SOCKS_LOGIN = 2,
	SOCKS_NO_METHOD = 0xff,
};

enum socks_cmd { /* RFC 1928, 4; the last two of Tor's socks-extensions.txt */
	SOCKS_CONNECT = 1,
	SOCKS_UDP_ASSOCIATE = 3,
	SOCKS_RESOLVE = 0xf0,
	SOCKS_RESOLVE_PTR = 0xf1,
};

enum socks_atyp { SOCKS_IPV4 = 1, SOCKS_NAME = 3, SOCKS_IPV6 = 4 };

enum socks_reply { /* RFC 1928, 6 */
	SOCKS_SUCCEEDED,
	SOCKS_FAILED,
	SOCKS_DENIED,
	SOCKS_NET_UNREACHABLE,
	SOCKS_HOST_UNREACHABLE, /* or no such name */
	SOCKS_REFUSED,
	SOCKS_TIMED_OUT,
	SOCKS_NO_COMMAND,
	SOCKS_NO_ADDRESS, /* none of the kind wanted */
};

/* VER, REP or CMD, RSV, ATYP, a length, 255 bytes of name, the port. */
enum { SOCKS_MESSAGE_MAX = 4 + 1 + 255 + 2 };

/*
 * The length of a request or reply of which `len` bytes are at `p`: 0 when too
 * few to tell, SIZE_MAX when it has an address of no known kind.
 */
static inline size_t socks_message_len(const uint8_t *p, size_t len)
{
	if (len < 5)
		return 0;
	switch (p[3]) {
	case SOCKS_IPV4: return 4 + 4 + 2;
	case SOCKS_IPV6: return 4 + 16 + 2;
	case SOCKS_NAME: return 4 + 1 + (size_t)p[4] + 2;
	default: return SIZE_MAX;
	}
}

#endif
