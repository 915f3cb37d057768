/* SPDX-License-Identifier: MIT */
/* ports.h - which of the host's vsock ports is whose. */
#ifndef ENDPOINT_PORTS_H
#define ENDPOINT_PORTS_H

#include "base/error.h"
#include "core/stream.h"

/* The guest connects: its stream, or NULL to refuse. */
typedef struct stream *port_accept_fn(void *ctx, uint32_t port,
				      uint32_t guest_port);

struct port {
	uint32_t number;
	port_accept_fn *accept;
	void *ctx;
	struct port *next; /* private */
};

/* Ports nobody has go to `otherwise`, if that is set. */
struct ports {
	struct port *first;
	port_accept_fn *otherwise;
	void *otherwise_ctx;
};

/* `p` is the caller's until ports_unbind(). MICROVM_EBUSY: it is taken. */
int ports_bind(struct ports *t, struct port *p, mv_error *err) MUST_CHECK;
void ports_unbind(struct ports *t, struct port *p);

struct stream *ports_accept(const struct ports *t, uint32_t port,
			    uint32_t guest_port);

#endif
