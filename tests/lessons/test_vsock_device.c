/* SPDX-License-Identifier: MIT */
/*
 * test_vsock_device.c - what socket devices of others were broken by.  Each
 * test names the bug it comes from.
 */
#include "virtio/vsock_device.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/check.h"
#include "base/container.h"
#include "vsock_rig.h"

enum { RAM = 4 << 20, SIZE = 64, BUF = 4096, PORT = 1000 };

static void begin(struct vsock_rig *r, uint64_t features)
{
	assert_true(vsock_rig_init(r, RAM));
	assert_true(vsock_rig_start(r, RIG_FEATURES | features, SIZE, BUF));
	vsock_rig_serve(r);
}

static struct vsock_stats stats(const struct vsock_rig *r)
{
	struct vsock_stats st;

	vsock_stats(r->vsock, &st);
	return st;
}

/*
 * CVE-2019-18960, Firecracker 0.18: a packet at the very end of a region let
 * the device read and write up to 64 KiB behind it.
 */
static void test_a_packet_at_the_end_of_ram_is_its_buffer_long(void **s)
{
	const uint64_t end = DRIVER_RAM + RAM;
	struct vsock_hdr h = vsock_rig_hdr(VSOCK_OP_RW, PORT, ECHO_PORT, 65536);
	struct driver_buf v = { end - 50, 50, false };
	struct vsock_rig r;

	(void)s;
	begin(&r, 0);
	assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
	vsock_hdr_store(&h, driver_at(&r.drv, v.gpa, v.len));
	assert_true(driver_offer(&r.drv, VSOCK_TX, &v, 1) >= 0);
	driver_kick(&r.drv, VSOCK_TX);
	vsock_rig_serve(&r);
	assert_int_equal(r.home.taken, 0);
	assert_int_equal(stats(&r).bad, 1);
	vsock_rig_fini(&r);
}

/* ---- the header is read once ------------------------------------------ */

struct forger {
	struct vsock_rig rig; /* first: accept()'s ctx is the rig */
	uint64_t header;      /* GPA */
	bool forged;
};

/* The guest's other CPU, at the worst moment. */
static struct stream *forge(void *ctx, uint32_t port, uint32_t guest_port)
{
	struct forger *f = ctx;
	struct vsock_hdr h =
		vsock_rig_hdr(VSOCK_OP_RW, PORT + 1, 1, UINT32_MAX);

	assert_int_equal(port, ECHO_PORT);
	assert_int_equal(guest_port, PORT);
	vsock_hdr_store(&h, driver_at(&f->rig.drv, f->header, VSOCK_HDR_LEN));
	f->forged = true;
	return echo_new(&f->rig.home);
}

/*
 * cloud-hypervisor 7530: the header was checked, and then read again from the
 * guest's memory, which had changed.  FreeBSD-SA-24:17 found the same in bhyve.
 */
static void test_a_header_that_changes_after_it_was_read_is_no_news(void **s)
{
	struct forger f = { .forged = false };
	struct driver_buf v = { 0, VSOCK_HDR_LEN, false };
	struct vsock_hdr h =
		vsock_rig_hdr(VSOCK_OP_REQUEST, PORT, ECHO_PORT, 0);

	(void)s;
	begin(&f.rig, 0);
	f.rig.accept = forge;
	f.header = v.gpa = driver_alloc(&f.rig.drv, VSOCK_HDR_LEN, 8);
	vsock_hdr_store(&h, driver_at(&f.rig.drv, v.gpa, v.len));
	assert_true(driver_offer(&f.rig.drv, VSOCK_TX, &v, 1) >= 0);
	driver_kick(&f.rig.drv, VSOCK_TX);
	vsock_rig_serve(&f.rig);
	assert_true(f.forged);
	assert_true(vsock_rig_recv(&f.rig, &h, NULL, 0));
	assert_int_equal(h.op, VSOCK_OP_RESPONSE);
	assert_int_equal(h.dst_port, PORT);
	assert_int_equal(h.src_port, ECHO_PORT);
	assert_int_equal(stats(&f.rig).bad, 0);
	vsock_rig_fini(&f.rig);
}

