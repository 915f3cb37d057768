/* SPDX-License-Identifier: MIT */
#include "virtio/mmio.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/container.h"
#include "core/state.h"
#include "plain.h"

enum { SIZE = 8 };

#define OFFERED                                                         \
	(PLAIN_FEATURES | VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | \
	 VIRTIO_F_EVENT_IDX)

static uint32_t get(struct plain *p, uint32_t reg)
{
	return driver_get(&p->drv, reg);
}

static void set(struct plain *p, uint32_t reg, uint32_t v)
{
	driver_set(&p->drv, reg, v);
}

static void test_the_identity_is_that_of_the_device(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	assert_int_equal(get(&p, V_MAGIC), 0x74726976);
	assert_int_equal(get(&p, V_VERSION), 2);
	assert_int_equal(get(&p, V_DEVICE_ID), PLAIN_ID);
	assert_int_not_equal(get(&p, V_VENDOR_ID), 0);
	assert_int_equal(get(&p, V_CONFIG_GENERATION), 0);
	plain_fini(&p);
}

/* Whatever is written to them, or stands nowhere in table 4.1. */
static void test_registers_that_cannot_be_read_are_0(void **s)
{
	static const uint32_t regs[] = {
		V_DEVICE_FEATURES_SEL,
		V_DRIVER_FEATURES,
		V_DRIVER_FEATURES_SEL,
		V_QUEUE_SEL,
		V_QUEUE_NUM,
		V_QUEUE_NOTIFY,
		V_INTERRUPT_ACK,
		V_QUEUE_DESC,
		V_QUEUE_DESC + 4,
		V_QUEUE_DRIVER,
		V_QUEUE_DRIVER + 4,
		V_QUEUE_DEVICE,
		V_QUEUE_DEVICE + 4,
		V_SHM_SEL,
		V_QUEUE_RESET,
		0x018,
		0x01c,
		0x028,
		0x03c,
		0x0f8,
	};
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	for (i = 0; i < LEN(regs); i++) {
		set(&p, regs[i], 1);
		assert_int_equal(get(&p, regs[i]), 0);
	}
	assert_int_equal(get(&p, V_STATUS), 0);
	plain_fini(&p);
}

static void test_registers_that_cannot_be_written_stay(void **s)
{
	static const uint32_t regs[] = { V_MAGIC,
					 V_VERSION,
					 V_DEVICE_ID,
					 V_VENDOR_ID,
					 V_DEVICE_FEATURES,
					 V_QUEUE_NUM_MAX,
					 V_INTERRUPT_STATUS,
					 V_SHM_LEN,
					 V_SHM_LEN + 4,
					 V_SHM_BASE,
					 V_SHM_BASE + 4,
					 V_CONFIG_GENERATION };
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	for (i = 0; i < LEN(regs); i++) {
		uint32_t was = get(&p, regs[i]);

		set(&p, regs[i], ~was);
		assert_int_equal(get(&p, regs[i]), was);
	}
	plain_fini(&p);
}

static void test_there_is_no_shared_memory(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	set(&p, V_SHM_SEL, 0);
	assert_int_equal(get(&p, V_SHM_LEN), UINT32_MAX);
	assert_int_equal(get(&p, V_SHM_LEN + 4), UINT32_MAX);
	assert_int_equal(get(&p, V_SHM_BASE), UINT32_MAX);
	assert_int_equal(get(&p, V_SHM_BASE + 4), UINT32_MAX);
	plain_fini(&p);
}

static void test_features_come_in_halves(void **s)
{
	static const struct {
		uint32_t sel, want;
	} rows[] = { { 0, (uint32_t)OFFERED },
		     { 1, (uint32_t)(OFFERED >> 32) },
		     { 2, 0 },
		     { UINT32_MAX, 0 } };
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	for (i = 0; i < LEN(rows); i++) {
		set(&p, V_DEVICE_FEATURES_SEL, rows[i].sel);
		assert_int_equal(get(&p, V_DEVICE_FEATURES), rows[i].want);
	}
	plain_fini(&p);
}

