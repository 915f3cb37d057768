/* SPDX-License-Identifier: MIT */
/* conn.c - state and credit of one connection. */
#include "vsock/conn.h"

#include <assert.h>

#include "base/container.h"
#include "vsock/vsock.h"

#define TO(state) (1u << CONN_##state)

static const unsigned moves[] = {
	[CONN_WAITING] = TO(ASKED),
	[CONN_ASKED] = TO(WAITING) | TO(OPEN) | TO(RESET),
	[CONN_OPENING] = TO(OPEN) | TO(RESET),
	[CONN_OPEN] = TO(CLOSING) | TO(DRAINING) | TO(RESET),
	[CONN_CLOSING] = TO(RESET),
	[CONN_DRAINING] = 0,
	[CONN_RESET] = 0,
};

static_assert(LEN(moves) == CONN_STATES, "moves");

void conn_enter(struct conn *c, enum conn_state to)
{
	assert(moves[c->state] & 1u << to);
	c->state = to;
}

uint32_t conn_credit(const struct conn *c)
{
	/* Virtio 1.2, 5.10.6.3.  A fwd_cnt from the future makes this huge. */
	uint32_t flight = c->sent - c->peer_taken;

	return flight < c->peer_alloc ? c->peer_alloc - flight : 0;
}

void conn_heard(struct conn *c, const struct vsock_hdr *h)
{
	c->peer_alloc = h->buf_alloc;
	c->peer_taken = h->fwd_cnt;
	if (conn_credit(c))
		c->asked = false;
}

bool conn_granted(const struct conn *c, size_t len)
{
	return len <= c->window - c->ring.len;
}

void conn_took(struct conn *c, size_t len)
{
	c->taken += (uint32_t)len;
	/*
	 * Half a window: the guest goes on with the other half while the news
	 * are on their way, and a bulk transfer costs two of them per window.
	 * It cannot get stuck for want of news: as soon as the stream has
	 * taken everything, what the guest was not told is less than half, so
	 * it has the rest.
	 */
	if (c->taken - c->taken_told >= c->window / 2 && !c->guest_done)
		c->owes |= CONN_OWES_UPDATE;
}

bool conn_wants(const struct conn *c)
{
	return c->state == CONN_OPEN && c->readable && !conn_tx_over(c);
}

bool conn_rx_over(const struct conn *c)
{
	return c->ended || c->stream_deaf;
}

bool conn_tx_over(const struct conn *c)
{
	return c->read_over || c->guest_deaf;
}

struct vsock_hdr conn_header(struct conn *c, enum vsock_op op,
			     uint64_t guest_cid)
{
	c->taken_told = c->taken;
	c->owes &= ~(unsigned)CONN_OWES_UPDATE;
	return (struct vsock_hdr){
		.src_cid = VSOCK_CID_HOST,
		.dst_cid = guest_cid,
		.src_port = c->host_port,
		.dst_port = c->guest_port,
		.type = VSOCK_TYPE_STREAM,
		.op = (uint16_t)op,
		.buf_alloc = c->window,
		.fwd_cnt = c->taken,
	};
}
