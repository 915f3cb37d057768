/* SPDX-License-Identifier: MIT */
/* stub.h - the name server of the guest: UDP and TCP port 53. */
#ifndef GUEST_OUTBOUND_PROXY_STUB_H
#define GUEST_OUTBOUND_PROXY_STUB_H

#include "guest/outbound-proxy/server.h"

/* Both on one port of 127.0.0.1; 0: any.  False: errno. */
bool stub_open(struct server *sv, uint16_t port);

#endif
