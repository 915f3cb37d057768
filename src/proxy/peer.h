/* SPDX-License-Identifier: MIT */
/*
 * peer.h - those a UDP association sends to: who they are, and may it.
 */
#ifndef PROXY_PEER_H
#define PROXY_PEER_H

#include "proxy/inside.h"

/* Send to an address that was judged; false: it did not go out. */
typedef bool peer_send_fn(void *ctx, const struct addr *to, const uint8_t *p,
			  size_t len);

struct peers {
	struct proxy *proxy;
	peer_send_fn *send;
	void *ctx;
	struct list list; /* the last used first */
	unsigned count, undecided;
	size_t held;      /* bytes that wait for a verdict */
	uint64_t out, in; /* bytes of all that ever were */
};

void peers_init(struct peers *all, struct proxy *p, peer_send_fn *send,
		void *ctx);
void peers_fini(struct peers *all, const char *why);

/* A datagram of the guest's: sent, held until there is a verdict, or dropped */
void peers_send(struct peers *all, const struct socks5_target *to,
		const uint8_t *data, size_t len);

/* One came from there: may it be passed on?  Counts it. */
bool peers_heard(struct peers *all, const struct addr *from, size_t len);

#endif
