/* SPDX-License-Identifier: MIT */
/*
 * fill.c - packets for the guest.
 *
 * Resets to nobody first, then what connections owe, then bytes, each
 * connection in its turn.
 */
#include "base/container.h"
#include "base/num.h"
#include "vsock/mux.h"

enum {
	PACKETS = 64, /* that one turn may use */
	PIECES = 64,  /* spans of them */
};

/* The room of some packets, as one list for a stream to read into. */
struct room {
	struct span v[PIECES];
	unsigned pieces, packets;
	size_t len, of[PACKETS];
};

static void gather(struct room *r, const struct vsock_packet *p, unsigned n,
		   size_t max)
{
	r->pieces = r->packets = 0;
	r->len = 0;
	while (r->packets < n && r->packets < PACKETS && r->len < max) {
		struct span *v = r->v + r->pieces;
		unsigned k = spans_slice(v, PIECES - r->pieces, p[r->packets].v,
					 p[r->packets].n, 0, max - r->len);
		size_t len = spans_len(v, k);

		if (!len)
			break;
		r->of[r->packets++] = len;
		r->pieces += k;
		r->len += len;
	}
}

/* Its turn; how many packets were used.  It is in no queue. */
static unsigned serve(struct conn *c, struct vsock_packet *p, unsigned n)
{
	struct vsock *v = c->mux;
	bool alone = list_is_empty(&v->ready);
	struct room room;
	unsigned used = 0;
	ptrdiff_t got;
	size_t left;

	gather(&room, p, n,
	       min_u64(conn_credit(c), alone ? VSOCK_TURN_ALONE : VSOCK_TURN));
	if (!room.packets) {
		/* Room for a header alone: of some use, so we get on. */
		p->hdr = conn_header(c, VSOCK_OP_CREDIT_UPDATE, v->cid);
		mux_want(c);
		return 1;
	}
	got = flow_read(c, room.v, room.pieces, room.len);
	if (got <= 0)
		return 0;
	v->stats.bytes[1] += (uint64_t)got;
	for (left = (size_t)got; left; used++) {
		uint32_t len = (uint32_t)min_u64(left, room.of[used]);

		p[used].hdr = conn_header(c, VSOCK_OP_RW, v->cid);
		p[used].hdr.len = len;
		left -= len;
	}
	mux_want(c);
	return used;
}

/* The first packet it owes; it does owe one. */
static void say(struct conn *c, struct vsock_hdr *h)
{
	static const uint8_t op[] = {
		VSOCK_OP_RST,
		VSOCK_OP_REQUEST,
		VSOCK_OP_RESPONSE,
		VSOCK_OP_CREDIT_UPDATE,
		VSOCK_OP_CREDIT_REQUEST,
		VSOCK_OP_SHUTDOWN,
	};
	unsigned i = 0;

	while (!(c->owes & 1u << i))
		i++;
	c->owes &= ~(1u << i);
	*h = conn_header(c, op[i], c->mux->cid);
	if (op[i] == VSOCK_OP_SHUTDOWN)
		h->flags = c->said = c->say;
	if (op[i] == VSOCK_OP_RST)
		mux_forget(c);
	else if (!c->owes)
		list_remove(&c->talk);
	else
		list_append(&c->mux->talk, &c->talk);
}

bool vsock_has_data(const struct vsock *v)
{
	return !list_is_empty(&v->ready);
}

unsigned vsock_fill(struct vsock *v, struct vsock_packet *p, unsigned n)
{
	unsigned i = 0;

	v->filling = true;
	flow_work(v);
	while (v->up && i < n) {
		if (answers_take(&v->answers, &p[i].hdr)) {
			i++;
		} else if (!list_is_empty(&v->talk)) {
			say(container_of(v->talk.next, struct conn, talk),
			    &p[i++].hdr);
		} else if (!list_is_empty(&v->ready)) {
			struct conn *c =
				container_of(v->ready.next, struct conn, ready);

			list_remove(&c->ready);
			i += serve(c, p + i, n - i);
		} else {
			break;
		}
	}
	v->filling = false;
	v->stats.packets[1] += i;
	return i;
}
