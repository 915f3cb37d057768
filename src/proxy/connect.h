/* SPDX-License-Identifier: MIT */
/*
 * connect.h - a CONNECT request, from its target to a connected socket.
 *
 * Looking up, judging, asking and dialling go on side by side: an address is
 * tried as soon as it may be, while others are still to come (RFC 8305).
 */
#ifndef PROXY_CONNECT_H
#define PROXY_CONNECT_H

#include "proxy/inquiry.h"
#include "proxy/upstream.h"

struct connect {
	struct inquiry inquiry;
	struct tunnel tunnel;
	struct dial *dial;
	struct proxy *proxy;
	struct flow *flow;
	const struct socks5_target *target;
	uint64_t since;
	struct addr first; /* allowed */
	int os;            /* of the attempt that failed last */
	bool over;         /* no more addresses will come */
	bool tunneling;

	/*
	 * Over, and the embedder was told.  A socket: it is the callee's; and
	 * tunnel.early came through it already.  NULL: `reply` tells why.
	 */
	void (*done)(struct connect *c, struct sock *s,
		     enum socks5_reply reply);
};

/* done() may come from inside; then it is the last thing it does. */
void connect_start(struct connect *c, struct proxy *p, struct flow *flow,
		   const struct socks5_target *target);

/* No callback after this. */
void connect_cancel(struct connect *c);

#endif
