/* SPDX-License-Identifier: MIT */
/*
 * vguest.h - a guest's vsock without a guest: what Linux's driver does on its
 * queues, on a thread of a test or a benchmark.
 *
 * 256 receive buffers of 4 KiB and packets of 64 KiB, as Linux has them.  What
 * it sends in bulk is written once and sent again and again, so the figures
 * are the host's work alone.  One thread drives it.
 *
 * It keeps an eye on the host: who sends beyond the credit it was given, or
 * data where there is no connection, is found in `faults`.
 */
#ifndef TESTS_VM_VGUEST_H
#define TESTS_VM_VGUEST_H

#include "../virtio/driver.h"
#include "vsock/packet.h"

enum {
	VGUEST_RX = 256,
	VGUEST_TX = 64,
	VGUEST_PACKET = 64 * 1024,
	VGUEST_CONNS = 16384,
	VGUEST_HASH = 4096,
	VGUEST_PORTS = 8,
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
	struct vconn *chain, *next_free;
	uint32_t port, host_port;
	bool used, open;
	bool lazy;  /* credit comes back by vconn_took() alone */
	bool reset; /* closed by an RST that was no answer to our close */
	unsigned heard, said; /* VSOCK_SHUTDOWN_..., of the host, of ours */
	uint32_t peer_alloc, peer_fwd, sent; /* credit to send */
	uint32_t came, taken, told;          /* credit given */
};

/* The host connects: ops and ctx for it; false: refused. */
typedef bool vguest_accept_fn(void *ctx, struct vconn *c);

struct vguest_port {
	uint32_t port;
	vguest_accept_fn *accept; /* NULL: nobody listens */
	void *ctx;
};

struct vguest {
	struct driver d;
	struct irq irq; /* for the device */
	int bell;
	uint64_t rx[VGUEST_RX], tx_head, tx_data, event;
	uint16_t rx_head[VIRTQ_MAX], tx_slot[VIRTQ_MAX];
	unsigned slot[VGUEST_TX], slots;
	uint32_t cid;
	bool running;         /* from start to reset */
	bool starve;          /* puts no receive buffer back */
	bool idle[VGUEST_RX]; /* those not put back */
	struct vguest_port port[VGUEST_PORTS];
	struct vconn conn[VGUEST_CONNS];
	struct vconn *by_port[VGUEST_HASH], *free;
	uint32_t opened;
	unsigned conns, most; /* in use; of conn[], that ever were */

	/* what there was no slot for: headers, in order */
	struct vsock_hdr *late;
	size_t lates, late_at, late_room;

	uint64_t faults;   /* of the host's */
	uint64_t resets;   /* transport reset events */
	uint64_t requests; /* of the host's */
	uint64_t bytes_in, bytes_out;
};

struct vguest *vguest_new(uint32_t cid);
void vguest_start(struct vguest *g, struct virtio_mmio *dev);
void vguest_free(struct vguest *g);

/* Connect to a port of the host; NULL: no connection is free. */
struct vconn *vguest_open(struct vguest *g, uint32_t port,
			  const struct vconn_ops *ops, void *ctx);

/* Listen; accept NULL: no longer. */
void vguest_listen(struct vguest *g, uint32_t port, vguest_accept_fn *accept,
		   void *ctx);

/*
 * Reset the device by its register: all connections are closed().  What is in
 * the receive buffers is painted over; see vguest_is_untouched().
 */
void vguest_reset(struct vguest *g);

/* After a reset: did nobody write to the receive buffers since? */
bool vguest_is_untouched(const struct vguest *g);

/* Put back the buffers held back by `starve`, which is off from now on. */
void vguest_feed(struct vguest *g);

/* One packet that no connection keeps account of; false: no slot is free. */
bool vguest_put(struct vguest *g, const struct vsock_hdr *h);

/* Send up to `len` bytes; p NULL: of anything.  How many were taken. */
size_t vconn_send(struct vconn *c, const void *p, size_t len);

/* How many it would take. */
size_t vconn_room(const struct vconn *c);

/* `len` bytes of a lazy connection were read. */
void vconn_took(struct vconn *c, size_t len);

/* VSOCK_SHUTDOWN_SEND, or with RCV too: then closed() follows. */
void vconn_shutdown(struct vconn *c, uint32_t flags);

/* RST; closed() is called from inside. */
void vconn_reset(struct vconn *c);

/* Deal with what came; waits for something first. */
void vguest_step(struct vguest *g);

/* Have a step come back; any thread. */
void vguest_wake(struct vguest *g);

#endif
