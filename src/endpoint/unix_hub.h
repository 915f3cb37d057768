/* SPDX-License-Identifier: MIT */
/*
 * unix_hub.h - a Unix socket through which host programs reach the guest.
 *
 * A client connects to `path`, says "CONNECT <port>\n" and gets "OK <n>\n"
 * when the guest accepted; from then on the socket is the connection.  When it
 * does not, the socket is closed (the dialect has no word for that).  What the
 * client sent behind its line is kept for the guest.  A connection the guest
 * opens to host port N goes to `path`_N.
 */
#ifndef ENDPOINT_UNIX_HUB_H
#define ENDPOINT_UNIX_HUB_H

#include "endpoint/place.h"

struct unix_hub;

int unix_hub_new(const struct place *at, const char *path,
		 struct unix_hub **out, mv_error *err) MUST_CHECK;

/* How long a client may take for its line, from now on; at first 10 s. */
void unix_hub_set_patience(struct unix_hub *h, uint64_t ns);

/* Also of clients whose line is not whole.  NULL is fine. */
void unix_hub_close(struct unix_hub *h);

/* For struct ports: the guest's connections, to path_PORT. */
struct stream *unix_hub_accept(void *hub, uint32_t port, uint32_t guest_port);

#endif
