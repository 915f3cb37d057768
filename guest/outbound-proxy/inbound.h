/* SPDX-License-Identifier: MIT */
/*
 * inbound.h - connections from the host to TCP ports of the guest.
 *
 * The host says "CONNECT port\n"; we connect to that port on the loopback,
 * answer "OK port\n" and bridge, or close.
 */
#ifndef GUEST_OUTBOUND_PROXY_INBOUND_H
#define GUEST_OUTBOUND_PROXY_INBOUND_H

#include "guest/outbound-proxy/server.h"

/*
 * The port of the line in the first `len` bytes at `p`, its length with the
 * line end in *used; 0: no line yet; -1: that is no such line.
 */
int inbound_parse(const char *p, size_t len, size_t *used);

/* `ctx` is a struct server; takes the descriptor. */
void inbound_new(void *ctx, int fd);

#endif
