/* SPDX-License-Identifier: MIT */
/*
 * place.h - what all of a VM's endpoints have in common.
 *
 * An endpoint joins a vsock port to something on the host.  Each is made,
 * works and is closed on the VM's loop thread.
 */
#ifndef ENDPOINT_PLACE_H
#define ENDPOINT_PLACE_H

#include <uv.h>

#include "endpoint/ports.h"
#include "vsock/vsock.h"

/* Guest ports of our own; see docs/vsock.md. */
enum {
	PLACE_AGENT_PORT = 7600,   /* host: the control line of init */
	PLACE_FORWARD_PORT = 7602, /* guest: "CONNECT port" to its own TCP */
};

struct place {
	uv_loop_t *loop;
	struct vsock *vsock;
	struct ports *ports;
	uint64_t hold_ns; /* how long a connect waits for a listener */
};

#endif