/*
 * OpenBSD vmd, 0759b25c: a descriptor's length was that of a buffer on the
 * stack.  Here a header comes in one piece of megabytes, or in 44 of a byte.
 */
static void test_a_header_is_44_bytes_whatever_a_descriptor_says(void **s)
{
	struct vsock_hdr h =
		vsock_rig_hdr(VSOCK_OP_REQUEST, PORT, ECHO_PORT, 0);
	struct driver_buf v = { DRIVER_RAM, RAM / 2, false };
	struct vsock_rig r;
	uint64_t gpa;
	unsigned i;

	(void)s;
	begin(&r, 0);
	vsock_hdr_store(&h, r.drv.ram);
	assert_true(driver_offer(&r.drv, VSOCK_TX, &v, 1) >= 0);
	driver_kick(&r.drv, VSOCK_TX);
	vsock_rig_serve(&r);
	assert_true(vsock_rig_recv(&r, &h, NULL, 0));
	assert_int_equal(h.op, VSOCK_OP_RESPONSE);
	gpa = driver_alloc(&r.drv, VSOCK_HDR_LEN, 1);
	h = vsock_rig_hdr(VSOCK_OP_REQUEST, PORT + 1, ECHO_PORT, 0);
	vsock_hdr_store(&h, driver_at(&r.drv, gpa, VSOCK_HDR_LEN));
	for (i = 0; i < VSOCK_HDR_LEN; i++)
		driver_desc(&r.drv, VSOCK_TX, (uint16_t)i, gpa + i, 1,
			    i + 1 < VSOCK_HDR_LEN ? V_NEXT : 0,
			    (uint16_t)(i + 1));
	driver_avail(&r.drv, VSOCK_TX, 0);
	driver_kick(&r.drv, VSOCK_TX);
	vsock_rig_serve(&r);
	assert_true(vsock_rig_recv(&r, &h, NULL, 0));
	assert_int_equal(h.op, VSOCK_OP_RESPONSE);
	assert_int_equal(h.dst_port, PORT + 1);
	vsock_rig_fini(&r);
}

/*
 * Firecracker 3149 and 5762: chains over the same memory again and again.
 * Every packet here says to be 16 MiB of data, and 64 of them wait.
 */
static void test_overlapping_buffers_amplify_neither_work_nor_memory(void **s)
{
	enum { PARTS = 16, EACH = 1 << 20 };
	struct vsock_hdr h = vsock_rig_hdr(VSOCK_OP_RW, PORT, ECHO_PORT,
					   PARTS * EACH - VSOCK_HDR_LEN);
	struct driver_buf v[PARTS];
	struct vsock_rig r;
	unsigned i, served;

	(void)s;
	begin(&r, VIRTIO_F_INDIRECT_DESC);
	assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
	vsock_hdr_store(&h, r.drv.ram);
	for (i = 0; i < PARTS; i++)
		v[i] = (struct driver_buf){ DRIVER_RAM, EACH, false };
	for (i = 1; i < SIZE; i++) /* one is not reaped yet */
		assert_true(driver_offer(&r.drv, VSOCK_TX, v, PARTS) >= 0);
	driver_kick(&r.drv, VSOCK_TX);
	served = vsock_rig_serve_some(&r, 1000);
	/* A few at a time, and between two of them others have their turn. */
	assert_in_range(served, SIZE / 4, 999);
	assert_int_equal(r.home.taken, 0); /* far beyond any credit */
	assert_int_equal(stats(&r).buffered, 0);
	assert_true(stats(&r).bad >= 1);
	vsock_rig_fini(&r);
}

/* ---- what was sent is not sent again ---------------------------------- */

struct choosy {
	struct stream stream;
	uint8_t got[20000];
	size_t len;
	unsigned calls;
	bool closed;
};

static ptrdiff_t choosy_read(struct stream *s, const struct span *v, unsigned n)
{
	(void)s;
	(void)v;
	(void)n;
	return STREAM_AGAIN;
}

