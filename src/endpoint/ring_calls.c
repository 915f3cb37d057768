/* SPDX-License-Identifier: MIT */
/*
 * ring_calls.c - a ring stream's side of the embedder, on any thread.
 *
 * Knows the rings and the lock, and leaves what concerns the guest to the loop
 * thread.
 */
#include "base/container.h"
#include "endpoint/ring_private.h"
#include "os/time.h"

/* ---- waiting ---------------------------------------------------------- */

struct wait {
	uint32_t ms;
	bool begun;
	uint64_t until; /* once begun */
};

static bool on_loop(const struct ring_stream *r)
{
	return !r->orphaned && r->loop.is_self(r->loop.ctx);
}

/* Wait for a change; 0, or a negated code when there is no more time. */
static int wait_more(struct ring_stream *r, struct wait *w)
{
	uint64_t now;

	if (!w->ms)
		return -MICROVM_EAGAIN;
	/* It would wait for what only this thread can do. */
	if (on_loop(r))
		return -MICROVM_ESTATE;
	if (w->ms == MICROVM_FOREVER) {
		cond_wait(&r->cond, &r->mu);
		return 0;
	}
	now = time_mono_ns();
	if (!w->begun)
		w->until = now + (uint64_t)w->ms * 1000000;
	w->begun = true;
	if (now >= w->until)
		return -MICROVM_ETIMEDOUT;
	/* Too early is found out by the clock. */
	(void)cond_wait_for(&r->cond, &r->mu, w->until - now);
	return 0;
}

void ring_stream_await_call(struct ring_stream *r)
{
	unsigned call = r->calls;

	while (r->calling && r->calls == call && !thread_is_self(&r->caller))
		cond_wait(&r->cond, &r->mu);
}

/* ---- opening ---------------------------------------------------------- */

static int why_not(const struct ring_stream *r, mv_error *err)
{
	static const struct {
		const char *msg, *hint;
	} words[] = {
		[STREAM_DONE] = { "the connection has ended", "" },
		[STREAM_RESET] = { "the guest reset the connection", "" },
		[STREAM_REFUSED] = { "nobody in the guest listens there",
				     "start what listens in the guest, or wait "
				     "longer for it" },
		[STREAM_TIMEOUT] = { "the guest did not answer in time",
				     "wait until its vsock driver works "
				     "(MICROVM_EVENT_VSOCK_UP), or longer" },
		[STREAM_GONE] = { "the VM or its vsock driver went away", "" },
	};
	int rc = ring_stream_code(r);

	rc = fail(err, (enum microvm_code) - rc, "%s", words[r->why].msg);
	return fail_hint(err, rc, "%s", words[r->why].hint);
}

int ring_stream_wait_open(struct ring_stream *r, uint32_t ms, mv_error *err)
{
	struct wait w = { .ms = ms };
	int rc = 0;

	mutex_lock(&r->mu);
	while (!rc && !r->opened && !r->over)
		rc = wait_more(r, &w);
	if (r->opened)
		rc = 0;
	else if (r->over)
		rc = why_not(r, err);
	else if (rc == -MICROVM_ESTATE)
		rc = fail_hint(err,
			       fail(err, MICROVM_ESTATE,
				    "waiting for a connection in a callback"),
			       "wait on another thread, or for "
			       "MICROVM_STREAM_OPENED");
	else
		rc = fail(err, (enum microvm_code) - rc,
			  "the guest has not accepted after %u ms",
			  (unsigned)ms);
	mutex_unlock(&r->mu);
	return rc;
}

/* ---- bytes ------------------------------------------------------------ */

ptrdiff_t ring_stream_read(struct ring_stream *r, void *buf, size_t len,
			   uint32_t ms)
{
	const struct span v = { buf, len };
	struct wait w = { .ms = ms };
	ptrdiff_t got = 0;

	if (!len)
		return 0;
	mutex_lock(&r->mu);
	do {
		if (r->detach != RING_ATTACHED) {
			got = -MICROVM_ESTATE;
			break;
		}
		got = (ptrdiff_t)ring_stream_take(&r->in, &v, 1);
		if (got || r->in_end)
			break;
		got = r->over ? ring_stream_code(r) : wait_more(r, &w);
	} while (!got);
	if (r->owes_write && ring_stream_room(&r->in) >= RING_STREAM_ROOM / 2)
		ring_stream_post(r);
	mutex_unlock(&r->mu);
	return got;
}

/* Some of it, if there is room; 0: none. */
static ptrdiff_t put(struct ring_stream *r, const void *buf, size_t len)
{
	/* A span lacks a const: the ring only reads it. */
	union {
		const void *in;
		uint8_t *out;
	} p = { buf };
	const struct span v = { p.out, len };
	size_t room = ring_stream_room(&r->out), n = len < room ? len : room;

	if (n < len)
		r->starved = true;
	if (!ring_put(&r->out, RING_STREAM_ROOM, &v, 1, 0, n))
		return -MICROVM_ENOMEM;
	if (n && r->owes_read)
		ring_stream_post(r);
	return (ptrdiff_t)n;
}

ptrdiff_t ring_stream_write(struct ring_stream *r, const void *buf, size_t len,
			    uint32_t ms)
{
	struct wait w = { .ms = ms };
	ptrdiff_t done = 0;

	if (!len)
		return 0;
	mutex_lock(&r->mu);
	do {
		if (r->detach != RING_ATTACHED || r->shut)
			done = -MICROVM_ESTATE;
		else if (r->over)
			done = ring_stream_code(r);
		else if (r->deaf)
			done = -MICROVM_ERESET;
		else
			done = put(r, buf, len);
		if (!done)
			done = wait_more(r, &w);
	} while (!done);
	mutex_unlock(&r->mu);
	return done;
}

int ring_stream_shutdown(struct ring_stream *r)
{
	int rc = 0;

	mutex_lock(&r->mu);
	if (r->detach != RING_ATTACHED)
		rc = -MICROVM_ESTATE;
	else if (!r->shut && r->over)
		rc = ring_stream_code(r);
	if (!rc) {
		r->shut = true;
		if (r->owes_read)
			ring_stream_post(r);
		cond_broadcast(&r->cond); /* whoever writes */
	}
	mutex_unlock(&r->mu);
	return rc;
}

/* ---- events and the end ----------------------------------------------- */

void ring_stream_set_events(struct ring_stream *r, microvm_stream_fn *fn,
			    void *ctx)
{
	mutex_lock(&r->mu);
	r->fn = fn;
	r->ctx = ctx;
	r->told_all = false;
	r->events &= MICROVM_STREAM_OPENED;
	ring_stream_event(r, ring_stream_level(r));
	ring_stream_await_call(r);
	mutex_unlock(&r->mu);
}

void ring_stream_close(struct ring_stream *r)
{
	mutex_lock(&r->mu);
	r->fn = NULL;
	ring_stream_await_call(r);
	r->closed = true;
	ring_fini(&r->in);
	ring_stream_leave(r);
}
