/* SPDX-License-Identifier: MIT */
/*
 * socks5_client.h - the client's side of SOCKS5, towards an upstream server.
 *
 * Pure, like socks5.h: says what to send, eats what comes.
 */
#ifndef PROXY_SOCKS5_CLIENT_H
#define PROXY_SOCKS5_CLIENT_H

#include "proxy/socks5.h"

struct socks5_client {
	struct socks5_login login;
	struct socks5_target target;
	uint8_t out[SOCKS5_OUT_MAX + 600]; /* to be sent now */
	size_t out_len;
	enum socks5_reply reply; /* with SOCKS5_CLIENT_DONE */
	struct addr bound;       /* no family: none was told, or a name */

	/* private */
	unsigned state;
	size_t have, need;
	uint8_t in[300];
};

enum socks5_client_event {
	SOCKS5_CLIENT_MORE,   /* feed more */
	SOCKS5_CLIENT_SEND,   /* send out[0..out_len), then feed on */
	SOCKS5_CLIENT_DONE,   /* `reply` tells how it went */
	SOCKS5_CLIENT_BROKEN, /* that is no SOCKS5 server, or it wants a login
				 that we do not have */
};

/* Fills `out` with the first message. */
void socks5_client_init(struct socks5_client *c,
			const struct socks5_login *login,
			const struct socks5_target *target);

/*
 * Eats exactly what belongs to the handshake; *used says how much.  After the
 * last event nothing is eaten, and the event comes again.  A reply that RFC
 * 1928 does not know is SOCKS5_GENERAL_FAILURE.
 */
enum socks5_client_event socks5_client_feed(struct socks5_client *c,
					    const uint8_t *p, size_t len,
					    size_t *used);

#endif
