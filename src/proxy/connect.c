/* SPDX-License-Identifier: MIT */
/* connect.c - connecting a guest to what it may have.  Relays nothing. */
#include "proxy/connect.h"

#include <errno.h>

#include "base/container.h"
#include "net/dial.h"

static void won(struct connect *c, struct sock *s)
{
	inquiry_cancel(&c->inquiry);
	if (c->dial)
		dial_cancel(c->dial);
	c->dial = NULL;
	flow_tell(c->flow, c->proxy, MICROVM_FLOW_OPENED, "");
	c->done(c, s, SOCKS5_SUCCEEDED);
}

static void lost(struct connect *c)
{
	enum socks5_reply reply;

	if (c->os) {
		c->flow->addr = c->first;
		flow_tell(c->flow, c->proxy, MICROVM_FLOW_FAILED,
			  proxy_words(c->os));
		reply = socks5_reply_of(c->os);
	} else {
		reply = inquiry_failed(&c->inquiry);
	}
	c->done(c, NULL, reply);
}

static void dialed(void *ctx, struct sock *s, const struct addr *to, int os)
{
	struct connect *c = ctx;

	c->dial = NULL;
	if (s) {
		c->flow->addr = *to;
		won(c, s);
		return;
	}
	c->os = os;
	if (c->over)
		lost(c);
}

/* What is left of the time; thinking about a question takes none of it. */
static uint32_t time_left(const struct connect *c)
{
	uint32_t all = c->proxy->limits.dial_ms;
	uint64_t gone = uv_now(c->proxy->loop) - c->since;

	gone -= c->inquiry.thought < gone ? c->inquiry.thought : gone;
	return gone < all ? all - (uint32_t)gone : 1;
}

static void dial(struct connect *c, const struct addr *a)
{
	const struct dial_user user = { dialed, proxy_hook(c->proxy), c->proxy,
					c };

	if (!c->dial &&
	    dial_start(c->proxy->loop, &user, time_left(c), &c->dial, NULL)) {
		c->os = ENOMEM;
		return;
	}
	dial_offer(c->dial, a);
}

static void tunneled(struct tunnel *t, enum socks5_reply reply, const char *why)
{
	struct connect *c = container_of(t, struct connect, tunnel);

	c->tunneling = false;
	if (reply == SOCKS5_SUCCEEDED) {
		won(c, t->sock);
		return;
	}
	flow_tell(c->flow, c->proxy, MICROVM_FLOW_FAILED, why);
	c->done(c, NULL, reply);
}

/* The only one there will be: with an upstream, a target is one address. */
static bool by_upstream(struct connect *c)
{
	inquiry_cancel(&c->inquiry);
	c->tunneling = true;
	c->tunnel.done = tunneled;
	tunnel_start(&c->tunnel, c->proxy, c->target);
	return false;
}

/* A descriptor nobody can use is still ours to close. */
static void drop(intptr_t fd)
{
	uv_fs_t req;

	(void)uv_fs_close(NULL, &req, (uv_file)fd, NULL); /* best effort */
	uv_fs_req_cleanup(&req);
}

/* The embedder's dialer: true when it has dealt with this address. */
static bool by_dialer(struct connect *c, struct sock **s)
{
	struct proxy *p = c->proxy;
	char text[ADDR_TEXT];
	microvm_flow view;
	intptr_t fd;

	*s = NULL;
	if (!p->cfg.dial)
		return false;
	view = flow_view(c->flow, MICROVM_FLOW_ASKED, "", text);
	fd = p->cfg.dial(p->cfg.dial_ctx, &view);
	if (fd == MICROVM_DIAL_DEFAULT)
		return false;
	c->os = EHOSTUNREACH;
	if (fd >= 0 && sock_adopt(p->loop, (int)fd, s, NULL)) {
		drop(fd);
		*s = NULL;
		c->os = EIO;
	}
	return true;
}

static bool allowed(struct inquiry *q, const struct addr *a)
{
	struct connect *c = container_of(q, struct connect, inquiry);
	static const struct addr none = { .family = ADDR_NONE };
	struct sock *s;

	c->flow->addr = a ? *a : none;
	if (q->given == 1)
		c->first = c->flow->addr;
	if (by_dialer(c, &s)) {
		if (s)
			won(c, s);
		return !s;
	}
	if (c->proxy->upstream)
		return by_upstream(c);
	dial(c, a);
	return true;
}

static void over(struct inquiry *q)
{
	struct connect *c = container_of(q, struct connect, inquiry);

	c->over = true;
	if (c->dial)
		dial_complete(c->dial);
	else
		lost(c);
}

void connect_start(struct connect *c, struct proxy *p, struct flow *flow,
		   const struct socks5_target *target)
{
	c->proxy = p;
	c->flow = flow;
	c->target = target;
	c->dial = NULL;
	c->since = uv_now(p->loop);
	c->os = 0;
	c->over = c->tunneling = false;
	c->tunnel.early_len = 0;
	c->inquiry.allowed = allowed;
	c->inquiry.over = over;
	c->inquiry.proxy = NULL;
	c->first = target->addr;
	if (flow->port == POLICY_ANY_PORT) { /* no port: nobody listens there */
		c->os = ECONNREFUSED;
		lost(c);
		return;
	}
	inquiry_start(&c->inquiry, p, flow, &target->addr,
		      1u << ADDR_IPV4 | 1u << ADDR_IPV6);
}

void connect_cancel(struct connect *c)
{
	inquiry_cancel(&c->inquiry);
	if (c->tunneling)
		tunnel_cancel(&c->tunnel);
	c->tunneling = false;
	if (c->dial)
		dial_cancel(c->dial);
	c->dial = NULL;
}
