/* SPDX-License-Identifier: MIT */
/*
 * vsock_device.h - the virtio socket device: virtio 1.2, 5.10.
 *
 * Between the queues and vsock/: finds header and payload in chains, and
 * batches.  The work happens in vsock_device_service(), on the loop thread;
 * whoever has a reason for it calls `wake`.
 *
 * It calls into vsock, and so into streams, with mmio.mu held: their buffers
 * are the guest's, which a reset must find untouched when it returns.  Nothing
 * that a stream does there may wait for a vCPU or touch a register.
 */
#ifndef VIRTIO_VSOCK_DEVICE_H
#define VIRTIO_VSOCK_DEVICE_H

#include "virtio/mmio.h"
#include "vsock/vsock.h"

struct vsock_device {
	struct virtio_mmio mmio; /* for the bus */
	uint64_t cid;
	struct vsock *vsock; /* loop thread */

	/*
	 * Have vsock_device_service() called on the loop.  Any thread, mmio.mu
	 * held or not: it must not serve at once.
	 */
	void (*wake)(void *ctx);
	void *ctx;

	/* under mmio.mu */
	unsigned life;    /* how often the driver started or stopped us */
	bool up;
	bool reset_event; /* owed to the driver: our streams are new */

	/* loop thread */
	unsigned seen; /* the `life` that vsock was told of */
	bool online;   /* ... and what it was told */
	bool serving, again;
	struct span pool[2 * VIRTQ_MAX]; /* of chains; of their payloads */
};

/* `vsock` is set by the owner before the VM runs. */
int vsock_device_init(struct vsock_device *d, uint64_t guest_cid,
		      const struct gmem *mem, struct irq irq,
		      void (*wake)(void *ctx), void *ctx,
		      mv_error *err) MUST_CHECK;
void vsock_device_fini(struct vsock_device *d);

/*
 * Move what can be moved, both ways, up to a bound; calls `wake` for the rest.
 * The driver is interrupted for every batch, if it wants that.
 * From inside itself (a stream is ready at once) it only takes a note.
 */
void vsock_device_service(struct vsock_device *d);

/*
 * Connections are the host's and not saved: after a load the driver is told
 * that all of them are gone (5.10.6.7).
 */
void vsock_device_state(struct vsock_device *d, struct state *s);

#endif