static void test_features_are_taken_when_they_were_offered(void **s)
{
	static const struct {
		uint64_t features;
		bool ok;
	} rows[] = {
		{ VIRTIO_F_VERSION_1, true },
		{ OFFERED, true },
		{ 0, false },
		{ OFFERED & ~VIRTIO_F_VERSION_1, false },
		{ VIRTIO_F_VERSION_1 | 2, false },
		{ VIRTIO_F_VERSION_1 | UINT64_C(1) << 33, false },
		{ UINT64_MAX, false },
	};
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	for (i = 0; i < LEN(rows); i++)
		assert_int_equal(driver_negotiate(&p.drv, rows[i].features),
				 rows[i].ok);
	/* A driver that was refused may try others. */
	assert_false(driver_negotiate(&p.drv, VIRTIO_F_VERSION_1 | 2));
	set(&p, V_DRIVER_FEATURES_SEL, 2); /* nothing is there */
	set(&p, V_DRIVER_FEATURES, 2);
	set(&p, V_DRIVER_FEATURES_SEL, 0);
	set(&p, V_DRIVER_FEATURES, 1);
	set(&p, V_STATUS, V_READY);
	assert_int_equal(get(&p, V_STATUS), V_READY);
	/* Now they are settled. */
	set(&p, V_DRIVER_FEATURES, 4);
	assert_int_equal(p.mmio.driver_features, VIRTIO_F_VERSION_1 | 1);
	plain_fini(&p);
}

static void test_features_count_after_the_driver_knows_us(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	set(&p, V_DRIVER_FEATURES_SEL, 1);
	set(&p, V_DRIVER_FEATURES, 1);
	set(&p, V_STATUS, V_ACKNOWLEDGE);
	set(&p, V_DRIVER_FEATURES, 1);
	set(&p, V_STATUS, V_ACKNOWLEDGE | V_DRIVER);
	set(&p, V_STATUS, V_READY);
	assert_int_equal(get(&p, V_STATUS), V_ACKNOWLEDGE | V_DRIVER);
	plain_fini(&p);
}

static void test_status_goes_up_step_by_step(void **s)
{
	static const struct {
		uint32_t write, want;
	} rows[] = {
		{ V_DRIVER, 0 },
		{ V_FEATURES_OK, 0 },
		{ V_DRIVER_OK, 0 },
		{ V_NEEDS_RESET, 0 },
		{ 0xffffff00 | 0x30, 0 },
		{ V_ACKNOWLEDGE, V_ACKNOWLEDGE },
		{ V_FEATURES_OK | V_ACKNOWLEDGE, V_ACKNOWLEDGE },
		{ V_DRIVER_OK | V_ACKNOWLEDGE, V_ACKNOWLEDGE },
		{ V_DRIVER, V_ACKNOWLEDGE | V_DRIVER }, /* none is cleared */
		{ V_DRIVER_OK | V_DRIVER, V_ACKNOWLEDGE | V_DRIVER },
		{ V_READY, V_ACKNOWLEDGE | V_DRIVER }, /* no VERSION_1 */
		{ V_RUNNING, V_ACKNOWLEDGE | V_DRIVER },
		{ V_NEEDS_RESET | V_DRIVER, V_ACKNOWLEDGE | V_DRIVER },
		{ V_FAILED, V_FAILED | V_ACKNOWLEDGE | V_DRIVER },
		{ V_READY, V_FAILED | V_ACKNOWLEDGE | V_DRIVER },
		{ 0, 0 },
	};
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	for (i = 0; i < LEN(rows); i++) {
		set(&p, V_STATUS, rows[i].write);
		assert_int_equal(get(&p, V_STATUS), rows[i].want);
	}
	assert_int_equal(p.starts, 0);
	assert_int_equal(p.stops, 0);
	plain_fini(&p);
}

