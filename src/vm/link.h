/* SPDX-License-Identifier: MIT */
/*
 * link.h - everything of a VM that lies between its vsock device and the host.
 *
 * The device, the multiplexer, the ports and who answers on them: sockets,
 * the embedder, the proxy, the agent.  Made and taken apart with the VM; its
 * calls are for any thread and hand over to the loop thread.
 */
#ifndef VM_LINK_H
#define VM_LINK_H

#include "endpoint/agent.h"
#include "endpoint/forward.h"
#include "endpoint/map.h"
#include "endpoint/ring_stream.h"
#include "endpoint/unix_hub.h"
#include "proxy/proxy.h"
#include "virtio/vsock_device.h"
#include "vm/loop.h"

/* What is wanted of it; needed by vm_create() alone. */
struct link_config {
	uint32_t cid;       /* 0: no device, and nothing of all this */
	const char *socket; /* of the hub; NULL: none */
	const struct map_spec *map;
	unsigned maps;
	const struct forward_spec *forward;
	unsigned forwards;
	uint32_t hold_ms;
	struct proxy_config proxy;
};

/* Who wants to know of the guest's progress; on the loop thread. */
struct link_user {
	void (*event)(void *ctx, enum microvm_event event);
	void (*status)(void *ctx, unsigned status); /* init's last word */
	void *ctx;
};

struct link {
	bool present;
	struct loop *loop;
	struct link_user user;
	struct vsock_device device; /* its registers are for the bus */
	struct task rung;           /* by a vCPU */
	struct doorbell bell;       /* ... by the hypervisor for it */
	bool has_bell;
	struct task ended;

	/* loop thread */
	struct vsock *vsock; /* NULL: closed */
	bool over;           /* the VM has ended: nothing new */
	struct ports ports;
	struct place place;
	struct unix_hub *hub;
	struct map **map;
	struct forward **forward;
	unsigned maps, forwards;
	struct port proxy_port;
	struct proxy *proxy;
	struct agent *agent;
	struct link_listener *listener; /* the embedder's, all */
	struct vsock_stats moved;       /* when the VM ended */
	struct proxy_stats proxied;
	uv_timer_t alarm;
	uv_check_t after; /* events, before the loop sleeps */
	uv_idle_t awake;  /* keeps it from sleeping while there is work */
	bool up;          /* what the user was told of the driver */
	unsigned life;    /* of the device, when he was told */

	struct mutex mu;

	/* under mu */
	struct ring_stream **stream; /* those that may post to the loop */
	size_t streams, stream_room;
	bool closed; /* there will be no more of them */
};

int link_init(struct link *l, const struct link_config *cfg, struct loop *loop,
	      const struct gmem *mem, struct irq irq,
	      const struct link_user *user, mv_error *err) MUST_CHECK;

/*
 * A bell that may be rung in place of the device's QueueNotify; the VM's, from
 * this call to link_fini().  Not on the loop thread.
 */
int link_doorbell(struct link *l, const struct doorbell **bell,
		  mv_error *err) MUST_CHECK;

/*
 * The VM has ended: close what leads to the guest, but what it has sent and
 * closed in order goes on to its readers until link_close().  Any thread.
 */
void link_end(struct link *l);

/*
 * Close everything; on any thread but the loop's, which still runs.  Streams
 * have their last callbacks after this, and what these ask for is refused.
 */
void link_close(struct link *l);

/* Closes it, unless it is; no callback runs any more. */
void link_fini(struct link *l);

struct link_listener;

/* As microvm.h says of the calls they are named after. */
int link_open(struct link *l, uint32_t port, uint32_t ms, microvm_stream_fn *fn,
	      void *ctx, struct ring_stream **out, mv_error *err) MUST_CHECK;
int link_connect(struct link *l, uint32_t port, uint32_t ms,
		 struct ring_stream **out, mv_error *err) MUST_CHECK;
int link_listen(struct link *l, uint32_t port, microvm_accept_fn *fn, void *ctx,
		struct link_listener **out, mv_error *err) MUST_CHECK;
void link_listener_close(struct link_listener *ll);
int link_answer(struct link *l, uint64_t flow, enum microvm_verdict verdict,
		mv_error *err) MUST_CHECK;
int link_stop(struct link *l, mv_error *err) MUST_CHECK;
int link_set_time(struct link *l, mv_error *err) MUST_CHECK;
void link_stats(const struct link *l, microvm_stats *stats);

/* Parts of link_close(), on the loop thread. */
void link_drop_listeners(struct link *l);
void link_drop_streams(struct link *l);

/* The device; the VM is at rest. */
void link_state(struct link *l, struct state *s);

#endif
