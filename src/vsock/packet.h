/* SPDX-License-Identifier: MIT */
/*
 * packet.h - the header before every virtio-vsock packet, virtio 1.2, 5.10.6.
 */
#ifndef VSOCK_PACKET_H
#define VSOCK_PACKET_H

#include <stdint.h>

enum { VSOCK_HDR_LEN = 44 };

enum vsock_op {
	VSOCK_OP_INVALID,
	VSOCK_OP_REQUEST,        /* open a connection */
	VSOCK_OP_RESPONSE,       /* it is accepted */
	VSOCK_OP_RST,            /* it is refused, broken, or closed for good */
	VSOCK_OP_SHUTDOWN,       /* flags: who will do what no more */
	VSOCK_OP_RW,             /* data */
	VSOCK_OP_CREDIT_UPDATE,  /* buf_alloc and fwd_cnt are news */
	VSOCK_OP_CREDIT_REQUEST, /* ... and wanted from the receiver */
	VSOCK_OPS,
};

enum { VSOCK_TYPE_STREAM = 1 };

/* Of VSOCK_OP_SHUTDOWN: what its sender will do no more. */
enum { VSOCK_SHUTDOWN_RCV = 1 << 0, VSOCK_SHUTDOWN_SEND = 1 << 1 };

struct vsock_hdr {
	uint64_t src_cid, dst_cid;
	uint32_t src_port, dst_port;
	uint32_t len; /* bytes of payload behind the header */
	uint16_t type;
	uint16_t op; /* enum vsock_op, or whatever the guest wrote */
	uint32_t flags;
	uint32_t buf_alloc; /* the sender's receive buffer for this stream */
	uint32_t fwd_cnt;   /* bytes it has taken out of it, modulo 2^32 */
};

void vsock_hdr_load(struct vsock_hdr *h, const uint8_t raw[static 44]);
void vsock_hdr_store(const struct vsock_hdr *h, uint8_t raw[static 44]);

#endif