/* Takes a little, then nothing for a while, then a little more. */
static ptrdiff_t choosy_write(struct stream *s, const struct span *v,
			      unsigned n)
{
	struct choosy *c = container_of(s, struct choosy, stream);
	size_t want = 1 + c->calls % 97, done;

	if (c->calls++ % 3 == 2)
		return STREAM_AGAIN;
	assert_true(c->len + want <= sizeof(c->got));
	done = spans_get(v, n, 0, c->got + c->len, want);
	c->len += done;
	return (ptrdiff_t)done;
}

static void choosy_end(struct stream *s)
{
	(void)s;
}

static void choosy_close(struct stream *s, enum stream_why why)
{
	(void)why;
	container_of(s, struct choosy, stream)->closed = true;
}

static const struct stream_ops choosy_ops = {
	.read = choosy_read,
	.write = choosy_write,
	.end = choosy_end,
	.close = choosy_close,
};

struct choosy_rig {
	struct vsock_rig rig; /* first: accept()'s ctx is the rig */
	struct choosy choosy;
};

static struct stream *accept_choosy(void *ctx, uint32_t port,
				    uint32_t guest_port)
{
	struct choosy_rig *c = ctx;

	(void)port;
	(void)guest_port;
	c->choosy.stream.ops = &choosy_ops;
	return &c->choosy.stream;
}

/*
 * Firecracker 5485: after a write that took a part, the first part was sent
 * again.  cloud-hypervisor 7680: kernels since 6.3 put header and data into
 * one descriptor.
 */
static void test_a_write_that_takes_a_part_loses_and_repeats_nothing(void **s)
{
	enum { EACH = 700, PACKETS = 18 };
	static struct choosy_rig c;
	uint8_t data[EACH];
	struct vsock_hdr h;
	unsigned i, k, tries;

	(void)s;
	memset(&c, 0, sizeof(c));
	begin(&c.rig, VIRTIO_F_INDIRECT_DESC);
	c.rig.accept = accept_choosy;
	assert_true(vsock_rig_connect(&c.rig, PORT, 5));
	for (i = 0; i < PACKETS; i++) {
		h = vsock_rig_hdr(VSOCK_OP_RW, PORT, 5, EACH);
		for (k = 0; k < EACH; k++)
			data[k] = (uint8_t)((i * EACH + k) * 251 >> 3);
		assert_true(
			vsock_rig_send(&c.rig, &h, data, i % VSOCK_LAYOUTS));
		vsock_rig_serve(&c.rig);
	}
	for (tries = 0; c.choosy.len < EACH * PACKETS && tries < 10000;
	     tries++) {
		stream_ready(&c.choosy.stream, STREAM_WRITE);
		vsock_rig_serve(&c.rig);
	}
	assert_int_equal(c.choosy.len, EACH * PACKETS);
	for (k = 0; k < EACH * PACKETS; k++)
		assert_int_equal(c.choosy.got[k], (uint8_t)(k * 251 >> 3));
	vsock_rig_fini(&c.rig);
	assert_true(c.choosy.closed);
}

/*
 * CVE-2020-16843, Firecracker: once its receive ring was full, the device
 * never went on.
 */
static void test_a_full_receive_ring_only_delays(void **s)
{
	enum { EACH = 100, PACKETS = 30 };
	static const uint8_t data[EACH];
	struct vsock_rig r;
	struct vsock_hdr h;
	unsigned life, i;
	size_t got = 0;

	(void)s;
	assert_true(vsock_rig_init(&r, RAM));
	for (life = 0; life < 2; life++, got = 0) {
		assert_true(vsock_rig_start(
			&r, RIG_FEATURES | (life ? VIRTIO_F_EVENT_IDX : 0), 4,
			200));
		vsock_rig_serve(&r);
		assert_true(vsock_rig_connect(&r, PORT, ECHO_PORT));
		/* More comes back than 4 buffers of 200 bytes hold. */
		for (i = 0; i < PACKETS; i++) {
			h = vsock_rig_hdr(VSOCK_OP_RW, PORT, ECHO_PORT, EACH);
			assert_true(vsock_rig_send(&r, &h, data, VSOCK_ONE));
			vsock_rig_serve(&r);
		}
		/* From here on only the driver's bell moves it. */
		for (i = 0; i < 1000; i++) {
			if (!vsock_rig_recv(&r, &h, NULL, 0))
				break;
			if (h.op == VSOCK_OP_RW)
				got += h.len;
			vsock_rig_serve(&r);
		}
		assert_int_equal(got, EACH * PACKETS);
	}
	vsock_rig_fini(&r);
}