static void test_only_queues_of_the_device_have_a_size(void **s)
{
	static const uint32_t none[] = { DRIVER_QUEUES, VIRTIO_QUEUES, 256,
					 UINT32_MAX };
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_negotiate(&p.drv, OFFERED));
	for (i = 0; i < DRIVER_QUEUES; i++) {
		set(&p, V_QUEUE_SEL, i);
		assert_int_equal(get(&p, V_QUEUE_NUM_MAX), VIRTQ_MAX);
		assert_int_equal(get(&p, V_QUEUE_READY), 0);
	}
	for (i = 0; i < LEN(none); i++) {
		set(&p, V_QUEUE_SEL, none[i]);
		assert_int_equal(get(&p, V_QUEUE_NUM_MAX), 0);
		set(&p, V_QUEUE_NUM, SIZE);
		driver_set64(&p.drv, V_QUEUE_DESC, UINT64_MAX);
		driver_set64(&p.drv, V_QUEUE_DRIVER, UINT64_MAX);
		driver_set64(&p.drv, V_QUEUE_DEVICE, UINT64_MAX);
		set(&p, V_QUEUE_READY, 1);
		assert_int_equal(get(&p, V_QUEUE_READY), 0);
	}
	plain_fini(&p);
}

static void test_a_started_device_has_its_queues(void **s)
{
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	assert_false(virtio_enter(&p.mmio));
	assert_true(driver_start(&p.drv, OFFERED, SIZE));
	assert_int_equal(p.starts, 1);
	assert_true(virtio_enter(&p.mmio));
	for (i = 0; i < DRIVER_QUEUES; i++) {
		const struct driver_ring *r = &p.drv.ring[i];
		const struct virtq *q = plain_queue(&p, i);

		assert_int_equal(q->at.desc, r->desc);
		assert_int_equal(q->at.avail, r->avail);
		assert_int_equal(q->at.used, r->used);
		assert_int_equal(q->at.size, SIZE);
		assert_true(q->event_idx);
	}
	virtio_leave(&p.mmio);
	/* Once is enough. */
	set(&p, V_STATUS, V_RUNNING);
	assert_int_equal(p.starts, 1);
	/* And gone with it. */
	set(&p, V_STATUS, 0);
	assert_int_equal(p.stops, 1);
	assert_false(virtio_enter(&p.mmio));
	assert_null(plain_queue(&p, 0)->desc);
	set(&p, V_STATUS, 0);
	assert_int_equal(p.stops, 1);
	plain_fini(&p);
}

static void test_queues_may_be_set_up_in_any_order_or_not_at_all(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_negotiate(&p.drv, VIRTIO_F_VERSION_1));
	driver_queue(&p.drv, 2, SIZE);
	driver_queue(&p.drv, 0, 4);
	assert_true(driver_go(&p.drv));
	assert_int_equal(plain_queue(&p, 0)->at.size, 4);
	assert_null(plain_queue(&p, 1)->desc);
	assert_false(plain_queue(&p, 2)->event_idx);
	plain_fini(&p);
}

static void test_queues_are_set_up_between_features_and_start(void **s)
{
	struct virtq_place was;
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	driver_queue(&p.drv, 0, SIZE); /* too early */
	assert_int_equal(get(&p, V_QUEUE_READY), 0);
	assert_true(driver_start(&p.drv, OFFERED, SIZE));
	was = plain_queue(&p, 0)->at;
	set(&p, V_QUEUE_SEL, 0);
	set(&p, V_QUEUE_READY, 0); /* too late, as all that follows */
	assert_int_equal(get(&p, V_QUEUE_READY), 1);
	set(&p, V_QUEUE_NUM, 128);
	driver_set64(&p.drv, V_QUEUE_DESC, 0);
	driver_set64(&p.drv, V_QUEUE_DRIVER, 0);
	driver_set64(&p.drv, V_QUEUE_DEVICE, 0);
	set(&p, V_QUEUE_READY, 1);
	set(&p, V_STATUS, V_RUNNING);
	assert_memory_equal(&plain_queue(&p, 0)->at, &was, sizeof(was));
	assert_memory_equal(&p.mmio.place[0], &was, sizeof(was));
	plain_fini(&p);
}

