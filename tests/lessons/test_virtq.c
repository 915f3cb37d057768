/* SPDX-License-Identifier: MIT */
/*
 * test_virtq.c - what virtqueues of others were broken by.  Each test names
 * the bug it comes from.
 */
#include "virtio/virtq.h"

#include <stdlib.h>

#include "../unit/check.h"
#include "base/container.h"
#include "os/thread.h"
#include "plain.h"

enum { Q = 0, SIZE = 256, HOLE = 4096 };

static enum virtq_got pop(struct virtq *q, struct chain *c)
{
	static struct span pool[VIRTQ_MAX];
	unsigned used;

	return virtq_pop(q, c, pool, VIRTQ_MAX, &used);
}

/*
 * CVE-2019-18960, Firecracker 0.18: a descriptor was checked against the end
 * of guest memory but not against the end of its region, so a buffer could
 * reach up to 64 KiB behind a mapping.
 */
static void test_a_buffer_lies_in_one_region(void **s)
{
	static const struct {
		uint64_t off; /* from the end of the first region */
		uint32_t len;
		bool ok;
	} rows[] = {
		{ 0, 1, true },
		{ 0, HOLE, true },
		{ 0, HOLE + 1, false },
		{ (uint64_t)-1, 1, true },
		{ (uint64_t)-1, 2, false },
		{ (uint64_t)-1, 65536, false },
		{ HOLE, 1, false },
		{ (uint64_t)-HOLE, HOLE, true },
		{ (uint64_t)-HOLE, HOLE + 1, false },
	};
	const uint64_t end = DRIVER_RAM + PLAIN_RAM;
	uint8_t *next = malloc(HOLE);
	struct plain p;
	struct chain c;
	unsigned i;

	(void)s;
	assert_non_null(next);
	for (i = 0; i < LEN(rows); i++) {
		assert_true(plain_init(&p));
		/* The neighbour's memory is somewhere else in the host. */
		assert_int_equal(gmem_add(&p.drv.mem, end, next, HOLE, NULL),
				 0);
		assert_true(driver_start(&p.drv, VIRTIO_F_VERSION_1, SIZE));
		driver_desc(&p.drv, Q, 0, end + rows[i].off, rows[i].len,
			    V_WRITE, 0);
		driver_avail(&p.drv, Q, 0);
		driver_publish(&p.drv, Q);
		assert_int_equal(pop(plain_queue(&p, Q), &c),
				 rows[i].ok ? VIRTQ_CHAIN : VIRTQ_BROKEN);
		if (rows[i].ok) { /* all of it is ours to write */
			c.in[0].p[0] = 1;
			c.in[0].p[c.in[0].len - 1] = 1;
		}
		plain_fini(&p);
	}
	free(next);
}

/* ---- the index is one number, not two bytes --------------------------- */

struct toggle {
	struct plain p;
	atomic_bool done;
};

static void toggle_index(void *arg)
{
	struct toggle *t = arg;

	while (!atomic_load(&t->done)) {
		driver_index(&t->p.drv, Q, 0x0100);
		driver_index(&t->p.drv, Q, 0x00ff);
	}
}

/*
 * vm-memory pull requests 95 to 97, CVE-2020-13759: an index was copied byte
 * by byte, and read as 0x0000 or 0x01ff when it went from 0x00ff to 0x0100.
 */
static void test_an_index_is_read_as_a_whole(void **s)
{
	static struct toggle t;
	struct thread thread;
	struct virtq *q;
	struct chain c;
	unsigned i, full = 0, empty = 0;

	(void)s;
	atomic_store(&t.done, false);
	assert_true(plain_init(&t.p));
	assert_true(driver_start(&t.p.drv, VIRTIO_F_VERSION_1, SIZE));
	driver_desc(&t.p.drv, Q, 0, DRIVER_RAM, 1, 0, 0);
	q = plain_queue(&t.p, Q);
	q->taken = q->given = 0x00ff;
	driver_index(&t.p.drv, Q, 0x00ff);
	assert_int_equal(thread_start(&thread, toggle_index, &t, NULL), 0);
	for (i = 0; i < 300000 || !full || !empty; i++) {
		switch (pop(q, &c)) {
		case VIRTQ_CHAIN:
			virtq_unpop(q, 1);
			full++;
			break;
		case VIRTQ_EMPTY: empty++; break;
		case VIRTQ_BROKEN:
		case VIRTQ_NO_ROOM: assert_null("a torn index"); break;
		}
	}
	atomic_store(&t.done, true);
	thread_join(&thread);
	plain_fini(&t.p);
}

