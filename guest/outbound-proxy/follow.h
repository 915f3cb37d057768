/* SPDX-License-Identifier: MIT */
/*
 * follow.h - what a SOCKS client and its server are just saying.
 *
 * Pure.  Listens to both sides without being part of it, one byte at a time
 * or everything at once.  What it does not understand it no longer follows;
 * the two may still understand each other.
 *
 * A client's next message can be told by its first byte, also when it does not
 * wait for answers: 1 a login (RFC 1929), 5 the request.
 */
#ifndef GUEST_OUTBOUND_PROXY_FOLLOW_H
#define GUEST_OUTBOUND_PROXY_FOLLOW_H

#include <stdbool.h>

#include "guest/outbound-proxy/socks.h"

enum follow_client {
	CLIENT_GREETING,
	CLIENT_NEXT,    /* the greeting was there: a login or the request */
	CLIENT_LOGIN,
	CLIENT_REQUEST,
	CLIENT_DONE,    /* `cmd` is known */
	CLIENT_LOST,
};

enum follow_host {
	HOST_METHOD,
	HOST_LOGIN,
	HOST_REPLY,
	HOST_DONE,      /* `reply` is there */
	HOST_LOST,
};

struct follow {
	enum follow_client client;
	enum follow_host host;
	uint8_t cmd;       /* enum socks_cmd, 0: not yet known */
	bool no_login;     /* the client can do without */
	uint8_t said[520]; /* of one message: RFC 1929's have up to 513 */
	size_t said_len;
	uint8_t reply[SOCKS_MESSAGE_MAX];
	size_t reply_len;
};

void follow_init(struct follow *f);

/* The client says. */
void follow_client(struct follow *f, const uint8_t *p, size_t len);

/*
 * The host says; how many of the bytes belong to the handshake.  Those of the
 * final reply are also in `reply`.
 */
size_t follow_host(struct follow *f, const uint8_t *p, size_t len);

#endif