static void test_a_ready_queue_changes_after_it_is_unready(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_negotiate(&p.drv, OFFERED));
	driver_queue(&p.drv, 0, SIZE);
	assert_int_equal(get(&p, V_QUEUE_READY), 1);
	set(&p, V_QUEUE_NUM, 4);
	assert_int_equal(p.mmio.place[0].size, SIZE);
	set(&p, V_QUEUE_READY, 0);
	assert_int_equal(get(&p, V_QUEUE_READY), 0);
	set(&p, V_QUEUE_NUM, 4);
	assert_int_equal(p.mmio.place[0].size, 4);
	assert_true(driver_go(&p.drv));
	assert_null(plain_queue(&p, 0)->desc); /* it was not made ready */
	plain_fini(&p);
}

static void test_a_bad_place_needs_a_reset(void **s)
{
	static const struct {
		uint32_t reg, v;
	} bad[] = {
		{ V_QUEUE_NUM, 0 },
		{ V_QUEUE_NUM, 3 },
		{ V_QUEUE_NUM, 512 },
		{ V_QUEUE_NUM, 65535 },
		{ V_QUEUE_NUM, 65536 },
		{ V_QUEUE_NUM, 65536 + SIZE },
		{ V_QUEUE_NUM, UINT32_MAX },
		{ V_QUEUE_DESC, 0 },
		{ V_QUEUE_DESC, 0x40000008 },
		{ V_QUEUE_DESC + 4, 1 },
		{ V_QUEUE_DRIVER, 0 },
		{ V_QUEUE_DRIVER, 0x40000001 },
		{ V_QUEUE_DRIVER + 4, 1 },
		{ V_QUEUE_DEVICE, 0 },
		{ V_QUEUE_DEVICE, 0x40000002 },
		{ V_QUEUE_DEVICE + 4, ~0u },
		{ V_QUEUE_DEVICE, 0x40000000 + PLAIN_RAM - 4 },
	};
	struct plain p;
	unsigned i, queue;

	(void)s;
	for (i = 0; i < LEN(bad) * DRIVER_QUEUES; i++) {
		queue = i % DRIVER_QUEUES;
		assert_true(plain_init(&p));
		assert_true(driver_negotiate(&p.drv, OFFERED));
		driver_queue(&p.drv, 0, SIZE);
		driver_queue(&p.drv, 1, SIZE);
		driver_queue(&p.drv, 2, SIZE);
		set(&p, V_QUEUE_SEL, queue);
		set(&p, V_QUEUE_READY, 0);
		set(&p, bad[i / DRIVER_QUEUES].reg, bad[i / DRIVER_QUEUES].v);
		set(&p, V_QUEUE_READY, 1);
		assert_false(driver_go(&p.drv));
		assert_int_equal(get(&p, V_STATUS), V_RUNNING | V_NEEDS_RESET);
		assert_int_equal(p.starts, 0);
		assert_false(virtio_enter(&p.mmio));
		assert_true(atomic_load(&p.drv.level));
		assert_int_equal(driver_ack(&p.drv), 2);
		/* Which helps. */
		assert_true(driver_start(&p.drv, OFFERED, SIZE));
		assert_int_equal(p.starts, 1);
		plain_fini(&p);
	}
}

static void test_a_broken_device_stops_until_a_reset(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_start(&p.drv, OFFERED, SIZE));
	assert_true(virtio_enter(&p.mmio));
	virtio_break(&p.mmio);
	virtio_break(&p.mmio);
	virtio_leave(&p.mmio);
	assert_int_equal(p.stops, 1);
	assert_int_equal(get(&p, V_STATUS), V_RUNNING | V_NEEDS_RESET);
	assert_int_equal(driver_ack(&p.drv), 2);
	assert_false(virtio_enter(&p.mmio));
	set(&p, V_STATUS, V_RUNNING); /* no way back */
	assert_false(virtio_enter(&p.mmio));
	set(&p, V_STATUS, 0);
	assert_int_equal(p.stops, 1); /* it was stopped already */
	assert_true(driver_start(&p.drv, OFFERED, SIZE));
	assert_int_equal(p.starts, 2);
	plain_fini(&p);
}

