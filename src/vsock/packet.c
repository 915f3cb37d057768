/* SPDX-License-Identifier: MIT */
/* packet.c - the header of a virtio-vsock packet as bytes, virtio 1.2, 5.10.6.
 */
#include "vsock/packet.h"

#include <assert.h>

#include "base/bytes.h"

/* Where the fields of struct virtio_vsock_hdr are. */
enum {
	SRC_CID = 0,
	DST_CID = 8,
	SRC_PORT = 16,
	DST_PORT = 20,
	LENGTH = 24,
	TYPE = 28,
	OP = 30,
	FLAGS = 32,
	BUF_ALLOC = 36,
	FWD_CNT = 40,
};

static_assert(FWD_CNT + 4 == VSOCK_HDR_LEN, "virtio 1.2, 5.10.6");

void vsock_hdr_load(struct vsock_hdr *h, const uint8_t raw[static 44])
{
	*h = (struct vsock_hdr){
		.src_cid = le64(raw + SRC_CID),
		.dst_cid = le64(raw + DST_CID),
		.src_port = le32(raw + SRC_PORT),
		.dst_port = le32(raw + DST_PORT),
		.len = le32(raw + LENGTH),
		.type = le16(raw + TYPE),
		.op = le16(raw + OP),
		.flags = le32(raw + FLAGS),
		.buf_alloc = le32(raw + BUF_ALLOC),
		.fwd_cnt = le32(raw + FWD_CNT),
	};
}

void vsock_hdr_store(const struct vsock_hdr *h, uint8_t raw[static 44])
{
	put_le64(raw + SRC_CID, h->src_cid);
	put_le64(raw + DST_CID, h->dst_cid);
	put_le32(raw + SRC_PORT, h->src_port);
	put_le32(raw + DST_PORT, h->dst_port);
	put_le32(raw + LENGTH, h->len);
	put_le16(raw + TYPE, h->type);
	put_le16(raw + OP, h->op);
	put_le32(raw + FLAGS, h->flags);
	put_le32(raw + BUF_ALLOC, h->buf_alloc);
	put_le32(raw + FWD_CNT, h->fwd_cnt);
}
