/* SPDX-License-Identifier: MIT */
/*
 * test_virtq_mmio.c - what transports of others were broken by.  Each test
 * names the bug it comes from.
 */
#include <stdlib.h>

#include "../unit/check.h"
#include "base/container.h"
#include "core/state.h"
#include "plain.h"

enum { SIZE = 16 };

static void set(struct plain *p, uint32_t reg, uint32_t v)
{
	driver_set(&p->drv, reg, v);
}

static void rewrite_queue(struct plain *p, unsigned n, uint32_t size)
{
	set(p, V_QUEUE_SEL, n);
	set(p, V_QUEUE_READY, 0);
	set(p, V_QUEUE_NUM, size);
	driver_set64(&p->drv, V_QUEUE_DESC, DRIVER_RAM + PLAIN_RAM - 16);
	driver_set64(&p->drv, V_QUEUE_DRIVER, DRIVER_RAM + PLAIN_RAM - 16);
	driver_set64(&p->drv, V_QUEUE_DEVICE, DRIVER_RAM + PLAIN_RAM - 16);
	set(p, V_QUEUE_READY, 1);
	set(p, V_STATUS, V_RUNNING);
}

/*
 * CVE-2026-5747, Firecracker's virtio-pci: a queue's size was taken from its
 * register while the device ran; 0 divided, and 65535 wrote half a megabyte
 * behind the ring.
 */
static void test_what_is_written_after_driver_ok_does_not_count(void **s)
{
	static const uint32_t sizes[] = { 0, 1, 256, 65535, 65536, UINT32_MAX };
	struct driver_buf v = { DRIVER_RAM, 8, true };
	struct span pool[1];
	struct plain p;
	struct chain c;
	unsigned i, k, used;
	uint16_t head;
	uint32_t len;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_start(&p.drv, VIRTIO_F_VERSION_1, SIZE));
	for (i = 0; i < LEN(sizes); i++) {
		for (k = 0; k < 3 * SIZE; k++) { /* around the ring */
			assert_true(driver_offer(&p.drv, 1, &v, 1) >= 0);
			rewrite_queue(&p, 1, sizes[i]);
			driver_publish(&p.drv, 1);
			assert_true(virtio_enter(&p.mmio));
			assert_int_equal(virtq_pop(plain_queue(&p, 1), &c, pool,
						   1, &used),
					 VIRTQ_CHAIN);
			virtio_leave(&p.mmio);
			rewrite_queue(&p, 1, sizes[i]);
			assert_true(virtio_enter(&p.mmio));
			virtq_push(plain_queue(&p, 1), &c, 8);
			virtio_leave(&p.mmio);
			assert_true(driver_used(&p.drv, 1, &head, &len));
			assert_int_equal(head, c.head);
		}
	}
	plain_fini(&p);
}

/* The same class: a queue of size 0 and its % 0. */
static void test_a_queue_of_size_0_is_no_queue(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_negotiate(&p.drv, VIRTIO_F_VERSION_1));
	set(&p, V_QUEUE_READY, 1);
	assert_false(driver_go(&p.drv));
	assert_int_equal(driver_get(&p.drv, V_STATUS),
			 V_RUNNING | V_NEEDS_RESET);
	plain_fini(&p);
}

/* CVE-2011-2512, QEMU: the number of a queue was signed. */
static void test_the_number_of_a_queue_is_not_negative(void **s)
{
	static const uint32_t numbers[] = { UINT32_MAX, 0x80000000, 0xffff,
					    VIRTIO_QUEUES, DRIVER_QUEUES };
	struct plain p;
	unsigned i, k;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_negotiate(&p.drv, VIRTIO_F_VERSION_1));
	for (i = 0; i < LEN(numbers); i++) {
		rewrite_queue(&p, numbers[i], SIZE);
		assert_int_equal(driver_get(&p.drv, V_QUEUE_READY), 0);
		assert_int_equal(driver_get(&p.drv, V_QUEUE_NUM_MAX), 0);
		set(&p, V_QUEUE_NOTIFY, numbers[i]);
	}
	for (k = 0; k < DRIVER_QUEUES; k++)
		assert_int_equal(p.notified[k], 0);
	plain_fini(&p);
}

static size_t saved(struct plain *p, uint8_t out[static 1024])
{
	struct state s;
	size_t i, len;

	state_init_save(&s);
	virtio_state(&p->mmio, &s);
	assert_int_equal(state_fini(&s, NULL), 0);
	assert_true(s.len <= 1024);
	for (i = 0, len = s.len; i < len; i++)
		out[i] = s.buf[i];
	free(s.buf);
	return len;
}

/*
 * CVE-2023-3494 and FreeBSD-SA-24:17, bhyve: registers were indexed by an
 * offset whose size nobody had looked at.  cloud-hypervisor 8405 and 8506:
 * odd sizes ended the process.
 */
static void test_an_access_of_odd_size_or_place_changes_nothing(void **s)
{
	static const unsigned sizes[] = { 0, 1, 2, 3, 5, 8, 9, 16, ~0u };
	uint8_t before[1024], after[1024];
	struct plain p;
	uint64_t off;
	unsigned i;
	size_t len;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_start(&p.drv, VIRTIO_F_VERSION_1, SIZE));
	virtio_interrupt(&p.mmio);
	len = saved(&p, before);
	for (off = 0; off < 0x1010; off++) {
		for (i = 0; i < LEN(sizes); i++) {
			(void)virtio_mmio_ops.read(&p.mmio, off, sizes[i]);
			virtio_mmio_ops.write(&p.mmio, off, sizes[i], 0);
		}
		if (off % 4) {
			(void)virtio_mmio_ops.read(&p.mmio, off, 4);
			virtio_mmio_ops.write(&p.mmio, off, 4, 0);
		}
	}
	assert_int_equal(saved(&p, after), len);
	assert_memory_equal(before, after, len);
	assert_int_equal(p.stops, 0);
	plain_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_is_written_after_driver_ok_does_not_count),
		cmocka_unit_test(test_a_queue_of_size_0_is_no_queue),
		cmocka_unit_test(test_the_number_of_a_queue_is_not_negative),
		cmocka_unit_test(
			test_an_access_of_odd_size_or_place_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