static void test_a_driver_that_failed_stops_the_device(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_start(&p.drv, OFFERED, SIZE));
	set(&p, V_STATUS, V_RUNNING | V_FAILED);
	assert_int_equal(get(&p, V_STATUS), V_RUNNING | V_FAILED);
	assert_int_equal(p.stops, 1);
	assert_false(virtio_enter(&p.mmio));
	plain_fini(&p);
}

static void test_the_wire_follows_the_interrupt_status(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_start(&p.drv, OFFERED, SIZE));
	assert_false(atomic_load(&p.drv.level));
	virtio_interrupt(&p.mmio);
	assert_true(atomic_load(&p.drv.level));
	assert_int_equal(get(&p, V_INTERRUPT_STATUS), 1);
	virtio_interrupt(&p.mmio); /* it is up already */
	assert_int_equal(atomic_load(&p.drv.edges), 1);
	set(&p, V_INTERRUPT_ACK, 2); /* not that */
	assert_true(atomic_load(&p.drv.level));
	set(&p, V_INTERRUPT_ACK, 1);
	assert_false(atomic_load(&p.drv.level));
	assert_int_equal(get(&p, V_INTERRUPT_STATUS), 0);
	virtio_interrupt(&p.mmio);
	assert_int_equal(atomic_load(&p.drv.edges), 2);
	set(&p, V_STATUS, 0); /* takes it away too */
	assert_false(atomic_load(&p.drv.level));
	assert_int_equal(get(&p, V_INTERRUPT_STATUS), 0);
	plain_fini(&p);
}

/* The wire is an edge for the guest: it must not lose the second cause. */
static void test_a_cause_left_by_an_acknowledgement_is_a_new_edge(void **s)
{
	struct plain p;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_start(&p.drv, OFFERED, SIZE));
	virtio_interrupt(&p.mmio);
	assert_int_equal(get(&p, V_INTERRUPT_STATUS), 1);
	assert_true(virtio_enter(&p.mmio));
	virtio_break(&p.mmio); /* after the handler's look */
	virtio_leave(&p.mmio);
	assert_int_equal(atomic_load(&p.drv.edges), 1);
	set(&p, V_INTERRUPT_ACK, 1);
	assert_true(atomic_load(&p.drv.level));
	assert_int_equal(atomic_load(&p.drv.edges), 2);
	assert_int_equal(get(&p, V_INTERRUPT_STATUS), 2);
	plain_fini(&p);
}

static void test_a_ring_of_the_bell_reaches_the_device(void **s)
{
	static const uint32_t none[] = { DRIVER_QUEUES, 256, 65536,
					 UINT32_MAX };
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	for (i = 0; i < LEN(none); i++)
		set(&p, V_QUEUE_NOTIFY, none[i]);
	set(&p, V_QUEUE_NOTIFY, 2);
	assert_int_equal(p.notified[0] + p.notified[1], 0);
	assert_int_equal(p.notified[2], 1);
	/* It and the interrupt's registers do not wait for a batch. */
	mutex_lock(&p.mmio.mu);
	set(&p, V_QUEUE_NOTIFY, 0);
	virtio_interrupt(&p.mmio);
	assert_int_equal(driver_ack(&p.drv), 1);
	mutex_unlock(&p.mmio.mu);
	assert_int_equal(p.notified[0], 1);
	plain_fini(&p);
}

struct row {
	uint32_t off;
	uint8_t size;
	uint64_t want;
};

static void test_config_space_is_read_in_any_width(void **s)
{
	static const struct row rows[] = {
		{ 0, 1, 0x10 },
		{ 7, 1, 0x17 },
		{ 2, 2, 0x1312 },
		{ 4, 4, 0x17161514 },
		{ 0, 8, UINT64_C(0x1716151413121110) },
		{ 8, 1, 0 }, /* behind it */
		{ 8, 8, 0 },
		{ 0xf8, 8, 0 },
	};
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	for (i = 0; i < LEN(rows); i++) {
		struct access a = { .addr = DRIVER_MMIO + V_CONFIG +
					    rows[i].off,
				    .size = rows[i].size };

		assert_true(bus_access(&p.drv.bus, &a));
		assert_int_equal(a.value, rows[i].want);
		a.write = true; /* there is nothing to write */
		a.value = 0;
		assert_true(bus_access(&p.drv.bus, &a));
	}
	/* Asked past the bus, it is no less careful. */
	assert_int_equal(virtio_mmio_ops.read(&p.mmio, V_CONFIG + 6, 4),
			 0x1716);
	assert_int_equal(virtio_mmio_ops.read(&p.mmio, V_CONFIG, 9), 0);
	assert_int_equal(virtio_mmio_ops.read(&p.mmio, UINT64_MAX, 1), 0);
	plain_fini(&p);
}

