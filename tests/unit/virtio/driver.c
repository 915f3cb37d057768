/* SPDX-License-Identifier: MIT */
/* driver.c - a virtio driver on ordinary memory.  Knows no kind of device. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/num.h"

enum { DESC_LEN = 16, ELEM_LEN = 8, PAGE = 4096 };

static void wire(void *chip, unsigned pin, bool level)
{
	struct driver *d = chip;

	(void)pin;
	if (level && !atomic_load(&d->level))
		atomic_fetch_add(&d->edges, 1);
	atomic_store(&d->level, level);
}

bool driver_init(struct driver *d, size_t ram)
{
	*d = (struct driver){ .ram_size = align_up(ram, PAGE),
			      .at = DRIVER_RAM + PAGE };
	d->ram = aligned_alloc(PAGE, d->ram_size);
	if (!d->ram)
		return false;
	memset(d->ram, 0, d->ram_size);
	d->irq = (struct irq){ wire, d, 0 };
	return !gmem_add(&d->mem, DRIVER_RAM, d->ram, d->ram_size, NULL);
}

void driver_attach(struct driver *d, struct virtio_mmio *dev)
{
	d->dev = dev;
	d->bus = (struct bus){ 0 };
	if (bus_add(&d->bus, SPACE_MMIO, DRIVER_MMIO, 0x200, &virtio_mmio_ops,
		    dev, VIRTIO_MMIO_SIZES, NULL))
		abort();
}

void driver_fini(struct driver *d)
{
	free(d->ram);
	d->ram = NULL;
}

uint8_t *driver_at(const struct driver *d, uint64_t gpa, size_t len)
{
	return gmem_span(&d->mem, gpa, len).p;
}

uint64_t driver_alloc(struct driver *d, size_t len, size_t align)
{
	uint64_t gpa = align_up(d->at, align);

	if (!fits(gpa - DRIVER_RAM, len, d->ram_size))
		return 0;
	d->at = gpa + len;
	return gpa;
}

uint32_t driver_get(struct driver *d, uint32_t reg)
{
	struct access a = { .addr = DRIVER_MMIO + reg, .size = 4 };

	if (!bus_access(&d->bus, &a))
		abort();
	return (uint32_t)a.value;
}

void driver_set(struct driver *d, uint32_t reg, uint32_t v)
{
	struct access a = {
		.addr = DRIVER_MMIO + reg, .value = v, .size = 4, .write = true
	};

	if (!bus_access(&d->bus, &a))
		abort();
}

void driver_set64(struct driver *d, uint32_t reg, uint64_t v)
{
	driver_set(d, reg, (uint32_t)v);
	driver_set(d, reg + 4, (uint32_t)(v >> 32));
}

bool driver_negotiate(struct driver *d, uint64_t features)
{
	d->features = features;
	driver_set(d, V_STATUS, 0);
	if (driver_get(d, V_STATUS))
		return false;
	driver_set(d, V_STATUS, V_ACKNOWLEDGE);
	driver_set(d, V_STATUS, V_ACKNOWLEDGE | V_DRIVER);
	driver_set(d, V_DRIVER_FEATURES_SEL, 0);
	driver_set(d, V_DRIVER_FEATURES, (uint32_t)features);
	driver_set(d, V_DRIVER_FEATURES_SEL, 1);
	driver_set(d, V_DRIVER_FEATURES, (uint32_t)(features >> 32));
	driver_set(d, V_STATUS, V_READY);
	return driver_get(d, V_STATUS) == V_READY;
}

/* Rings for `size` descriptors; those of an earlier life, if they are there. */
static void make_rings(struct driver *d, struct driver_ring *r, uint16_t size)
{
	struct driver_ring fresh = { .size = size };
	uint16_t i;

	if (r->desc && r->size >= size) {
		fresh.desc = r->desc;
		fresh.avail = r->avail;
		fresh.used = r->used;
		fresh.tables = r->tables;
	} else {
		fresh.desc = driver_alloc(d, DESC_LEN * (size_t)size, 16);
		fresh.avail = driver_alloc(d, 6 + 2 * (size_t)size, 2);
		fresh.used = driver_alloc(d, 6 + ELEM_LEN * (size_t)size, 4);
		fresh.tables = driver_alloc(
			d, (size_t)size * DRIVER_CHAIN * DESC_LEN, 16);
	}
	if (!fresh.desc || !fresh.avail || !fresh.used || !fresh.tables)
		abort(); /* the test asked for too little RAM */
	memset(driver_at(d, fresh.avail, 6), 0, 6 + 2 * (size_t)size);
	memset(driver_at(d, fresh.used, 6), 0, 6 + ELEM_LEN * (size_t)size);
	for (i = size; i > 0; i--)
		fresh.free[fresh.frees++] = (uint16_t)(i - 1);
	*r = fresh;
}

