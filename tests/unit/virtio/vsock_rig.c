/* SPDX-License-Identifier: MIT */
/* vsock_rig.c - a vsock device, the host behind it, and a guest's driver. */
#include "vsock_rig.h"

#include <stdlib.h>
#include <string.h>

enum { HDR = VSOCK_HDR_LEN, WINDOW = 256 * 1024 };

static struct stream *accept_echo(void *ctx, uint32_t port, uint32_t guest_port)
{
	struct vsock_rig *r = ctx;

	(void)guest_port;
	return port == ECHO_PORT ? echo_new(&r->home) : NULL;
}

static struct stream *accept_any(void *ctx, uint32_t port, uint32_t guest_port)
{
	struct vsock_rig *r = ctx;

	return r->accept(ctx, port, guest_port);
}

static void wake(void *ctx)
{
	struct vsock_rig *r = ctx;

	atomic_fetch_add(&r->wakes, 1);
	atomic_store(&r->woken, true);
}

static void wake_from_vsock(void *ctx)
{
	struct vsock_rig *r = ctx;

	if (r->nested && r->dev.serving)
		vsock_device_service(&r->dev); /* takes a note */
	else
		wake(ctx);
}

static uint64_t now(void *ctx)
{
	return ((struct vsock_rig *)ctx)->now;
}

static void set_alarm(void *ctx, uint64_t ns)
{
	((struct vsock_rig *)ctx)->alarm = ns;
}

bool vsock_rig_init(struct vsock_rig *r, size_t ram)
{
	const struct vsock_user user = {
		.accept = accept_any,
		.wake = wake_from_vsock,
		.now = now,
		.alarm = set_alarm,
		.ctx = r,
	};

	*r = (struct vsock_rig){ .accept = accept_echo, .alarm = UINT64_MAX };
	if (!driver_init(&r->drv, ram) ||
	    vsock_device_init(&r->dev, RIG_CID, &r->drv.mem, r->drv.irq, wake,
			      r, NULL))
		return false;
	driver_attach(&r->drv, &r->dev.mmio);
	if (vsock_new(&user, RIG_CID, &r->vsock, NULL))
		return false;
	r->dev.vsock = r->vsock;
	return true;
}

void vsock_rig_fini(struct vsock_rig *r)
{
	vsock_free(r->vsock);
	vsock_device_fini(&r->dev);
	driver_fini(&r->drv);
}

static void make_slots(struct vsock_rig *r, uint16_t size, uint32_t rx_len)
{
	bool again = r->tx[0] && rx_len <= r->rx_len;
	uint16_t i;

	if (!again) {
		r->rx_len = rx_len;
		r->tx_len = HDR + (rx_len > HDR ? rx_len : 4096);
	}
	r->tx_frees = 0;
	for (i = 0; i < size; i++) {
		if (!again) {
			r->tx[i] = driver_alloc(&r->drv, r->tx_len, 8);
			r->rx[i] = driver_alloc(&r->drv, r->rx_len, 8);
		}
		if (!r->tx[i] || !r->rx[i])
			abort(); /* the test asked for too little RAM */
		r->tx_free[r->tx_frees++] = i;
	}
}

/* One rx buffer; false: no descriptor is left. */
static bool offer_rx(struct vsock_rig *r, uint16_t slot)
{
	struct driver_buf v = { r->rx[slot], r->rx_len, true };
	int head = driver_offer(&r->drv, VSOCK_RX, &v, 1);

	if (head >= 0)
		r->rx_slot[head] = slot;
	return head >= 0;
}

void vsock_rig_fill(struct vsock_rig *r)
{
	uint16_t i;

	for (i = 0; i < r->drv.ring[VSOCK_RX].size && offer_rx(r, i); i++)
		;
	(void)driver_kick(&r->drv, VSOCK_RX);
}

bool vsock_rig_start(struct vsock_rig *r, uint64_t features, uint16_t size,
		     uint32_t rx_len)
{
	if (!driver_start(&r->drv, features, size))
		return false;
	make_slots(r, size, rx_len);
	if (rx_len)
		vsock_rig_fill(r);
	return true;
}

unsigned vsock_rig_serve_some(struct vsock_rig *r, unsigned max)
{
	unsigned n;

	for (n = 0; n < max && atomic_exchange(&r->woken, false); n++)
		vsock_device_service(&r->dev);
	return n;
}

void vsock_rig_serve(struct vsock_rig *r)
{
	/* Who never is done would hang the test: let it fail instead. */
	if (vsock_rig_serve_some(r, 1000000) == 1000000)
		abort();
}

