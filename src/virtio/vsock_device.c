/* SPDX-License-Identifier: MIT */
/*
 * vsock_device.c - the virtio socket device, virtio 1.2, 5.10.  Knows queues
 * and packets, not what they say.
 *
 * How it works.  A service is a few passes.  Each takes packets from the tx
 * queue, then fills buffers of the rx queue, a batch of each, and interrupts
 * the driver if it wants to know; between two passes the driver's other CPUs
 * already work on the first.  While we look, notifications are off.  They are
 * asked for again where we ran out of chains: for tx whenever it is empty, for
 * rx only when there may be more to send than it had room for, so that a
 * driver who puts back empty buffers need not leave its guest for that.
 */
#include "virtio/vsock_device.h"

#include "base/bytes.h"
#include "base/num.h"

enum { RX, TX, EVENT, QUEUES }; /* 5.10.2 */

enum {
	SOCKET_DEVICE = 19, /* 5 */
	F_STREAM = 1 << 0,  /* 5.10.3 */
	CONFIG_LEN = 8,     /* 5.10.4: guest_cid */
	EVENT_LEN = 4,      /* 5.10.6 */
	EVENT_TRANSPORT_RESET = 0,
	PAYLOAD_MAX = 64 * 1024, /* we put into one packet */
};

/* One service, and one of its passes, each way. */
enum { PASSES = 4, BATCH = 64, PASS_BYTES = 256 * 1024 };

/* Rx buffers a pass looks at when no stream has bytes: for words alone. */
enum { FEW = 4 };

/* What may be done at once with a queue. */
enum more {
	MORE_NONE,  /* a notification or a wake will tell */
	MORE_NOW,   /* look again */
	MORE_LATER, /* no more packets taken before some answers went out */
	MORE_NEVER, /* broken: the device is stopped */
};

static struct virtq *queue(struct vsock_device *d, unsigned n)
{
	return virtio_queue(&d->mmio, n);
}

static enum more broken(struct vsock_device *d)
{
	virtio_break(&d->mmio);
	return MORE_NEVER;
}

/* Nothing is left in it: have us told of what comes. */
static enum more drained(struct virtq *q)
{
	return virtq_arm(q) ? MORE_NOW : MORE_NONE;
}

/* One packet; false when there is not even a header. */
static bool take_packet(struct vsock_device *d, const struct chain *c)
{
	struct span *payload = d->pool + VIRTQ_MAX;
	uint8_t raw[VSOCK_HDR_LEN];
	struct vsock_hdr h;
	unsigned n;

	if (spans_get(c->out, c->outs, 0, raw, sizeof(raw)) != sizeof(raw))
		return false;
	vsock_hdr_load(&h, raw);
	n = spans_slice(payload, VIRTQ_MAX, c->out, c->outs, sizeof(raw),
			h.len);
	vsock_recv(d->vsock, &h, payload, n);
	return true;
}

/* From the guest. */
static enum more pass_tx(struct vsock_device *d)
{
	struct virtq *q = queue(d, TX);
	size_t bytes = 0;
	struct chain c;
	unsigned i, used;

	virtq_disarm(q);
	for (i = 0; i < BATCH && bytes < PASS_BYTES; i++) {
		if (!vsock_can_recv(d->vsock))
			return MORE_LATER;
		switch (virtq_pop(q, &c, d->pool, VIRTQ_MAX, &used)) {
		case VIRTQ_EMPTY: return drained(q);
		case VIRTQ_CHAIN: break;
		case VIRTQ_BROKEN:
		case VIRTQ_NO_ROOM: /* never, with so many */ return broken(d);
		}
		if (!take_packet(d, &c))
			return broken(d);
		bytes += c.out_len;
		virtq_push(q, &c, 0);
	}
	return MORE_NOW;
}

/* Buffers of the rx queue, and what came to be in them. */
struct batch {
	struct chain chain[BATCH];
	struct vsock_packet packet[BATCH];
	unsigned n;
	bool all; /* the queue had no more */
};

