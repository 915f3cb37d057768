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
enum { RX_LEN = 4096, EVENT_LEN = 4, RAM = 16 << 20, PAINT = 0xa5 };
enum { BOTH = VSOCK_SHUTDOWN_RCV | VSOCK_SHUTDOWN_SEND };
enum { SPARE = 4 }; /* slots kept back for what must be said */

/*
 * Of those it opens, each its own: what the host still has to say to one that
 * is closed must not reach the next.
 */
#define FIRST_PORT UINT32_C(0x10000)

static void wire(void *chip, unsigned pin, bool level)
{
	struct vguest *g = chip;

	g->d.irq.set(g->d.irq.chip, pin, level);
	if (level)
		vguest_wake(g);
}

void vguest_wake(struct vguest *g)
{
	(void)eventfd_write(g->bell, 1);
}

static void free_conns(struct vguest *g)
{
	unsigned i;

	g->free = NULL;
	for (i = VGUEST_CONNS; i > 0; i--) {
		g->conn[i - 1].next_free = g->free;
		g->free = &g->conn[i - 1];
	}
}

static void free_slots(struct vguest *g)
{
	unsigned i;

	g->slots = 0;
	for (i = 0; i < VGUEST_TX; i++)
		g->slot[g->slots++] = i;
	g->lates = g->late_at = 0;
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
	g->event = driver_alloc(&g->d, EVENT_LEN, 4);
	free_conns(g);
	return g;
}

