/* SPDX-License-Identifier: MIT */
/* plain.c - a virtio device that does nothing but count what it is told. */
#include "plain.h"

static void config(void *dev, uint64_t off, uint8_t *buf, unsigned len)
{
	unsigned i;

	(void)dev;
	for (i = 0; i < len && off < 8 - i; i++) /* 8 bytes: 0x10, 0x11, ... */
		buf[i] = (uint8_t)(0x10 + off + i);
}

static void start(void *dev)
{
	((struct plain *)dev)->starts++;
}

static void stop(void *dev)
{
	((struct plain *)dev)->stops++;
}

static void notify(void *dev, unsigned queue)
{
	((struct plain *)dev)->notified[queue]++;
}

static const struct virtio_ops plain_ops = {
	.id = PLAIN_ID,
	.queues = DRIVER_QUEUES,
	.features = PLAIN_FEATURES,
	.config = config,
	.start = start,
	.stop = stop,
	.notify = notify,
};

bool plain_init(struct plain *p)
{
	*p = (struct plain){ 0 };
	if (!driver_init(&p->drv, PLAIN_RAM) ||
	    virtio_init(&p->mmio, &plain_ops, p, &p->drv.mem, p->drv.irq, NULL))
		return false;
	driver_attach(&p->drv, &p->mmio);
	return true;
}

void plain_fini(struct plain *p)
{
	virtio_fini(&p->mmio);
	driver_fini(&p->drv);
}
