/* SPDX-License-Identifier: MIT */
/*
 * conn.h - one connection: its state, its credit, what it owes the guest.
 *
 * Pure bookkeeping: calls no stream and sends nothing.
 *
 * How it goes
 *
 *	by the guest                      by the host
 *	REQUEST: accept()                 vsock_connect()
 *	   |        \ stream.opening         |
 *	   |      OPENING                 WAITING <-----+ RST: again, later
 *	   |        / STREAM_OPEN            | REQUEST  | or the driver left
 *	   v       v                         v          |
 *	       OPEN <----- RESPONSE ------ ASKED -------+
 *	   |       |       \
 *	   |       |        both ends over: stream closed,
 *	   |       |         the guest has still to agree: CLOSING
 *	   |       |                                         |
 *	   |     the guest closed; its bytes still go        |
 *	   |      to the stream: DRAINING                    |
 *	   |                        |                        |
 *	   +-- broken: RESET        +--> forgotten <---------+
 *	       (RST is owed), then forgotten
 *
 * A direction ends by itself: OPEN lasts until both have.  A DRAINING one is
 * in no table: for the guest its ports are free again.
 */
#ifndef VSOCK_CONN_H
#define VSOCK_CONN_H

#include "core/stream.h"
#include "base/list.h"
#include "vsock/packet.h"
#include "vsock/ring.h"

/*
 * Legal moves: WAITING to ASKED; ASKED to WAITING, OPEN; OPENING to OPEN; OPEN
 * to CLOSING, DRAINING; and all but DRAINING and WAITING, of which the guest
 * knows nothing, to RESET.  Any of them may be forgotten.
 */
enum conn_state {
	CONN_WAITING,  /* the host's: for the driver, or for the next try */
	CONN_ASKED,    /* the host's: REQUEST is owed or was sent */
	CONN_OPENING,  /* the guest's: its stream is not ready */
	CONN_OPEN,     /* bytes may go, in directions that have not ended */
	CONN_CLOSING,  /* the stream is closed, the guest has to say so too */
	CONN_DRAINING, /* the guest is done, the stream still takes bytes */
	CONN_RESET,    /* the stream is closed, RST is owed */
	CONN_STATES,
};

/* Packets to be sent, in this order. */
enum conn_owes {
	CONN_OWES_RST = 1 << 0, /* and nothing else after it */
	CONN_OWES_REQUEST = 1 << 1,
	CONN_OWES_RESPONSE = 1 << 2,
	CONN_OWES_UPDATE = 1 << 3,  /* our credit is news */
	CONN_OWES_ASK = 1 << 4,     /* the guest's credit is wanted */
	CONN_OWES_SHUTDOWN = 1 << 5,
};

enum {
	CONN_BOTH = VSOCK_SHUTDOWN_RCV | VSOCK_SHUTDOWN_SEND,
};

struct vsock;

struct conn {
	struct vsock   *mux;
	struct stream  *stream; /* NULL: closed */
	enum conn_state state;
	uint32_t        host_port, guest_port;
	struct conn    *chain; /* the table's */

	/* Queues of the mux; see mux.h. */
	struct list all, talk, ready, work, timed;

	unsigned news; /* enum stream_news, not yet acted upon */
	unsigned owes; /* enum conn_owes */
	unsigned say;  /* VSOCK_SHUTDOWN_... of ours */
	unsigned said; /* ... that the guest was told */
	unsigned heard; /* ... of the guest's */

	/* Guest to host. */
	struct ring ring;       /* what the stream has not taken */
	uint32_t    window;     /* as large as that may get: our buf_alloc */
	size_t      extra;      /* of it, from what the mux may spend */
	uint32_t    taken;      /* bytes, modulo 2^32: our fwd_cnt */
	uint32_t    taken_told; /* ... as the guest knows it */
	bool        writable;   /* the stream did not say STREAM_AGAIN */
	bool        guest_done; /* SHUTDOWN: sends no more */
	bool        ended;      /* end() was called */
	bool        stream_deaf;

	/* Host to guest. */
	uint32_t peer_alloc, peer_taken; /* the guest's words */
	uint32_t sent;                   /* bytes, modulo 2^32 */
	bool     readable;               /* as writable */
	bool     asked;                  /* for credit, since it ran out */
	bool     read_over;              /* read() returned 0 */
	bool     guest_deaf;             /* SHUTDOWN: receives no more */

	/* Times, nanoseconds; UINT64_MAX: never. */
	uint64_t due;     /* when to look at it again */
	uint64_t until;   /* connecting ends */
	uint64_t pause;   /* between tries */
	bool     once;    /* no second try */
	bool     refused; /* the last try was */
};

/* The one function that moves. */
void conn_enter(struct conn *c, enum conn_state to);

/* Bytes the guest has room for; 0 when its words make no sense. */
uint32_t conn_credit(const struct conn *c);

/* A packet of the guest's tells its credit. */
void conn_heard(struct conn *c, const struct vsock_hdr *h);

/* Is a payload of `len` within what we granted? */
bool conn_granted(const struct conn *c, size_t len);

/* `len` bytes left the window.  May owe the guest an update. */
void conn_took(struct conn *c, size_t len);

/* May read() be called, were there credit? */
bool conn_wants(const struct conn *c);

/* Has the direction ended? */
bool conn_rx_over(const struct conn *c);
bool conn_tx_over(const struct conn *c);

/* A header of it, which tells the guest our credit. */
struct vsock_hdr conn_header(struct conn *c, enum vsock_op op,
			     uint64_t guest_cid);

#endif
