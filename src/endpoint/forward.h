/* SPDX-License-Identifier: MIT */
/*
 * forward.h - a TCP port of the host that leads to one of the guest.
 *
 * The guest has no network card, so its outbound-proxy program does the last
 * step: it listens on vsock port PLACE_FORWARD_PORT, is told "CONNECT port\n",
 * connects to that TCP port on its loopback, and says "OK port\n".
 */
#ifndef ENDPOINT_FORWARD_H
#define ENDPOINT_FORWARD_H

#include "endpoint/place.h"
#include "os/addr.h"

struct forward_spec {
	struct addr host; /* port 0: any */
	uint16_t guest;
};

/* "[ip:]HOST:GUEST"; without an address it is 127.0.0.1. */
int forward_parse(struct forward_spec *spec, const char *text,
		  mv_error *err) MUST_CHECK;

struct forward;

int forward_new(const struct place *at, const struct forward_spec *spec,
		struct forward **out, mv_error *err) MUST_CHECK;
void forward_close(struct forward *f);

/* Where it listens. */
bool forward_addr(const struct forward *f, struct addr *a);

#endif
