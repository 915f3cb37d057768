/* SPDX-License-Identifier: MIT */
/*
 * fuzz_vsock_device.c - a guest that does anything to the socket device, with
 * all of src/vsock behind it and echoes for streams.
 */
#include "virtio/vsock_device.h"

#include <string.h>

#include "feed.h"
#include "vsock_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { RAM = 128 * 1024, SIZE = 16, BUF = 512, SERVES = 32 };

static const uint64_t ways[] = {
	RIG_FEATURES,
	RIG_FEATURES | VIRTIO_F_EVENT_IDX,
	RIG_FEATURES | VIRTIO_F_INDIRECT_DESC,
	RIG_FEATURES | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX,
};

static uint64_t address(struct feed *f)
{
	uint64_t off = feed_take(f, 3);

	return off > 0xfffff0 ? feed_take(f, 8) : DRIVER_RAM + off % (RAM + 64);
}

static void serve(struct vsock_rig *r)
{
	struct vsock_stats st;

	(void)vsock_rig_serve_some(r, SERVES);
	vsock_stats(r->vsock, &st);
	CHECK(st.buffered <= VSOCK_BUDGET);
	CHECK(!r->dev.serving);
	/* A stream lives as long as its connection, and no longer. */
	CHECK(r->home.live <= st.open);
}

static void touch_register(struct vsock_rig *r, struct feed *f)
{
	struct access a = feed_access(f, DRIVER_MMIO, 0x200, 8);

	(void)bus_access(&r->drv.bus, &a);
}

static void scribble(struct vsock_rig *r, struct feed *f)
{
	unsigned n = 1 + (unsigned)feed_take(f, 1) % 16, i;
	uint64_t gpa = address(f);
	uint8_t raw[16];

	for (i = 0; i < n; i++)
		raw[i] = (uint8_t)feed_take(f, 1);
	(void)!gmem_write(&r->drv.mem, gpa, raw, n);
}

/* A chain as good as the input makes it. */
static void chain(struct vsock_rig *r, struct feed *f)
{
	unsigned q = (unsigned)feed_take(f, 1) % 3;
	uint16_t head = (uint16_t)(feed_take(f, 1) % (SIZE + 1));
	unsigned n = 1 + (unsigned)feed_take(f, 1) % 4, i;

	if (!r->drv.ring[q].size)
		return;
	for (i = 0; i < n; i++)
		driver_desc(&r->drv, q, (uint16_t)((head + i) % SIZE),
			    address(f), (uint32_t)feed_take(f, 2),
			    (uint16_t)feed_take(f, 1),
			    (uint16_t)feed_take(f, 1));
	driver_avail(&r->drv, q, head);
	(void)driver_kick(&r->drv, q);
}

static void packet(struct vsock_rig *r, struct feed *f)
{
	uint8_t data[BUF - VSOCK_HDR_LEN] = { 0 };
	uint64_t how = feed_take(f, 1);
	uint32_t port = (uint32_t)feed_take(f, 1) % 4;
	uint32_t len =
		how & 0x10 ? (uint32_t)feed_take(f, 2) % sizeof(data) : 0;
	struct vsock_hdr h = vsock_rig_hdr((enum vsock_op)(how % 10), port,
					   how & 0x20 ? port : ECHO_PORT, len);

	if (how & 0x40) {
		h.flags = (uint32_t)feed_take(f, 1);
		h.buf_alloc = (uint32_t)feed_take(f, 4);
		h.fwd_cnt = (uint32_t)feed_take(f, 4);
	}
	if (how & 0x80) {
		h.len = (uint32_t)feed_take(f, 4);
		h.type = (uint16_t)feed_take(f, 1);
		h.dst_cid = feed_take(f, 1);
		h.dst_port = (uint32_t)feed_take(f, 4);
	}
	if (vsock_rig_offer(r, &h, data, len,
			    (enum vsock_layout)(how % VSOCK_LAYOUTS)))
		(void)driver_kick(&r->drv, VSOCK_TX);
}

static void receive(struct vsock_rig *r)
{
	struct vsock_hdr h;
	unsigned i;

	for (i = 0; i < SIZE && vsock_rig_recv(r, &h, NULL, 0); i++)
		;
}

static void connect_in(struct vsock_rig *r, struct feed *f)
{
	struct stream *s = echo_new(&r->home);
	uint32_t port = (uint32_t)feed_take(f, 1) % 4;
	uint64_t until = feed_take(f, 4);

	CHECK(s);
	if (vsock_connect(r->vsock, port, s, until ? r->now + until : 0, NULL))
		s->ops->close(s, STREAM_REFUSED);
}

static void pass_time(struct vsock_rig *r, struct feed *f)
{
	r->now += feed_take(f, 5);
	if (r->alarm > r->now)
		return;
	r->alarm = UINT64_MAX;
	vsock_tick(r->vsock);
}

static void walk(void *dev, struct state *s)
{
	vsock_device_state(dev, s);
}

static void one(struct vsock_rig *r, struct feed *f)
{
	switch (feed_take(f, 1) % 12) {
	case 0:
		(void)!vsock_rig_start(r, ways[feed_take(f, 1) % 4], SIZE, BUF);
		break;
	case 1: touch_register(r, f); break;
	case 2: scribble(r, f); break;
	case 3: chain(r, f); break;
	case 4:
	case 5:
	case 6: packet(r, f); break;
	case 7: receive(r); break;
	case 8: connect_in(r, f); break;
	case 9: pass_time(r, f); break;
	case 10: feed_round_trip(&r->dev, &r->dev, walk); break;
	default: (void)driver_ack(&r->drv); break;
	}
	if (r->home.step != 1) /* else the guest is quicker than we */
		serve(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed f = { data, len };
	uint64_t how = feed_take(&f, 1);
	struct vsock_rig r;
	unsigned i;

	CHECK(vsock_rig_init(&r, RAM));
	r.wild = true;
	r.nested = how & 1;
	r.home.step = how >> 1 & 3;
	CHECK(vsock_rig_start(&r, ways[how >> 3 & 3], SIZE, BUF));
	for (i = 0; f.len > 64 || (f.len && !(how & 0x80)); i++) {
		one(&r, &f);
		if (i % 8 == 7)
			serve(&r);
	}
	if (f.len) {
		feed_hostile_load(&f, &r.dev, walk);
		serve(&r);
	}
	vsock_rig_fini(&r);
	CHECK(!r.home.live);
	return 0;
}
