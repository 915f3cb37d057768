/* SPDX-License-Identifier: MIT */
/*
 * lookup.h - the answer to one question to the name server, from the host.
 */
#ifndef GUEST_OUTBOUND_PROXY_LOOKUP_H
#define GUEST_OUTBOUND_PROXY_LOOKUP_H

#include "guest/outbound-proxy/dns.h"
#include "guest/outbound-proxy/server.h"

/* The query as it is to be answered: see dns_write(). */
typedef void lookup_fn(void *ctx, const struct dns_query *q);

/*
 * A question of which dns_read() said DNS_FORWARD or DNS_REVERSE.  `done` is
 * called once, perhaps at once.  Cannot be cancelled.
 */
void lookup_start(struct server *sv, const struct dns_query *q,
		  lookup_fn *done, void *ctx);

#endif
