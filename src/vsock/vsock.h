/* SPDX-License-Identifier: MIT */
/*
 * vsock.h - the streams between one guest and its host.
 *
 * Packets from the guest come in by vsock_recv(), packets for it go out by
 * vsock_fill(); the host's ends are struct streams.  In between: which port is
 * whose, credit in both directions, and fairness.  Knows no virtio, no socket
 * and no thread: everything is called on one thread, and time is passed in.
 *
 * Memory is bounded.  What the guest sends is offered to its stream at once;
 * the rest waits in a buffer no larger than the window granted to the guest.
 * The windows of all connections together stay below VSOCK_BUDGET, so late
 * comers among very many get a small one.  What the host sends waits where it
 * is (in a socket) until the guest has credit and buffers for it.
 *
 * stream_ready() only takes a note and calls `wake`; the stream is called (and
 * perhaps closed) by the next vsock_fill() or vsock_tick(), never from inside
 * its own words.
 *
 * Service is fair: connections with something to send take turns, VSOCK_TURN
 * bytes each; answers (RST, credit) go first.
 */
#ifndef VSOCK_VSOCK_H
#define VSOCK_VSOCK_H

#include "base/error.h"
#include "core/stream.h"
#include "vsock/packet.h"

enum {
	VSOCK_CID_HOST = 2,
	VSOCK_CONNS = 8192,               /* at once; then RST */
	VSOCK_WINDOW = 256 * 1024,        /* granted to a connection */
	VSOCK_WINDOW_SMALL = 8 * 1024,    /* ... when the budget is used */
	VSOCK_BUDGET = 128 * 1024 * 1024, /* of all windows together */
	VSOCK_TURN = 64 * 1024,           /* bytes, then the next one's turn */
	VSOCK_TURN_ALONE = 256 * 1024,    /* ... when nobody else waits */
	VSOCK_ANSWERS = 128,              /* RSTs to nobody that may wait */
};

/* The first of the ports that connections opened by the host come from. */
#define VSOCK_EPHEMERAL UINT32_C(0x40000000)

struct vsock_user {
	/*
	 * The guest connects to `port`: a stream for it, which is carried and
	 * closed from then on, or NULL to refuse.
	 */
	struct stream *(*accept)(void *ctx, uint32_t port, uint32_t guest_port);

	/*
	 * vsock_fill() has something to do, if only for the streams: call it,
	 * with no room if there is none.  Comes from inside any call.
	 */
	void (*wake)(void *ctx);

	/* Monotonic nanoseconds. */
	uint64_t (*now)(void *ctx);

	/*
	 * Call vsock_tick() when now() has come to `ns`; the latest such wish
	 * counts.  UINT64_MAX: no longer needed.
	 */
	void (*alarm)(void *ctx, uint64_t ns);
	void *ctx;
};

struct vsock;

/* The guest's driver is not up: see vsock_online(). */
int vsock_new(const struct vsock_user *user, uint64_t guest_cid,
	      struct vsock **out, mv_error *err) MUST_CHECK;

/* Closes every stream with STREAM_GONE. */
void vsock_free(struct vsock *v);

/*
 * The guest's driver is up, or it is gone: then all connections are closed
 * with STREAM_GONE, but those still waiting for the guest go on waiting.
 */
void vsock_online(struct vsock *v, bool up);

/*
 * The guest is gone for good.  Every connection is closed, those that wait for
 * the guest too, and none is opened any more; but what a guest that has closed
 * in order, or said that it sends no more, had sent goes on flowing to its
 * reader, until vsock_free().
 */
void vsock_end(struct vsock *v);

/*
 * May packets come in?  Not while too many answers wait for the guest to make
 * room: who floods us waits for himself (virtio 1.2, 5.10.6.1).
 */
bool vsock_can_recv(const struct vsock *v);

/*
 * One packet from the guest, its header already copied.  `v` is its payload:
 * all of it, or the packet lied about its length.  Whatever is wrong with it
 * is answered as 5.10.6 says, or counted and dropped.
 */
void vsock_recv(struct vsock *k, const struct vsock_hdr *h,
		const struct span *v, unsigned n);

/* Room for a packet in the guest's memory, and what came to be in it. */
struct vsock_packet {
	const struct span *v; /* for the payload */
	unsigned n;
	struct vsock_hdr hdr; /* set when it was used; len is payload bytes */
};

/*
 * Packets for the guest into p[0], p[1], ...; how many of the `n` were used.
 * Payload is read from the streams straight into the room given, over several
 * packets at once.  Less than `n`: there is nothing more to send now; else
 * there may be, and nobody calls wake() for it.
 *
 * First come the streams' news, also when `n` is 0 or the driver is not up:
 * what the guest sent is given to a stream that can take it again.
 */
unsigned vsock_fill(struct vsock *v, struct vsock_packet *p, unsigned n);

/* Will vsock_fill() ask a stream for bytes? */
bool vsock_has_data(const struct vsock *v);

/*
 * Connect a stream to a port of the guest.  As long as nobody listens there
 * (or the guest has not come so far) it is tried again until `until`, in
 * nanoseconds of now(); 0: one try.  Then opened(), or close() with the cause.
 * On failure the stream stays the caller's.
 */
int vsock_connect(struct vsock *v, uint32_t port, struct stream *s,
		  uint64_t until, mv_error *err) MUST_CHECK;

/* The host's port of a stream that is carried. */
uint32_t vsock_host_port(const struct stream *s);

/* What was set by alarm() has come. */
void vsock_tick(struct vsock *v);

struct vsock_stats {
	uint64_t opened[2];  /* by the guest, by the host */
	uint64_t refused[2]; /* to the guest, to the host */
	uint64_t bytes[2];   /* of payload from the guest, to the guest */
	uint64_t packets[2];
	uint64_t bad;    /* packets that broke the rules */
	unsigned open;   /* connections now */
	size_t buffered; /* bytes waiting for their streams */
};

void vsock_stats(const struct vsock *v, struct vsock_stats *out);

#endif
