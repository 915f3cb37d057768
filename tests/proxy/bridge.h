/* SPDX-License-Identifier: MIT */
/*
 * bridge.h - a carrier over a socket: puts a stream behind a TCP connection,
 * by the same rules by which vsock carries one, so that any program can talk
 * to it without a guest.
 */
#ifndef TESTS_PROXY_BRIDGE_H
#define TESTS_PROXY_BRIDGE_H

#include "core/stream.h"
#include "os/sock.h"

struct bridges {
	struct bridge *first; /* those that are open */
};

/* Carry `s` over `sock`; both are the bridge's, which frees itself. */
int bridge_new(struct bridges *all, struct sock *sock,
	       struct stream *s) MUST_CHECK;

/* Close all with STREAM_GONE. */
void bridges_close(struct bridges *all);

#endif
