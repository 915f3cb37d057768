/* SPDX-License-Identifier: MIT */
/*
 * bridge.h - carries bytes between two stream sockets, both ways.
 *
 * What one end says the other hears, also its end: a half-close goes over as
 * one, a reset as one.  Bytes are held only while the other end does not take
 * them, at most what one read brought, and nothing is read meanwhile; so an
 * idle bridge holds no buffer.
 *
 * A vsock or UNIX socket does not tell a reset from a close: both read as the
 * end.  But the far side of a mere half-close still takes bytes, which is what
 * we look at.
 */
#ifndef GUEST_COMMON_BRIDGE_H
#define GUEST_COMMON_BRIDGE_H

#include <stddef.h>

#include "guest/common/loop.h"

/* What comes out of one end. */
enum bridge_flow {
	FLOW_OPEN,
	FLOW_ENDING, /* at its end; held bytes are still to be delivered */
	FLOW_ENDED,  /* delivered, and the other end was told */
	FLOW_BROKEN, /* the other end takes no more */
};

enum bridge_why {
	BRIDGE_DONE,  /* both directions ended in order; all is closed */
	BRIDGE_RESET, /* both were reset */
	BRIDGE_TAKEN, /* the tap wants the descriptors: bridge_detach() */
};

struct bridge_user {
	/*
	 * While set: gets what end `from` said instead of the other end, and
	 * passes on what it likes by bridge_push().  True: BRIDGE_TAKEN.
	 */
	bool (*tap)(void *ctx, unsigned from, const uint8_t *p, size_t len);

	/* The last call; the bridge may be freed. */
	void (*over)(void *ctx, enum bridge_why why);
	void *ctx;
};

struct bridge_end {
	struct bridge *bridge;
	struct loop_watch watch;
	enum bridge_flow flow;
	uint64_t left; /* bytes to carry; what comes after them is dropped */
	uint8_t *held;
	size_t held_off, held_len;
};

struct bridge {
	struct loop *loop;
	struct bridge_user user;
	struct bridge_end end[2];
	bool gentle; /* a reset of end 1 is delivered as a close */
	bool failed, taken;
};

/*
 * The descriptors are the bridge's from then on; bridge_go() begins.  False:
 * memory is out, and they are closed.
 */
bool bridge_start(struct bridge *b, struct loop *loop, int fd0, int fd1,
		  const struct bridge_user *user);

/* As if end `from` had said it; before bridge_go(), or by the tap. */
void bridge_push(struct bridge *b, unsigned from, const uint8_t *p, size_t len);

/* Begin; may call `over`. */
void bridge_go(struct bridge *b);

/* Give the descriptors back; what was held is offered once more. */
void bridge_detach(struct bridge *b, int fd[2]);

/* Close without a word to `over`. */
void bridge_close(struct bridge *b, bool reset);

#endif
