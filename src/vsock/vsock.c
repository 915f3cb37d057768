/* SPDX-License-Identifier: MIT */
/*
 * vsock.c - all connections of a guest: who there is, who waits for what.
 *
 * Its parts are named in mux.h.
 */
#include "vsock/vsock.h"

#include <assert.h>
#include <stdlib.h>

#include "base/container.h"
#include "vsock/mux.h"

/* ---- windows ---------------------------------------------------------- */

/* Every connection there may be has a small window; this is for more. */
enum {
	SPARE = VSOCK_BUDGET - VSOCK_CONNS * VSOCK_WINDOW_SMALL,
	SHARES = 128, /* one gets this part of what is left, at most */
};

static_assert(SPARE / SHARES >= VSOCK_WINDOW,
	      "the first connection gets a full window");

/* So windows shrink as connections become many, and never run out. */
static size_t more_window(const struct vsock *v)
{
	size_t share = v->spare / SHARES;

	if (share <= VSOCK_WINDOW_SMALL)
		return 0;
	if (share > VSOCK_WINDOW)
		share = VSOCK_WINDOW;
	return share - VSOCK_WINDOW_SMALL;
}

static void give_back_window(struct conn *c)
{
	ring_fini(&c->ring);
	c->mux->spare += c->extra;
	c->extra = 0;
}

/* ---- connections ------------------------------------------------------ */

struct conn *mux_add(struct vsock *v, enum conn_state state, uint32_t host_port,
		     uint32_t guest_port)
{
	struct conn *c;

	if (v->stats.open >= VSOCK_CONNS)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->mux = v;
	c->state = state;
	c->host_port = host_port;
	c->guest_port = guest_port;
	c->extra = more_window(v);
	c->window = (uint32_t)(VSOCK_WINDOW_SMALL + c->extra);
	c->readable = c->writable = true; /* as far as we know */
	c->due = c->until = MUX_NEVER;
	v->spare -= c->extra;
	list_init(&c->all);
	list_init(&c->talk);
	list_init(&c->ready);
	list_init(&c->work);
	list_init(&c->timed);
	list_append(&v->all, &c->all);
	table_add(&v->table, c);
	v->stats.open++;
	return c;
}

static void on_news(struct stream *s, unsigned news)
{
	struct conn *c = s->carrier;

	c->news |= news;
	if (!list_is_empty(&c->work))
		return;
	list_append(&c->mux->work, &c->work);
	c->mux->user.wake(c->mux->user.ctx);
}

void mux_carry(struct conn *c, struct stream *s)
{
	c->stream = s;
	s->carrier = c;
	s->ready = on_news;
}

uint32_t vsock_host_port(const struct stream *s)
{
	const struct conn *c = s->carrier;

	return c->host_port;
}

void mux_close(struct conn *c, enum stream_why why)
{
	struct stream *s = c->stream;

	if (!s)
		return;
	c->stream = NULL;
	c->news = 0;
	list_remove(&c->work);
	list_remove(&c->ready);
	give_back_window(c);
	s->ready = NULL;
	s->carrier = NULL;
	s->ops->close(s, why);
}

void mux_forget(struct conn *c)
{
	assert(!c->stream);
	give_back_window(c);
	table_remove(&c->mux->table, c);
	list_remove(&c->all);
	list_remove(&c->talk);
	list_remove(&c->ready);
	list_remove(&c->work);
	list_remove(&c->timed);
	c->mux->stats.open--;
	free(c);
}

/* Does the guest think that there is a connection, or may it come to? */
static bool guest_knows(const struct conn *c)
{
	switch (c->state) {
	case CONN_ASKED: return !(c->owes & CONN_OWES_REQUEST);
	case CONN_OPENING:
	case CONN_OPEN:
	case CONN_CLOSING:
	case CONN_RESET: return true;
	case CONN_WAITING:
	case CONN_DRAINING:
	case CONN_STATES: break;
	}
	return false;
}

void mux_reset(struct conn *c, enum stream_why why)
{
	mux_close(c, why);
	if (!guest_knows(c)) {
		mux_forget(c);
		return;
	}
	if (c->state != CONN_RESET)
		conn_enter(c, CONN_RESET);
	dial_alarm(c, MUX_NEVER);
	c->owes = 0;
	mux_talk(c, CONN_OWES_RST);
}