/* ---- work and memory have a bound ------------------------------------- */

/*
 * rust-vmm vm-virtio 196, Firecracker 3149 and 5762: chains that run in
 * circles or over the same memory again and again made more work, and more
 * memory, than there were descriptors.
 */
static void test_a_chain_has_no_more_buffers_than_the_queue(void **s)
{
	struct plain p;
	struct chain c;
	uint64_t table;
	uint16_t i;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_start(
		&p.drv, VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC, 4));
	table = driver_alloc(&p.drv, (size_t)16 * 1024, 16);
	for (i = 0; i < 1024; i++) /* each of them all of RAM */
		driver_table(&p.drv, table, i, DRIVER_RAM, PLAIN_RAM, V_NEXT,
			     (uint16_t)((i + 1) % 1024));
	driver_desc(&p.drv, Q, 0, table, 16 * 1024, V_INDIRECT, 0);
	driver_avail(&p.drv, Q, 0);
	driver_publish(&p.drv, Q);
	assert_int_equal(pop(plain_queue(&p, Q), &c), VIRTQ_BROKEN);
	plain_fini(&p);
}

/*
 * CVE-2016-5403, QEMU's virtqueue_pop(): a driver that offered the same
 * descriptors again and again had the device hold requests without limit.
 */
static void test_no_more_chains_are_out_than_the_queue_has(void **s)
{
	struct plain p;
	struct chain c;
	unsigned n;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_start(&p.drv, VIRTIO_F_VERSION_1, 8));
	driver_desc(&p.drv, Q, 0, DRIVER_RAM, 1, 0, 0);
	for (n = 0; n < 100; n++) {
		driver_index(&p.drv, Q, (uint16_t)(n + 1));
		if (pop(plain_queue(&p, Q), &c) != VIRTQ_CHAIN)
			break;
	}
	assert_int_equal(n, 8);
	assert_true(plain_queue(&p, Q)->broken);
	plain_fini(&p);
}

/*
 * CVE-2020-16843, Firecracker's network: a buffer that came between the last
 * look and the request for a notification was never noticed.
 */
static void test_a_buffer_that_comes_before_arming_is_noticed(void **s)
{
	static const uint64_t ways[] = { 0, VIRTIO_F_EVENT_IDX };
	struct driver_buf v = { DRIVER_RAM, 1, true };
	struct plain p;
	struct chain c;
	unsigned i;

	(void)s;
	for (i = 0; i < LEN(ways); i++) {
		struct virtq *q;

		assert_true(plain_init(&p));
		assert_true(driver_start(&p.drv, VIRTIO_F_VERSION_1 | ways[i],
					 SIZE));
		q = plain_queue(&p, Q);
		assert_true(driver_offer(&p.drv, Q, &v, 1) >= 0);
		(void)driver_kick(&p.drv, Q);
		virtq_disarm(q);
		assert_int_equal(pop(q, &c), VIRTQ_CHAIN);
		assert_int_equal(pop(q, &c), VIRTQ_EMPTY); /* the last look */
		assert_true(driver_offer(&p.drv, Q, &v, 1) >= 0);
		assert_false(driver_kick(&p.drv, Q)); /* not wanted yet */
		assert_true(virtq_arm(q));            /* so look again */
		plain_fini(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_buffer_lies_in_one_region),
		cmocka_unit_test(test_an_index_is_read_as_a_whole),
		cmocka_unit_test(
			test_a_chain_has_no_more_buffers_than_the_queue),
		cmocka_unit_test(
			test_no_more_chains_are_out_than_the_queue_has),
		cmocka_unit_test(
			test_a_buffer_that_comes_before_arming_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
