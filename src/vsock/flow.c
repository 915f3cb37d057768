/* SPDX-License-Identifier: MIT */
/*
 * flow.c - between connections and their streams: bytes, news and ends.
 *
 * What the guest sends is offered to the stream out of the guest's own memory;
 * only what it does not take is copied.  Knows no packets.
 */
#include "base/container.h"
#include "vsock/mux.h"

enum { PIECES = 64 }; /* spans given to a stream at once */

/* ---- ends ------------------------------------------------------------- */

/* Is anything left to do for the stream?  If not, close it. */
static void settle(struct conn *c)
{
	if (!conn_rx_over(c) || !conn_tx_over(c))
		return;
	if (c->state == CONN_DRAINING) {
		mux_close(c, STREAM_DONE);
		mux_forget(c);
	} else if (c->state == CONN_OPEN) {
		unsigned flags = c->say;

		mux_close(c, STREAM_DONE);
		conn_enter(c, CONN_CLOSING);
		/*
		 * A guest that ended its half will close by itself.  One that
		 * may still send would not know that nobody listens.
		 */
		if (c->stream_deaf)
			flags = CONN_BOTH;
		mux_shutdown(c, flags);
		if (flags == CONN_BOTH)
			dial_alarm(c, c->mux->user.now(c->mux->user.ctx) +
					      MUX_CLOSE_NS);
	}
}

static void end(struct conn *c)
{
	if (!c->guest_done || c->ring.len || conn_rx_over(c))
		return;
	c->ended = true;
	c->stream->ops->end(c->stream);
}

void flow_deafen(struct conn *c)
{
	if (conn_tx_over(c))
		return;
	c->guest_deaf = true;
	list_remove(&c->ready);
	if (c->stream->ops->deaf)
		c->stream->ops->deaf(c->stream);
}

void flow_detach(struct conn *c)
{
	table_remove(&c->mux->table, c);
	list_remove(&c->talk);
	c->owes = 0;
	conn_enter(c, CONN_DRAINING);
	c->guest_done = true;
	flow_deafen(c);
	flow_move(c);
}

void flow_open(struct conn *c)
{
	conn_enter(c, CONN_OPEN);
	mux_shutdown(c, c->say); /* it may have become deaf meanwhile */
	mux_want(c);
}

/* ---- bytes to the stream ---------------------------------------------- */

/* Offer it a list; how many it took, or STREAM_ERROR. */
static ptrdiff_t offer(struct conn *c, const struct span *v, unsigned n,
		       size_t len)
{
	size_t off = 0;

	while (off < len && c->writable) {
		struct span part[PIECES];
		unsigned k = spans_slice(part, PIECES, v, n, off, len - off);
		ptrdiff_t got = c->stream->ops->write(c->stream, part, k);

		if (got == STREAM_AGAIN) {
			c->writable = false;
		} else if (got <= 0 || (size_t)got > spans_len(part, k)) {
			return STREAM_ERROR; /* or it says what cannot be */
		} else {
			conn_took(c, (size_t)got);
			off += (size_t)got;
		}
	}
	return (ptrdiff_t)off;
}

bool flow_flush(struct conn *c)
{
	struct span v[2];
	unsigned n = ring_peek(&c->ring, v);
	ptrdiff_t got = offer(c, v, n, c->ring.len);

	if (got < 0)
		return false;
	ring_drop(&c->ring, (size_t)got);
	mux_talk(c, 0);
	return true;
}

void flow_move(struct conn *c)
{
	if (!flow_flush(c)) {
		mux_reset(c, STREAM_RESET);
		return;
	}
	end(c);
	settle(c);
}

void flow_take(struct conn *c, const struct span *v, unsigned n, size_t len)
{
	ptrdiff_t got = 0;

	if (!c->stream || c->stream_deaf) {
		conn_took(c, len); /* on its way before we said so */
	} else {
		if (!c->ring.len)
			got = offer(c, v, n, len);
		if (got < 0 || !ring_put(&c->ring, c->window, v, n, (size_t)got,
					 len - (size_t)got)) {
			mux_reset(c, STREAM_RESET);
			return;
		}
	}
	mux_talk(c, 0);
}

/* ---- bytes from it ---------------------------------------------------- */

ptrdiff_t flow_read(struct conn *c, const struct span *v, unsigned n,
		    size_t len)
{
	ptrdiff_t got = c->stream->ops->read(c->stream, v, n);

	if (got > 0 && (size_t)got <= len) {
		c->sent += (uint32_t)got;
	} else if (got == STREAM_AGAIN) {
		c->readable = false;
	} else if (got == 0) {
		c->read_over = true;
		mux_shutdown(c, VSOCK_SHUTDOWN_SEND);
		settle(c);
	} else {
		mux_reset(c, STREAM_RESET);
		got = STREAM_ERROR; /* or it says what cannot be */
	}
	return got;
}

/* ---- news ------------------------------------------------------------- */

/* It takes no more: what waits for it, and what will come, is dropped. */
static void now_deaf(struct conn *c)
{
	if (conn_rx_over(c))
		return;
	c->stream_deaf = true;
	conn_took(c, c->ring.len);
	ring_fini(&c->ring);
	mux_talk(c, 0);
	mux_shutdown(c, VSOCK_SHUTDOWN_RCV);
}

static void act(struct conn *c)
{
	unsigned news = c->news;

	c->news = 0;
	if (news & STREAM_BROKEN) {
		mux_reset(c, STREAM_RESET);
		return;
	}
	if (news & STREAM_OPEN && c->state == CONN_OPENING) {
		c->mux->stats.opened[0]++;
		mux_talk(c, CONN_OWES_RESPONSE);
		flow_open(c);
	}
	if (news & STREAM_READ)
		c->readable = true;
	if (news & STREAM_WRITE)
		c->writable = true;
	if (news & STREAM_DEAF)
		now_deaf(c);
	mux_want(c);
	if (c->state == CONN_OPEN || c->state == CONN_DRAINING)
		flow_move(c);
}

void flow_work(struct vsock *v)
{
	struct list now;

	/* Only what is there: what they say meanwhile is for the next time. */
	list_take(&now, &v->work);
	while (!list_is_empty(&now)) {
		struct conn *c = container_of(now.next, struct conn, work);

		list_remove(&c->work);
		act(c);
	}
}
