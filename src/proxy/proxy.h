/* SPDX-License-Identifier: MIT */
/*
 * proxy.h - the guest's way out: a SOCKS5 server whose clients are streams.
 *
 * One stream, one SOCKS session: it does not matter who carries it.  Names are
 * resolved here, judged by the policy address by address, and exactly what was
 * judged is dialled.  Bytes then go between the guest's buffers and the socket
 * directly (net/sock_stream.h).
 *
 * UDP ASSOCIATE on a stream: after the reply, each datagram in either
 * direction is a 16-bit big-endian length and as many bytes: the header of
 * RFC 1928, 7, and the data.  The program in the guest that made the stream
 * turns real datagrams into these and back.
 *
 * RESOLVE: the request's port tells which address is wanted, as a DNS type:
 * 1 (A), 28 (AAAA), else any.  Reply 8: the name has none of that type.
 *
 * With an upstream proxy only CONNECT is done: UDP and RESOLVE would go past it
 * (reply 7).  It is asked for what the dialer, if there is one, leaves to us.
 *
 * Several addresses of one name are judged one by one as they are found, and
 * asked for (`ask`) one at a time, each once; the first that is allowed and
 * connects wins.  Each request is one flow, which ends in exactly one of
 * DENIED, FAILED and ENDED; none is told of what never became a request.
 *
 * All on the loop thread.  Nothing is unbounded: sessions, lookups, the rate
 * of new ones, the time of each step.
 */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include <uv.h>

#include "core/stream.h"
#include "proxy/policy.h"
#include "proxy/socks5.h"

enum {
	PROXY_PORT = 7601,
	PROXY_SESSIONS = 1024,
	PROXY_LOOKUPS = 64, /* waiting for the resolver at once */
	PROXY_RATE = 10000, /* new sessions a second, on average */
	PROXY_BURST = 10000,
	PROXY_HANDSHAKE_MS = 10000, /* until the request is there */
	PROXY_DIAL_MS = 30000,      /* names, attempts and all */
	PROXY_ASK_MS = 120000,      /* for an answer; then: denied */
	PROXY_HALF_MS = 300000,     /* silent, one direction ended */
	PROXY_UDP_MS = 300000,      /* an association without datagrams */
	PROXY_UDP_PEERS = 64,       /* an association's, at once */
};

struct proxy_config {
	const struct policy *policy; /* copied */
	struct socks5_login login;   /* asked of the guest; copied */
	const char *upstream;        /* "socks5h://[user:pass@]host:port" */
	microvm_policy_fn *ask;      /* NULL: the base decides */
	microvm_flow_fn *flow;       /* NULL: nobody listens */
	microvm_dial_fn *dial;       /* NULL: we dial */
	microvm_socket_fn *hook;     /* NULL: none */
	void *ask_ctx, *flow_ctx, *dial_ctx, *hook_ctx;
};

struct proxy;

int proxy_new(uv_loop_t *loop, const struct proxy_config *cfg,
	      struct proxy **out, mv_error *err) MUST_CHECK;

/* No session may be left: whoever carries them has closed them. */
void proxy_free(struct proxy *p);

/* A new session's stream, or NULL: over a limit. */
struct stream *proxy_accept(struct proxy *p);

/* The answer to a question that was to be answered later. */
int proxy_answer(struct proxy *p, uint64_t flow, enum microvm_verdict verdict,
		 mv_error *err) MUST_CHECK;

struct proxy_stats {
	uint64_t sessions, denied, failed, over_limit;
	uint64_t bytes[2]; /* from the guest, to the guest */
	unsigned open;
};

void proxy_stats(const struct proxy *p, struct proxy_stats *out);

/* Parse an upstream's URL; for checks at configuration time. */
int proxy_check_upstream(const char *url, mv_error *err) MUST_CHECK;

#endif