void driver_queue(struct driver *d, unsigned n, uint16_t size)
{
	struct driver_ring *r = &d->ring[n];

	make_rings(d, r, size);
	driver_set(d, V_QUEUE_SEL, n);
	driver_set(d, V_QUEUE_NUM, size);
	driver_set64(d, V_QUEUE_DESC, r->desc);
	driver_set64(d, V_QUEUE_DRIVER, r->avail);
	driver_set64(d, V_QUEUE_DEVICE, r->used);
	driver_set(d, V_QUEUE_READY, 1);
}

bool driver_go(struct driver *d)
{
	driver_set(d, V_STATUS, V_RUNNING);
	return driver_get(d, V_STATUS) == V_RUNNING;
}

bool driver_start(struct driver *d, uint64_t features, uint16_t size)
{
	unsigned i;

	if (!driver_negotiate(d, features))
		return false;
	for (i = 0; i < DRIVER_QUEUES; i++)
		driver_queue(d, i, size);
	return driver_go(d);
}

/* The ring's indices and flags; pair with those in src/virtio/virtq.c. */
static _Atomic uint16_t *shared(const struct driver *d, uint64_t gpa)
{
	return (_Atomic uint16_t *)(void *)driver_at(d, gpa, 2);
}

static uint16_t load(const struct driver *d, uint64_t gpa)
{
	return atomic_load_explicit(shared(d, gpa), memory_order_acquire);
}

static void store(const struct driver *d, uint64_t gpa, uint16_t v)
{
	atomic_store_explicit(shared(d, gpa), v, memory_order_release);
}

void driver_table(struct driver *d, uint64_t table, uint16_t i, uint64_t gpa,
		  uint32_t len, uint16_t flags, uint16_t next)
{
	uint8_t *p = driver_at(d, table + (uint64_t)i * DESC_LEN, DESC_LEN);

	put_le64(p, gpa);
	put_le32(p + 8, len);
	put_le16(p + 12, flags);
	put_le16(p + 14, next);
}

void driver_desc(struct driver *d, unsigned n, uint16_t i, uint64_t gpa,
		 uint32_t len, uint16_t flags, uint16_t next)
{
	driver_table(d, d->ring[n].desc, i, gpa, len, flags, next);
}

void driver_avail(struct driver *d, unsigned n, uint16_t head)
{
	struct driver_ring *r = &d->ring[n];

	store(d, r->avail + 4 + (uint64_t)2 * (r->next++ % r->size), head);
}

void driver_index(struct driver *d, unsigned n, uint16_t index)
{
	store(d, d->ring[n].avail + 2, index);
}

static uint16_t take(struct driver_ring *r)
{
	uint16_t i = r->free[--r->frees];

	r->follows[i] = VIRTQ_MAX;
	return i;
}

static uint16_t offer_indirect(struct driver *d, unsigned n,
			       const struct driver_buf *v, unsigned count)
{
	struct driver_ring *r = &d->ring[n];
	uint16_t head = take(r);
	unsigned i;
	uint64_t table = r->tables + (uint64_t)head * DRIVER_CHAIN * DESC_LEN;

	for (i = 0; i < count; i++)
		driver_table(d, table, (uint16_t)i, v[i].gpa, v[i].len,
			     (uint16_t)((v[i].write ? V_WRITE : 0) |
					(i + 1 < count ? V_NEXT : 0)),
			     (uint16_t)(i + 1));
	driver_desc(d, n, head, table, count * DESC_LEN, V_INDIRECT, 0);
	return head;
}

