/* SPDX-License-Identifier: MIT */
/*
 * link_calls.c - what the embedder asks of a link, from any thread.
 *
 * Each call is done on the loop thread, where the link lives, and waited for;
 * there, nothing in it blocks.  Streams in the embedder's hands may outlive
 * the loop: the link keeps a list of them and cuts them off at its end.
 */
#include "vm/link.h"

#include <stdlib.h>

#include "base/container.h"
#include "os/time.h"

static int check(const struct link *l, mv_error *err)
{
	if (l->present)
		return 0;
	return fail_hint(
		err, fail(err, MICROVM_ENOTSUP, "this VM has no vsock device"),
		"give it one: microvm_config_set_vsock");
}

static int ended(mv_error *err)
{
	return fail(err, MICROVM_ESTATE, "the VM has ended");
}

/* ---- streams in the embedder's hands ---------------------------------- */

static void post(void *ctx, struct task *t)
{
	struct link *l = ctx;

	loop_post(l->loop, t);
}

static bool is_self(void *ctx)
{
	const struct link *l = ctx;

	return loop_is_self(l->loop);
}

static void gone(void *ctx, struct ring_stream *r)
{
	struct link *l = ctx;
	size_t i;

	mutex_lock(&l->mu);
	for (i = 0; i < l->streams; i++) {
		if (l->stream[i] == r) {
			l->stream[i] = l->stream[--l->streams];
			break;
		}
	}
	mutex_unlock(&l->mu);
}

/* Under l->mu. */
static bool grow(struct link *l)
{
	size_t room = l->stream_room ? 2 * l->stream_room : 16;
	struct ring_stream **more;

	if (l->streams < l->stream_room)
		return true;
	more = realloc(l->stream, room * sizeof(struct ring_stream *));
	if (!more)
		return false;
	l->stream = more;
	l->stream_room = room;
	return true;
}

static int new_stream(struct link *l, bool opened, struct ring_stream **out,
		      mv_error *err)
{
	const struct ring_stream_loop loop = {
		.post = post,
		.is_self = is_self,
		.gone = gone,
		.uv = &l->loop->uv,
		.ctx = l,
	};
	struct ring_stream *r = NULL;
	int rc;

	mutex_lock(&l->mu);
	if (l->closed)
		rc = ended(err);
	else if (!grow(l))
		rc = fail(err, MICROVM_ENOMEM, "no memory for a stream");
	else
		rc = ring_stream_new(&loop, opened, &r, err);
	if (!rc)
		l->stream[l->streams++] = r;
	mutex_unlock(&l->mu);
	*out = r;
	return rc;
}

/* One at a time: whoever is cut off may let go of its last reference. */
void link_drop_streams(struct link *l)
{
	mutex_lock(&l->mu);
	l->closed = true;
	while (l->streams)
		ring_stream_orphan(l->stream[--l->streams]);
	mutex_unlock(&l->mu);
	free(l->stream);
	l->stream = NULL;
	l->stream_room = 0;
}

/* ---- opening ---------------------------------------------------------- */

struct opening {
	struct link *l;
	struct ring_stream *stream;
	uint32_t port;
	uint64_t until;
	mv_error *err;
	int rc;
};

static void open_now(void *arg)
{
	struct opening *o = arg;

	if (!o->l->vsock || o->l->over)
		o->rc = ended(o->err);
	else
		o->rc = vsock_connect(o->l->vsock, o->port,
				      ring_stream_stream(o->stream), o->until,
				      o->err);
}

static uint64_t deadline(uint32_t ms)
{
	if (!ms)
		return 0;
	if (ms == MICROVM_FOREVER)
		return UINT64_MAX;
	return time_mono_ns() + (uint64_t)ms * 1000000;
}

/* The carrier lets go of a stream that it was not given, or refused. */
static void drop(struct ring_stream *r)
{
	struct stream *s = ring_stream_stream(r);

	s->ops->close(s, STREAM_REFUSED);
}

int link_open(struct link *l, uint32_t port, uint32_t ms, microvm_stream_fn *fn,
	      void *ctx, struct ring_stream **out, mv_error *err)
{
	struct opening o = { .l = l, .port = port, .err = err };
	int rc = check(l, err);

	if (!rc)
		rc = new_stream(l, false, &o.stream, err);
	if (rc)
		return rc;
	if (fn)
		ring_stream_set_events(o.stream, fn, ctx);
	o.until = deadline(ms);
	loop_call(l->loop, open_now, &o);
	if (!o.rc) {
		*out = o.stream;
		return 0;
	}
	ring_stream_set_events(o.stream, NULL, NULL);
	drop(o.stream);
	ring_stream_close(o.stream);
	return o.rc;
}

int link_connect(struct link *l, uint32_t port, uint32_t ms,
		 struct ring_stream **out, mv_error *err)
{
	struct ring_stream *r;
	int rc = check(l, err);

	if (!rc && loop_is_self(l->loop))
		rc = fail_hint(err,
			       fail(err, MICROVM_ESTATE,
				    "waiting for a connection in a callback"),
			       "call microvm_vsock_open");
	if (!rc)
		rc = link_open(l, port, ms, NULL, NULL, &r, err);
	if (rc)
		return rc;
	/* How long is the carrier's business: it ends the wait. */
	rc = ring_stream_wait_open(r, MICROVM_FOREVER, err);
	if (rc) {
		ring_stream_close(r);
		return fail_in(err, rc, "guest port %u", port);
	}
	*out = r;
	return 0;
}

