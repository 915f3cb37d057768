/* SPDX-License-Identifier: MIT */
/* peer.c - verdicts on where datagrams go.  Makes no socket. */
#include "proxy/peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "proxy/inquiry.h"
#include "proxy/udp.h"

enum peer_state { PEER_UNDECIDED, PEER_OPEN, PEER_SHUT };

struct held {
	struct held *next;
	size_t len;
	uint8_t data[];
};

struct peer {
	struct list node; /* in peers.list */
	struct peers *all;
	enum peer_state state;
	struct socks5_target target; /* as the guest names it */
	struct addr to;              /* PEER_OPEN; before: the first allowed */
	struct flow flow;

	/* PEER_UNDECIDED */
	struct inquiry *inquiry;
	struct held *held, **last;
};

static struct peer *peer_of(struct list *n)
{
	return container_of(n, struct peer, node);
}

static bool is_same(const struct socks5_target *a,
		    const struct socks5_target *b)
{
	if (a->name[0] || b->name[0])
		return a->addr.port == b->addr.port &&
		       strcmp(a->name, b->name) == 0;
	return addr_equal(&a->addr, &b->addr);
}

static void to_front(struct peer *p)
{
	list_remove(&p->node);
	list_append(p->all->list.next, &p->node);
}

static void send_now(struct peer *p, const uint8_t *data, size_t len)
{
	if (!p->all->send(p->all->ctx, &p->to, data, len))
		return;
	p->flow.out += len;
	p->all->out += len;
}

/* ---- while there is no verdict ------------------------------------------ */

static void hold(struct peer *p, const uint8_t *data, size_t len)
{
	struct held *h;

	if (len > UDP_HELD - p->all->held)
		return;
	h = malloc(sizeof(*h) + len);
	if (!h)
		return;
	h->next = NULL;
	h->len = len;
	memcpy(h->data, data, len);
	*p->last = h;
	p->last = &h->next;
	p->all->held += len;
}

/* There is a verdict, or nobody waits for one any more. */
static void decided(struct peer *p, enum peer_state state)
{
	struct held *h, *next;

	p->state = state;
	for (h = p->held; h; h = next) {
		next = h->next;
		if (state == PEER_OPEN)
			send_now(p, h->data, h->len);
		p->all->held -= h->len;
		free(h);
	}
	p->held = NULL;
	p->last = &p->held;
	p->all->undecided--;
	inquiry_cancel(p->inquiry);
	free(p->inquiry);
	p->inquiry = NULL;
}

static struct peer *asker(struct inquiry *q)
{
	return container_of(q->flow, struct peer, flow);
}

/* The first that waits goes out, if it can; true also when there is none. */
static bool first_goes(struct peer *p, const struct addr *to, size_t *sent)
{
	struct held *h = p->held;

	*sent = 0;
	if (!h)
		return true;
	if (!p->all->send(p->all->ctx, to, h->data, h->len))
		return false;
	*sent = h->len;
	p->all->held -= h->len;
	p->held = h->next;
	if (!p->held)
		p->last = &p->held;
	free(h);
	return true;
}

/* `sent`: bytes that went there before. */
static void open_peer(struct peer *p, const struct addr *a, size_t sent)
{
	p->to = *a;
	p->flow.addr = *a;
	flow_tell(&p->flow, p->all->proxy, MICROVM_FLOW_OPENED, "");
	p->flow.out += sent;
	p->all->out += sent;
	decided(p, PEER_OPEN);
}

/*
 * A name often has an IPv6 address where the host has no IPv6: who cannot be
 * sent to is passed over as long as others may come.
 */
static bool allowed(struct inquiry *q, const struct addr *a)
{
	struct peer *p = asker(q);
	size_t sent = 0;

	if (p->target.name[0] && !first_goes(p, a, &sent)) {
		if (p->to.family == ADDR_NONE)
			p->to = *a;
		return true;
	}
	open_peer(p, a, sent);
	return false;
}

static void over(struct inquiry *q)
{
	struct peer *p = asker(q);

	if (p->to.family != ADDR_NONE) { /* it may be reached later */
		open_peer(p, &p->to, 0);
		return;
	}
	(void)inquiry_failed(q); /* there are no replies to datagrams */
	decided(p, PEER_SHUT);
}

/* ---- the table ---------------------------------------------------------- */

static void forget(struct peer *p, const char *why)
{
	struct proxy *proxy = p->all->proxy;

	if (p->state == PEER_UNDECIDED) {
		flow_tell(&p->flow, proxy, MICROVM_FLOW_FAILED, why);
		decided(p, PEER_SHUT);
	} else if (p->state == PEER_OPEN) {
		flow_tell(&p->flow, proxy, MICROVM_FLOW_ENDED, why);
	}
	list_remove(&p->node);
	p->all->count--;
	free(p);
}

static struct peer *find(struct peers *all, const struct socks5_target *to)
{
	struct list *n;

	for (n = all->list.next; n != &all->list; n = n->next)
		if (is_same(&peer_of(n)->target, to))
			return peer_of(n);
	return NULL;
}

static struct peer *add(struct peers *all, const struct socks5_target *to)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->inquiry = calloc(1, sizeof(*p->inquiry));
	if (!p->inquiry) {
		free(p);
		return NULL;
	}
	if (all->count >= all->proxy->limits.udp_peers)
		forget(peer_of(all->list.prev), "others were used later");
	p->all = all;
	p->target = *to;
	p->last = &p->held;
	flow_init(&p->flow, all->proxy, MICROVM_FLOW_UDP, p->target.name,
		  to->addr.port);
	list_init(&p->node);
	to_front(p);
	all->count++;
	all->undecided++;
	return p;
}

void peers_init(struct peers *all, struct proxy *p, peer_send_fn *send,
		void *ctx)
{
	*all = (struct peers){ .proxy = p, .send = send, .ctx = ctx };
	list_init(&all->list);
}

void peers_fini(struct peers *all, const char *why)
{
	struct list *n, *next;

	for (n = all->list.next; n != &all->list; n = next) {
		next = n->next;
		forget(peer_of(n), why);
	}
}

/* The first to a new peer. */
static void introduce(struct peers *all, const struct socks5_target *to,
		      const uint8_t *data, size_t len)
{
	struct peer *p;

	if (all->undecided >= UDP_UNDECIDED)
		return;
	p = add(all, to);
	if (!p)
		return;
	hold(p, data, len);
	p->inquiry->allowed = allowed;
	p->inquiry->over = over;
	inquiry_start(p->inquiry, all->proxy, &p->flow, &p->target.addr,
		      1u << ADDR_IPV4 | 1u << ADDR_IPV6);
}

void peers_send(struct peers *all, const struct socks5_target *to,
		const uint8_t *data, size_t len)
{
	struct peer *p = find(all, to);

	if (!p) {
		introduce(all, to, data, len);
		return;
	}
	to_front(p);
	switch (p->state) {
	case PEER_UNDECIDED: hold(p, data, len); break;
	case PEER_OPEN: send_now(p, data, len); break;
	case PEER_SHUT: break;
	}
}

bool peers_heard(struct peers *all, const struct addr *from, size_t len)
{
	struct list *n;

	for (n = all->list.next; n != &all->list; n = n->next) {
		struct peer *p = peer_of(n);

		if (p->state != PEER_OPEN || !addr_equal(&p->to, from))
			continue;
		p->flow.in += len;
		all->in += len;
		to_front(p);
		return true;
	}
	return false;
}
