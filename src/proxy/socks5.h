/* SPDX-License-Identifier: MIT */
/*
 * socks5.h - the server's side of SOCKS version 5: RFC 1928 and RFC 1929.
 *
 * Pure: bytes in, an event out.  Takes one byte at a time or everything at
 * once, and never more than belongs to the handshake: what the client sent
 * ahead stays with the caller.
 *
 *	GREETING -> [AUTH ->] REQUEST -> DONE
 *
 * What is refused, and how: another protocol (SOCKS4, HTTP) without a word; no
 * method that will do by 05 FF; a wrong login by a status of 1; an unknown ATYP
 * at once by reply 8; an unknown CMD by reply 7; what cannot be a name (empty,
 * an empty label, a backslash, anything but visible ASCII) by reply 1.  An IP
 * address that comes as a name ("10.0.0.1", "[::1]") is taken for the address
 * it is.  A dot that ends a name is kept, for the resolver.
 *
 * Beside CONNECT, BIND and UDP ASSOCIATE it knows RESOLVE (0xf0) and
 * RESOLVE_PTR (0xf1) of Tor's socks-extensions.txt.
 */
#ifndef PROXY_SOCKS5_H
#define PROXY_SOCKS5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/addr.h"

enum socks5_cmd { /* RFC 1928, 4 */
	SOCKS5_CONNECT = 0x01,
	SOCKS5_BIND = 0x02,
	SOCKS5_UDP_ASSOCIATE = 0x03,
	SOCKS5_RESOLVE = 0xf0,
	SOCKS5_RESOLVE_PTR = 0xf1,
};

enum socks5_reply { /* RFC 1928, 6 */
	SOCKS5_SUCCEEDED,
	SOCKS5_GENERAL_FAILURE,
	SOCKS5_NOT_ALLOWED,
	SOCKS5_NETWORK_UNREACHABLE,
	SOCKS5_HOST_UNREACHABLE,
	SOCKS5_CONNECTION_REFUSED,
	SOCKS5_TTL_EXPIRED,
	SOCKS5_COMMAND_NOT_SUPPORTED,
	SOCKS5_ADDRESS_NOT_SUPPORTED,
};

enum {
	SOCKS5_NAME_MAX = 255,
	SOCKS5_OUT_MAX = 300,
	SOCKS5_TARGET_MAX = 1 + 1 + SOCKS5_NAME_MAX + 2,
};

/* Where to; of every ATYP. */
struct socks5_target {
	char name[SOCKS5_NAME_MAX + 1]; /* "": addr.ip is what was asked for */
	struct addr addr;               /* its port counts in both cases */
};

struct socks5_login { /* RFC 1929; owned by the caller */
	const char *user, *password; /* NULL: no login is wanted */
};

enum socks5_event {
	SOCKS5_MORE,    /* needs more bytes */
	SOCKS5_ANSWER,  /* out[0..out_len) is to be sent; then feed on */
	SOCKS5_REQUEST, /* cmd and target are there */
	SOCKS5_REFUSE,  /* send out[0..out_len), then close */
};

struct socks5 {
	struct socks5_login login;
	uint8_t cmd; /* enum socks5_cmd once there was SOCKS5_REQUEST */
	struct socks5_target target;

	uint8_t out[SOCKS5_OUT_MAX];
	size_t out_len;

	/* private */
	unsigned state;
	size_t have, need;
	uint8_t in[520]; /* the longest message: RFC 1929, 2 + 255 + 1 + 255 */
};

void socks5_init(struct socks5 *s, const struct socks5_login *login);

/*
 * Eat from p; *used says how many bytes.  Stops at the first event.  After
 * SOCKS5_REQUEST and SOCKS5_REFUSE nothing is eaten: they come again, with
 * nothing to be sent.
 */
enum socks5_event socks5_feed(struct socks5 *s, const uint8_t *p, size_t len,
			      size_t *used);

/*
 * The reply to a request, RFC 1928, 6, into `out`; its length.  `bound`: the
 * address to tell, NULL for 0.0.0.0:0.  `name`: tell a name instead
 * (RESOLVE_PTR), or NULL.
 */
size_t socks5_reply(uint8_t out[static SOCKS5_OUT_MAX], enum socks5_reply rep,
		    const struct addr *bound, const char *name);

/* The reply that tells an errno (not negated) of connect(2). */
enum socks5_reply socks5_reply_of(int os);

/*
 * The header of a UDP datagram, RFC 1928, 7.  Parse: its length, or 0 when it
 * is none (or cut short).  Write: its length.
 */
struct socks5_udp {
	uint8_t frag;
	struct socks5_target target;
};

size_t socks5_udp_parse(struct socks5_udp *u, const uint8_t *p, size_t len);
size_t socks5_udp_write(uint8_t out[static SOCKS5_OUT_MAX],
			const struct addr *from);

/*
 * ATYP, address and port, as they stand in every message.  Length: by the first
 * two bytes, 0 for an unknown ATYP.  Parse: of so many bytes; false when it is
 * no name.  Write: `name` unless it is NULL or "", else the address, else
 * (NULL) 0.0.0.0:0; its length.
 */
size_t socks5_target_len(const uint8_t p[static 2]);
bool socks5_target_parse(struct socks5_target *t, const uint8_t *p);
size_t socks5_target_write(uint8_t out[static SOCKS5_TARGET_MAX],
			   const char *name, const struct addr *a);

#endif
