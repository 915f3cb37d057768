/* SPDX-License-Identifier: MIT */
/*
 * ask.h - one SOCKS request of our own, and its reply.
 *
 * Pure.  The greeting and the request go out together: a server that wants a
 * login says so in its first answer, and then there is none for us.
 */
#ifndef GUEST_OUTBOUND_PROXY_ASK_H
#define GUEST_OUTBOUND_PROXY_ASK_H

#include "guest/outbound-proxy/socks.h"

struct ask_target {
	enum socks_cmd cmd;
	enum socks_atyp atyp;
	const uint8_t *addr; /* 4 or 16 bytes, or a name */
	size_t len;          /* of a name: 1 to 255 */
	uint16_t port;
};

enum ask_state { ASK_METHOD, ASK_REPLY, ASK_DONE, ASK_BROKEN };

struct ask {
	enum ask_state state;
	uint8_t out[3 + SOCKS_MESSAGE_MAX];
	size_t out_len;
	uint8_t in[SOCKS_MESSAGE_MAX];
	size_t in_len;
	enum socks_reply reply; /* with ASK_DONE and ASK_BROKEN */

	/* With ASK_DONE: the address told, a part of `in`. */
	enum socks_atyp atyp;
	const uint8_t *bound;
	size_t bound_len;
};

void ask_init(struct ask *a, const struct ask_target *to);

/* How many more bytes certainly belong to the answer; 0: it is there. */
size_t ask_need(const struct ask *a);

/* At most ask_need() bytes. */
void ask_feed(struct ask *a, const uint8_t *p, size_t len);

#endif
