/* SPDX-License-Identifier: MIT */
/*
 * upstream.h - another SOCKS5 server through which the guest gets out.
 *
 * Named by a URL, "socks5h://[user:password@]host:port", in which "%40" and
 * the like stand for signs that would end a part.
 */
#ifndef PROXY_UPSTREAM_H
#define PROXY_UPSTREAM_H

#include "proxy/inside.h"
#include "proxy/socks5_client.h"

struct dial;

struct upstream {
	char host[SOCKS5_NAME_MAX + 1]; /* a name or an address */
	uint16_t port;
	bool has_login;
	char user[SOCKS5_NAME_MAX + 1], password[SOCKS5_NAME_MAX + 1];
};

int upstream_parse(struct upstream *u, const char *url,
		   mv_error *err) MUST_CHECK;

/* A way through it to one target, being made. */
struct tunnel {
	struct proxy *proxy;
	struct lookup lookup;
	struct alarm alarm;
	struct dial *dial;
	struct sock *sock;
	struct socks5_client client;

	/*
	 * Over.  SOCKS5_SUCCEEDED: `sock` is the callee's, and so are the
	 * `early` bytes that the far end has sent already.
	 */
	void (*done)(struct tunnel *t, enum socks5_reply reply,
		     const char *why);
	uint8_t early[256];
	size_t early_len;

	size_t sent; /* of client.out */
};

/* done() may come from inside; then it is the last thing it does. */
void tunnel_start(struct tunnel *t, struct proxy *p,
		  const struct socks5_target *target);

/* No callback after this. */
void tunnel_cancel(struct tunnel *t);

#endif