/* ---- a reset waits for who is at work --------------------------------- */

struct worker {
	struct vsock_rig rig; /* first: accept()'s ctx is the rig */
	struct stream stream;
	struct thread thread;
	atomic_bool inside, resetting, back;
	bool seen;
	unsigned closed;
};

static void reset_thread(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&w->inside))
		(void)sched_yield();
	atomic_store(&w->resetting, true);
	driver_set(&w->rig.drv, V_STATUS, 0);
	atomic_store(&w->back, true);
	/* The guest has its memory again, for something else. */
	memset(w->rig.drv.ram, 0xee, w->rig.drv.ram_size);
}

/* Has the guest's bytes in hand while another of its CPUs resets us. */
static ptrdiff_t worker_write(struct stream *s, const struct span *v,
			      unsigned n)
{
	struct worker *w = container_of(s, struct worker, stream);
	char copy[5] = "";
	unsigned i;

	atomic_store(&w->inside, true);
	for (i = 0; i < 1000 || !atomic_load(&w->resetting); i++)
		(void)sched_yield();
	assert_int_equal(spans_get(v, n, 0, copy, 4), 4);
	assert_string_equal(copy, "data");
	assert_false(atomic_load(&w->back));
	w->seen = true;
	return 4;
}

static void worker_close(struct stream *s, enum stream_why why)
{
	struct worker *w = container_of(s, struct worker, stream);

	assert_int_equal(why, STREAM_GONE);
	w->closed++;
}

static const struct stream_ops worker_ops = {
	.read = choosy_read,
	.write = worker_write,
	.end = choosy_end,
	.close = worker_close,
};

static struct stream *accept_worker(void *ctx, uint32_t port,
				    uint32_t guest_port)
{
	struct worker *w = ctx;

	(void)port;
	(void)guest_port;
	w->stream.ops = &worker_ops;
	return &w->stream;
}

/*
 * CVE-2026-45782, cloud-hypervisor's block device, and CVE-2021-3748, QEMU's
 * network: a request was completed after the device had been reset, into
 * memory that was somebody else's by then.
 */
static void test_a_reset_comes_back_when_nobody_is_at_work(void **s)
{
	static struct worker w;
	struct vsock_hdr h = vsock_rig_hdr(VSOCK_OP_RW, PORT, 5, 4);

	(void)s;
	memset(&w, 0, sizeof(w));
	begin(&w.rig, 0);
	w.rig.accept = accept_worker;
	assert_true(vsock_rig_connect(&w.rig, PORT, 5));
	assert_true(vsock_rig_send(&w.rig, &h, "data", VSOCK_TWO));
	assert_int_equal(thread_start(&w.thread, reset_thread, &w, NULL), 0);
	vsock_rig_serve(&w.rig);
	thread_join(&w.thread);
	assert_true(w.seen);
	vsock_rig_serve(&w.rig);
	assert_int_equal(w.closed, 1);
	vsock_rig_fini(&w.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_packet_at_the_end_of_ram_is_its_buffer_long),
		cmocka_unit_test(
			test_a_header_that_changes_after_it_was_read_is_no_news),
		cmocka_unit_test(
			test_a_header_is_44_bytes_whatever_a_descriptor_says),
		cmocka_unit_test(
			test_overlapping_buffers_amplify_neither_work_nor_memory),
		cmocka_unit_test(
			test_a_write_that_takes_a_part_loses_and_repeats_nothing),
		cmocka_unit_test(test_a_full_receive_ring_only_delays),
		cmocka_unit_test(
			test_a_reset_comes_back_when_nobody_is_at_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