struct vsock_hdr vsock_rig_hdr(enum vsock_op op, uint32_t guest_port,
			       uint32_t port, uint32_t len)
{
	return (struct vsock_hdr){ .src_cid = RIG_CID,
				   .dst_cid = VSOCK_CID_HOST,
				   .src_port = guest_port,
				   .dst_port = port,
				   .len = len,
				   .type = VSOCK_TYPE_STREAM,
				   .op = (uint16_t)op,
				   .buf_alloc = WINDOW };
}

static void reap_tx(struct vsock_rig *r)
{
	uint16_t head;
	uint32_t len;

	while (driver_used(&r->drv, VSOCK_TX, &head, &len)) {
		if (head < VIRTQ_MAX && r->tx_frees < VIRTQ_MAX)
			r->tx_free[r->tx_frees++] = r->tx_slot[head];
		else if (!r->wild)
			abort(); /* no such buffer was offered */
	}
}

static unsigned lay_out(struct driver_buf v[static 7], uint64_t gpa,
			uint32_t len, enum vsock_layout layout)
{
	uint32_t part = (len + 3) / 4, at;
	unsigned n = 0;

	if (layout == VSOCK_ONE) {
		v[n++] = (struct driver_buf){ gpa, HDR + len, false };
	} else if (layout == VSOCK_TWO) {
		v[n++] = (struct driver_buf){ gpa, HDR, false };
		v[n++] = (struct driver_buf){ gpa + HDR, len, false };
	} else {
		v[n++] = (struct driver_buf){ gpa, 1, false };
		v[n++] = (struct driver_buf){ gpa + 1, 30, false };
		v[n++] = (struct driver_buf){ gpa + 31, HDR - 31, false };
		for (at = 0; at < len; at += part)
			v[n++] = (struct driver_buf){ gpa + HDR + at,
						      len - at < part ? len - at
								      : part,
						      false };
	}
	return n;
}

bool vsock_rig_offer(struct vsock_rig *r, const struct vsock_hdr *h,
		     const void *data, uint32_t len, enum vsock_layout layout)
{
	struct driver_buf v[7];
	uint16_t slot;
	uint8_t *p;
	int head;

	reap_tx(r);
	if (!r->tx_frees || len > r->tx_len - HDR)
		return false;
	slot = r->tx_free[r->tx_frees - 1];
	p = driver_at(&r->drv, r->tx[slot], r->tx_len);
	vsock_hdr_store(h, p);
	if (len)
		memcpy(p + HDR, data, len);
	head = driver_offer(&r->drv, VSOCK_TX, v,
			    lay_out(v, r->tx[slot], len, layout));
	if (head < 0)
		return false;
	r->tx_frees--;
	r->tx_slot[head] = slot;
	return true;
}

bool vsock_rig_send(struct vsock_rig *r, const struct vsock_hdr *h,
		    const void *data, enum vsock_layout layout)
{
	if (!vsock_rig_offer(r, h, data, h->len, layout))
		return false;
	(void)driver_kick(&r->drv, VSOCK_TX);
	return true;
}

bool vsock_rig_recv(struct vsock_rig *r, struct vsock_hdr *h, void *data,
		    size_t room)
{
	uint16_t head, slot;
	const uint8_t *p;
	uint32_t len;

	if (!driver_used(&r->drv, VSOCK_RX, &head, &len))
		return false;
	slot = head < VIRTQ_MAX ? r->rx_slot[head] : 0;
	p = driver_at(&r->drv, r->rx[slot], r->rx_len);
	vsock_hdr_load(h, p);
	if (len != HDR + h->len || len > r->rx_len || head >= VIRTQ_MAX) {
		if (!r->wild)
			abort(); /* no driver could make sense of it */
		h->len = 0;
	}
	if (room > h->len)
		room = h->len;
	if (room)
		memcpy(data, p + HDR, room);
	if (offer_rx(r, slot))
		(void)driver_kick(&r->drv, VSOCK_RX);
	return true;
}

bool vsock_rig_connect(struct vsock_rig *r, uint32_t guest_port, uint32_t port)
{
	struct vsock_hdr h =
		vsock_rig_hdr(VSOCK_OP_REQUEST, guest_port, port, 0);

	if (!vsock_rig_send(r, &h, NULL, VSOCK_ONE))
		return false;
	vsock_rig_serve(r);
	return vsock_rig_recv(r, &h, NULL, 0) && h.op == VSOCK_OP_RESPONSE &&
	       h.dst_port == guest_port && h.src_port == port;
}
