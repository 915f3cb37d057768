/* SPDX-License-Identifier: MIT */
/*
 * driver.h - a virtio driver on ordinary memory: the other side of src/virtio,
 * for tests, fuzz targets and benchmarks.
 *
 * It owns the guest's RAM, reaches the device through a bus as a vCPU would,
 * and hears its wire.  A well-behaved life:
 *
 *	driver_init(&d, 1 << 20);
 *	some_device_init(&dev, ..., &d.mem, d.irq, ...);
 *	driver_attach(&d, &dev.mmio);
 *	assert(driver_start(&d, features, 256));
 *	head = driver_offer(&d, TX, bufs, n);   any number of times
 *	driver_kick(&d, TX);                    publishes, rings if asked to
 *	while (driver_used(&d, TX, &head, &len))
 *		...
 *	driver_fini(&d);
 *
 * For a life that is not: every step exists alone, driver_desc(),
 * driver_avail() and driver_index() write what one likes where the rings are,
 * and driver_at() is the memory itself.
 *
 * Threads.  The driver may run on another thread than its device: indices are
 * published with release and read with acquire, the wire's are atomics.  One
 * queue is for one thread of the driver.
 */
#ifndef TESTS_VIRTIO_DRIVER_H
#define TESTS_VIRTIO_DRIVER_H

#include <stdatomic.h>

#include "core/bus.h"
#include "virtio/mmio.h"

/* Registers, virtio 1.2, table 4.1; written down again, not taken from src. */
enum {
	V_MAGIC = 0x000,
	V_VERSION = 0x004,
	V_DEVICE_ID = 0x008,
	V_VENDOR_ID = 0x00c,
	V_DEVICE_FEATURES = 0x010,
	V_DEVICE_FEATURES_SEL = 0x014,
	V_DRIVER_FEATURES = 0x020,
	V_DRIVER_FEATURES_SEL = 0x024,
	V_QUEUE_SEL = 0x030,
	V_QUEUE_NUM_MAX = 0x034,
	V_QUEUE_NUM = 0x038,
	V_QUEUE_READY = 0x044,
	V_QUEUE_NOTIFY = 0x050,
	V_INTERRUPT_STATUS = 0x060,
	V_INTERRUPT_ACK = 0x064,
	V_STATUS = 0x070,
	V_QUEUE_DESC = 0x080, /* low half; the high one is 4 behind */
	V_QUEUE_DRIVER = 0x090,
	V_QUEUE_DEVICE = 0x0a0,
	V_SHM_SEL = 0x0ac,
	V_SHM_LEN = 0x0b0,
	V_SHM_BASE = 0x0b8,
	V_QUEUE_RESET = 0x0c0,
	V_CONFIG_GENERATION = 0x0fc,
	V_CONFIG = 0x100,
};

/* Status, 2.1. */
enum {
	V_ACKNOWLEDGE = 1,
	V_DRIVER = 2,
	V_DRIVER_OK = 4,
	V_FEATURES_OK = 8,
	V_NEEDS_RESET = 64,
	V_FAILED = 128,
	V_READY = V_ACKNOWLEDGE | V_DRIVER | V_FEATURES_OK,
	V_RUNNING = V_READY | V_DRIVER_OK,
};

/* Flags of a descriptor, 2.7.5. */
enum { V_NEXT = 1, V_WRITE = 2, V_INDIRECT = 4 };

enum {
	DRIVER_QUEUES = 3,
	DRIVER_CHAIN = 16, /* buffers driver_offer() takes at once */
};

#define DRIVER_RAM  UINT64_C(0x40000000) /* where RAM begins */
#define DRIVER_MMIO UINT64_C(0x0a000000) /* where the device is */

struct driver_ring {
	uint16_t size; /* 0: not set up */
	uint64_t desc, avail, used, tables;
	uint16_t next;      /* the available ring, as far as it is filled */
	uint16_t published; /* ... and the device knows of it */
	uint16_t asked;     /* `published` when we last thought of ringing */
	uint16_t seen;      /* the used ring, as far as it was reaped */
	uint16_t free[VIRTQ_MAX], frees;
	uint16_t follows[VIRTQ_MAX]; /* our copy of `next`; size: none */
};

struct driver {
	/* for the device */
	struct gmem mem;
	struct irq irq;

	uint8_t *ram;
	size_t ram_size;
	uint64_t at; /* next free GPA */
	struct virtio_mmio *dev;
	struct bus bus;
	uint64_t features; /* negotiated */
	struct driver_ring ring[DRIVER_QUEUES];

	/* the wire */
	atomic_bool level;
	atomic_uint edges; /* rising ones */
};

/* A buffer of a chain. */
struct driver_buf {
	uint64_t gpa;
	uint32_t len;
	bool write; /* the device may write it, and not read it */
};

/* False: no memory. */
bool driver_init(struct driver *d, size_t ram);
void driver_attach(struct driver *d, struct virtio_mmio *dev);
void driver_fini(struct driver *d);

/* A piece of RAM, zeroed once; there is no free.  0: used up. */
uint64_t driver_alloc(struct driver *d, size_t len, size_t align);

/* RAM at `gpa`; NULL when [gpa, gpa+len) is not RAM. */
uint8_t *driver_at(const struct driver *d, uint64_t gpa, size_t len);

/* One 32-bit register; any other access goes to d->bus. */
uint32_t driver_get(struct driver *d, uint32_t reg);
void driver_set(struct driver *d, uint32_t reg, uint32_t v);
void driver_set64(struct driver *d, uint32_t reg, uint64_t v);

/* Reset, and 3.1.1 up to FEATURES_OK.  False: it was refused. */
bool driver_negotiate(struct driver *d, uint64_t features);

/* Make rings for queue `n` and tell the device where they are. */
void driver_queue(struct driver *d, unsigned n, uint16_t size);

/* ... and DRIVER_OK.  False: it needs a reset already. */
bool driver_go(struct driver *d);

/* All of that for all queues; queues of an earlier life are made new. */
bool driver_start(struct driver *d, uint64_t features, uint16_t size);

/*
 * Put a chain into the available ring: one indirect descriptor for it when
 * that was negotiated and it has more than one buffer.  The number of its
 * first descriptor, or -1: there are not enough free ones.
 */
int driver_offer(struct driver *d, unsigned n, const struct driver_buf *v,
		 unsigned count);

/* Let the device see what was offered. */
void driver_publish(struct driver *d, unsigned n);

/* ... and ring, if the device wants that.  Whether it did. */
bool driver_kick(struct driver *d, unsigned n);

/* Ring in any case. */
void driver_notify(struct driver *d, unsigned n);

/* Take one element of the used ring; its descriptors are free again. */
bool driver_used(struct driver *d, unsigned n, uint16_t *head, uint32_t *len);

/*
 * Ask for an interrupt with the next used element, or for none.  True, after
 * asking, when elements are there already.
 */
bool driver_irq(struct driver *d, unsigned n, bool on);

/* What an interrupt handler does: read the cause and acknowledge it. */
uint32_t driver_ack(struct driver *d);

/* As one likes. */
void driver_desc(struct driver *d, unsigned n, uint16_t i, uint64_t gpa,
		 uint32_t len, uint16_t flags, uint16_t next);
void driver_table(struct driver *d, uint64_t table, uint16_t i, uint64_t gpa,
		  uint32_t len, uint16_t flags, uint16_t next);
void driver_avail(struct driver *d, unsigned n, uint16_t head);
void driver_index(struct driver *d, unsigned n, uint16_t index);

#endif
