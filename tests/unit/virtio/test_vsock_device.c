/* SPDX-License-Identifier: MIT */
#include "virtio/vsock_device.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"
#include "base/container.h"
#include "core/state.h"
#include "vsock_rig.h"

enum { RAM = 4 << 20, SIZE = 64, BUF = 4096, PORT = 1000 };

static const uint64_t ways[] = {
	RIG_FEATURES,
	RIG_FEATURES | VIRTIO_F_EVENT_IDX,
	RIG_FEATURES | VIRTIO_F_INDIRECT_DESC,
	RIG_FEATURES | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX,
	VIRTIO_F_VERSION_1, /* 5.10.3: none of its own is as good as STREAM */
};

static void begin(struct vsock_rig *r, uint64_t features)
{
	assert_true(vsock_rig_init(r, RAM));
	assert_true(vsock_rig_start(r, features, SIZE, BUF));
	vsock_rig_serve(r);
}

static struct vsock_stats stats(const struct vsock_rig *r)
{
	struct vsock_stats st;

	vsock_stats(r->vsock, &st);
	return st;
}

static bool needs_reset(struct vsock_rig *r)
{
	return driver_get(&r->drv, V_STATUS) & V_NEEDS_RESET;
}

/* It asks for a reset, and works again after one. */
static void check_broken(struct vsock_rig *r)
{
	assert_true(needs_reset(r));
	assert_int_equal(driver_ack(&r->drv) & 2, 2);
	vsock_rig_serve(r);
	assert_int_equal(r->home.live, 0);
	assert_true(vsock_rig_start(r, RIG_FEATURES, SIZE, BUF));
	vsock_rig_serve(r);
	assert_true(vsock_rig_connect(r, PORT, ECHO_PORT));
}

static void test_it_is_a_socket_device_with_the_cid_of_its_guest(void **s)
{
	struct vsock_rig r;
	struct access a = { .addr = DRIVER_MMIO + V_CONFIG, .size = 8 };

	(void)s;
	assert_true(vsock_rig_init(&r, RAM));
	assert_int_equal(driver_get(&r.drv, V_DEVICE_ID), 19);
	assert_int_equal(driver_get(&r.drv, V_DEVICE_FEATURES) & 0xff, 1);
	assert_true(bus_access(&r.drv.bus, &a));
	assert_int_equal(a.value, RIG_CID);
	assert_int_equal(driver_get(&r.drv, V_CONFIG), RIG_CID);
	assert_int_equal(driver_get(&r.drv, V_CONFIG + 4), 0);
	assert_int_equal(driver_get(&r.drv, V_CONFIG + 8), 0);
	vsock_rig_fini(&r);
}

