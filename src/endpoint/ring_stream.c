/* SPDX-License-Identifier: MIT */
/*
 * ring_stream.c - two rings between the loop thread and the embedder's: their
 * life, and the side of the carrier.
 *
 * Who wakes whom.  The embedder's threads wait on `cond`.  The loop thread is
 * woken by the stream's one task, which is posted only when it has something
 * to do: the carrier found a ring empty or full and that has changed, the
 * embedder's function is to be called, or the embedder has let go.  The
 * carrier is told when half a ring is free, not for each byte.
 *
 * Who frees it.  References are counted: the carrier's, until close(); the
 * embedder's; and the task's while it is queued.  The embedder's is dropped by
 * the task, so that as long as there is a loop the last one goes on its
 * thread, where nobody can be looking at the list it is taken from.
 */
#include "endpoint/ring_stream.h"

#include <assert.h>
#include <stdlib.h>

#include "base/container.h"
#include "endpoint/ring_private.h"

static struct ring_stream *of(struct stream *s)
{
	return container_of(s, struct ring_stream, sock.stream);
}

size_t ring_stream_room(const struct ring *ring)
{
	return RING_STREAM_ROOM - ring->len;
}

size_t ring_stream_take(struct ring *ring, const struct span *v, unsigned n)
{
	struct span in[2];
	unsigned i, count = ring_peek(ring, in);
	size_t off = 0;

	for (i = 0; i < count; i++)
		off += spans_put(v, n, off, in[i].p, in[i].len);
	ring_drop(ring, off);
	return off;
}

void ring_stream_post(struct ring_stream *r)
{
	if (r->queued || r->orphaned)
		return;
	r->queued = true;
	r->refs++;
	/*
	 * With the lock held, so that none is posted once orphan() came back.
	 * Posting takes no lock and calls nobody.
	 */
	r->loop.post(r->loop.ctx, &r->task);
}

unsigned ring_stream_level(const struct ring_stream *r)
{
	unsigned level = 0;

	if (r->in.len || r->in_end || r->over)
		level |= MICROVM_STREAM_READABLE;
	if (r->over)
		level |= MICROVM_STREAM_CLOSED;
	else if (r->opened && !r->shut && ring_stream_room(&r->out))
		level |= MICROVM_STREAM_WRITABLE;
	return level;
}

void ring_stream_event(struct ring_stream *r, unsigned events)
{
	/* That it opened is kept for whoever asks first. */
	if (!r->fn)
		events &= MICROVM_STREAM_OPENED;
	r->events |= events;
	if (r->fn && r->events)
		ring_stream_post(r);
}

int ring_stream_code(const struct ring_stream *r)
{
	if (!r->opened && r->why == STREAM_REFUSED)
		return -MICROVM_EREFUSED;
	if (!r->opened && r->why == STREAM_TIMEOUT)
		return -MICROVM_ETIMEDOUT;
	return -MICROVM_ERESET;
}

/* ---- references ------------------------------------------------------- */

/* Drop `n` references and mu. */
static void unref(struct ring_stream *r, unsigned n)
{
	bool last, tell;

	assert(r->refs >= n);
	r->refs -= n;
	last = r->refs == 0;
	tell = !r->orphaned && r->loop.gone;
	mutex_unlock(&r->mu);
	if (!last)
		return;
	if (tell)
		r->loop.gone(r->loop.ctx, r);
	ring_fini(&r->in);
	ring_fini(&r->out);
	cond_fini(&r->cond);
	mutex_fini(&r->mu);
	free(r);
}

void ring_stream_leave(struct ring_stream *r)
{
	if (r->orphaned) {
		unref(r, 1);
		return;
	}
	r->leaving = true;
	ring_stream_post(r);
	mutex_unlock(&r->mu);
}

/* The connection is no more. */
static void end_now(struct ring_stream *r, enum stream_why why)
{
	if (r->over)
		return;
	r->over = true;
	r->why = why;
	ring_fini(&r->out);
	ring_stream_event(r, MICROVM_STREAM_CLOSED | MICROVM_STREAM_READABLE);
	cond_broadcast(&r->cond);
}

void ring_stream_orphan(struct ring_stream *r)
{
	mutex_lock(&r->mu);
	end_now(r, STREAM_GONE); /* posts, for the last time */
	r->orphaned = true;
	mutex_unlock(&r->mu);
}

void ring_stream_over(struct ring_stream *r, enum stream_why why)
{
	mutex_lock(&r->mu);
	end_now(r, why);
	unref(r, 1);
}

/* ---- the carrier's side ----------------------------------------------- */

static ptrdiff_t on_read(struct stream *s, const struct span *v, unsigned n)
{
	struct ring_stream *r = of(s);
	ptrdiff_t got;

	mutex_lock(&r->mu);
	got = (ptrdiff_t)ring_stream_take(&r->out, v, n);
	if (got) {
		cond_broadcast(&r->cond);
		if (r->starved &&
		    ring_stream_room(&r->out) >= RING_STREAM_ROOM / 2) {
			r->starved = false;
			ring_stream_event(r, MICROVM_STREAM_WRITABLE);
		}
	} else if (r->over) {
		got = STREAM_ERROR;
	} else if (!r->shut && !r->closed) {
		r->owes_read = true;
		got = STREAM_AGAIN;
	}
	mutex_unlock(&r->mu);
	return got;
}