static void test_registers_take_whole_words_only(void **s)
{
	static const struct row rows[] = {
		{ V_MAGIC, 1, 0 },     { V_MAGIC + 1, 1, 0 },
		{ V_MAGIC, 2, 0 },     { V_MAGIC + 2, 2, 0 },
		{ V_MAGIC, 8, 0 },     { V_VERSION - 4, 8, 0 },
		{ V_MAGIC + 2, 4, 0 }, { V_CONFIG - 2, 4, 0 },
	};
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	for (i = 0; i < LEN(rows); i++)
		assert_int_equal(virtio_mmio_ops.read(&p.mmio, rows[i].off,
						      rows[i].size),
				 0);
	set(&p, V_STATUS, V_ACKNOWLEDGE);
	virtio_mmio_ops.write(&p.mmio, V_STATUS, 1, 0);
	virtio_mmio_ops.write(&p.mmio, V_STATUS, 2, 0);
	virtio_mmio_ops.write(&p.mmio, V_STATUS, 8, 0);
	virtio_mmio_ops.write(&p.mmio, V_STATUS - 2, 4, 0);
	assert_int_equal(get(&p, V_STATUS), V_ACKNOWLEDGE);
	plain_fini(&p);
}

static void load(struct plain *p, const struct state *saved, bool ok)
{
	struct state in;

	state_init_load(&in, saved->buf, saved->len);
	virtio_state(&p->mmio, &in);
	assert_int_equal(state_fini(&in, NULL) == 0, ok);
}

static struct state save(struct plain *p)
{
	struct state out;

	state_init_save(&out);
	virtio_state(&p->mmio, &out);
	assert_int_equal(state_fini(&out, NULL), 0);
	return out;
}

/* Into a machine that was made the same way, with a copy of its RAM. */
static void test_a_loaded_device_goes_on(void **s)
{
	struct driver_buf v = { DRIVER_RAM, 16, true };
	struct span pool[4];
	struct plain a, b;
	struct state st;
	struct chain c;
	unsigned used;
	int head;

	(void)s;
	assert_true(plain_init(&a));
	assert_true(plain_init(&b));
	assert_true(driver_start(&a.drv, OFFERED, SIZE));
	head = driver_offer(&a.drv, 1, &v, 1);
	driver_publish(&a.drv, 1);
	virtio_interrupt(&a.mmio);
	st = save(&a);
	memcpy(b.drv.ram, a.drv.ram, a.drv.ram_size);
	load(&b, &st, true);
	assert_int_equal(get(&b, V_STATUS), V_RUNNING);
	assert_int_equal(get(&b, V_INTERRUPT_STATUS), 1);
	assert_true(atomic_load(&b.drv.level));
	assert_true(virtio_enter(&b.mmio));
	assert_int_equal(virtq_pop(plain_queue(&b, 1), &c, pool, 4, &used),
			 VIRTQ_CHAIN);
	assert_int_equal(c.head, head);
	assert_ptr_equal(c.in[0].p, b.drv.ram);
	virtio_leave(&b.mmio);
	free(st.buf);
	plain_fini(&a);
	plain_fini(&b);
}

