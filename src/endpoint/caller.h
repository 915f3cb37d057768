/* SPDX-License-Identifier: MIT */
/*
 * caller.h - a socket of the host that is being connected to a guest's port.
 *
 * From the moment the port is known until the connection is over.  While the
 * guest has not accepted, its bytes wait in the socket, and a caller who hangs
 * up is forgotten.  It belongs to the carrier: whoever started it may go.
 */
#ifndef ENDPOINT_CALLER_H
#define ENDPOINT_CALLER_H

#include "endpoint/place.h"
#include "os/sock.h"

enum { CALLER_HEAD = 128 }; /* bytes */

struct caller_spec {
	uint32_t port; /* of the guest */
	const void *head; /* bytes for the guest before those of the socket */
	size_t head_len;  /* at most CALLER_HEAD */
	bool greet;       /* tell the caller "OK <n>\n" when he is through */
	bool ask;         /* the guest says "OK ...\n" first, to us */
};

/* Owns `sock`, and closes it if this fails: there is nobody else to tell. */
void caller_start(const struct place *at, struct sock *sock,
		  const struct caller_spec *spec);

#endif