void vguest_free(struct vguest *g)
{
	(void)close(g->bell);
	driver_fini(&g->d);
	free(g->late);
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

static void offer_event(struct vguest *g)
{
	const struct driver_buf v = { g->event, EVENT_LEN, true };

	if (driver_offer(&g->d, EVENT, &v, 1) < 0)
		abort();
	(void)driver_kick(&g->d, EVENT);
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
	free_slots(g);
	g->running = true;
	g->starve = false;
	for (i = 0; i < VGUEST_RX; i++) {
		g->idle[i] = false;
		offer_rx(g, i);
	}
	(void)driver_kick(&g->d, RX);
	offer_event(g);
}

/* ---- connections ------------------------------------------------------ */

static struct vconn **bucket(struct vguest *g, uint32_t port,
			     uint32_t host_port)
{
	return &g->by_port[(port ^ host_port * 31) % VGUEST_HASH];
}

static struct vconn *find(struct vguest *g, uint32_t port, uint32_t host_port)
{
	struct vconn *c = *bucket(g, port, host_port);

	while (c && (c->port != port || c->host_port != host_port))
		c = c->chain;
	return c;
}

/* port 0: one of its own. */
static struct vconn *add(struct vguest *g, uint32_t port, uint32_t host_port)
{
	struct vconn *c = g->free, **at;
	unsigned i;

	if (!c)
		return NULL;
	g->free = c->next_free;
	i = (unsigned)(c - g->conn);
	if (g->most < i + 1)
		g->most = i + 1;
	*c = (struct vconn){ .g = g,
			     .port = port ? port : FIRST_PORT + g->opened++,
			     .host_port = host_port,
			     .used = true };
	at = bucket(g, c->port, host_port);
	c->chain = *at;
	*at = c;
	g->conns++;
	return c;
}

static void forget(struct vconn *c)
{
	struct vconn **at = bucket(c->g, c->port, c->host_port);

	while (*at != c)
		at = &(*at)->chain;
	*at = c->chain;
	c->used = c->open = false;
	c->next_free = c->g->free;
	c->g->free = c;
	c->g->conns--;
}

static void gone(struct vconn *c)
{
	forget(c);
	c->ops->closed(c);
}

/* ---- sending ---------------------------------------------------------- */

static void put_packet(struct vguest *g, const struct vsock_hdr *h,
		       const void *p)
{
	unsigned slot = g->slot[--g->slots];
	uint64_t head = g->tx_head + slot * 64;
	uint64_t data = g->tx_data + (uint64_t)slot * VGUEST_PACKET;
	const struct driver_buf v[] = { { head, VSOCK_HDR_LEN, false },
					{ data, h->len, false } };
	int n;

	vsock_hdr_store(h, driver_at(&g->d, head, VSOCK_HDR_LEN));
	if (p)
		memcpy(driver_at(&g->d, data, h->len), p, h->len);
	n = driver_offer(&g->d, TX, v, h->len ? 2 : 1);
	if (n < 0)
		abort(); /* there are more descriptors than slots */
	g->tx_slot[n] = (uint16_t)slot;
}

bool vguest_put(struct vguest *g, const struct vsock_hdr *h)
{
	if (!g->slots)
		return false;
	put_packet(g, h, NULL);
	return true;
}

static struct vsock_hdr header(struct vconn *c, enum vsock_op op,
			       uint32_t flags, uint32_t len)
{
	c->told = c->taken;
	return (struct vsock_hdr){
		.src_cid = c->g->cid,
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
}

static bool reap_tx(struct vguest *g)
{
	uint16_t head;
	uint32_t len;
	bool any = false;

	while (driver_used(&g->d, TX, &head, &len)) {
		g->slot[g->slots++] = g->tx_slot[head];
		any = true;
	}
	while (g->late_at < g->lates && g->slots)
		put_packet(g, &g->late[g->late_at++], NULL);
	if (g->late_at == g->lates)
		g->late_at = g->lates = 0;
	return any;
}

static void put_later(struct vguest *g, const struct vsock_hdr *h)
{
	size_t room = g->late_room ? 2 * g->late_room : 64;

	if (g->lates == g->late_room) {
		g->late = realloc(g->late, room * sizeof(*g->late));
		if (!g->late)
			abort();
		g->late_room = room;
	}
	g->late[g->lates++] = *h;
}

static void post(struct vguest *g, const struct vsock_hdr *h)
{
	if (g->slots && !g->lates)
		put_packet(g, h, NULL);
	else
		put_later(g, h);
}

static void say(struct vconn *c, enum vsock_op op, uint32_t flags)
{
	const struct vsock_hdr h = header(c, op, flags, 0);

	post(c->g, &h);
}

size_t vconn_room(const struct vconn *c)
{
	size_t credit = c->peer_alloc - (c->sent - c->peer_fwd);

	if (!c->used || !c->open || c->g->slots <= SPARE || c->g->lates)
		return 0;
	return credit < VGUEST_PACKET ? credit : VGUEST_PACKET;
}

size_t vconn_send(struct vconn *c, const void *p, size_t len)
{
	size_t room = vconn_room(c);
	struct vsock_hdr h;

	if (len > room)
		len = room;
	if (!len)
		return 0;
	h = header(c, VSOCK_OP_RW, 0, (uint32_t)len);
	put_packet(c->g, &h, p);
	c->sent += (uint32_t)len;
	c->g->bytes_out += len;
	return len;
}

void vconn_shutdown(struct vconn *c, uint32_t flags)
{
	c->said |= flags;
	say(c, VSOCK_OP_SHUTDOWN, flags);
}

void vconn_reset(struct vconn *c)
{
	say(c, VSOCK_OP_RST, 0);
	gone(c);
}

struct vconn *vguest_open(struct vguest *g, uint32_t port,
			  const struct vconn_ops *ops, void *ctx)
{
	struct vconn *c = add(g, 0, port);

	if (!c)
		return NULL;
	c->ops = ops;
	c->ctx = ctx;
	say(c, VSOCK_OP_REQUEST, 0);
	return c;
}

void vguest_listen(struct vguest *g, uint32_t port, vguest_accept_fn *accept,
		   void *ctx)
{
	struct vguest_port *p = g->port;

	while (p->port && p->port != port)
		if (++p == g->port + VGUEST_PORTS)
			abort();
	*p = (struct vguest_port){ port, accept, ctx };
}

/* ---- receiving -------------------------------------------------------- */

/* To a packet of no connection, as Linux. */
static void refuse(struct vguest *g, const struct vsock_hdr *to)
{
	const struct vsock_hdr h = {
		.src_cid = g->cid,
		.dst_cid = VSOCK_CID_HOST,
		.src_port = to->dst_port,
		.dst_port = to->src_port,
		.type = VSOCK_TYPE_STREAM,
		.op = VSOCK_OP_RST,
	};

	post(g, &h);
}

static void take_request(struct vguest *g, const struct vsock_hdr *h)
{
	const struct vguest_port *p = g->port;
	struct vconn *c = NULL;

	g->requests++;
	while (p < g->port + VGUEST_PORTS && p->port != h->dst_port)
		p++;
	if (p < g->port + VGUEST_PORTS && p->accept)
		c = add(g, h->dst_port, h->src_port);
	if (!c || !p->accept(p->ctx, c)) {
		if (c)
			forget(c);
		refuse(g, h);
		return;
	}
	c->peer_alloc = h->buf_alloc;
	c->peer_fwd = h->fwd_cnt;
	say(c, VSOCK_OP_RESPONSE, 0);
	c->open = true;
	c->ops->opened(c);
	if (c->used)
		c->ops->room(c);
}

static void tell_credit(struct vconn *c)
{
	/* As Linux: when less than a large packet's room is known. */
	if (c->used && VGUEST_WINDOW - (c->taken - c->told) < VGUEST_PACKET)
		say(c, VSOCK_OP_CREDIT_UPDATE, 0);
}

/* The host closed; the guest agrees when it has read everything. */
static bool agree(struct vconn *c)
{
	if (c->heard != BOTH || (c->lazy && c->came != c->taken))
		return false;
	say(c, VSOCK_OP_RST, 0);
	gone(c);
	return true;
}

void vconn_took(struct vconn *c, size_t len)
{
	if (!c->used)
		return;
	c->taken += (uint32_t)len;
	if (!agree(c))
		tell_credit(c);
}

static void take_data(struct vconn *c, const struct vsock_hdr *h,
		      const uint8_t *p)
{
	c->came += h->len;
	c->g->bytes_in += h->len;
	if (!c->open || c->heard & VSOCK_SHUTDOWN_SEND ||
	    c->came - c->taken > VGUEST_WINDOW)
		c->g->faults++;
	if (!c->lazy)
		c->taken += h->len;
	c->ops->data(c, p, h->len);
	tell_credit(c);
}

static void take_shutdown(struct vconn *c, unsigned flags)
{
	bool ended = flags & ~c->heard & VSOCK_SHUTDOWN_SEND;

	c->heard |= flags & BOTH;
	if (ended)
		c->ops->ended(c);
	if (c->used)
		(void)agree(c);
}

static void take_rst(struct vconn *c)
{
	c->reset = c->said != BOTH;
	gone(c);
}

static void take(struct vconn *c, const struct vsock_hdr *h, const uint8_t *p)
{
	c->peer_alloc = h->buf_alloc;
	c->peer_fwd = h->fwd_cnt;
	switch ((enum vsock_op)h->op) {
	case VSOCK_OP_RESPONSE:
		c->g->faults += c->open;
		c->open = true;
		c->ops->opened(c);
		break;
	case VSOCK_OP_RST: take_rst(c); return;
	case VSOCK_OP_SHUTDOWN: take_shutdown(c, h->flags); break;
	case VSOCK_OP_RW: take_data(c, h, p); break;
	case VSOCK_OP_CREDIT_REQUEST: say(c, VSOCK_OP_CREDIT_UPDATE, 0); break;
	case VSOCK_OP_CREDIT_UPDATE: break;
	case VSOCK_OP_REQUEST:
	case VSOCK_OP_INVALID:
	case VSOCK_OPS: c->g->faults++; break;
	}
	if (c->used && c->open)
		c->ops->room(c);
}

static void take_packet(struct vguest *g, const uint8_t *p, uint32_t len)
{
	struct vsock_hdr h;
	struct vconn *c;

	vsock_hdr_load(&h, p);
	if (len != VSOCK_HDR_LEN + h.len || h.dst_cid != g->cid ||
	    h.src_cid != VSOCK_CID_HOST || h.type != VSOCK_TYPE_STREAM)
		g->faults++;
	c = find(g, h.dst_port, h.src_port);
	if (c)
		take(c, &h, p + VSOCK_HDR_LEN);
	else if (h.op == VSOCK_OP_REQUEST)
		take_request(g, &h);
	else if (h.op != VSOCK_OP_RST)
		refuse(g, &h); /* it was closed a moment ago */
}

static bool reap_rx(struct vguest *g)
{
	uint16_t head;
	uint32_t len;
	bool any = false;

	while (driver_used(&g->d, RX, &head, &len)) {
		unsigned i = g->rx_head[head];

		take_packet(g, driver_at(&g->d, g->rx[i], len), len);
		if (g->starve)
			g->idle[i] = true;
		else
			offer_rx(g, i);
		any = true;
	}
	return any;
}

void vguest_feed(struct vguest *g)
{
	unsigned i;

	g->starve = false;
	for (i = 0; i < VGUEST_RX; i++) {
		if (g->idle[i])
			offer_rx(g, i);
		g->idle[i] = false;
	}
	(void)driver_kick(&g->d, RX);
}

static void lose_all(struct vguest *g)
{
	unsigned i;

	for (i = 0; i < g->most; i++) {
		if (g->conn[i].used) {
			g->conn[i].reset = true;
			gone(&g->conn[i]);
		}
	}
}

/* 5.10.6.7 */
static bool reap_event(struct vguest *g)
{
	uint16_t head;
	uint32_t len;

	if (!driver_used(&g->d, EVENT, &head, &len))
		return false;
	if (len != EVENT_LEN || le32(driver_at(&g->d, g->event, EVENT_LEN)))
		g->faults++;
	g->resets++;
	lose_all(g);
	offer_event(g);
	return true;
}

static void paint(struct vguest *g)
{
	unsigned i;

	for (i = 0; i < VGUEST_RX; i++)
		memset(driver_at(&g->d, g->rx[i], VSOCK_HDR_LEN + RX_LEN),
		       PAINT, VSOCK_HDR_LEN + RX_LEN);
}

bool vguest_is_untouched(const struct vguest *g)
{
	unsigned i, k;

	for (i = 0; i < VGUEST_RX; i++) {
		const uint8_t *p =
			driver_at(&g->d, g->rx[i], VSOCK_HDR_LEN + RX_LEN);

		for (k = 0; k < VSOCK_HDR_LEN + RX_LEN; k++)
			if (p[k] != PAINT)
				return false;
	}
	return true;
}

void vguest_reset(struct vguest *g)
{
	driver_set(&g->d, V_STATUS, 0);
	g->running = false;
	paint(g);
	g->lates = g->late_at = 0;
	g->slots = 0; /* until it starts again, nothing can be sent */
	lose_all(g);
}

static void tell_room(struct vguest *g)
{
	unsigned i;

	for (i = 0; i < g->most; i++)
		if (g->conn[i].used && g->conn[i].open)
			g->conn[i].ops->room(&g->conn[i]);
}

/* Whether there is more to do at once. */
static bool work(struct vguest *g)
{
	unsigned before = g->lates ? 0 : g->slots;
	bool any;

	(void)driver_kick(&g->d, TX);
	(void)driver_kick(&g->d, RX);
	any = reap_tx(g);
	any |= reap_event(g);
	any |= reap_rx(g);
	if (before <= SPARE && g->slots > SPARE && !g->lates)
		tell_room(g);
	(void)driver_kick(&g->d, RX);
	(void)driver_kick(&g->d, TX);
	/* All are asked for an interrupt before it sleeps. */
	any |= driver_irq(&g->d, RX, true);
	any |= driver_irq(&g->d, TX, true);
	return any | driver_irq(&g->d, EVENT, true);
}

void vguest_step(struct vguest *g)
{
	eventfd_t count;

	if (g->running && work(g))
		return;
	(void)eventfd_read(g->bell, &count);
	if (g->running)
		(void)driver_ack(&g->d);
}
