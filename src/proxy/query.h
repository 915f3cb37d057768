/* SPDX-License-Identifier: MIT */
/*
 * query.h - RESOLVE and RESOLVE_PTR: names for guests that have no DNS.
 *
 * Answers nothing that the policy would not let the guest connect to, on some
 * port at least: the flow's port is 0.  Who wants either kind of address gets
 * IPv4 when there is one, which every client of these commands can handle.
 *
 * That there is no such name is believed of both kinds only: of a name in a
 * hosts file the C library says so of the kind that is not there.
 */
#ifndef PROXY_QUERY_H
#define PROXY_QUERY_H

#include "proxy/inquiry.h"

enum { QUERY_A = 1, QUERY_AAAA = 28 }; /* RFC 1035, 3.2.2; RFC 3596, 2.1 */

struct query {
	struct inquiry inquiry;
	struct lookup lookup; /* of the name, RESOLVE_PTR */
	struct alarm alarm;
	struct proxy *proxy;
	struct flow *flow;
	struct addr literal;
	uint16_t type; /* RESOLVE: what is wanted; QUERY_A, QUERY_AAAA, else */
	uint8_t family; /* of what is looked for now */
	bool reverse;
	bool second; /* the other family: of the first there is none */

	/*
	 * Over, and the embedder was told.  SOCKS5_SUCCEEDED: an address, or a
	 * name if it is not NULL.
	 */
	void (*done)(struct query *q, enum socks5_reply reply,
		     const struct addr *a, const char *name);
};

/* done() may come from inside; then it is the last thing it does. */
void query_start(struct query *q, struct proxy *p, struct flow *flow,
		 const struct socks5_target *target, bool reverse);

/* No callback after this. */
void query_cancel(struct query *q);

#endif
