/* SPDX-License-Identifier: MIT */
/* recv.c - packets from the guest: virtio 1.2, 5.10.6. */
#include "base/container.h"
#include "vsock/mux.h"

static void violation(struct conn *c)
{
	c->mux->stats.bad++;
	mux_reset(c, STREAM_RESET);
}

/* ---- no connection ---------------------------------------------------- */

static void refuse(struct vsock *k, const struct vsock_hdr *h)
{
	k->stats.refused[0]++;
	answers_add(&k->answers, h);
	mux_wake(k);
}

static void welcome(struct vsock *k, const struct vsock_hdr *h)
{
	struct conn *c = mux_add(k, CONN_OPENING, h->dst_port, h->src_port);
	struct stream *s;

	if (!c) {
		refuse(k, h);
		return;
	}
	conn_heard(c, h);
	s = k->user.accept(k->user.ctx, h->dst_port, h->src_port);
	if (!s) {
		mux_forget(c);
		refuse(k, h);
		return;
	}
	mux_carry(c, s);
	if (s->opening)
		return;
	k->stats.opened[0]++;
	mux_talk(c, CONN_OWES_RESPONSE);
	flow_open(c);
}

static void stranger(struct vsock *k, const struct vsock_hdr *h)
{
	answers_add(&k->answers, h);
	if (h->op != VSOCK_OP_RST)
		mux_wake(k);
}

/* ---- one packet of a connection --------------------------------------- */

/*
 * The guest has closed and thinks the ports free once it has our RST: so that
 * does not wait for the stream.
 */
static void farewell(struct conn *c, const struct vsock_hdr *h)
{
	stranger(c->mux, h);
	if (c->state == CONN_OPEN) {
		flow_detach(c);
		return;
	}
	mux_close(c, STREAM_RESET);
	mux_forget(c);
}

static void on_response(struct conn *c, const struct vsock_hdr *h,
			const struct span *v, unsigned n)
{
	(void)h;
	(void)v;
	(void)n;
	if (c->state == CONN_ASKED && !(c->owes & CONN_OWES_REQUEST))
		dial_accepted(c);
	else
		violation(c);
}

static void on_rst(struct conn *c, const struct vsock_hdr *h,
		   const struct span *v, unsigned n)
{
	(void)h;
	(void)v;
	(void)n;
	if (c->state == CONN_ASKED) {
		if (!(c->owes & CONN_OWES_REQUEST))
			dial_refused(c);
	} else if (c->state == CONN_OPEN && c->guest_done) {
		flow_detach(c);
	} else {
		mux_close(c, STREAM_RESET);
		mux_forget(c);
	}
}

static void on_shutdown(struct conn *c, const struct vsock_hdr *h,
			const struct span *v, unsigned n)
{
	(void)v;
	(void)n;
	switch (c->state) {
	case CONN_OPENING: /* it does not want to wait any longer */
		farewell(c, h);
		return;
	case CONN_OPEN:
	case CONN_CLOSING: break;
	case CONN_WAITING:
	case CONN_ASKED:
	case CONN_DRAINING:
	case CONN_RESET:
	case CONN_STATES: violation(c); return;
	}
	c->heard |= h->flags & CONN_BOTH;
	if (c->heard == CONN_BOTH) {
		farewell(c, h);
		return;
	}
	if (c->heard & VSOCK_SHUTDOWN_SEND)
		c->guest_done = true;
	if (c->stream && c->heard & VSOCK_SHUTDOWN_RCV)
		flow_deafen(c);
	if (c->stream)
		flow_move(c);
}

static void on_rw(struct conn *c, const struct vsock_hdr *h,
		  const struct span *v, unsigned n)
{
	if ((c->state != CONN_OPEN && c->state != CONN_CLOSING) ||
	    c->guest_done || spans_len(v, n) != h->len ||
	    !conn_granted(c, h->len)) {
		violation(c);
		return;
	}
	c->mux->stats.bytes[0] += h->len;
	flow_take(c, v, n, h->len);
}

static void on_credit_update(struct conn *c, const struct vsock_hdr *h,
			     const struct span *v, unsigned n)
{
	(void)c; /* every packet is one: conn_heard() */
	(void)h;
	(void)v;
	(void)n;
}

static void on_credit_request(struct conn *c, const struct vsock_hdr *h,
			      const struct span *v, unsigned n)
{
	(void)h;
	(void)v;
	(void)n;
	/* Before that, a guest may hear of RESPONSE and RST alone. */
	if (c->state == CONN_OPEN || c->state == CONN_CLOSING)
		mux_talk(c, CONN_OWES_UPDATE);
}

static void (*const on_op[VSOCK_OPS])(struct conn *c, const struct vsock_hdr *h,
				      const struct span *v, unsigned n) = {
	[VSOCK_OP_RESPONSE] = on_response,
	[VSOCK_OP_RST] = on_rst,
	[VSOCK_OP_SHUTDOWN] = on_shutdown,
	[VSOCK_OP_RW] = on_rw,
	[VSOCK_OP_CREDIT_UPDATE] = on_credit_update,
	[VSOCK_OP_CREDIT_REQUEST] = on_credit_request,
};

static void dispatch(struct conn *c, const struct vsock_hdr *h,
		     const struct span *v, unsigned n)
{
	if (c->state == CONN_RESET && h->op != VSOCK_OP_RST)
		return; /* sent before it knew */
	conn_heard(c, h);
	mux_want(c); /* there may be credit now */
	/* A second REQUEST is as wrong as an op that does not exist. */
	if (h->op < LEN(on_op) && on_op[h->op])
		on_op[h->op](c, h, v, n);
	else
		violation(c);
}

void vsock_recv(struct vsock *k, const struct vsock_hdr *h,
		const struct span *v, unsigned n)
{
	struct conn *c;

	if (!k->up)
		return;
	k->stats.packets[0]++;
	if (h->src_cid != k->cid) {
		k->stats.bad++; /* whoever would get an answer did not ask */
		return;
	}
	if (h->dst_cid != VSOCK_CID_HOST || h->type != VSOCK_TYPE_STREAM) {
		k->stats.bad++;
		stranger(k, h); /* 5.10.6.4.2 */
		return;
	}
	c = table_find(&k->table, h->dst_port, h->src_port);
	if (!c && h->op == VSOCK_OP_REQUEST)
		welcome(k, h);
	else if (!c || c->state == CONN_WAITING)
		stranger(k, h); /* which may be an answer that came too late */
	else
		dispatch(c, h, v, n);
}