static void test_a_device_is_loaded_in_any_state(void **s)
{
	struct state one, two;
	struct plain p, q;
	unsigned i;

	(void)s;
	for (i = 0; i < 5; i++) {
		assert_true(plain_init(&p));
		assert_true(plain_init(&q));
		if (i > 0)
			assert_true(driver_negotiate(&p.drv, OFFERED));
		if (i > 1)
			driver_queue(&p.drv, 2, SIZE);
		if (i == 3)
			assert_true(driver_go(&p.drv));
		if (i == 4) {
			set(&p, V_QUEUE_READY, 0);
			set(&p, V_QUEUE_NUM, 3);
			set(&p, V_QUEUE_READY, 1);
			assert_false(driver_go(&p.drv));
		}
		one = save(&p);
		load(&q, &one, true);
		two = save(&q);
		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.buf, two.buf, one.len);
		assert_int_equal(get(&q, V_STATUS), get(&p, V_STATUS));
		free(one.buf);
		free(two.buf);
		plain_fini(&p);
		plain_fini(&q);
	}
}

/* Any one byte changed: it is refused, or it is a state like another. */
static void test_a_spoilt_state_leaves_a_device_that_was_reset(void **s)
{
	struct state st, in, again;
	struct plain p, q;
	unsigned refused = 0;
	size_t i;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(driver_start(&p.drv, OFFERED, SIZE));
	st = save(&p);
	for (i = 0; i < st.len * 2; i++) {
		uint8_t was = st.buf[i / 2];

		assert_true(plain_init(&q));
		st.buf[i / 2] ^= i & 1 ? 0x80 : 1;
		state_init_load(&in, st.buf, st.len);
		virtio_state(&q.mmio, &in);
		if (state_fini(&in, NULL)) {
			refused++;
			assert_int_equal(get(&q, V_STATUS), 0);
			assert_false(q.mmio.running);
			assert_null(plain_queue(&q, 0)->desc);
		} else {
			again = save(&q);
			assert_memory_equal(again.buf, st.buf, st.len);
			free(again.buf);
		}
		st.buf[i / 2] = was;
		plain_fini(&q);
	}
	assert_true(refused > st.len / 2);
	for (i = 0; i < st.len; i++) {
		assert_true(plain_init(&q));
		state_init_load(&in, st.buf, i);
		virtio_state(&q.mmio, &in);
		assert_int_not_equal(state_fini(&in, NULL), 0);
		assert_int_equal(get(&q, V_STATUS), 0);
		plain_fini(&q);
	}
	free(st.buf);
	plain_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_identity_is_that_of_the_device),
		cmocka_unit_test(test_registers_that_cannot_be_read_are_0),
		cmocka_unit_test(test_registers_that_cannot_be_written_stay),
		cmocka_unit_test(test_there_is_no_shared_memory),
		cmocka_unit_test(test_features_come_in_halves),
		cmocka_unit_test(
			test_features_are_taken_when_they_were_offered),
		cmocka_unit_test(test_features_count_after_the_driver_knows_us),
		cmocka_unit_test(test_status_goes_up_step_by_step),
		cmocka_unit_test(test_only_queues_of_the_device_have_a_size),
		cmocka_unit_test(test_a_started_device_has_its_queues),
		cmocka_unit_test(
			test_queues_may_be_set_up_in_any_order_or_not_at_all),
		cmocka_unit_test(
			test_queues_are_set_up_between_features_and_start),
		cmocka_unit_test(
			test_a_ready_queue_changes_after_it_is_unready),
		cmocka_unit_test(test_a_bad_place_needs_a_reset),
		cmocka_unit_test(test_a_broken_device_stops_until_a_reset),
		cmocka_unit_test(test_a_driver_that_failed_stops_the_device),
		cmocka_unit_test(test_the_wire_follows_the_interrupt_status),
		cmocka_unit_test(
			test_a_cause_left_by_an_acknowledgement_is_a_new_edge),
		cmocka_unit_test(test_a_ring_of_the_bell_reaches_the_device),
		cmocka_unit_test(test_config_space_is_read_in_any_width),
		cmocka_unit_test(test_registers_take_whole_words_only),
		cmocka_unit_test(test_a_loaded_device_goes_on),
		cmocka_unit_test(test_a_device_is_loaded_in_any_state),
		cmocka_unit_test(
			test_a_spoilt_state_leaves_a_device_that_was_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
