/* SPDX-License-Identifier: MIT */
/* vguest.c - a guest's vsock without a guest. */
#include "vguest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/bytes.h"
#include "vsock/vsock.h"

enum { RX, TX, EVENT };
enum { RX_LEN = 4096, FIRST_PORT = 1024, RAM = 16 << 20 };

static void wire(void *chip, unsigned pin, bool level)
{
	struct vguest *g = chip;

	g->d.irq.set(g->d.irq.chip, pin, level);
	if (level)
		(void)eventfd_write(g->bell, 1);
}

struct vguest *vguest_new(uint32_t cid)
{
	struct vguest *g = calloc(1, sizeof(*g));
	unsigned i;

	if (!g || !driver_init(&g->d, RAM))
		abort();
	g->cid = cid;
	g->bell = eventfd(0, EFD_CLOEXEC);
	g->irq = (struct irq){ wire, g, 0 };
	for (i = 0; i < VGUEST_RX; i++)
		g->rx[i] = driver_alloc(&g->d, VSOCK_HDR_LEN + RX_LEN, 64);
	g->tx_head = driver_alloc(&g->d, VGUEST_TX * 64, 64);
	g->tx_data = driver_alloc(&g->d, VGUEST_TX * VGUEST_PACKET, 4096);
	for (i = 0; i < VGUEST_TX; i++)
		g->slot[g->slots++] = i;
	return g;
}

void vguest_free(struct vguest *g)
{
	(void)close(g->bell);
	driver_fini(&g->d);
	free(g);
}

static void offer_rx(struct vguest *g, unsigned i)
{
	const struct driver_buf v[] = {
		{ g->rx[i], VSOCK_HDR_LEN, true },
		{ g->rx[i] + VSOCK_HDR_LEN, RX_LEN, true },
	};
	int head = driver_offer(&g->d, RX, v, 2);

	if (head < 0)
		abort();
	g->rx_head[head] = (uint16_t)i;
}

void vguest_start(struct vguest *g, struct virtio_mmio *dev)
{
	unsigned i;

	driver_attach(&g->d, dev);
	if (!driver_start(&g->d,
			  VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX |
				  VIRTIO_F_INDIRECT_DESC,
			  VIRTQ_MAX))
		abort();
	for (i = 0; i < VGUEST_RX; i++)
		offer_rx(g, i);
	(void)driver_kick(&g->d, RX);
}

/* ---- sending ---------------------------------------------------------- */

static void put_packet(struct vconn *c, enum vsock_op op, uint32_t flags,
		       const void *p, uint32_t len)
{
	struct vguest *g = c->g;
	unsigned slot = g->slot[--g->slots];
	uint64_t head = g->tx_head + slot * 64;
	uint64_t data = g->tx_data + (uint64_t)slot * VGUEST_PACKET;
	const struct vsock_hdr h = {
		.src_cid = g->cid,
		.dst_cid = VSOCK_CID_HOST,
		.src_port = c->port,
		.dst_port = c->host_port,
		.len = len,
		.type = VSOCK_TYPE_STREAM,
		.op = (uint16_t)op,
		.flags = flags,
		.buf_alloc = VGUEST_WINDOW,
		.fwd_cnt = c->taken,
	};
	const struct driver_buf v[] = { { head, VSOCK_HDR_LEN, false },
					{ data, len, false } };
	int n;

	c->told = c->taken;
	vsock_hdr_store(&h, driver_at(&g->d, head, VSOCK_HDR_LEN));
	if (p)
		memcpy(driver_at(&g->d, data, len), p, len);
	n = driver_offer(&g->d, TX, v, len ? 2 : 1);
	if (n < 0)
		abort(); /* there are more descriptors than slots */
	g->tx_slot[n] = (uint16_t)slot;
}

static void reap_tx(struct vguest *g)
{
	uint16_t head;
	uint32_t len;

	while (driver_used(&g->d, TX, &head, &len))
		g->slot[g->slots++] = g->tx_slot[head];
}

/* Slots are kept back for what must be said. */
static void say(struct vconn *c, enum vsock_op op, uint32_t flags)
{
	while (!c->g->slots) {
		(void)driver_kick(&c->g->d, TX);
		reap_tx(c->g);
	}
	put_packet(c, op, flags, NULL, 0);
}

