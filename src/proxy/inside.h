/* SPDX-License-Identifier: MIT */
/*
 * inside.h - what the parts of one proxy share.
 *
 * The policy with its questions to the embedder, the flows it is told of, the
 * queue of lookups, the alarms, and the limits.  Loop thread.
 */
#ifndef PROXY_INSIDE_H
#define PROXY_INSIDE_H

#include "os/sock.h"
#include "proxy/alarm.h"
#include "proxy/lookup.h"
#include "proxy/proxy.h"

struct upstream;

/* The numbers of proxy.h; others only in tests. */
struct proxy_limits {
	unsigned sessions, lookups, rate, burst, udp_peers;
	uint32_t handshake_ms, dial_ms, ask_ms, half_ms, udp_ms;
};

extern const struct proxy_limits proxy_limits_default;

struct proxy {
	uv_loop_t *loop;
	struct proxy_limits limits;
	struct proxy_config cfg; /* its pointers to what is copied: below */
	struct policy policy;
	char *user, *password;
	struct upstream *upstream; /* NULL: none */

	struct alarms alarms;
	struct lookups lookups;
	struct list sessions;
	struct list questions; /* inquiries that wait for proxy_answer() */

	struct host_addr *host; /* own addresses, as of some seconds ago */
	unsigned hosts;
	uint64_t host_until; /* uv_now(); 0: never looked */

	uint64_t flows;      /* how many ids were given out */
	uint64_t tokens;     /* thousandths of a session that may come now */
	uint64_t tokens_at;  /* uv_now() when they were counted */
	uint8_t *datagram;   /* room for one, of whoever needs it next */
	struct proxy_stats stats;
};

int proxy_new_limited(uv_loop_t *loop, const struct proxy_config *cfg,
		      const struct proxy_limits *limits, struct proxy **out,
		      mv_error *err) MUST_CHECK;

/* Something a guest wants of the network, from request to end. */
struct flow {
	uint64_t id;
	enum microvm_flow_kind kind;
	const char *name; /* its owner's; "": none */
	struct addr addr; /* the one it is about now; ADDR_NONE: none yet */
	uint16_t port;
	bool opened;
	uint64_t out, in; /* bytes from the guest, to the guest */
};

void flow_init(struct flow *f, struct proxy *p, enum microvm_flow_kind kind,
	       const char *name, uint16_t port);

/* As the embedder sees it; `text` keeps its address. */
microvm_flow flow_view(const struct flow *f, enum microvm_flow_phase phase,
		       const char *why, char text[static ADDR_TEXT]);

/* Tell the embedder, and count. */
void flow_tell(struct flow *f, struct proxy *p, enum microvm_flow_phase phase,
	       const char *why);

/* By the rules and the base.  Without an address: by the name alone. */
struct policy_answer proxy_judge(struct proxy *p, const char *name,
				 const struct addr *a, uint16_t port);

/* The embedder's hook in the form sockets take, or NULL; ctx: the proxy. */
sock_hook_fn *proxy_hook(const struct proxy *p);

/* Words for an errno; static. */
const char *proxy_words(int os);

#endif
