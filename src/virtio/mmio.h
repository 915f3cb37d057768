/* SPDX-License-Identifier: MIT */
/*
 * mmio.h - virtio over MMIO, version 2: virtio 1.2, 4.2.2.
 *
 * The register file, feature negotiation, queue set-up and life cycle of any
 * virtio device, once for all of them.  What the driver writes before
 * DRIVER_OK is latched with it: later writes to queue registers are ignored
 * until a reset, and so are writes out of the order of 3.1.1.
 *
 * Threads.  Registers are accessed on vCPU threads, queues on the loop thread.
 * One lock is between them: the device holds it (virtio_enter) while it has
 * anything to do with queues or guest buffers, and a reset takes it too.  So
 * when the write that resets the device has come back, nothing of the device
 * touches guest memory any more.  The interrupt's state has a lock of its own,
 * so that an acknowledgement never waits for a batch; nor does a notification,
 * which takes none.
 *
 * This lock orders the levels of the wire too: irq.set() is called under it
 * and may take the interrupt controller's.  The order is mu, irq_mu, the
 * controller's; a controller must not call back.
 */
#ifndef VIRTIO_MMIO_H
#define VIRTIO_MMIO_H

#include "core/bus.h"
#include "core/irq.h"
#include "os/thread.h"
#include "virtio/virtq.h"

enum {
	VIRTIO_QUEUES = 8,
	VIRTIO_MMIO_NOTIFY = 0x50, /* QueueNotify, 4.2.2 */
	VIRTIO_MMIO_NOTIFY_SIZE = 4,
	VIRTIO_MMIO_SIZES = 1 + 2 + 4 + 8, /* config space; registers take 4 */
};

/* Device-independent features, virtio 1.2, 6. */
#define VIRTIO_F_INDIRECT_DESC (UINT64_C(1) << 28)
#define VIRTIO_F_EVENT_IDX     (UINT64_C(1) << 29)
#define VIRTIO_F_VERSION_1     (UINT64_C(1) << 32)

struct virtio_ops {
	uint32_t id;            /* virtio 1.2, 5 */
	unsigned queues;        /* at most VIRTIO_QUEUES */
	uint64_t features;      /* its own; those above are added */

	/*
	 * Config space: `len` bytes, at most 8, into buf, which is all zeros:
	 * so reads what is outside.  vCPU thread, no lock held.
	 */
	void (*config)(void *dev, uint64_t off, uint8_t *buf, unsigned len);

	/* DRIVER_OK: the queues are there.  vCPU thread, lock held. */
	void (*start)(void *dev);

	/*
	 * The queues are gone: once for each start, lock held.  On a vCPU's
	 * thread for a reset, on the caller's for virtio_break().
	 */
	void (*stop)(void *dev);

	/* The driver rang for a queue.  vCPU thread, no lock held. */
	void (*notify)(void *dev, unsigned queue);
};

struct virtio_mmio {
	const struct virtio_ops *ops; /* constant after init, with these: */
	void *dev;
	const struct gmem *mem;
	struct irq irq;
	struct mutex mu, irq_mu;

	/* under mu */
	uint32_t status;
	uint64_t driver_features;
	uint32_t features_sel, driver_features_sel, queue_sel;
	struct virtq_place place[VIRTIO_QUEUES];
	bool ready[VIRTIO_QUEUES];
	bool running;                   /* DRIVER_OK, and not broken */
	struct virtq queue[VIRTIO_QUEUES]; /* while running */

	/* under irq_mu */
	uint32_t isr;
};

extern const struct bus_ops virtio_mmio_ops;

int virtio_init(struct virtio_mmio *m, const struct virtio_ops *ops, void *dev,
		const struct gmem *mem, struct irq irq,
		mv_error *err) MUST_CHECK;
void virtio_fini(struct virtio_mmio *m);

/*
 * Begin to work on the queues: takes the lock.  False, and no lock, unless
 * the device is running.
 */
bool virtio_enter(struct virtio_mmio *m);
void virtio_leave(struct virtio_mmio *m);

/* Queue `n` of a device that was entered. */
static inline struct virtq *virtio_queue(struct virtio_mmio *m, unsigned n)
{
	return &m->queue[n];
}

/* Used buffers are there (4.2.2: bit 0); lock held or not. */
void virtio_interrupt(struct virtio_mmio *m);

/*
 * Between enter and leave: DEVICE_NEEDS_RESET.  It runs no longer, and what
 * was popped must not be touched again.
 */
void virtio_break(struct virtio_mmio *m);

/* Registers and queues; the VM is at rest. */
void virtio_state(struct virtio_mmio *m, struct state *s);

#endif