size_t vconn_send(struct vconn *c, const void *p, size_t len)
{
	size_t credit = c->peer_alloc - (c->sent - c->peer_fwd);

	if (len > credit)
		len = credit;
	if (len > VGUEST_PACKET)
		len = VGUEST_PACKET;
	if (!len || c->g->slots <= 4)
		return 0;
	put_packet(c, VSOCK_OP_RW, 0, p, (uint32_t)len);
	c->sent += (uint32_t)len;
	return len;
}

void vconn_shutdown(struct vconn *c, uint32_t flags)
{
	say(c, VSOCK_OP_SHUTDOWN, flags);
}

struct vconn *vguest_open(struct vguest *g, uint32_t port,
			  const struct vconn_ops *ops, void *ctx)
{
	struct vconn *c = g->conn;
	unsigned i;

	for (i = 0; i < VGUEST_CONNS && c->used; i++)
		c++;
	if (i == VGUEST_CONNS)
		return NULL;
	*c = (struct vconn){ .g = g,
			     .ops = ops,
			     .ctx = ctx,
			     .port = FIRST_PORT + i,
			     .host_port = port,
			     .used = true };
	say(c, VSOCK_OP_REQUEST, 0);
	return c;
}

/* ---- receiving -------------------------------------------------------- */

static void gone(struct vconn *c)
{
	c->used = c->open = false;
	c->ops->closed(c);
}

static void take_data(struct vconn *c, const uint8_t *p, uint32_t len)
{
	c->taken += len;
	c->ops->data(c, p, len);
	/* As Linux: told when less than a large packet's room is known. */
	if (c->used && VGUEST_WINDOW - (c->taken - c->told) < VGUEST_PACKET)
		say(c, VSOCK_OP_CREDIT_UPDATE, 0);
}

static void take(struct vconn *c, const struct vsock_hdr *h, const uint8_t *p)
{
	c->peer_alloc = h->buf_alloc;
	c->peer_fwd = h->fwd_cnt;
	switch ((enum vsock_op)h->op) {
	case VSOCK_OP_RESPONSE:
		c->open = true;
		c->ops->opened(c);
		break;
	case VSOCK_OP_RST: gone(c); return;
	case VSOCK_OP_SHUTDOWN:
		c->ops->ended(c);
		if (c->used &&
		    h->flags == (VSOCK_SHUTDOWN_RCV | VSOCK_SHUTDOWN_SEND)) {
			say(c, VSOCK_OP_RST, 0);
			gone(c);
			return;
		}
		break;
	case VSOCK_OP_RW: take_data(c, p, h->len); break;
	case VSOCK_OP_CREDIT_REQUEST: say(c, VSOCK_OP_CREDIT_UPDATE, 0); break;
	case VSOCK_OP_CREDIT_UPDATE:
	case VSOCK_OP_REQUEST:
	case VSOCK_OP_INVALID:
	case VSOCK_OPS: break;
	}
	if (c->used && c->open)
		c->ops->room(c);
}

static bool reap_rx(struct vguest *g)
{
	uint16_t head;
	uint32_t len;
	bool any = false;

	while (driver_used(&g->d, RX, &head, &len)) {
		unsigned i = g->rx_head[head];
		const uint8_t *p = driver_at(&g->d, g->rx[i], len);
		struct vsock_hdr h;

		vsock_hdr_load(&h, p);
		if (h.dst_port >= FIRST_PORT &&
		    h.dst_port < FIRST_PORT + VGUEST_CONNS &&
		    g->conn[h.dst_port - FIRST_PORT].used)
			take(&g->conn[h.dst_port - FIRST_PORT], &h,
			     p + VSOCK_HDR_LEN);
		offer_rx(g, i);
		any = true;
	}
	return any;
}

static void tell_room(struct vguest *g)
{
	unsigned i;

	for (i = 0; i < VGUEST_CONNS; i++)
		if (g->conn[i].used && g->conn[i].open)
			g->conn[i].ops->room(&g->conn[i]);
}

void vguest_step(struct vguest *g)
{
	unsigned before = g->slots;
	eventfd_t count;
	bool any;

	(void)driver_kick(&g->d, TX);
	(void)driver_kick(&g->d, RX);
	reap_tx(g);
	any = reap_rx(g);
	if (before <= 4 && g->slots > 4) {
		tell_room(g);
		any = true;
	}
	(void)driver_kick(&g->d, RX);
	(void)driver_kick(&g->d, TX);
	/* Both are asked for an interrupt before it sleeps on either. */
	any |= driver_irq(&g->d, RX, true);
	any |= driver_irq(&g->d, TX, true);
	if (any)
		return;
	(void)eventfd_read(g->bell, &count);
	(void)driver_ack(&g->d);
}
