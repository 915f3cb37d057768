/* SPDX-License-Identifier: MIT */
/*
 * ring_private.h - what the files of a ring stream share.
 *
 * ring_stream.c is its life and the carrier's side, ring_calls.c what the
 * embedder calls, ring_detach.c how it becomes a socket.
 */
#ifndef ENDPOINT_RING_PRIVATE_H
#define ENDPOINT_RING_PRIVATE_H

#include "endpoint/ring_stream.h"
#include "net/sock_stream.h"
#include "vsock/ring.h"

enum ring_detach {
	RING_ATTACHED,
	RING_ASKED,    /* the loop thread is to make the socket */
	RING_DETACHED, /* it has, and carries that in place of the rings */
	RING_FAILED,   /* it could not; see detach_error */
};

struct ring_stream {
	/* loop thread; sock.sock is NULL before a detach */
	struct sock_stream sock;

	struct ring_stream_loop loop; /* constant; not used when orphaned */
	struct mutex mu;
	struct cond cond; /* something below has changed */
	struct task task;

	/* everything below: under mu */
	struct ring in, out; /* from the guest, to the guest */
	unsigned refs;       /* carrier, embedder, the task while queued */
	bool queued;
	bool orphaned;

	/* the connection */
	bool opened;
	bool over; /* the carrier has closed it, or the VM is gone */
	enum stream_why why; /* when it is over */
	bool in_end;         /* the guest sends no more */
	bool deaf;           /* the guest takes no more */
	bool shut;           /* the embedder writes no more */

	/* what the carrier is owed */
	bool owes_read, owes_write;

	/* the embedder */
	bool closed;  /* it has let go */
	bool leaving; /* its reference is to be dropped, on the loop thread */
	bool starved; /* a write found too little room */
	microvm_stream_fn *fn;
	void *ctx;
	unsigned events; /* not told yet */
	bool told_all;   /* fn has been told that it is over */
	bool calling;    /* fn runs, on `caller` */
	unsigned calls;
	struct thread caller;

	enum ring_detach detach;
	int detach_fd, detach_rc;
	mv_error detach_error;
};

/* With mu held, unless it says else. */

/* Have the loop thread look at it, unless there is none any more. */
void ring_stream_post(struct ring_stream *r);

/* Something happened that the embedder's function may want to know. */
void ring_stream_event(struct ring_stream *r, unsigned events);

/* What holds now, of the events that are states. */
unsigned ring_stream_level(const struct ring_stream *r);

/* How it ended: a negated code; also of one that ended in order. */
int ring_stream_code(const struct ring_stream *r);

/* Wait until the call of `fn` that runs is over; in itself it does not. */
void ring_stream_await_call(struct ring_stream *r);

/* The embedder's reference is no longer needed.  Lets go of mu. */
void ring_stream_leave(struct ring_stream *r);

/* The carrier has closed it: drops its reference.  Takes mu itself. */
void ring_stream_over(struct ring_stream *r, enum stream_why why);

/* Bytes that still fit; and some taken out. */
size_t ring_stream_room(const struct ring *ring);
size_t ring_stream_take(struct ring *ring, const struct span *v, unsigned n);

/* ---- ring_detach.c ---------------------------------------------------- */

/* Loop thread, without mu: somebody asked, and may be waiting. */
void ring_stream_detach_now(struct ring_stream *r);

#endif
