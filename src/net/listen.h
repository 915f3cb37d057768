/* SPDX-License-Identifier: MIT */
/*
 * listen.h - a listening socket on the host, TCP or Unix, under the loop.
 *
 * When descriptors run out it does not spin: it rests for a moment and goes
 * on, and the clients wait in the kernel's backlog.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include "os/sock.h"

struct listener;

/* A new connection; it is the callee's. */
typedef void listener_fn(void *ctx, struct sock *s);

int listener_tcp(uv_loop_t *loop, const struct addr *at, listener_fn *fn,
		 void *ctx, struct listener **out, mv_error *err) MUST_CHECK;

/*
 * On a path.  A socket left there by a dead process is replaced, one with a
 * live listener is not (MICROVM_EBUSY), and nothing else is ever removed.
 * Mode 0600.  Removed from the file system by listener_close().
 */
int listener_unix(uv_loop_t *loop, const char *path, listener_fn *fn, void *ctx,
		  struct listener **out, mv_error *err) MUST_CHECK;

/* Where it listens (the port that 0 became). */
bool listener_addr(const struct listener *l, struct addr *a);

/* Freed later by the loop; no callback after this.  NULL is fine. */
void listener_close(struct listener *l);

#endif