static ptrdiff_t fill(struct ring_stream *r, const struct span *v, unsigned n)
{
	size_t room = ring_stream_room(&r->in), len = spans_len(v, n);
	bool was_empty = !r->in.len;

	if (!room) {
		r->owes_write = true;
		return STREAM_AGAIN;
	}
	if (len > room)
		len = room;
	if (!ring_put(&r->in, RING_STREAM_ROOM, v, n, 0, len))
		return STREAM_ERROR;
	cond_broadcast(&r->cond);
	if (was_empty)
		ring_stream_event(r, MICROVM_STREAM_READABLE);
	return (ptrdiff_t)len;
}

static ptrdiff_t on_write(struct stream *s, const struct span *v, unsigned n)
{
	struct ring_stream *r = of(s);
	ptrdiff_t put;

	mutex_lock(&r->mu);
	/* A reset before `out` is empty would take from the guest its own. */
	if (r->over || (r->closed && !r->out.len))
		put = STREAM_ERROR;
	else if (r->closed)
		put = (ptrdiff_t)spans_len(v, n);
	else
		put = fill(r, v, n);
	mutex_unlock(&r->mu);
	return put;
}

static void on_end(struct stream *s)
{
	struct ring_stream *r = of(s);

	mutex_lock(&r->mu);
	r->in_end = true;
	ring_stream_event(r, MICROVM_STREAM_READABLE);
	cond_broadcast(&r->cond);
	mutex_unlock(&r->mu);
}

static void on_deaf(struct stream *s)
{
	struct ring_stream *r = of(s);

	mutex_lock(&r->mu);
	r->deaf = true;
	ring_fini(&r->out);
	if (r->starved) { /* there is room, but the write says no */
		r->starved = false;
		ring_stream_event(r, MICROVM_STREAM_WRITABLE);
	}
	cond_broadcast(&r->cond);
	mutex_unlock(&r->mu);
}

static void on_opened(struct stream *s)
{
	struct ring_stream *r = of(s);

	mutex_lock(&r->mu);
	r->opened = true;
	ring_stream_event(r, MICROVM_STREAM_OPENED | MICROVM_STREAM_WRITABLE);
	cond_broadcast(&r->cond);
	mutex_unlock(&r->mu);
}

static void on_close(struct stream *s, enum stream_why why)
{
	ring_stream_over(of(s), why);
}

static const struct stream_ops ops = {
	.read = on_read,
	.write = on_write,
	.end = on_end,
	.deaf = on_deaf,
	.opened = on_opened,
	.close = on_close,
};

/* ---- on the loop thread ----------------------------------------------- */

/* Which news the carrier is owed; mu held. */
static unsigned take_news(struct ring_stream *r)
{
	unsigned news = 0;

	if (r->over || r->detach == RING_DETACHED)
		return 0;
	/* Nobody waits for the guest any more, and there is nothing to say. */
	if (r->closed && !r->opened && !r->out.len)
		return STREAM_BROKEN;
	if (r->owes_read && (r->out.len || r->shut || r->closed)) {
		r->owes_read = false;
		news |= STREAM_READ;
	}
	if (r->owes_write &&
	    (r->closed || ring_stream_room(&r->in) >= RING_STREAM_ROOM / 2)) {
		r->owes_write = false;
		news |= STREAM_WRITE;
	}
	return r->closed ? news | STREAM_DEAF : news;
}

/* Call the embedder's function, mu held but for the call. */
static void tell(struct ring_stream *r)
{
	microvm_stream_fn *fn = r->fn;
	unsigned events = r->events;
	void *ctx = r->ctx;

	/* What was read or filled again meanwhile is no news. */
	events &= ring_stream_level(r) | MICROVM_STREAM_OPENED;
	if (!fn || r->told_all)
		return;
	r->events = 0;
	if (!events)
		return;
	r->told_all = events & MICROVM_STREAM_CLOSED;
	r->calling = true;
	r->calls++;
	r->caller = thread_self();
	mutex_unlock(&r->mu);
	fn(ctx, (microvm_stream *)r, events);
	mutex_lock(&r->mu);
	r->calling = false;
	cond_broadcast(&r->cond);
}

static void run(struct task *t)
{
	struct ring_stream *r = container_of(t, struct ring_stream, task);
	unsigned news, refs = 1; /* this task's */

	mutex_lock(&r->mu);
	r->queued = false;
	if (r->detach == RING_ASKED) {
		mutex_unlock(&r->mu);
		ring_stream_detach_now(r);
		mutex_lock(&r->mu);
	}
	news = take_news(r);
	mutex_unlock(&r->mu);
	if (news)
		stream_ready(&r->sock.stream, news);
	mutex_lock(&r->mu);
	tell(r);
	if (r->leaving) {
		r->leaving = false;
		refs++;
	}
	unref(r, refs);
}

int ring_stream_new(const struct ring_stream_loop *loop, bool opened,
		    struct ring_stream **out, mv_error *err)
{
	struct ring_stream *r = malloc(sizeof(*r));
	int rc;

	if (!r)
		return fail(err, MICROVM_ENOMEM, "no memory for a stream");
	*r = (struct ring_stream){
		.sock.stream.ops = &ops,
		.loop = *loop,
		.task.run = run,
		.refs = 2, /* the carrier's and the embedder's */
		.opened = opened,
	};
	rc = mutex_init(&r->mu, err);
	if (rc)
		goto out_mem;
	rc = cond_init(&r->cond, err);
	if (rc)
		goto out_mu;
	*out = r;
	return 0;
out_mu:
	mutex_fini(&r->mu);
out_mem:
	free(r);
	return rc;
}

struct stream *ring_stream_stream(struct ring_stream *r)
{
	return &r->sock.stream;
}
