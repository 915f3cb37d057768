/* SPDX-License-Identifier: MIT */
/*
 * assoc.h - a UDP association: datagrams here, frames on the stream.
 *
 * A frame is a 16-bit big-endian length and a datagram with its header of
 * RFC 1928, 7; see docs/proxy.md.  Only the client that made the association
 * is heard, from the first address it sends from.  It ends with its TCP
 * connection or the stream.
 */
#ifndef GUEST_OUTBOUND_PROXY_ASSOC_H
#define GUEST_OUTBOUND_PROXY_ASSOC_H

#include "guest/common/endpoint.h"
#include "guest/common/loop.h"

struct assoc;

/*
 * For the client behind `tcp`, a socket that stays the caller's until
 * assoc_start().  NULL: memory or descriptors are out.
 */
struct assoc *assoc_new(struct loop *loop, int tcp);

/* Where the client shall send to. */
void assoc_addr(const struct assoc *a, struct endpoint *e);

/* Bytes of the stream that came before assoc_start(); false: too many. */
bool assoc_push(struct assoc *a, const uint8_t *p, size_t len);

/*
 * Takes the descriptors; `over` is called once, when all is closed and freed,
 * perhaps from inside.
 */
void assoc_start(struct assoc *a, int tcp, int stream, void (*over)(void *),
		 void *ctx);

/* One that was not started. */
void assoc_free(struct assoc *a);

#endif
