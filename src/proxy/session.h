/* SPDX-License-Identifier: MIT */
/*
 * session.h - one SOCKS session over one stream.
 *
 *	HANDSHAKE -> SEEKING, UDP, ANSWERING, BROKEN
 *	SEEKING   -> RELAY, ANSWERING
 *	RELAY     -> BROKEN
 *	UDP       -> ANSWERING, BROKEN
 *	ANSWERING -> BROKEN
 *
 * HANDSHAKE: greeting, login and request are being read.  SEEKING: what was
 * asked for is looked up, judged, asked for and dialled, side by side.  RELAY:
 * bytes go straight between the carrier and the socket.  UDP: an association.
 * ANSWERING: the last reply, then the end; what the guest still sends is thrown
 * away.  BROKEN: the carrier has been told to reset it.  From every state the
 * carrier's close() ends it.
 */
#ifndef PROXY_SESSION_H
#define PROXY_SESSION_H

#include "net/sock_stream.h"
#include "proxy/connect.h"
#include "proxy/query.h"
#include "proxy/udp.h"

enum session_state {
	SESSION_HANDSHAKE,
	SESSION_SEEKING,
	SESSION_RELAY,
	SESSION_UDP,
	SESSION_ANSWERING,
	SESSION_BROKEN, /* the last */
};

/* A method, a login's status, a reply, and what an upstream sent early. */
enum { SESSION_OUT = 2 + 2 + SOCKS5_OUT_MAX + 256 };

struct session {
	struct sock_stream relay; /* its `stream` is the session's */
	struct list node;         /* in proxy->sessions */
	struct proxy *proxy;
	enum session_state state;
	struct socks5 socks;
	struct flow flow;
	struct alarm alarm;
	uint64_t active; /* uv_now() when bytes went through last */
	bool ended;      /* end() came before there was a socket */
	bool deaf;
	bool failed;     /* the far end broke it */

	/* For the guest, before anything else is. */
	uint8_t out[SESSION_OUT];
	size_t out_pos, out_len;

	/* By the request's kind; all zero while there was none. */
	struct connect *connect;
	struct query *query;
	struct udp *udp;
};

int session_new(struct proxy *p, struct session **out,
		mv_error *err) MUST_CHECK;

/* Bytes from the guest [0] and to it [1], so far. */
void session_bytes(const struct session *s, uint64_t bytes[static 2]);

#endif
