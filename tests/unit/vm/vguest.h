/* SPDX-License-Identifier: MIT */
/*
 * vguest.h - a guest's vsock without a guest: what Linux's driver does on its
 * queues, on a thread of a test or a benchmark.
 *
 * 256 receive buffers of 4 KiB and packets of 64 KiB, as Linux has them.  What
 * it sends in bulk is written once and sent again and again, so the figures
 * are the host's work alone.  One thread drives it.
 */
#ifndef TESTS_VM_VGUEST_H
#define TESTS_VM_VGUEST_H

#include "../virtio/driver.h"
#include "vsock/packet.h"

enum {
	VGUEST_RX = 256,
	VGUEST_TX = 64,
	VGUEST_PACKET = 64 * 1024,
	VGUEST_CONNS = 4096,
	VGUEST_WINDOW = 256 * 1024,
};

struct vguest;
struct vconn;

struct vconn_ops {
	void (*opened)(struct vconn *c);
	void (*data)(struct vconn *c, const uint8_t *p, size_t len);
	void (*room)(struct vconn *c);   /* more may be sent */
	void (*ended)(struct vconn *c);  /* the host sends no more */
	void (*closed)(struct vconn *c); /* may be opened again */
};

struct vconn {
	struct vguest *g;
	const struct vconn_ops *ops;
	void *ctx;
	uint32_t port, host_port;
	bool used, open;
	uint32_t peer_alloc, peer_fwd, sent; /* credit to send */
	uint32_t taken, told;                /* credit given */
};

struct vguest {
	struct driver d;
	struct irq irq; /* for the device */
	int bell;
	uint64_t rx[VGUEST_RX], tx_head, tx_data;
	uint16_t rx_head[VIRTQ_MAX], tx_slot[VIRTQ_MAX];
	unsigned slot[VGUEST_TX], slots;
	uint32_t cid;
	struct vconn conn[VGUEST_CONNS];
};

struct vguest *vguest_new(uint32_t cid);
void vguest_start(struct vguest *g, struct virtio_mmio *dev);
void vguest_free(struct vguest *g);

/* Connect to a port of the host; NULL: no connection is free. */
struct vconn *vguest_open(struct vguest *g, uint32_t port,
			  const struct vconn_ops *ops, void *ctx);

/* Send up to `len` bytes; p NULL: of anything.  How many were taken. */
size_t vconn_send(struct vconn *c, const void *p, size_t len);

/* VSOCK_SHUTDOWN_SEND, or with RCV too: then closed() follows. */
void vconn_shutdown(struct vconn *c, uint32_t flags);

/* Deal with what came; waits for something first. */
void vguest_step(struct vguest *g);

#endif
