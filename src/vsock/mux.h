/* SPDX-License-Identifier: MIT */
/*
 * mux.h - what the files of vsock.h share.
 *
 *	recv.c  packets from the guest
 *	flow.c  between a connection and its stream
 *	fill.c  packets for the guest
 *	dial.c  connections the host opens, and times
 *	vsock.c the whole: made, on, off, freed
 *
 * A connection may be in four queues: `talk` (it owes packets), `ready` (its
 * stream may be read and the guest has credit), `work` (its stream has news)
 * and `timed`.  Streams are called from these files only, and what they say
 * meanwhile goes to `work`; so no connection ends behind its caller's back,
 * but by the functions that say so.
 */
#ifndef VSOCK_MUX_H
#define VSOCK_MUX_H

#include "vsock/answers.h"
#include "vsock/conn.h"
#include "vsock/table.h"
#include "vsock/vsock.h"

/* Nanoseconds. */
#define MUX_CLOSE_NS    (UINT64_C(10) * 1000000000) /* to agree to a close */
#define MUX_ANSWER_NS   (UINT64_C(2) * 1000000000)  /* to a lone REQUEST */
#define MUX_PAUSE_NS    (UINT64_C(10) * 1000000)    /* after a refusal */
#define MUX_PAUSE_MAX_NS (UINT64_C(250) * 1000000)
#define MUX_NEVER       UINT64_MAX

struct vsock {
	struct vsock_user  user;
	uint64_t           cid;
	bool               up;     /* the driver is */
	bool               ending; /* none is opened any more */
	bool               filling; /* in vsock_fill(), which looks itself */
	struct list        all, talk, ready, work, timed;
	uint64_t           alarm;     /* what the user was last asked for */
	uint32_t           next_port; /* for connections the host opens */
	size_t             spare;     /* of the budget, after a small window
				       * for everybody */
	struct vsock_stats stats;
	struct answers     answers;
	struct table       table;
};

/* ---- connections (vsock.c) ---- */

/* One more, in the table; NULL: they are too many, or no memory. */
struct conn *mux_add(struct vsock *v, enum conn_state state,
		     uint32_t host_port, uint32_t guest_port);

/* Carry `s` from now on. */
void mux_carry(struct conn *c, struct stream *s);

/* Close its stream, if it is still there. */
void mux_close(struct conn *c, enum stream_why why);

/* Free it; the stream is closed. */
void mux_forget(struct conn *c);

/*
 * Close the stream, and have the guest told by an RST if it knows of this
 * connection.  It may be gone afterwards.
 */
void mux_reset(struct conn *c, enum stream_why why);

/* There is something for vsock_fill() to send. */
void mux_wake(struct vsock *v);

/* It owes something: have it sent. */
void mux_talk(struct conn *c, unsigned owes);

/* Say SHUTDOWN with what the guest was not told yet. */
void mux_shutdown(struct conn *c, unsigned flags);

/* Have it read if it may be, or ask for credit. */
void mux_want(struct conn *c);

/* ---- the stream's side (flow.c) ---- */

/* It is established: both directions may flow. */
void flow_open(struct conn *c);

/* `len` bytes from the guest, within credit.  May be gone afterwards. */
void flow_take(struct conn *c, const struct span *v, unsigned n, size_t len);

/*
 * Give the stream what waits; end and close it if that was all.  May be gone
 * afterwards.
 */
void flow_move(struct conn *c);

/*
 * The guest has closed: its ports are free, what it sent goes to the stream
 * still.  May be gone afterwards.
 */
void flow_detach(struct conn *c);

/* The guest takes no more. */
void flow_deafen(struct conn *c);

/* Offer what waits once; false: the stream is broken. */
bool flow_flush(struct conn *c);

/* The next bytes for the guest, into `v`: what the stream's read() said. */
ptrdiff_t flow_read(struct conn *c, const struct span *v, unsigned n,
		    size_t len);

/* Act upon what the streams said up to now. */
void flow_work(struct vsock *v);

/* ---- times, and the host's connections (dial.c) ---- */

void dial_alarm(struct conn *c, uint64_t ns); /* MUX_NEVER: none */

/* Send the REQUEST. */
void dial_ask(struct conn *c);

/* Wait for the driver. */
void dial_wait(struct conn *c);

/* The guest said RESPONSE, or RST.  May be gone afterwards. */
void dial_accepted(struct conn *c);
void dial_refused(struct conn *c);

#endif
