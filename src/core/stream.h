/* SPDX-License-Identifier: MIT */
/*
 * stream.h - the host's end of a connection with the guest.
 *
 * Two parties.  The carrier (vsock) moves bytes between the guest's buffers
 * and a stream; the stream is a socket, a proxy session, a ring read by the
 * embedder.  The carrier pulls: it calls read() when the guest has room for
 * more and write() when the guest sent something, each time with the guest's
 * own buffers, so that a socket fills or drains them with no copy between.
 *
 * A stream that said STREAM_AGAIN owes one stream_ready() for that direction
 * once it would do better; it may call that more often, and from inside its
 * own operations.  All of it happens on the VM's loop thread.
 *
 * How each direction ends.  Host to guest: read() returns 0, and is not called
 * again.  Guest to host: end() is called once, after write() has taken every
 * byte.  When both have ended, or the connection failed, the carrier calls
 * close(): the last call, after which neither touches the other.  A stream
 * never frees itself before that.
 */
#ifndef CORE_STREAM_H
#define CORE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct stream;

/* What read() and write() return when no byte was moved. */
enum {
	STREAM_AGAIN = -1, /* not now: stream_ready() will tell */
	STREAM_ERROR = -2, /* it is broken: the guest gets a reset */
};

/* Why a connection is over. */
enum stream_why {
	STREAM_DONE,    /* both directions ended in order */
	STREAM_RESET,   /* the guest reset it, or it was reset by us */
	STREAM_REFUSED, /* nobody in the guest listens on that port */
	STREAM_TIMEOUT, /* the guest did not answer in time */
	STREAM_GONE,    /* the guest's driver or the VM went away */
};

struct stream_ops {
	/*
	 * Fill `v`, from its start, with bytes for the guest.  How many, at
	 * least 1; 0: there will be no more; or STREAM_AGAIN, STREAM_ERROR.
	 */
	ptrdiff_t (*read)(struct stream *s, const struct span *v, unsigned n);

	/* Take bytes the guest sent.  How many, at least 1; or as above. */
	ptrdiff_t (*write)(struct stream *s, const struct span *v, unsigned n);

	/* The guest sends no more; everything it sent has been taken. */
	void (*end)(struct stream *s);

	/* The guest takes no more: read() is not called again.  Or NULL. */
	void (*deaf)(struct stream *s);

	/* The guest accepted a connection that the host opened.  Or NULL. */
	void (*opened)(struct stream *s);

	/* It is over; frees the stream. */
	void (*close)(struct stream *s, enum stream_why why);
};

/* What a stream tells its carrier. */
enum stream_news {
	STREAM_READ = 1 << 0,   /* read() is worth a try */
	STREAM_WRITE = 1 << 1,  /* write() is worth a try */
	STREAM_OPEN = 1 << 2,   /* it is no longer `opening` */
	STREAM_DEAF = 1 << 3,   /* it takes no more: write() would fail */
	STREAM_BROKEN = 1 << 4, /* reset the connection */
};

struct stream {
	const struct stream_ops *ops;

	/*
	 * Of a connection the guest opened: the guest gets its answer later,
	 * with STREAM_OPEN or STREAM_BROKEN.  Cleared by stream_ready().
	 */
	bool opening;

	/* The carrier's; NULL while nobody carries it. */
	void (*ready)(struct stream *s, unsigned news);
	void *carrier;
};

/* Tell the carrier `news`, a sum of enum stream_news. */
static inline void stream_ready(struct stream *s, unsigned news)
{
	if (news & STREAM_OPEN)
		s->opening = false;
	if (s->ready)
		s->ready(s, news);
}

#endif