/* False when it is broken. */
static bool collect(struct vsock_device *d, struct batch *b)
{
	struct virtq *q = queue(d, RX);
	unsigned reach = vsock_has_data(d->vsock) ? BATCH : FEW;
	unsigned spans = 0, used;
	size_t bytes = 0;

	b->all = false;
	for (b->n = 0; b->n < reach && bytes < PASS_BYTES; b->n++) {
		struct chain *c = &b->chain[b->n];
		struct span *room = d->pool + VIRTQ_MAX + spans;

		switch (virtq_pop(q, c, d->pool + spans, VIRTQ_MAX - spans,
				  &used)) {
		case VIRTQ_EMPTY: b->all = true; return true;
		case VIRTQ_NO_ROOM: return true;
		case VIRTQ_BROKEN: return false;
		case VIRTQ_CHAIN: break;
		}
		if (c->in_len < VSOCK_HDR_LEN)
			return false;
		b->packet[b->n].v = room;
		b->packet[b->n].n =
			spans_slice(room, VIRTQ_MAX - spans, c->in, c->ins,
				    VSOCK_HDR_LEN, PAYLOAD_MAX);
		bytes += min_u64(c->in_len - VSOCK_HDR_LEN, PAYLOAD_MAX);
		spans += used;
	}
	return true;
}

static void hand_out(struct vsock_device *d, const struct batch *b, unsigned n)
{
	struct virtq *q = queue(d, RX);
	uint8_t raw[VSOCK_HDR_LEN];
	unsigned i;

	for (i = 0; i < n; i++) {
		const struct chain *c = &b->chain[i];
		const struct vsock_hdr *h = &b->packet[i].hdr;

		vsock_hdr_store(h, raw);
		(void)spans_put(c->in, c->ins, 0, raw, sizeof(raw));
		virtq_push(q, c, (uint32_t)sizeof(raw) + h->len);
	}
	virtq_unpop(q, b->n - n);
}

/* To the guest. */
static enum more pass_rx(struct vsock_device *d)
{
	struct virtq *q = queue(d, RX);
	struct batch b;
	unsigned n;

	virtq_disarm(q);
	if (!collect(d, &b))
		return broken(d);
	/* Also without any room: streams that take more are served by it. */
	n = vsock_fill(d->vsock, b.packet, b.n);
	hand_out(d, &b, n);
	if (n < b.n)
		return MORE_NONE;
	return b.all ? drained(q) : MORE_NOW;
}

/* 5.10.6.7: what the driver knows of connections is no longer true. */
static enum more pass_event(struct vsock_device *d)
{
	struct virtq *q = queue(d, EVENT);
	uint8_t raw[EVENT_LEN];
	struct chain c;
	unsigned used;

	virtq_disarm(q);
	if (!d->reset_event)
		return MORE_NONE;
	switch (virtq_pop(q, &c, d->pool, VIRTQ_MAX, &used)) {
	case VIRTQ_EMPTY: return drained(q);
	case VIRTQ_CHAIN: break;
	case VIRTQ_BROKEN:
	case VIRTQ_NO_ROOM: return broken(d);
	}
	if (c.in_len < EVENT_LEN)
		return broken(d);
	put_le32(raw, EVENT_TRANSPORT_RESET);
	(void)spans_put(c.in, c.ins, 0, raw, sizeof(raw));
	virtq_push(q, &c, EVENT_LEN);
	d->reset_event = false;
	return MORE_NONE;
}

static void tell_driver(struct vsock_device *d)
{
	bool wanted = false;
	unsigned i;

	for (i = 0; i < QUEUES; i++)
		wanted |= virtq_wants_interrupt(queue(d, i));
	if (wanted)
		virtio_interrupt(&d->mmio);
}

static enum more pass(struct vsock_device *d)
{
	enum more event, tx, rx;

