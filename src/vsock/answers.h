/* SPDX-License-Identifier: MIT */
/*
 * answers.h - resets for packets that belong to no connection.
 *
 * They wait here until the guest makes room.  There is a bound: who makes us
 * answer without taking the answers is listened to no longer.
 */
#ifndef VSOCK_ANSWERS_H
#define VSOCK_ANSWERS_H

#include "vsock/packet.h"
#include "vsock/vsock.h"

/* All zero: none waits. */
struct answers {
	struct vsock_hdr rst[VSOCK_ANSWERS];
	unsigned         head, len;
};

bool answers_full(const struct answers *a);

/*
 * Answer `h` with a reset.  Not a reset itself (they would go to and fro for
 * ever), nor what has the same answer waiting already, nor when it is full.
 */
void answers_add(struct answers *a, const struct vsock_hdr *h);

/* The next one; false: there is none. */
bool answers_take(struct answers *a, struct vsock_hdr *out);

#endif
