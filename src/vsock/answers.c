/* SPDX-License-Identifier: MIT */
/* answers.c - a bounded queue of resets to nobody. */
#include "vsock/answers.h"

bool answers_full(const struct answers *a)
{
	return a->len == VSOCK_ANSWERS;
}

static bool waits(const struct answers *a, const struct vsock_hdr *h)
{
	unsigned i;

	for (i = 0; i < a->len; i++) {
		const struct vsock_hdr *r =
			&a->rst[(a->head + i) % VSOCK_ANSWERS];

		if (r->src_cid == h->dst_cid && r->type == h->type &&
		    r->src_port == h->dst_port && r->dst_port == h->src_port)
			return true;
	}
	return false;
}

void answers_add(struct answers *a, const struct vsock_hdr *h)
{
	if (h->op == VSOCK_OP_RST || answers_full(a) || waits(a, h))
		return;
	a->rst[(a->head + a->len) % VSOCK_ANSWERS] = (struct vsock_hdr){
		.src_cid = h->dst_cid,
		.dst_cid = h->src_cid,
		.src_port = h->dst_port,
		.dst_port = h->src_port,
		.type = h->type, /* even one we do not know: 5.10.6.4.2 */
		.op = VSOCK_OP_RST,
	};
	a->len++;
}

bool answers_take(struct answers *a, struct vsock_hdr *out)
{
	if (!a->len)
		return false;
	*out = a->rst[a->head];
	a->head = (a->head + 1) % VSOCK_ANSWERS;
	a->len--;
	return true;
}