	event = pass_event(d);
	if (event == MORE_NEVER)
		return MORE_NEVER;
	tx = pass_tx(d);
	if (tx == MORE_NEVER)
		return MORE_NEVER;
	rx = pass_rx(d);
	if (rx == MORE_NEVER)
		return MORE_NEVER;
	tell_driver(d);
	if (tx == MORE_LATER && vsock_can_recv(d->vsock))
		return MORE_NOW;
	return event == MORE_NOW || tx == MORE_NOW || rx == MORE_NOW
		       ? MORE_NOW
		       : MORE_NONE;
}

/* True when there is more to do than one service does. */
static bool serve(struct vsock_device *d)
{
	enum more more = MORE_NOW;
	unsigned i;

	for (i = 0; i < PASSES && more == MORE_NOW; i++) {
		d->again = false;
		more = pass(d);
		if (more == MORE_NONE && d->again)
			more = MORE_NOW;
	}
	return more == MORE_NOW;
}

/*
 * The driver came or went since we last looked, perhaps both, perhaps often:
 * the streams of one life are not those of the next.
 */
static void follow_driver(struct vsock_device *d)
{
	if (d->seen == d->life)
		return;
	d->seen = d->life;
	if (d->online)
		vsock_online(d->vsock, false);
	d->online = d->up;
	if (d->online)
		vsock_online(d->vsock, true);
}

void vsock_device_service(struct vsock_device *d)
{
	bool more = false;

	if (d->serving) {
		d->again = true;
		return;
	}
	d->serving = true;
	mutex_lock(&d->mmio.mu);
	follow_driver(d);
	if (d->mmio.running)
		more = serve(d);
	else /* what the last guest sent may still be on its way */
		(void)vsock_fill(d->vsock, NULL, 0);
	mutex_unlock(&d->mmio.mu);
	d->serving = false;
	if (more)
		d->wake(d->ctx);
}

static void device_config(void *dev, uint64_t off, uint8_t *buf, unsigned len)
{
	struct vsock_device *d = dev;
	uint8_t raw[CONFIG_LEN];
	unsigned i;

	put_le64(raw, d->cid);
	for (i = 0; i < len && off < CONFIG_LEN - i; i++)
		buf[i] = raw[off + i];
}

static void driver_moved(struct vsock_device *d, bool up)
{
	d->life++;
	d->up = up;
	d->reset_event = false;
	d->wake(d->ctx);
}

static void device_start(void *dev)
{
	driver_moved(dev, true);
}

static void device_stop(void *dev)
{
	driver_moved(dev, false);
}

static void device_notify(void *dev, unsigned n)
{
	struct vsock_device *d = dev;

	(void)n; /* a service looks at all of them */
	d->wake(d->ctx);
}

static const struct virtio_ops device_ops = {
	.id = SOCKET_DEVICE,
	.queues = QUEUES,
	.features = F_STREAM,
	.config = device_config,
	.start = device_start,
	.stop = device_stop,
	.notify = device_notify,
};

int vsock_device_init(struct vsock_device *d, uint64_t guest_cid,
		      const struct gmem *mem, struct irq irq,
		      void (*wake)(void *ctx), void *ctx, mv_error *err)
{
	*d = (struct vsock_device){ .cid = guest_cid,
				    .wake = wake,
				    .ctx = ctx };
	return virtio_init(&d->mmio, &device_ops, d, mem, irq, err);
}

void vsock_device_fini(struct vsock_device *d)
{
	virtio_fini(&d->mmio);
}

void vsock_device_state(struct vsock_device *d, struct state *s)
{
	uint64_t cid = d->cid;

	state_section(s, "vsock", 1);
	state_u64(s, &cid);
	state_check(s, cid == d->cid, "the guest has another CID");
	virtio_state(&d->mmio, s);
	if (!s->loading)
		return;
	mutex_lock(&d->mmio.mu);
	driver_moved(d, d->mmio.running);
	d->reset_event = d->mmio.running;
	mutex_unlock(&d->mmio.mu);
}
