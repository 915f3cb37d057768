/* SPDX-License-Identifier: MIT */
/*
 * doorbell.h - waking a libuv loop from any thread.
 *
 * uv_async_send() would do, but before libuv 1.45 it takes five times as long
 * to wake the loop as a descriptor of ours under uv_poll (measured; Debian 12
 * has 1.44).  Rings that come before the loop looks are one ring.
 */
#ifndef OS_DOORBELL_H
#define OS_DOORBELL_H

#include <uv.h>

#include "base/error.h"

struct doorbell {
	uv_poll_t poll;
	int fd[2]; /* to wait on, to ring; may be the same */
	void (*rung)(void *ctx);
	void *ctx;
};

/* `rung` is called on the loop's thread.  Before the loop runs, or on it. */
int doorbell_init(struct doorbell *d, uv_loop_t *loop, void (*rung)(void *ctx),
		  void *ctx, mv_error *err) MUST_CHECK;

/* Any thread, until doorbell_fini(); harmless after doorbell_close(). */
void doorbell_ring(struct doorbell *d);

/* Leave the loop, on its thread: uv_run() goes on until it has left. */
void doorbell_close(struct doorbell *d);

/* After the loop has ended and nobody rings any more. */
void doorbell_fini(struct doorbell *d);

#endif
