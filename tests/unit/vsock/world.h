/* SPDX-License-Identifier: MIT */
/*
 * world.h - both ends of a struct vsock, for tests: streams that do as they
 * are told, a guest that writes down what it gets, and a clock.
 *
 * Bytes follow a pattern in each direction, so that a lost, doubled or
 * misplaced one is noticed wherever it comes out.
 */
#ifndef TESTS_VSOCK_WORLD_H
#define TESTS_VSOCK_WORLD_H

#include "vsock/vsock.h"

enum {
	WORLD_CID = 3,
	WORLD_LOG = 256,
	WORLD_BATCH = 16,  /* packets the guest has room for at once */
	WORLD_ROOM = 4096, /* bytes in each */
};

/* Byte number `at`, of those to the guest or of those from it. */
uint8_t world_byte(bool to_guest, size_t at);
void world_bytes(bool to_guest, size_t at, uint8_t *p, size_t len);

/*
 * A stream.  `give` bytes are there to read and `room` to write, then it says
 * STREAM_AGAIN; at most `chunk` go at once, if that is not 0.
 */
struct fake {
	struct fake_stream *in; /* NULL after its close */
	size_t give, given;
	size_t room, taken;
	size_t chunk;
	bool opening;     /* it answers with STREAM_OPEN */
	bool carried;     /* fake_stream() was called */
	bool eof;         /* after `give`: read() returns 0 */
	bool broken;      /* read() and write() fail */
	unsigned sloppy;  /* times it says "try again" when it is asked */
	bool lies;        /* claims to have moved more than there was */
	bool wrong;       /* a byte or a call that should not have been */
	bool no_deaf;     /* has no deaf() and no opened() */
	unsigned reads, writes, closes;
	char log[WORLD_LOG]; /* o: opened, e: end, d: deaf; DRFTG: close */
};

void fake_init(struct fake *f);
struct stream *fake_stream(struct fake *f);

/* It was given to nobody. */
void fake_drop(struct fake *f);

/* More to read, more room, or other news; nothing after its close. */
void fake_give(struct fake *f, size_t len);
void fake_eof(struct fake *f);
void fake_room(struct fake *f, size_t len);
void fake_says(struct fake *f, unsigned news);

/* The guest's end of a connection. */
struct peer {
	struct world *w;
	struct peer *next;
	uint32_t host_port, guest_port;
	uint32_t alloc;    /* its window */
	uint32_t taken;    /* bytes its reader took; it takes all ... */
	bool stalled;      /* ... but not now */
	uint32_t sent;     /* bytes */
	uint32_t host_alloc, host_taken;
	size_t got;        /* bytes */
	bool wrong;        /* a byte that should not have been, or no credit */
	char log[WORLD_LOG]; /* a letter for each packet, see below */
};

/*
 * Packets as letters: q REQUEST, r RESPONSE, x RST, d RW, u CREDIT_UPDATE,
 * a CREDIT_REQUEST, 1 2 3 SHUTDOWN with these flags.  A run of d is one d.
 */
struct world {
	struct vsock *v;
	uint64_t now, alarm;
	uint8_t *room; /* for a batch */
	struct peer *peers;
	struct fake *next; /* that accept() gives out, once */
	unsigned accepts, wakes;
	bool woken;
	unsigned packets;   /* the guest got */
	unsigned strangers; /* ... for no peer */
	struct vsock_hdr last; /* of these */

	/* A guest of one's own may answer; or NULL. */
	void (*heard)(struct peer *p, const struct vsock_hdr *h);
	void (*stranger)(struct world *w, const struct vsock_hdr *h);
	bool wrong;
};

void world_init(struct world *w);
void world_fini(struct world *w);

/* Let everything go on until it comes to rest. */
void world_run(struct world *w);

/* At most one batch; how many packets the guest got. */
unsigned world_step(struct world *w, unsigned batch);

/* Time passes, and alarms come. */
void world_sleep(struct world *w, uint64_t ms);

void peer_init(struct peer *p, struct world *w, uint32_t host_port,
	       uint32_t guest_port);
void peer_leave(struct peer *p);
void peer_say(struct peer *p, unsigned op, unsigned flags);

/* So many bytes of the pattern, credit or not. */
void peer_send(struct peer *p, size_t len);
uint32_t peer_credit(const struct peer *p);

#endif
