/* SPDX-License-Identifier: MIT */
/* env.c - a proxy with both its ends. */
#include "env.h"

#include <errno.h>
#include <string.h>

#include "base/container.h"
#include "base/num.h"
#include "proxy/socks5.h"

#include "../check.h"
#include "wire.h"

/* ---- bytes -------------------------------------------------------------- */

uint8_t pattern(unsigned seed, uint64_t i)
{
	return (uint8_t)(((i + seed) * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

static uint64_t fnv(uint64_t hash, uint8_t byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

void heap_init(struct heap *h)
{
	h->len = 0;
	h->hash = UINT64_C(0xcbf29ce484222325);
}

void heap_put(struct heap *h, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++, h->len++) {
		if (h->len < KEEP)
			h->p[h->len] = p[i];
		h->hash = fnv(h->hash, p[i]);
	}
}

uint64_t pattern_hash(unsigned seed, uint64_t len)
{
	struct heap h;
	uint64_t i;

	heap_init(&h);
	for (i = 0; i < len; i++)
		h.hash = fnv(h.hash, pattern(seed, i));
	return h.hash;
}

static void load_put(struct load *l, const void *p, size_t len)
{
	assert_true(len <= KEEP - l->head_len && !l->len);
	memcpy(l->head + l->head_len, p, len);
	l->head_len += len;
}

static bool load_over(const struct load *l)
{
	return l->sent == l->head_len + l->len;
}

static size_t load_next(const struct load *l, uint8_t *to, size_t max)
{
	uint64_t at = l->sent;
	size_t n;

	for (n = 0; n < max && at < l->head_len + l->len; n++, at++)
		to[n] = at < l->head_len ? l->head[at]
					 : pattern(l->seed, at - l->head_len);
	return n;
}

/* ---- the guest and the carrier ------------------------------------------ */

static void act(struct guest *g);

static void on_ready(struct stream *s, unsigned news)
{
	struct guest *g = s->carrier;

	assert_ptr_equal(g->s, s); /* no news of what is closed */
	g->news |= news;
	if (!g->busy)
		act(g);
}

void guest_close(struct guest *g, enum stream_why why)
{
	struct stream *s = g->s;

	if (!s)
		return;
	g->s = NULL;
	g->why = why;
	s->ops->close(s, why);
}

/* Spans as exact pieces of the heap, cut in two. */
static unsigned cut(struct span v[2], uint8_t *p, size_t len)
{
	v[0] = (struct span){ p, len / 2 };
	v[1] = (struct span){ p + len / 2, len - len / 2 };
	if (len > 1)
		return 2;
	v[0] = v[1];
	return 1;
}

static void write_some(struct guest *g)
{
	while (g->s && g->writable && !g->write_over && !load_over(&g->out)) {
		size_t max = g->piece ? g->piece : 20000, len;
		uint8_t *p = malloc(max);
		struct span v[2];
		ptrdiff_t n;

		len = load_next(&g->out, p, max);
		n = g->s->ops->write(g->s, v, cut(v, p, len));
		free(p);
		if (n == STREAM_AGAIN) {
			g->writable = false;
		} else if (n == STREAM_ERROR) {
			guest_close(g, STREAM_RESET);
		} else {
			assert_in_range(n, 1, len);
			g->out.sent += (uint64_t)n;
		}
	}
	if (g->s && g->out.end && !g->write_over && load_over(&g->out)) {
		g->write_over = true;
		g->s->ops->end(g->s);
	}
}

static void read_some(struct guest *g)
{
	while (g->s && g->readable && !g->read_over && g->room) {
		size_t max = g->room < 30000 ? (size_t)g->room : 30000;
		uint8_t *p = malloc(max);
		struct span v[2];
		ptrdiff_t n = g->s->ops->read(g->s, v, cut(v, p, max));

		if (n > 0) {
			assert_in_range(n, 1, max);
			heap_put(&g->in, p, (size_t)n);
			if (g->room != UINT64_MAX)
				g->room -= (uint64_t)n;
		} else if (n == 0) {
			g->read_over = true;
		} else if (n == STREAM_AGAIN) {
			g->readable = false;
		} else {
			assert_int_equal(n, STREAM_ERROR);
			guest_close(g, STREAM_RESET);
		}
		free(p);
	}
}

static void act(struct guest *g)
{
	g->busy = true;
	do {
		unsigned news = g->news;

		g->news = 0;
		g->readable |= !!(news & STREAM_READ);
		g->writable |= !!(news & STREAM_WRITE);
		g->write_over |= !!(news & STREAM_DEAF);
		if (g->s && (news & STREAM_BROKEN))
			guest_close(g, STREAM_RESET);
		write_some(g);
		read_some(g);
		if (g->s && g->read_over && g->write_over)
			guest_close(g, STREAM_DONE);
	} while (g->s && g->news);
	g->busy = false;
}

void guest_pump(struct guest *g)
{
	if (g->s && !g->busy)
		act(g);
}

bool guest_try(struct guest *g, struct proxy *p)
{
	memset(g, 0, sizeof(*g));
	heap_init(&g->in);
	g->room = UINT64_MAX;
	g->readable = g->writable = true;
	g->s = proxy_accept(p);
	if (!g->s)
		return false;
	assert_false(g->s->opening);
	g->s->ready = on_ready;
	g->s->carrier = g;
	return true;
}

void guest_open(struct guest *g, struct env *e)
{
	assert_true(guest_try(g, e->p));
}

void guest_send(struct guest *g, const void *p, size_t len)
{
	load_put(&g->out, p, len);
	guest_pump(g);
}

void guest_hex(struct guest *g, const char *hex)
{
	struct wire w = { .len = 0 };

	wire_hex(&w, hex);
	guest_send(g, w.p, w.len);
}

void guest_end(struct guest *g)
{
	g->out.end = true;
	guest_pump(g);
}

void guest_greet(struct guest *g)
{
	guest_hex(g, "05 01 00");
}

void guest_ask(struct guest *g, uint8_t cmd, const char *host, uint16_t port)
{
	uint8_t out[3 + SOCKS5_TARGET_MAX] = { 5, cmd, 0 };
	struct addr a = { .family = ADDR_NONE };
	bool ip = addr_parse_ip(host, &a);

	a.port = port;
	guest_send(g, out,
		   3 + socks5_target_write(out + 3, ip ? NULL : host, &a));
}

uint8_t guest_reply(struct env *e, struct guest *g)
{
	UNTIL(e, g->in.len >= 2 + 10 || !g->s);
	assert_true(g->in.len >= 2 + 10);
	assert_int_equal(g->in.p[2], 5);
	return g->in.p[3];
}

uint8_t guest_connect(struct env *e, struct guest *g, const char *host,
		      uint16_t port)
{
	guest_open(g, e);
	guest_greet(g);
	guest_ask(g, SOCKS5_CONNECT, host, port);
	return guest_reply(e, g);
}

/* ---- the servers -------------------------------------------------------- */

void far_close(struct far *f, bool reset)
{
	if (f->s)
		sock_close(f->s, reset);
	f->s = NULL;
}

static void far_write(struct far *f)
{
	while (f->s && !load_over(&f->out)) {
		uint8_t p[20000];
		struct span v = { p, load_next(&f->out, p, sizeof(p)) };
		ptrdiff_t n = sock_write(f->s, &v, 1);

		if (n == -EAGAIN) {
			sock_want(f->s, SOCK_OUT);
			return;
		}
		if (n <= 0) {
			f->os = (int)-n;
			far_close(f, false);
			return;
		}
		f->out.sent += (uint64_t)n;
	}
	if (f->s && f->out.end && !f->out_over) {
		f->out_over = true;
		sock_shut(f->s, SOCK_OUT);
	}
}

static void far_read(struct far *f)
{
	while (f->s && f->room && !f->in_over) {
		uint8_t p[20000];
		struct span v = { p, f->room < sizeof(p) ? (size_t)f->room
							 : sizeof(p) };
		ptrdiff_t n = sock_read(f->s, &v, 1);

		if (n == -EAGAIN) {
			sock_want(f->s, SOCK_IN);
			return;
		}
		if (n < 0) {
			f->os = (int)-n;
			far_close(f, false);
			return;
		}
		if (n == 0) {
			f->in_over = true;
			return;
		}
		heap_put(&f->in, p, (size_t)n);
		if (f->room != UINT64_MAX)
			f->room -= (uint64_t)n;
	}
}

static void far_ready(void *ctx, unsigned what)
{
	(void)what;
	far_pump(ctx);
}

void far_pump(struct far *f)
{
	far_write(f);
	far_read(f);
}

void far_send(struct far *f, const void *p, size_t len)
{
	load_put(&f->out, p, len);
	far_pump(f);
}

void far_pattern(struct far *f, unsigned seed, uint64_t len)
{
	f->out.seed = seed;
	f->out.len = len;
	far_pump(f);
}

static void on_accept(void *ctx, struct sock *s)
{
	struct env *e = ctx;
	struct far *f = &e->fars[e->accepted++ % LEN(e->fars)];

	far_close(f, false);
	memset(f, 0, sizeof(*f));
	heap_init(&f->in);
	f->room = UINT64_MAX;
	f->s = s;
	e->far = f;
	sock_listen_to(s, far_ready, f);
	far_pump(f);
}

/* ---- the environment ---------------------------------------------------- */

static void on_flow(void *ctx, const microvm_flow *flow)
{
	struct env *e = ctx;
	struct seen *s;

	assert_int_equal(flow->size, sizeof(*flow));
	assert_true(e->flows < FLOWS);
	s = &e->seen[e->flows++];
	s->id = flow->id;
	s->kind = flow->kind;
	s->phase = flow->phase;
	s->port = flow->port;
	s->out = flow->bytes_out;
	s->in = flow->bytes_in;
	(void)snprintf(s->name, sizeof(s->name), "%s", flow->name);
	(void)snprintf(s->address, sizeof(s->address), "%s", flow->address);
	(void)snprintf(s->why, sizeof(s->why), "%s", flow->why);
}

void env_init(struct env *e, enum microvm_net base)
{
	struct addr at;

	memset(e, 0, sizeof(*e));
	loopback_init(&e->l);
	policy_init(&e->policy, base);
	e->cfg.policy = &e->policy;
	e->cfg.flow = on_flow;
	e->cfg.flow_ctx = e;
	e->limits = proxy_limits_default;
	assert_true(addr_parse("127.0.0.1:0", &at));
	assert_int_equal(
		listener_tcp(&e->l.loop, &at, on_accept, e, &e->listener, NULL),
		0);
	assert_true(listener_addr(e->listener, &e->at));
}

void env_start(struct env *e)
{
	mv_error err = { 0 };

	if (proxy_new_limited(&e->l.loop, &e->cfg, &e->limits, &e->p, &err))
		print_error("%s\n", err.msg);
	assert_non_null(e->p);
}

void env_fini(struct env *e)
{
	size_t i;

	for (i = 0; i < LEN(e->fars); i++)
		far_close(&e->fars[i], false);
	listener_close(e->listener);
	proxy_free(e->p);
	policy_fini(&e->policy);
	loopback_fini(&e->l);
}
