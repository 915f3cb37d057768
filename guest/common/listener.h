/* SPDX-License-Identifier: MIT */
/*
 * listener.h - takes connections, and rests when there are too many.
 *
 * Out of descriptors or memory, the connection stays in the kernel's queue and
 * would wake us for ever: then we look again a little later.
 */
#ifndef GUEST_COMMON_LISTENER_H
#define GUEST_COMMON_LISTENER_H

#include "guest/common/endpoint.h"
#include "guest/common/loop.h"

struct listener {
	struct loop *loop;
	struct loop_watch watch;
	struct loop_timer again;
	bool paused;
	void (*taken)(void *ctx, int fd); /* takes the descriptor */
	void *ctx;
};

/* False: errno. */
bool listener_open(struct listener *l, struct loop *loop,
		   const struct endpoint *at, void (*taken)(void *, int),
		   void *ctx);
void listener_close(struct listener *l);

/* Until it is called again with false.  Also of one that is not open. */
void listener_pause(struct listener *l, bool pause);

#endif