static uint16_t offer_direct(struct driver *d, unsigned n,
			     const struct driver_buf *v, unsigned count)
{
	struct driver_ring *r = &d->ring[n];
	uint16_t head = take(r), at = head;
	unsigned i;

	for (i = 0; i < count; i++) {
		uint16_t next = i + 1 < count ? take(r) : 0;

		driver_desc(d, n, at, v[i].gpa, v[i].len,
			    (uint16_t)((v[i].write ? V_WRITE : 0) |
				       (i + 1 < count ? V_NEXT : 0)),
			    next);
		if (i + 1 < count)
			r->follows[at] = next;
		at = next;
	}
	return head;
}

int driver_offer(struct driver *d, unsigned n, const struct driver_buf *v,
		 unsigned count)
{
	struct driver_ring *r = &d->ring[n];
	bool indirect = count > 1 && (d->features & VIRTIO_F_INDIRECT_DESC);
	uint16_t head;

	if (!count || count > DRIVER_CHAIN || r->frees < (indirect ? 1 : count))
		return -1;
	head = indirect ? offer_indirect(d, n, v, count)
			: offer_direct(d, n, v, count);
	driver_avail(d, n, head);
	return head;
}

void driver_publish(struct driver *d, unsigned n)
{
	struct driver_ring *r = &d->ring[n];

	driver_index(d, n, r->next);
	r->published = r->next;
}

void driver_notify(struct driver *d, unsigned n)
{
	driver_set(d, V_QUEUE_NOTIFY, n);
}

bool driver_kick(struct driver *d, unsigned n)
{
	struct driver_ring *r = &d->ring[n];
	uint16_t asked = r->asked, event;
	bool wanted;

	driver_publish(d, n);
	r->asked = r->published;
	atomic_thread_fence(memory_order_seq_cst); /* 2.7.13.3 */
	if (d->features & VIRTIO_F_EVENT_IDX) {
		event = load(d, r->used + 4 + (uint64_t)ELEM_LEN * r->size);
		wanted = (uint16_t)(r->published - event - 1) <
			 (uint16_t)(r->published - asked);
	} else {
		wanted = !(load(d, r->used) & 1);
	}
	if (wanted)
		driver_notify(d, n);
	return wanted;
}

bool driver_used(struct driver *d, unsigned n, uint16_t *head, uint32_t *len)
{
	struct driver_ring *r = &d->ring[n];
	const uint8_t *elem;
	unsigned i;

	if (load(d, r->used + 2) == r->seen)
		return false;
	elem = driver_at(
		d, r->used + 4 + (uint64_t)ELEM_LEN * (r->seen++ % r->size),
		ELEM_LEN);
	*head = (uint16_t)le32(elem);
	*len = le32(elem + 4);
	for (i = *head; i < r->size && r->frees < r->size; i = r->follows[i])
		r->free[r->frees++] = (uint16_t)i;
	return true;
}

bool driver_irq(struct driver *d, unsigned n, bool on)
{
	struct driver_ring *r = &d->ring[n];

	if (d->features & VIRTIO_F_EVENT_IDX)
		store(d, r->avail + 4 + (uint64_t)2 * r->size,
		      (uint16_t)(on ? r->seen : r->seen - 1));
	else
		store(d, r->avail, on ? 0 : 1);
	atomic_thread_fence(memory_order_seq_cst); /* 2.7.14 */
	return on && load(d, r->used + 2) != r->seen;
}

uint32_t driver_ack(struct driver *d)
{
	uint32_t cause = driver_get(d, V_INTERRUPT_STATUS);

	if (cause)
		driver_set(d, V_INTERRUPT_ACK, cause);
	return cause;
}
