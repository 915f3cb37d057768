/* SPDX-License-Identifier: MIT */
/*
 * udp.h - a UDP association whose datagrams go over a stream.
 *
 * Each is a 16-bit big-endian length and as many bytes: the header of RFC 1928,
 * 7, and the data.  Fragments are dropped, as is everything a datagram may be
 * dropped for: an unknown name, a full table, a host that takes no more.
 *
 * Nothing is buffered but one datagram that is half through.  What the guest
 * has no room for waits in the host's socket, and is dropped there.  While a
 * name is looked up or a question is open, a few datagrams wait.
 *
 * A peer is what the guest sends to.  It is judged once and then remembered,
 * the least used being forgotten, and only what was sent to may answer.
 */
#ifndef PROXY_UDP_H
#define PROXY_UDP_H

#include "proxy/inside.h"
#include "core/stream.h"

enum {
	UDP_FRAME = 2,          /* the length before each datagram */
	UDP_MAX = 65535,        /* header and data */
	UDP_HELD = 32 * 1024,   /* bytes held back in one association */
	UDP_UNDECIDED = 8,      /* peers that are looked up or asked for */
	UDP_TURN = 64,          /* datagrams a call */
};

struct udp_user {
	void (*ready)(void *ctx); /* udp_read() is worth a try */
	void *ctx;
};

struct udp;

int udp_new(struct proxy *p, const struct udp_user *user, struct udp **out,
	    mv_error *err) MUST_CHECK;

/* As a stream's; write takes everything. */
ptrdiff_t udp_read(struct udp *u, const struct span *v, unsigned n);
ptrdiff_t udp_write(struct udp *u, const struct span *v, unsigned n);

/* Of data, without headers: from the guest, to it. */
void udp_bytes(const struct udp *u, uint64_t bytes[static 2]);

/* Its peers' flows end, for the reason `why`. */
void udp_free(struct udp *u, const char *why);

#endif
