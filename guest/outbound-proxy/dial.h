/* SPDX-License-Identifier: MIT */
/*
 * dial.h - a connection that is being made, perhaps through the host's SOCKS
 * server.
 */
#ifndef GUEST_OUTBOUND_PROXY_DIAL_H
#define GUEST_OUTBOUND_PROXY_DIAL_H

#include "guest/common/endpoint.h"
#include "guest/common/loop.h"
#include "guest/outbound-proxy/ask.h"

struct dial {
	struct loop *loop;
	struct loop_watch watch;
	struct loop_timer timer;
	bool asking, connected;
	size_t sent;
	struct ask ask; /* done: what the host told */

	/*
	 * The last call, never from inside dial_start(): a descriptor that is
	 * the callee's, or -1 and why.
	 */
	void (*done)(void *ctx, int fd, enum socks_reply why);
	void *ctx;
};

/*
 * Connect to `at`; then, unless `to` is NULL, ask it to connect there.  False:
 * it failed at once, and `done` is not called.
 */
bool dial_start(struct dial *d, struct loop *loop, const struct endpoint *at,
		const struct ask_target *to, unsigned ms,
		void (*done)(void *, int, enum socks_reply), void *ctx);

/* `done` is not called; also when it was, or nothing was started. */
void dial_cancel(struct dial *d);

#endif
