/* SPDX-License-Identifier: MIT */
/*
 * dial.c - connections the host opens, and everything that takes its time.
 *
 * A guest refuses a port nobody listens on yet in the same way as one nobody
 * ever will: so we ask again, with pauses that double.
 */
#include "base/container.h"
#include "base/num.h"
#include "vsock/mux.h"

/* ---- times ------------------------------------------------------------ */

static void want_alarm(struct vsock *v, uint64_t ns)
{
	if (ns >= v->alarm)
		return;
	v->alarm = ns;
	v->user.alarm(v->user.ctx, ns);
}

/* An alarm that is taken back comes all the same, and finds nothing due. */
void dial_alarm(struct conn *c, uint64_t ns)
{
	c->due = ns;
	if (ns == MUX_NEVER) {
		list_remove(&c->timed);
		return;
	}
	list_append(&c->mux->timed, &c->timed);
	want_alarm(c->mux, ns);
}

/* ---- connecting ------------------------------------------------------- */

void dial_ask(struct conn *c)
{
	conn_enter(c, CONN_ASKED);
	mux_talk(c, CONN_OWES_REQUEST);
	dial_alarm(c, c->until);
}

void dial_wait(struct conn *c)
{
	conn_enter(c, CONN_WAITING);
	c->owes = 0;
	c->pause = MUX_PAUSE_NS;
	list_remove(&c->talk);
	dial_alarm(c, c->until);
}

static void give_up(struct conn *c)
{
	c->mux->stats.refused[1]++;
	mux_close(c, c->refused ? STREAM_REFUSED : STREAM_TIMEOUT);
	mux_forget(c);
}

void dial_accepted(struct conn *c)
{
	dial_alarm(c, MUX_NEVER);
	c->mux->stats.opened[1]++;
	flow_open(c);
	if (c->stream->ops->opened)
		c->stream->ops->opened(c->stream);
}

void dial_refused(struct conn *c)
{
	uint64_t now = c->mux->user.now(c->mux->user.ctx);

	c->refused = true;
	if (c->once) {
		give_up(c);
		return;
	}
	conn_enter(c, CONN_WAITING);
	dial_alarm(c, min_u64(c->until, now + c->pause));
	c->pause = min_u64(2 * c->pause, MUX_PAUSE_MAX_NS);
}

/* One that no other connection has; they come round after 3 thousand million.
 */
static uint32_t take_port(struct vsock *v, uint32_t guest_port)
{
	uint32_t port;

	do {
		port = v->next_port;
		/* The last number means "any" to a guest. */
		v->next_port =
			port == UINT32_MAX - 1 ? VSOCK_EPHEMERAL : port + 1;
	} while (table_find(&v->table, port, guest_port));
	return port;
}

int vsock_connect(struct vsock *v, uint32_t port, struct stream *s,
		  uint64_t until, mv_error *err)
{
	struct conn *c;

	if (v->ending)
		return fail(err, MICROVM_ESTATE,
			    "vsock port %u: the VM is ending", port);
	c = mux_add(v, CONN_WAITING, take_port(v, port), port);
	if (!c)
		return fail_hint(err,
				 fail(err, MICROVM_ENOMEM,
				      "vsock port %u: %u connections are open",
				      port, v->stats.open),
				 "close connections that are not used");
	c->once = !until;
	c->pause = MUX_PAUSE_NS;
	c->until = until ? until : v->user.now(v->user.ctx) + MUX_ANSWER_NS;
	mux_carry(c, s);
	if (v->up)
		dial_ask(c);
	else
		dial_alarm(c, c->until);
	return 0;
}

/* ---- what has come ---------------------------------------------------- */

static void on_due(struct conn *c, uint64_t now)
{
	switch (c->state) {
	case CONN_WAITING:
		if (now >= c->until)
			give_up(c);
		else if (c->mux->up)
			dial_ask(c);
		else
			dial_alarm(c, c->until);
		return;
	case CONN_ASKED:
		/* No answer: not even of the last try. */
		c->refused = false;
		give_up(c);
		return;
	case CONN_CLOSING: mux_reset(c, STREAM_RESET); return;
	case CONN_OPENING:
	case CONN_OPEN:
	case CONN_DRAINING:
	case CONN_RESET:
	case CONN_STATES: dial_alarm(c, MUX_NEVER); return;
	}
}

void vsock_tick(struct vsock *v)
{
	uint64_t now = v->user.now(v->user.ctx);
	struct list timed;

	flow_work(v);
	v->alarm = MUX_NEVER;
	list_take(&timed, &v->timed);
	while (!list_is_empty(&timed)) {
		struct conn *c = container_of(timed.next, struct conn, timed);

		if (c->due <= now) {
			list_remove(&c->timed);
			on_due(c, now);
		} else {
			dial_alarm(c, c->due);
		}
	}
}