void mux_wake(struct vsock *v)
{
	if (!v->filling)
		v->user.wake(v->user.ctx);
}

void mux_talk(struct conn *c, unsigned owes)
{
	c->owes |= owes;
	if (!c->owes || !list_is_empty(&c->talk))
		return;
	list_append(&c->mux->talk, &c->talk);
	mux_wake(c->mux);
}

void mux_shutdown(struct conn *c, unsigned flags)
{
	c->say |= flags;
	if ((c->state == CONN_OPEN || c->state == CONN_CLOSING) &&
	    c->say & ~c->said)
		mux_talk(c, CONN_OWES_SHUTDOWN);
}

void mux_want(struct conn *c)
{
	if (!conn_wants(c))
		return;
	if (conn_credit(c)) {
		if (list_is_empty(&c->ready)) {
			list_append(&c->mux->ready, &c->ready);
			mux_wake(c->mux);
		}
	} else {
		list_remove(&c->ready);
		if (!c->asked)
			mux_talk(c, CONN_OWES_ASK);
		c->asked = true;
	}
}

/* ---- the whole -------------------------------------------------------- */

int vsock_new(const struct vsock_user *user, uint64_t guest_cid,
	      struct vsock **out, mv_error *err)
{
	struct vsock *v = calloc(1, sizeof(*v));

	if (!v)
		return fail(err, MICROVM_ENOMEM, "vsock: no memory");
	v->user = *user;
	v->cid = guest_cid;
	v->spare = SPARE;
	v->alarm = MUX_NEVER;
	v->next_port = VSOCK_EPHEMERAL;
	/* Not for secrets: only nothing a guest can compute. */
	v->table.seed = user->now(user->ctx) ^ (uint64_t)(uintptr_t)v << 16;
	list_init(&v->all);
	list_init(&v->talk);
	list_init(&v->ready);
	list_init(&v->work);
	list_init(&v->timed);
	*out = v;
	return 0;
}

void vsock_free(struct vsock *v)
{
	struct list *l = v->all.next;

	v->ending = true; /* so a close() cannot make new ones */
	while (l != &v->all) {
		struct conn *c = container_of(l, struct conn, all);

		l = l->next;
		mux_close(c, STREAM_GONE);
		mux_forget(c);
	}
	if (v->alarm != MUX_NEVER)
		v->user.alarm(v->user.ctx, MUX_NEVER);
	free(v);
}

/* The guest knows nothing of this connection any more. */
static void drop(struct conn *c)
{
	switch (c->state) {
	case CONN_WAITING:
	case CONN_DRAINING: return; /* need no guest */
	case CONN_ASKED: dial_wait(c); return;
	case CONN_OPEN:
		c->writable = true; /* a last offer */
		if (!flow_flush(c))
			break; /* it is broken, and closed */
		if (c->guest_done) {
			flow_detach(c); /* it had no time for a farewell */
			return;
		}
		break;
	case CONN_OPENING:
	case CONN_CLOSING:
	case CONN_RESET:
	case CONN_STATES: break;
	}
	mux_close(c, STREAM_GONE);
	mux_forget(c);
}

void vsock_online(struct vsock *v, bool up)
{
	struct list all;

	if (v->up == up)
		return;
	v->up = up;
	v->answers.len = 0;
	list_take(&all, &v->all);
	while (!list_is_empty(&all)) {
		struct conn *c = container_of(all.next, struct conn, all);

		list_append(&v->all, &c->all);
		if (!up)
			drop(c);
		else if (c->state == CONN_WAITING)
			dial_ask(c);
	}
}

void vsock_end(struct vsock *v)
{
	struct list all;

	v->ending = true;
	vsock_online(v, false);
	list_take(&all, &v->all);
	while (!list_is_empty(&all)) {
		struct conn *c = container_of(all.next, struct conn, all);

		list_append(&v->all, &c->all);
		if (c->state == CONN_DRAINING)
			continue;
		mux_close(c, STREAM_GONE);
		mux_forget(c);
	}
}

bool vsock_can_recv(const struct vsock *v)
{
	return !answers_full(&v->answers);
}

void vsock_stats(const struct vsock *v, struct vsock_stats *out)
{
	struct list *l;

	*out = v->stats;
	for (l = v->all.next; l != &v->all; l = l->next)
		out->buffered += container_of(l, struct conn, all)->ring.len;
}
