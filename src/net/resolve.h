/* SPDX-License-Identifier: MIT */
/*
 * resolve.h - from a name to addresses, by the host's resolver.
 *
 * getaddrinfo() on libuv's thread pool, because only the OS's resolver knows
 * the host's VPN, split DNS and hosts file.  AAAA and A are asked for side by
 * side; addresses are given as soon as they are known, IPv6 first, but when A
 * answers first AAAA has 50 ms to follow (RFC 8305, 3: Resolution Delay).
 * "localhost" and what is below it is loopback on any host (RFC 6761, 6.3).
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <uv.h>

#include "base/error.h"
#include "os/addr.h"

enum resolve_result {
	RESOLVE_OK,         /* there was at least one address */
	RESOLVE_NO_NAME,    /* there is no such name */
	RESOLVE_NO_ADDRESS, /* the name is there, but no such address */
	RESOLVE_FAILED,     /* the resolver did not work now */
};

struct resolve;

struct resolve_user {
	/* Another address, in the order of preference; port is 0. */
	void (*found)(void *ctx, const struct addr *a);
	/* No more will come; frees the lookup.  Not from resolve_start(). */
	void (*done)(void *ctx, enum resolve_result result);
	void *ctx;
};

/* Families wanted: a sum of 1 << ADDR_IPV4 and 1 << ADDR_IPV6. */
int resolve_start(uv_loop_t *loop, const char *name, unsigned families,
		  const struct resolve_user *user, struct resolve **out,
		  mv_error *err) MUST_CHECK;

/* The name of an address (PTR); found() is not called. */
int resolve_name_of(uv_loop_t *loop, const struct addr *a,
		    void (*done)(void *ctx, enum resolve_result result,
				 const char *name),
		    void *ctx, struct resolve **out, mv_error *err) MUST_CHECK;

/*
 * Nobody wants to know any more: no callback after this.  What the OS has
 * begun cannot be stopped, so the loop may go on for as long as that takes.
 */
void resolve_cancel(struct resolve *r);

#endif