/* ---- listening -------------------------------------------------------- */

struct link_listener {
	struct link *l;
	struct port port;
	microvm_accept_fn *fn;
	void *ctx;
	struct link_listener *next;

	/* of the call that makes it */
	mv_error *err;
	int rc;
};

static struct stream *on_accept(void *ctx, uint32_t port, uint32_t guest_port)
{
	struct link_listener *ll = ctx;
	struct ring_stream *r;

	(void)port;
	if (new_stream(ll->l, true, &r, NULL))
		return NULL;
	/* The callback may close the listener: nothing of it is used then. */
	if (!ll->fn(ll->ctx, (microvm_stream *)r, guest_port))
		return ring_stream_stream(r);
	drop(r);
	ring_stream_close(r);
	return NULL;
}

static void listen_now(void *arg)
{
	struct link_listener *ll = arg;

	if (!ll->l->vsock || ll->l->over)
		ll->rc = ended(ll->err);
	else
		ll->rc = ports_bind(&ll->l->ports, &ll->port, ll->err);
	if (ll->rc)
		return;
	ll->next = ll->l->listener;
	ll->l->listener = ll;
}

int link_listen(struct link *l, uint32_t port, microvm_accept_fn *fn, void *ctx,
		struct link_listener **out, mv_error *err)
{
	struct link_listener *ll;
	int rc = check(l, err);

	if (rc)
		return rc;
	ll = malloc(sizeof(*ll));
	if (!ll)
		return fail(err, MICROVM_ENOMEM, "no memory for a listener");
	*ll = (struct link_listener){
		.l = l,
		.port = { .number = port, .accept = on_accept, .ctx = ll },
		.fn = fn,
		.ctx = ctx,
		.err = err,
	};
	loop_call(l->loop, listen_now, ll);
	rc = ll->rc;
	if (rc) {
		free(ll);
		return rc;
	}
	*out = ll;
	return 0;
}

static void drop_listener(struct link_listener *ll)
{
	ports_unbind(&ll->l->ports, &ll->port);
	free(ll);
}

static void close_listener(void *arg)
{
	struct link_listener *ll = arg, **at = &ll->l->listener;

	while (*at != ll)
		at = &(*at)->next;
	*at = ll->next;
	drop_listener(ll);
}

void link_listener_close(struct link_listener *ll)
{
	loop_call(ll->l->loop, close_listener, ll);
}

void link_drop_listeners(struct link *l)
{
	struct link_listener *ll = l->listener;

	while (ll) {
		struct link_listener *next = ll->next;

		drop_listener(ll);
		ll = next;
	}
	l->listener = NULL;
}

/* ---- the agent and the proxy ------------------------------------------ */

struct asking {
	struct link *l;
	uint64_t flow;
	enum microvm_verdict verdict;
	mv_error *err;
	int rc;
};

static int ask(struct link *l, void (*fn)(void *arg), struct asking *a)
{
	int rc = check(l, a->err);

	if (rc)
		return rc;
	a->l = l;
	loop_call(l->loop, fn, a);
	return a->rc;
}

static void answer_now(void *arg)
{
	struct asking *a = arg;

	a->rc = a->l->proxy
			? proxy_answer(a->l->proxy, a->flow, a->verdict, a->err)
			: ended(a->err);
}

int link_answer(struct link *l, uint64_t flow, enum microvm_verdict verdict,
		mv_error *err)
{
	struct asking a = { .flow = flow, .verdict = verdict, .err = err };

	return ask(l, answer_now, &a);
}

static void stop_now(void *arg)
{
	struct asking *a = arg;

	if (a->l->agent)
		agent_stop(a->l->agent);
	else
		a->rc = ended(a->err);
}

int link_stop(struct link *l, mv_error *err)
{
	struct asking a = { .err = err };

	return ask(l, stop_now, &a);
}

static void set_time_now(void *arg)
{
	struct asking *a = arg;

	if (a->l->agent)
		agent_set_time(a->l->agent);
	else
		a->rc = ended(a->err);
}

int link_set_time(struct link *l, mv_error *err)
{
	struct asking a = { .err = err };

	return ask(l, set_time_now, &a);
}

struct counting {
	const struct link *l;
	microvm_stats *stats;
};

static void count_now(void *arg)
{
	const struct counting *c = arg;
	struct vsock_stats v = c->l->moved;
	struct proxy_stats p = c->l->proxied;
	unsigned i;

	if (c->l->vsock)
		vsock_stats(c->l->vsock, &v);
	if (c->l->proxy)
		proxy_stats(c->l->proxy, &p);
	c->stats->streams_open = v.open;
	c->stats->flows = p.sessions;
	c->stats->flows_denied = p.denied;
	for (i = 0; i < 2; i++) {
		c->stats->streams[i] = v.opened[i];
		c->stats->stream_bytes[i] = v.bytes[i];
		c->stats->flow_bytes[i] = p.bytes[i];
	}
}

void link_stats(const struct link *l, microvm_stats *stats)
{
	struct counting c = { l, stats };

	if (l->present)
		loop_call(l->loop, count_now, &c);
}
