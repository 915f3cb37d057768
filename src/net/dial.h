/* SPDX-License-Identifier: MIT */
/*
 * dial.h - connecting to the first of several addresses: RFC 8305, 5.
 *
 * "Happy eyeballs": addresses are tried in the order they are offered, the
 * families alternating, a new attempt every 250 ms or as soon as one failed;
 * the first to connect wins and the others are closed.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "os/sock.h"

enum { DIAL_ADDRS = 32, DIAL_STAGGER_MS = 250 };

struct dial;

struct dial_user {
	/*
	 * Over: the connected sock, which is the callee's, and where it leads;
	 * or NULL with the errno of the attempt that got furthest: refused,
	 * before timed out, before unreachable.  Frees the dial.  Not called
	 * from inside dial_start() and dial_offer().
	 */
	void (*done)(void *ctx, struct sock *s, const struct addr *to, int os);
	sock_hook_fn *hook; /* for each socket; or NULL */
	void *hook_ctx;
	void *ctx;
};

/* `ms`: for all of it; then done() with ETIMEDOUT. */
int dial_start(uv_loop_t *loop, const struct dial_user *user, uint32_t ms,
	       struct dial **out, mv_error *err) MUST_CHECK;

/* One more address to try; beyond DIAL_ADDRS they are left out. */
void dial_offer(struct dial *d, const struct addr *a);

/* No more will be offered: it may fail now. */
void dial_complete(struct dial *d);

/* No callback after this. */
void dial_cancel(struct dial *d);

#endif
