/* SPDX-License-Identifier: MIT */
/*
 * vsock_rig.h - a vsock device with all that is behind it (the real src/vsock,
 * and echoes for streams) and a driver before it; for tests, fuzz targets,
 * model checks and benchmarks.
 *
 *	vsock_rig_init(&r, 4 << 20);
 *	vsock_rig_start(&r, features, 256, 4096);   rx buffers are offered
 *	h = vsock_rig_hdr(VSOCK_OP_REQUEST, 1000, ECHO_PORT, 0);
 *	vsock_rig_send(&r, &h, NULL, VSOCK_ONE);
 *	vsock_rig_serve(&r);
 *	while (vsock_rig_recv(&r, &h, data, sizeof(data)))
 *		...
 *	vsock_rig_fini(&r);
 *
 * ECHO_PORT of the host is an echo and all others are refused, unless r.accept
 * was changed.  Time stands still but for r.now.
 *
 * All on one thread, or the driver's half (send, recv, start, registers) on
 * one and vsock_rig_serve() on another.
 */
#ifndef TESTS_VIRTIO_VSOCK_RIG_H
#define TESTS_VIRTIO_VSOCK_RIG_H

#include "driver.h"
#include "echo.h"
#include "virtio/vsock_device.h"

enum { VSOCK_RX, VSOCK_TX, VSOCK_EVENT };
enum { RIG_CID = 3, ECHO_PORT = 7 };

#define RIG_FEATURES (VIRTIO_F_VERSION_1 | 1)

/* How a packet lies in descriptors. */
enum vsock_layout {
	VSOCK_ONE,       /* header and data in one, as Linux since 6.3 */
	VSOCK_TWO,       /* one each, as Linux before */
	VSOCK_SCATTERED, /* the header in 3 pieces, data in up to 4 */
	VSOCK_LAYOUTS,
};

struct vsock_rig {
	struct driver drv;
	struct vsock_device dev;

	/* loop thread */
	struct vsock *vsock;
	struct stream *(*accept)(void *ctx, uint32_t port, uint32_t guest_port);
	struct echo_home home;
	uint64_t now, alarm;
	bool nested; /* vsock's wake comes straight back, while serving */
	bool wild;   /* somebody else wrote into the rings too: no abort() */

	atomic_bool woken;
	atomic_uint wakes;

	/* driver's buffers: one for each head */
	uint32_t rx_len, tx_len;
	uint64_t rx[VIRTQ_MAX], tx[VIRTQ_MAX];
	uint16_t tx_slot[VIRTQ_MAX], tx_free[VIRTQ_MAX], tx_frees;
	uint16_t rx_slot[VIRTQ_MAX];
};

/* False: no memory. */
bool vsock_rig_init(struct vsock_rig *r, size_t ram);
void vsock_rig_fini(struct vsock_rig *r);

/*
 * Reset, negotiate, `size` descriptors for each queue, DRIVER_OK; room for
 * packets of rx_len bytes with their headers, offered and not; none with 0.
 */
bool vsock_rig_start(struct vsock_rig *r, uint64_t features, uint16_t size,
		     uint32_t rx_len);

/* Offer rx buffers as long as there are descriptors; rings. */
void vsock_rig_fill(struct vsock_rig *r);

/* Service as often as the device asks for it, at most `max` times. */
void vsock_rig_serve(struct vsock_rig *r);
unsigned vsock_rig_serve_some(struct vsock_rig *r, unsigned max);

/* A header from the guest to the host. */
struct vsock_hdr vsock_rig_hdr(enum vsock_op op, uint32_t guest_port,
			       uint32_t port, uint32_t len);

/* Offer a packet, its h->len bytes at `data`, and kick; false: no room. */
bool vsock_rig_send(struct vsock_rig *r, const struct vsock_hdr *h,
		    const void *data, enum vsock_layout layout);

/* The same with `len` bytes of data, whatever the header says; no kick. */
bool vsock_rig_offer(struct vsock_rig *r, const struct vsock_hdr *h,
		     const void *data, uint32_t len, enum vsock_layout layout);

/*
 * The next packet for the guest, its data, of which `room` bytes are kept; the
 * buffer is offered anew, with a kick.
 */
bool vsock_rig_recv(struct vsock_rig *r, struct vsock_hdr *h, void *data,
		    size_t room);

/* The connection is there, and its RESPONSE was received; or false. */
bool vsock_rig_connect(struct vsock_rig *r, uint32_t guest_port, uint32_t port);

#endif