static uint8_t pattern(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

/* Send `len` bytes to an echo, in packets of `each`, and compare. */
static void echo(struct vsock_rig *r, uint32_t port, size_t len, uint32_t each,
		 enum vsock_layout layout)
{
	uint8_t data[BUF];
	size_t sent = 0, got = 0, rounds = 0;
	struct vsock_hdr h;
	uint32_t i, n;

	while (got < len) {
		assert_true(rounds++ < 100 * len); /* it stands still */
		n = len - sent < each ? (uint32_t)(len - sent) : each;
		h = vsock_rig_hdr(VSOCK_OP_RW, port, ECHO_PORT, n);
		h.fwd_cnt = (uint32_t)got;
		for (i = 0; i < n; i++)
			data[i] = pattern(sent + i);
		/* As much as the echo takes is as much as we have in flight. */
		if (n && sent - got < ECHO_ROOM) {
			assert_true(vsock_rig_send(r, &h, data, layout));
			sent += n;
		}
		vsock_rig_serve(r);
		while (vsock_rig_recv(r, &h, data, sizeof(data))) {
			assert_int_equal(h.dst_port, port);
			if (h.op != VSOCK_OP_RW) {
				assert_int_not_equal(h.op, VSOCK_OP_RST);
				continue;
			}
			assert_true(h.len && h.len <= sizeof(data));
			for (i = 0; i < h.len; i++)
				assert_int_equal(data[i], pattern(got + i));
			got += h.len;
		}
		vsock_rig_serve(r);
	}
	assert_int_equal(got, len);
}

static void test_bytes_come_back_whatever_was_negotiated(void **s)
{
	struct vsock_rig r;
	unsigned i, k;

	(void)s;
	for (i = 0; i < LEN(ways); i++) {
		for (k = 0; k < VSOCK_LAYOUTS; k++) {
			begin(&r, ways[i]);
			r.nested = k & 1;
			assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
			echo(&r, PORT, 300000, 4000, k);
			assert_true(vsock_rig_connect(&r, 1, ECHO_PORT));
			echo(&r, 1, 1000, 1, k);
			assert_int_equal(stats(&r).bad, 0);
			vsock_rig_fini(&r);
		}
	}
}

static void test_a_stream_that_takes_little_at_once_loses_nothing(void **s)
{
	struct vsock_rig r;

	(void)s;
	begin(&r, ways[3]);
	r.home.step = 13;
	assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
	echo(&r, PORT, 50000, 3000, VSOCK_SCATTERED);
	vsock_rig_fini(&r);
}

/* The header alone in several buffers, the payload in others. */
static void test_a_packet_for_the_guest_may_be_scattered(void **s)
{
	enum { PARTS = 6 };
	static const uint32_t len[PARTS] = { 1, 20, 30, 5, 0, 100 };
	struct driver_buf v[PARTS];
	uint8_t flat[200], data[100], raw[VSOCK_HDR_LEN];
	struct vsock_rig r;
	struct vsock_hdr h;
	uint16_t head;
	uint32_t got;
	unsigned i;
	size_t at = 0;

	(void)s;
	assert_true(vsock_rig_init(&r, RAM));
	assert_true(vsock_rig_start(&r, ways[3], SIZE, BUF));
	assert_true(vsock_rig_start(&r, ways[3], SIZE, 0));
	for (i = 0; i < PARTS; i++)
		v[i] = (struct driver_buf){ driver_alloc(&r.drv, 1000, 1),
					    len[i], true };
	assert_true(driver_offer(&r.drv, VSOCK_RX, v, PARTS) >= 0);
	assert_true(driver_offer(&r.drv, VSOCK_RX, v, PARTS) >= 0);
	driver_publish(&r.drv, VSOCK_RX);
	h = vsock_rig_hdr(VSOCK_OP_REQUEST, PORT, ECHO_PORT, 0);
	assert_true(vsock_rig_send(&r, &h, NULL, VSOCK_TWO));
	for (i = 0; i < sizeof(data); i++)
		data[i] = pattern(i);
	h = vsock_rig_hdr(VSOCK_OP_RW, PORT, ECHO_PORT, sizeof(data));
	assert_true(vsock_rig_send(&r, &h, data, VSOCK_ONE));
	vsock_rig_serve(&r);
	assert_true(driver_used(&r.drv, VSOCK_RX, &head, &got));
	assert_int_equal(got, VSOCK_HDR_LEN);
	assert_true(driver_used(&r.drv, VSOCK_RX, &head, &got));
	assert_int_equal(got, VSOCK_HDR_LEN + sizeof(data));
	for (i = 0; i < PARTS; at += len[i], i++)
		if (len[i])
			memcpy(flat + at, driver_at(&r.drv, v[i].gpa, len[i]),
			       len[i]);
	memcpy(raw, flat, sizeof(raw));
	vsock_hdr_load(&h, raw);
	assert_int_equal(h.op, VSOCK_OP_RW);
	assert_int_equal(h.len, sizeof(data));
	assert_memory_equal(flat + VSOCK_HDR_LEN, data, sizeof(data));
	vsock_rig_fini(&r);
}

static void test_a_header_that_lies_of_its_length_moves_no_more(void **s)
{
	static const uint32_t more[] = { 11,        100,      5000,
					 1u << 20,  1u << 31, UINT32_MAX - 43,
					 UINT32_MAX };
	struct vsock_rig r;
	struct vsock_hdr h;
	unsigned i, k;

	(void)s;
	for (i = 0; i < LEN(more); i++) {
		for (k = 0; k < VSOCK_LAYOUTS; k++) {
			begin(&r, ways[0]);
			assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
			h = vsock_rig_hdr(VSOCK_OP_RW, PORT, ECHO_PORT,
					  more[i]);
			assert_true(
				vsock_rig_offer(&r, &h, "0123456789", 10, k));
			driver_kick(&r.drv, VSOCK_TX);
			vsock_rig_serve(&r);
			assert_int_equal(stats(&r).bad, 1);
			assert_int_equal(r.home.taken, 0);
			assert_true(vsock_rig_recv(&r, &h, NULL, 0));
			assert_int_equal(h.op, VSOCK_OP_RST);
			assert_false(needs_reset(&r));
			vsock_rig_fini(&r);
		}
	}
}

static void test_what_is_behind_a_packet_is_not_looked_at(void **s)
{
	struct vsock_rig r;
	struct vsock_hdr h;
	unsigned k;

	(void)s;
	for (k = 0; k < VSOCK_LAYOUTS; k++) {
		begin(&r, ways[0]);
		assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
		h = vsock_rig_hdr(VSOCK_OP_RW, PORT, ECHO_PORT, 3);
		assert_true(vsock_rig_offer(&r, &h, "0123456789", 10, k));
		driver_kick(&r.drv, VSOCK_TX);
		vsock_rig_serve(&r);
		assert_int_equal(r.home.taken, 3);
		vsock_rig_fini(&r);
	}
}

static void test_headers_of_any_kind_are_survived(void **s)
{
	struct vsock_rig r;
	struct vsock_hdr h;
	unsigned i, answered = 0;

	(void)s;
	begin(&r, ways[1]);
	for (i = 0; i < 3 * 0x200; i++) {
		h = vsock_rig_hdr(i / 3 & 0xff, PORT, ECHO_PORT, 0);
		h.op |= (uint16_t)(i / 3 & 0x100 ? 0xff00 : 0);
		h.type = (uint16_t)(i % 3); /* 1 is right */
		h.flags = UINT32_MAX;
		if (i % 7 == 0)
			h.dst_cid = UINT64_MAX;
		if (i % 11 == 0)
			h.src_cid = 0;
		assert_true(vsock_rig_send(&r, &h, NULL, VSOCK_ONE));
		vsock_rig_serve(&r);
		while (vsock_rig_recv(&r, &h, NULL, 0))
			answered++;
		assert_false(needs_reset(&r));
	}
	assert_true(answered > 100);
	assert_true(stats(&r).bad > 100);
	assert_true(vsock_rig_connect(&r, PORT + 1, ECHO_PORT));
	vsock_rig_fini(&r);
}

static void test_a_packet_without_a_header_breaks_the_device(void **s)
{
	static const uint32_t len[] = { 0, 1, 43 };
	struct driver_buf v;
	struct vsock_rig r;
	unsigned i;

	(void)s;
	for (i = 0; i < LEN(len); i++) {
		begin(&r, ways[0]);
		assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
		v = (struct driver_buf){ DRIVER_RAM, len[i], false };
		assert_true(driver_offer(&r.drv, VSOCK_TX, &v, 1) >= 0);
		driver_kick(&r.drv, VSOCK_TX);
		vsock_rig_serve(&r);
		check_broken(&r);
		vsock_rig_fini(&r);
	}
	/* A buffer that is for the device to write holds none either. */
	begin(&r, ways[0]);
	v = (struct driver_buf){ DRIVER_RAM, 100, true };
	assert_true(driver_offer(&r.drv, VSOCK_TX, &v, 1) >= 0);
	driver_kick(&r.drv, VSOCK_TX);
	vsock_rig_serve(&r);
	check_broken(&r);
	vsock_rig_fini(&r);
}

static void test_a_buffer_with_no_room_for_a_header_breaks_it(void **s)
{
	static const struct driver_buf bad[] = {
		{ DRIVER_RAM, 0, true },
		{ DRIVER_RAM, 43, true },
		{ DRIVER_RAM, 4096, false }, /* not to be written */
	};
	struct vsock_rig r;
	unsigned i;

	(void)s;
	for (i = 0; i < LEN(bad); i++) {
		assert_true(vsock_rig_init(&r, RAM));
		assert_true(vsock_rig_start(&r, ways[0], SIZE, 0));
		assert_true(driver_offer(&r.drv, VSOCK_RX, &bad[i], 1) >= 0);
		driver_kick(&r.drv, VSOCK_RX);
		vsock_rig_serve(&r);
		assert_true(needs_reset(&r));
		vsock_rig_fini(&r);
	}
}

static void test_a_broken_ring_breaks_the_device(void **s)
{
	struct vsock_rig r;
	unsigned queue;

	(void)s;
	for (queue = VSOCK_RX; queue <= VSOCK_TX; queue++) {
		begin(&r, ways[1]);
		assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
		driver_index(&r.drv, queue, 0x8000);
		driver_notify(&r.drv, queue);
		vsock_rig_serve(&r);
		check_broken(&r);
		vsock_rig_fini(&r);
	}
}

static void test_the_event_queue_is_looked_at_when_there_is_an_event(void **s)
{
	struct vsock_rig r;

	(void)s;
	begin(&r, ways[0]);
	driver_index(&r.drv, VSOCK_EVENT, 0x8000);
	driver_notify(&r.drv, VSOCK_EVENT);
	vsock_rig_serve(&r);
	assert_false(needs_reset(&r));
	vsock_rig_fini(&r);
}

static void test_a_room_for_a_header_alone_stops_nothing(void **s)
{
	struct vsock_rig r;
	struct vsock_hdr h;

	(void)s;
	assert_true(vsock_rig_init(&r, RAM));
	assert_true(vsock_rig_start(&r, ways[0], SIZE, VSOCK_HDR_LEN));
	vsock_rig_serve(&r);
	assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
	h = vsock_rig_hdr(VSOCK_OP_RW, PORT, ECHO_PORT, 4);
	assert_true(vsock_rig_send(&r, &h, "data", VSOCK_ONE));
	(void)vsock_rig_serve_some(&r, 100);
	assert_false(needs_reset(&r));
	vsock_rig_fini(&r);
}

/* An event loop must not spin because there are no buffers to fill. */
static void test_a_guest_without_room_costs_nothing(void **s)
{
	struct vsock_rig r;
	struct vsock_hdr h;
	unsigned i;

	(void)s;
	for (i = 0; i < LEN(ways); i++) {
		assert_true(vsock_rig_init(&r, RAM));
		assert_true(vsock_rig_start(&r, ways[i], SIZE, BUF));
		assert_true(vsock_rig_start(&r, ways[i], SIZE, 0));
		h = vsock_rig_hdr(VSOCK_OP_REQUEST, PORT, ECHO_PORT, 0);
		assert_true(vsock_rig_send(&r, &h, NULL, VSOCK_ONE));
		assert_true(vsock_rig_serve_some(&r, 10) < 10);
		/* But the first buffer is heard of. */
		vsock_rig_fill(&r);
		assert_true(atomic_load(&r.woken));
		vsock_rig_serve(&r);
		assert_true(vsock_rig_recv(&r, &h, NULL, 0));
		assert_int_equal(h.op, VSOCK_OP_RESPONSE);
		vsock_rig_fini(&r);
	}
}

static void test_buffers_put_back_while_nothing_waits_ring_no_bell(void **s)
{
	struct vsock_rig r;
	struct vsock_hdr h;
	unsigned i, wakes;

	(void)s;
	for (i = 0; i < 2; i++) {
		begin(&r, ways[i]);
		assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
		vsock_rig_serve(&r);
		h = vsock_rig_hdr(VSOCK_OP_CREDIT_REQUEST, PORT, ECHO_PORT, 0);
		assert_true(vsock_rig_send(&r, &h, NULL, VSOCK_ONE));
		vsock_rig_serve(&r);
		wakes = atomic_load(&r.wakes);
		assert_true(vsock_rig_recv(&r, &h, NULL, 0)); /* and back */
		assert_int_equal(atomic_load(&r.wakes), wakes);
		vsock_rig_fini(&r);
	}
}

static void test_interrupts_come_when_they_are_wanted(void **s)
{
	struct vsock_rig r;
	struct vsock_hdr h;
	unsigned i;

	(void)s;
	for (i = 0; i < 2; i++) {
		begin(&r, ways[i]);
		assert_int_equal(driver_ack(&r.drv), 0);
		(void)driver_irq(&r.drv, VSOCK_TX, false);
		(void)driver_irq(&r.drv, VSOCK_RX, true);
		h = vsock_rig_hdr(VSOCK_OP_REQUEST, PORT, ECHO_PORT, 0);
		assert_true(vsock_rig_send(&r, &h, NULL, VSOCK_ONE));
		vsock_rig_serve(&r);
		assert_int_equal(driver_ack(&r.drv), 1);
		assert_true(vsock_rig_recv(&r, &h, NULL, 0));
		/* Now none for either. */
		(void)driver_irq(&r.drv, VSOCK_RX, false);
		h = vsock_rig_hdr(VSOCK_OP_RW, PORT, ECHO_PORT, 4);
		assert_true(vsock_rig_send(&r, &h, "data", VSOCK_ONE));
		vsock_rig_serve(&r);
		assert_true(vsock_rig_recv(&r, &h, NULL, 0));
		assert_int_equal(driver_ack(&r.drv), 0);
		vsock_rig_fini(&r);
	}
}

static void test_one_service_is_bounded_and_asks_for_the_next(void **s)
{
	enum { MANY = VIRTQ_MAX };
	static uint8_t data[16000];
	struct vsock_rig r;
	struct vsock_hdr h;
	struct vsock_stats st;
	uint64_t before;
	unsigned i;

	(void)s;
	assert_true(vsock_rig_init(&r, 16 << 20));
	assert_true(vsock_rig_start(&r, ways[0], MANY, 16044));
	vsock_rig_serve(&r);
	before = stats(&r).packets[0];
	h = vsock_rig_hdr(VSOCK_OP_RW, PORT, ECHO_PORT, sizeof(data));
	h.op = VSOCK_OP_RST; /* answered by nobody */
	for (i = 0; i < MANY; i++)
		assert_true(
			vsock_rig_offer(&r, &h, data, sizeof(data), VSOCK_ONE));
	driver_kick(&r.drv, VSOCK_TX);
	assert_int_equal(vsock_rig_serve_some(&r, 1), 1);
	st = stats(&r);
	assert_true(st.packets[0] - before >= 16);
	assert_true((st.packets[0] - before) * sizeof(data) < 1200000);
	assert_true(atomic_load(&r.woken));
	vsock_rig_serve(&r);
	assert_int_equal(stats(&r).packets[0] - before, MANY);
	vsock_rig_fini(&r);
}

/* vsock_can_recv(): who gives no room for answers is not listened to. */
static void test_a_flood_waits_in_the_guest(void **s)
{
	struct vsock_rig r;
	struct vsock_hdr h;
	unsigned i, answers = 0;

	(void)s;
	assert_true(vsock_rig_init(&r, RAM));
	assert_true(vsock_rig_start(&r, ways[1], VIRTQ_MAX, 1024));
	assert_true(vsock_rig_start(&r, ways[1], VIRTQ_MAX, 0));
	for (i = 0; i < VIRTQ_MAX; i++) {
		h = vsock_rig_hdr(VSOCK_OP_RW, i, 9, 0);
		assert_true(vsock_rig_send(&r, &h, NULL, VSOCK_ONE));
	}
	assert_true(vsock_rig_serve_some(&r, 100) < 100);
	assert_int_equal(stats(&r).packets[0], VSOCK_ANSWERS);
	vsock_rig_fill(&r);
	do {
		vsock_rig_serve(&r);
		for (i = 0; vsock_rig_recv(&r, &h, NULL, 0); i++)
			assert_int_equal(h.op, VSOCK_OP_RST);
		answers += i;
	} while (i);
	assert_int_equal(answers, VIRTQ_MAX);
	vsock_rig_fini(&r);
}

static void test_a_reset_ends_all_streams(void **s)
{
	struct vsock_rig r;

	(void)s;
	begin(&r, ways[0]);
	assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
	assert_true(vsock_rig_connect(&r, PORT + 1, ECHO_PORT));
	assert_int_equal(r.home.live, 2);
	driver_set(&r.drv, V_STATUS, 0);
	vsock_rig_serve(&r);
	assert_int_equal(r.home.live, 0);
	assert_int_equal(r.home.closed[STREAM_GONE], 2);
	vsock_rig_fini(&r);
}

/* The loop looks up only after the new life has begun. */
static void test_a_quick_reset_is_not_missed(void **s)
{
	struct vsock_rig r;

	(void)s;
	begin(&r, ways[0]);
	assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
	assert_true(vsock_rig_start(&r, ways[1], SIZE, BUF));
	assert_true(vsock_rig_start(&r, ways[3], SIZE, BUF));
	vsock_rig_serve(&r);
	assert_int_equal(r.home.closed[STREAM_GONE], 1);
	assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
	vsock_rig_fini(&r);
}

static void test_a_reset_leaves_what_was_offered_alone(void **s)
{
	struct vsock_rig r;
	struct vsock_hdr h;
	uint8_t *copy;

	(void)s;
	begin(&r, ways[0]);
	h = vsock_rig_hdr(VSOCK_OP_REQUEST, PORT, ECHO_PORT, 0);
	assert_true(vsock_rig_send(&r, &h, NULL, VSOCK_ONE));
	driver_set(&r.drv, V_STATUS, 0);
	copy = malloc(RAM);
	assert_non_null(copy);
	memcpy(copy, r.drv.ram, RAM);
	vsock_rig_serve(&r);
	assert_memory_equal(copy, r.drv.ram, RAM);
	assert_int_equal(stats(&r).packets[0], 0);
	free(copy);
	vsock_rig_fini(&r);
}

static struct state save(struct vsock_rig *r)
{
	struct state out;

	state_init_save(&out);
	vsock_device_state(&r->dev, &out);
	assert_int_equal(state_fini(&out, NULL), 0);
	return out;
}

static bool load(struct vsock_rig *r, const struct state *saved)
{
	struct state in;

	state_init_load(&in, saved->buf, saved->len);
	vsock_device_state(&r->dev, &in);
	return !state_fini(&in, NULL);
}

/* The next event for the driver, or -1. */
static int64_t event(struct vsock_rig *r, uint64_t gpa)
{
	uint16_t head;
	uint32_t len;

	if (!driver_used(&r->drv, VSOCK_EVENT, &head, &len))
		return -1;
	assert_int_equal(len, 4);
	return le32(driver_at(&r->drv, gpa, 4));
}

/* `b` becomes what `a` was: another process, the same RAM and driver. */
static void migrate(struct vsock_rig *a, struct vsock_rig *b)
{
	struct state st = save(a);
	struct driver d = b->drv;

	assert_int_equal(a->drv.ram_size, d.ram_size);
	memcpy(d.ram, a->drv.ram, d.ram_size);
	memcpy(b->drv.ring, a->drv.ring, sizeof(d.ring));
	memcpy(b->rx, a->rx, sizeof(a->rx));
	memcpy(b->tx, a->tx, sizeof(a->tx));
	memcpy(b->rx_slot, a->rx_slot, sizeof(a->rx_slot));
	memcpy(b->tx_slot, a->tx_slot, sizeof(a->tx_slot));
	memcpy(b->tx_free, a->tx_free, sizeof(a->tx_free));
	b->tx_frees = a->tx_frees;
	b->rx_len = a->rx_len;
	b->tx_len = a->tx_len;
	b->drv.features = a->drv.features;
	b->drv.at = a->drv.at;
	assert_true(load(b, &st));
	free(st.buf);
}

static void test_a_loaded_driver_is_told_that_its_streams_are_gone(void **s)
{
	struct vsock_rig a, b;
	struct driver_buf v = { 0, 4, true };

	(void)s;
	begin(&a, ways[1]);
	assert_true(vsock_rig_init(&b, RAM));
	assert_true(vsock_rig_connect(&a, PORT, ECHO_PORT));
	v.gpa = driver_alloc(&a.drv, 4, 4);
	assert_true(driver_offer(&a.drv, VSOCK_EVENT, &v, 1) >= 0);
	(void)driver_kick(&a.drv, VSOCK_EVENT);
	vsock_rig_serve(&a);
	assert_int_equal(event(&a, v.gpa), -1); /* nothing to tell yet */
	(void)driver_irq(&a.drv, VSOCK_EVENT, true);
	driver_at(&a.drv, v.gpa, 1)[0] = 0xff;
	migrate(&a, &b);
	assert_true(atomic_load(&b.woken));
	vsock_rig_serve(&b);
	assert_int_equal(event(&b, v.gpa), 0); /* 5.10.6.7: reset */
	assert_true(driver_ack(&b.drv) & 1);
	assert_true(vsock_rig_connect(&b, PORT, ECHO_PORT));
	echo(&b, PORT, 20000, 4000, VSOCK_ONE);
	assert_int_equal(event(&b, v.gpa), -1); /* once */
	vsock_rig_fini(&a);
	vsock_rig_fini(&b);
}

static void test_the_news_waits_for_a_buffer(void **s)
{
	struct vsock_rig a, b;
	struct driver_buf v = { 0, 4, true };
	unsigned i;

	(void)s;
	for (i = 0; i < 4; i++) {
		begin(&a, ways[i]);
		assert_true(vsock_rig_init(&b, RAM));
		migrate(&a, &b);
		vsock_rig_serve(&b);
		v.gpa = driver_alloc(&b.drv, 4, 4);
		assert_int_equal(event(&b, v.gpa), -1);
		assert_true(driver_offer(&b.drv, VSOCK_EVENT, &v, 1) >= 0);
		assert_true(driver_kick(&b.drv, VSOCK_EVENT));
		vsock_rig_serve(&b);
		assert_int_equal(event(&b, v.gpa), 0);
		vsock_rig_fini(&a);
		vsock_rig_fini(&b);
	}
}

static void test_an_event_needs_four_bytes(void **s)
{
	struct vsock_rig a, b;
	struct driver_buf v = { DRIVER_RAM, 3, true };

	(void)s;
	begin(&a, ways[0]);
	assert_true(vsock_rig_init(&b, RAM));
	assert_true(driver_offer(&a.drv, VSOCK_EVENT, &v, 1) >= 0);
	driver_publish(&a.drv, VSOCK_EVENT);
	migrate(&a, &b);
	vsock_rig_serve(&b);
	assert_true(needs_reset(&b));
	vsock_rig_fini(&a);
	vsock_rig_fini(&b);
}

static void test_a_driver_that_was_not_up_is_told_nothing(void **s)
{
	struct vsock_rig a, b;
	struct driver_buf v = { DRIVER_RAM, 4, true };
	struct state st;

	(void)s;
	assert_true(vsock_rig_init(&a, RAM));
	begin(&b, ways[0]);
	st = save(&a);
	assert_true(vsock_rig_connect(&b, PORT, ECHO_PORT));
	assert_true(load(&b, &st)); /* over a device that ran */
	vsock_rig_serve(&b);
	assert_int_equal(b.home.live, 0);
	assert_true(vsock_rig_start(&b, ways[0], SIZE, BUF));
	assert_true(driver_offer(&b.drv, VSOCK_EVENT, &v, 1) >= 0);
	(void)driver_kick(&b.drv, VSOCK_EVENT);
	vsock_rig_serve(&b);
	assert_int_equal(event(&b, DRIVER_RAM), -1);
	free(st.buf);
	vsock_rig_fini(&a);
	vsock_rig_fini(&b);
}

static void test_a_state_of_another_guest_is_refused(void **s)
{
	struct vsock_rig a, b;
	struct state st;

	(void)s;
	begin(&a, ways[0]);
	assert_true(vsock_rig_init(&b, RAM));
	b.dev.cid = RIG_CID + 1;
	st = save(&a);
	assert_false(load(&b, &st));
	assert_int_equal(driver_get(&b.drv, V_STATUS), 0);
	free(st.buf);
	vsock_rig_fini(&a);
	vsock_rig_fini(&b);
}

/* ---- two threads ------------------------------------------------------ */

struct pair {
	struct vsock_rig rig;
	atomic_bool done;
};

static void loop_thread(void *arg)
{
	struct pair *p = arg;

	while (!atomic_load(&p->done))
		(void)vsock_rig_serve_some(&p->rig, 100);
}

/*
 * What the reset has returned from is the driver's alone: it writes all of it
 * with plain stores, which ThreadSanitizer holds against whoever is there.
 */
static void test_after_a_reset_memory_is_the_drivers(void **s)
{
	enum { LIVES = 300 };
	static struct pair p;
	struct vsock_rig *r = &p.rig;
	struct vsock_hdr h;
	struct thread t;
	unsigned life, i;

	(void)s;
	atomic_store(&p.done, false);
	assert_true(vsock_rig_init(r, 1 << 20));
	assert_int_equal(thread_start(&t, loop_thread, &p, NULL), 0);
	for (life = 0; life < LIVES; life++) {
		assert_true(vsock_rig_start(r, ways[life % 4], 16, 1024));
		h = vsock_rig_hdr(VSOCK_OP_REQUEST, 1, ECHO_PORT, 0);
		assert_true(vsock_rig_send(r, &h, NULL, VSOCK_ONE));
		while (life % 8 == 0 && !vsock_rig_recv(r, &h, NULL, 0))
			; /* the other thread answers */
		for (i = 0; i < 40; i++) {
			h = vsock_rig_hdr(
				i % 3 ? VSOCK_OP_RW : VSOCK_OP_REQUEST,
				PORT + i / 3, ECHO_PORT, i % 3 ? 900 : 0);
			(void)vsock_rig_send(r, &h, r->drv.ram,
					     i % VSOCK_LAYOUTS);
			while (vsock_rig_recv(r, &h, NULL, 0))
				;
			(void)driver_ack(&r->drv);
		}
		driver_set(&r->drv, V_STATUS, 0);
		memset(r->drv.ram, (int)life, r->drv.ram_size);
	}
	atomic_store(&p.done, true);
	thread_join(&t);
	vsock_rig_serve(r);
	assert_int_equal(r->home.live, 0);
	vsock_rig_fini(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_it_is_a_socket_device_with_the_cid_of_its_guest),
		cmocka_unit_test(test_bytes_come_back_whatever_was_negotiated),
		cmocka_unit_test(
			test_a_stream_that_takes_little_at_once_loses_nothing),
		cmocka_unit_test(test_a_packet_for_the_guest_may_be_scattered),
		cmocka_unit_test(
			test_a_header_that_lies_of_its_length_moves_no_more),
		cmocka_unit_test(test_what_is_behind_a_packet_is_not_looked_at),
		cmocka_unit_test(test_headers_of_any_kind_are_survived),
		cmocka_unit_test(
			test_a_packet_without_a_header_breaks_the_device),
		cmocka_unit_test(
			test_a_buffer_with_no_room_for_a_header_breaks_it),
		cmocka_unit_test(test_a_broken_ring_breaks_the_device),
		cmocka_unit_test(
			test_the_event_queue_is_looked_at_when_there_is_an_event),
		cmocka_unit_test(test_a_room_for_a_header_alone_stops_nothing),
		cmocka_unit_test(test_a_guest_without_room_costs_nothing),
		cmocka_unit_test(
			test_buffers_put_back_while_nothing_waits_ring_no_bell),
		cmocka_unit_test(test_interrupts_come_when_they_are_wanted),
		cmocka_unit_test(
			test_one_service_is_bounded_and_asks_for_the_next),
		cmocka_unit_test(test_a_flood_waits_in_the_guest),
		cmocka_unit_test(test_a_reset_ends_all_streams),
		cmocka_unit_test(test_a_quick_reset_is_not_missed),
		cmocka_unit_test(test_a_reset_leaves_what_was_offered_alone),
		cmocka_unit_test(
			test_a_loaded_driver_is_told_that_its_streams_are_gone),
		cmocka_unit_test(test_the_news_waits_for_a_buffer),
		cmocka_unit_test(test_an_event_needs_four_bytes),
		cmocka_unit_test(test_a_driver_that_was_not_up_is_told_nothing),
		cmocka_unit_test(test_a_state_of_another_guest_is_refused),
		cmocka_unit_test(test_after_a_reset_memory_is_the_drivers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
