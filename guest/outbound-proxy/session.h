/* SPDX-License-Identifier: MIT */
/*
 * session.h - one client of port 1080.
 *
 * Its first byte tells what it speaks.  SOCKS: it talks to the host's server
 * itself, and is only followed, to see whether it wants UDP (assoc.h).  A
 * letter: HTTP, which is turned into one SOCKS request.
 */
#ifndef GUEST_OUTBOUND_PROXY_SESSION_H
#define GUEST_OUTBOUND_PROXY_SESSION_H

#include "guest/outbound-proxy/server.h"

/* `ctx` is a struct server; takes the descriptor. */
void session_new(void *ctx, int fd);

#endif
