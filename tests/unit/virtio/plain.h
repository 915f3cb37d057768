/* SPDX-License-Identifier: MIT */
/*
 * plain.h - a virtio device that does nothing but count what it is told, with
 * the driver for it.  Its queues are the test's to pop and push.
 */
#ifndef TESTS_VIRTIO_PLAIN_H
#define TESTS_VIRTIO_PLAIN_H

#include "driver.h"

enum { PLAIN_ID = 42, PLAIN_RAM = 1 << 20 };

#define PLAIN_FEATURES UINT64_C(0x5)

struct plain {
	struct driver drv;
	struct virtio_mmio mmio;
	unsigned starts, stops;
	unsigned notified[DRIVER_QUEUES];
};

/* False: no memory. */
bool plain_init(struct plain *p);
void plain_fini(struct plain *p);

static inline struct virtq *plain_queue(struct plain *p, unsigned n)
{
	return virtio_queue(&p->mmio, n);
}

#endif
