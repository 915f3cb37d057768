/* SPDX-License-Identifier: MIT */
/* link_rig.c - a whole link between a guest without a CPU and real sockets. */
#include "link_rig.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/num.h"
#include "os/time.h"
#include "vsock/mux.h"

_Noreturn void rig_stuck(const char *what)
{
	(void)fprintf(stderr, "never happens: %s\n", what);
	abort();
}

/* ---- bytes that tell where they belong -------------------------------- */

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

void pattern(uint8_t *p, size_t len, uint64_t seed, uint64_t at)
{
	uint8_t word[8];

	while (len) {
		size_t skip = at % 8, n = min_u64(8 - skip, len);

		put_le64(word, mix(seed + at / 8));
		memcpy(p, word + skip, n);
		p += n;
		at += n;
		len -= n;
	}
}

bool pattern_is(const uint8_t *p, size_t len, uint64_t seed, uint64_t at)
{
	uint8_t want[4096];

	while (len) {
		size_t n = min_u64(len, sizeof(want));

		pattern(want, n, seed, at);
		if (memcmp(want, p, n) != 0)
			return false;
		p += n;
		at += n;
		len -= n;
	}
	return true;
}

uint32_t chance(uint64_t *state, uint32_t below)
{
	*state += UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(mix(*state) >> 32) % below;
}

/* ---- the guest's ends ------------------------------------------------- */

static void keep(struct gend *g, const uint8_t *p, size_t len)
{
	size_t i;

	if (!g->buf)
		g->buf = malloc(VGUEST_WINDOW);
	if (!g->buf || len > VGUEST_WINDOW - g->len)
		abort(); /* beyond credit */
	for (i = 0; i < len; i++)
		g->buf[(g->head + g->len + i) % VGUEST_WINDOW] = p[i];
	g->len += len;
}

static void digest(struct gend *g, const uint8_t *p, size_t len)
{
	if (!pattern_is(p, len, g->seed_in, g->got))
		g->bad = true;
	g->got += len;
	if (g->c)
		vconn_took(g->c, len);
}

/* Read what came, as far as it may. */
static void drain(struct gend *g)
{
	while (g->len && !g->stall) {
		const uint8_t *p = g->buf + g->head;
		size_t n = min_u64(g->len, VGUEST_WINDOW - g->head);

		if (g->echo) {
			n = g->c ? vconn_send(g->c, p, n) : 0;
			if (!n)
				return;
			g->sent += n;
		}
		g->head = (g->head + n) % VGUEST_WINDOW;
		g->len -= n;
		digest(g, p, n); /* may close it */
	}
}

static void pour(struct gend *g)
{
	uint8_t piece[VGUEST_PACKET];
	size_t n;

	while (g->sent < g->to_send) {
		n = min_u64(vconn_room(g->c), g->to_send - g->sent);
		if (!n)
			return;
		pattern(piece, n, g->seed_out, g->sent);
		g->sent += vconn_send(g->c, piece, n);
	}
}

static bool is_done(const struct gend *g)
{
	return g->echo ? g->ended && !g->len
		       : g->finish && g->sent == g->to_send;
}

void gend_move(struct gend *g)
{
	drain(g);
	if (g->closed || !g->opened)
		return;
	g->deaf = g->c->heard & VSOCK_SHUTDOWN_RCV;
	/* EPIPE, for who writes: he has nothing to stay for. */
	if (g->deaf && !g->said && (g->echo || g->sent < g->to_send)) {
		g->said = true;
		vconn_shutdown(g->c, CONN_BOTH);
		return;
	}
	if (!g->echo && !g->said)
		pour(g);
	if (!g->said && is_done(g)) {
		g->said = true;
		vconn_shutdown(g->c, VSOCK_SHUTDOWN_SEND);
	}
	if (g->said && g->ended && !g->len && !g->linger &&
	    g->c->said != CONN_BOTH)
		vconn_shutdown(g->c, CONN_BOTH);
}

static void on_opened(struct vconn *c)
{
	struct gend *g = c->ctx;

	g->opened = true;
}

static void on_data(struct vconn *c, const uint8_t *p, size_t len)
{
	struct gend *g = c->ctx;

	if (g->stall || g->echo || g->len)
		keep(g, p, len);
	else
		digest(g, p, len);
	gend_move(g);
}

static void on_room(struct vconn *c)
{
	gend_move(c->ctx);
}

static void on_ended(struct vconn *c)
{
	struct gend *g = c->ctx;

	g->ended = true;
	gend_move(g);
}

static void on_closed(struct vconn *c)
{
	struct gend *g = c->ctx;

	g->closed = true;
	g->reset = c->reset;
	g->c = NULL; /* whose place may be another's next */
}

static const struct vconn_ops gend_ops = { on_opened, on_data, on_room,
					   on_ended, on_closed };

static struct gend *gend_new(struct rig *r)
{
	struct gend *g = malloc(sizeof(*g));

	if (!g)
		abort();
	*g = r->model;
	g->rig = r;
	g->next = r->gends;
	r->gends = g;
	return g;
}

struct gend *gend_open(struct rig *r, uint32_t port)
{
	struct gend *g = gend_new(r);

	g->c = vguest_open(r->g, port, &gend_ops, g);
	if (!g->c)
		abort();
	g->c->lazy = true;
	return g;
}

static bool on_host(void *ctx, struct vconn *c)
{
	struct rig *r = ctx;
	struct gend *g = gend_new(r);

	g->c = c;
	c->ops = &gend_ops;
	c->ctx = g;
	c->lazy = true;
	r->accepted++;
	return true;
}

void rig_listen(struct rig *r, uint32_t port, bool on)
{
	vguest_listen(r->g, port, on ? on_host : NULL, r);
}

/* ---- the guest's thread ----------------------------------------------- */

struct request {
	void (*fn)(void *arg);
	bool (*holds)(void *arg);
	void *arg;
	sem_t done;
};

/* False: to quit. */
static bool attend(struct rig *r)
{
	struct request *q;
	bool quit;

	(void)pthread_mutex_lock(&r->mu);
	q = r->request;
	quit = r->quit;
	(void)pthread_mutex_unlock(&r->mu);
	if (!q || (q->holds && !q->holds(q->arg)))
		return !quit;
	if (q->fn)
		q->fn(q->arg);
	(void)pthread_mutex_lock(&r->mu);
	r->request = NULL;
	(void)pthread_mutex_unlock(&r->mu);
	(void)sem_post(&q->done);
	return !quit;
}

static void *guest(void *arg)
{
	struct rig *r = arg;

	while (attend(r))
		vguest_step(r->g);
	return NULL;
}

static void wait_for(sem_t *sem, const char *what)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RIG_MS / 1000;
	while (sem_timedwait(sem, &until))
		if (errno != EINTR)
			rig_stuck(what);
}

static void ask(struct rig *r, struct request *q, const char *what)
{
	(void)sem_init(&q->done, 0, 0);
	(void)pthread_mutex_lock(&r->mu);
	r->request = q;
	(void)pthread_mutex_unlock(&r->mu);
	vguest_wake(r->g);
	wait_for(&q->done, what);
	(void)sem_destroy(&q->done);
}

void rig_call(struct rig *r, void (*fn)(void *arg), void *arg)
{
	struct request q = { .fn = fn, .arg = arg };

	ask(r, &q, "the guest answers");
}

void rig_until(struct rig *r, bool (*holds)(void *arg), void *arg,
	       const char *what)
{
	struct request q = { .holds = holds, .arg = arg };

	ask(r, &q, what);
}

bool gend_is_open(void *arg)
{
	const struct gend *g = arg;

	return g->opened || g->closed;
}

bool gend_has_ended(void *arg)
{
	const struct gend *g = arg;

	return (g->ended && !g->len) || g->closed;
}

bool gend_has_sent(void *arg)
{
	const struct gend *g = arg;

	return (g->sent >= g->to_send && g->said == g->finish) || g->closed;
}

bool gend_is_closed(void *arg)
{
	const struct gend *g = arg;

	return g->closed;
}

struct look {
	struct gend *g;
	struct gend copy;
	bool stall, finish;
	uint64_t bytes;
};

static void look(void *arg)
{
	struct look *l = arg;

	l->copy = *l->g;
}

struct gend gend_look(struct gend *g)
{
	struct look l = { .g = g };

	rig_call(g->rig, look, &l);
	return l.copy;
}

static void set_stall(void *arg)
{
	const struct look *l = arg;

	l->g->stall = l->stall;
	gend_move(l->g);
}

void gend_set_stall(struct gend *g, bool stall)
{
	struct look l = { .g = g, .stall = stall };

	rig_call(g->rig, set_stall, &l);
}

static void set_send(void *arg)
{
	const struct look *l = arg;

	l->g->to_send = l->bytes;
	l->g->finish = l->finish;
	gend_move(l->g);
}

void gend_set_send(struct gend *g, uint64_t bytes, bool finish)
{
	struct look l = { .g = g, .bytes = bytes, .finish = finish };

	rig_call(g->rig, set_send, &l);
}

static void close_gend(void *arg)
{
	struct gend *g = arg;

	if (g->closed)
		return;
	g->said = true;
	vconn_shutdown(g->c, CONN_BOTH);
}

void gend_close(struct gend *g)
{
	rig_call(g->rig, close_gend, g);
}

struct opening {
	struct rig *r;
	const struct gend *model;
	uint32_t port;
	struct gend *g;
};

static void open_gend(void *arg)
{
	struct opening *o = arg;

	o->r->model = *o->model;
	o->g = gend_open(o->r, o->port);
}

struct gend *rig_gend_open(struct rig *r, uint32_t port,
			   const struct gend *model)
{
	struct opening o = { r, model, port, NULL };

	rig_call(r, open_gend, &o);
	return o.g;
}

static void sweep(void *arg)
{
	struct rig *r = arg;
	struct gend **at = &r->gends, *g;

	while ((g = *at)) {
		if (g->closed) {
			*at = g->next;
			free(g->buf);
			free(g);
		} else {
			at = &g->next;
		}
	}
}

void rig_sweep(struct rig *r)
{
	rig_call(r, sweep, r);
}

/* ---- the link --------------------------------------------------------- */

static void on_event(void *ctx, enum microvm_event event)
{
	struct rig *r = ctx;

	r->ups += event == MICROVM_EVENT_VSOCK_UP;
	r->downs += event == MICROVM_EVENT_VSOCK_DOWN;
	r->agents += event == MICROVM_EVENT_AGENT;
}

static void on_status(void *ctx, unsigned status)
{
	struct rig *r = ctx;

	r->status = (int)status;
}

static int on_stream(void *ctx, microvm_stream *stream, uint32_t guest_port)
{
	struct rig *r = ctx;

	(void)guest_port;
	(void)pthread_mutex_lock(&r->mu);
	if (r->streams == RIG_QUEUE)
		abort();
	r->stream[r->streams++] = (struct ring_stream *)stream;
	(void)pthread_mutex_unlock(&r->mu);
	(void)sem_post(&r->arrived);
	return 0;
}

void rig_link(struct rig *r)
{
	const struct link_user user = { on_event, on_status, r };
	struct map_spec map[2] = {
		{ .port = RIG_GUEST_PORT,
		  .to_guest = true,
		  .addr = { .family = ADDR_IPV4, .ip = { 127, 0, 0, 1 } } },
		{ .port = RIG_TCP_PORT,
		  .addr = { .family = ADDR_IPV4, .ip = { 127, 0, 0, 1 } } },
	};
	struct link_config cfg = {
		.cid = RIG_CID,
		.socket = r->path,
		.map = map,
		.maps = 2,
		.hold_ms = r->opts.hold_ms,
		.proxy = { .policy = &r->policy,
			   .ask = r->opts.ask,
			   .ask_ctx = r->opts.ask_ctx },
	};
	struct addr at;
	mv_error err = { 0 };

	map[1].addr.port = r->tcp_port;
	if (loop_init(&r->loop, &err) ||
	    link_init(&r->link, &cfg, &r->loop, &r->g->d.mem, r->g->irq, &user,
		      &err) ||
	    link_listen(&r->link, RIG_API_PORT, on_stream, r, &r->listener,
			&err))
		rig_stuck(err.msg);
	assert_true(map_addr(r->link.map[0], &at));
	r->map_port = at.port;
}

void rig_unlink(struct rig *r)
{
	link_listener_close(r->listener);
	link_fini(&r->link);
	loop_fini(&r->loop);
}

static int listen_at(const struct sockaddr *a, socklen_t len)
{
	int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, a, len) || listen(fd, 1024))
		rig_stuck("a server listens");
	return fd;
}

static void limit(int fd)
{
	const struct timeval tv = { .tv_sec = RIG_MS / 1000 };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static struct sockaddr_un unix_at(const char *path)
{
	struct sockaddr_un u = { .sun_family = AF_UNIX };

	(void)snprintf(u.sun_path, sizeof(u.sun_path), "%s", path);
	return u;
}

static void serve(struct rig *r)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	struct sockaddr_un u;
	char path[sizeof(r->path) + 16];

	r->tcp_fd = listen_at((struct sockaddr *)&a, len);
	if (getsockname(r->tcp_fd, (struct sockaddr *)&a, &len))
		rig_stuck("a server has an address");
	r->tcp_port = ntohs(a.sin_port);
	(void)snprintf(path, sizeof(path), "%s_%u", r->path, RIG_UNIX_PORT);
	u = unix_at(path);
	r->unix_fd = listen_at((struct sockaddr *)&u, sizeof(u));
	limit(r->tcp_fd);
	limit(r->unix_fd);
}

void rig_init(struct rig *r, const struct rig_options *opts)
{
	*r = (struct rig){ .status = -1 };
	if (opts)
		r->opts = *opts;
	(void)snprintf(r->dir, sizeof(r->dir), "/tmp/mvlinkXXXXXX");
	if (!mkdtemp(r->dir))
		rig_stuck("a directory is made");
	(void)snprintf(r->path, sizeof(r->path), "%s/v", r->dir);
	(void)pthread_mutex_init(&r->mu, NULL);
	(void)sem_init(&r->arrived, 0, 0);
	serve(r);
	policy_init(&r->policy, r->opts.net);
	r->g = vguest_new(RIG_CID);
	rig_link(r);
	rig_listen(r, RIG_GUEST_PORT, true);
	if (!r->opts.bare)
		vguest_start(r->g, &r->link.device.mmio);
	if (pthread_create(&r->thread, NULL, guest, r))
		rig_stuck("a thread starts");
}

static void remove_paths(const struct rig *r)
{
	char path[sizeof(r->path) + 16];

	(void)snprintf(path, sizeof(path), "%s_%u", r->path, RIG_UNIX_PORT);
	(void)unlink(path);
	(void)unlink(r->path);
	assert_int_equal(rmdir(r->dir), 0);
}

void rig_fini(struct rig *r)
{
	uint64_t faults;

	(void)pthread_mutex_lock(&r->mu);
	r->quit = true;
	(void)pthread_mutex_unlock(&r->mu);
	vguest_wake(r->g);
	(void)pthread_join(r->thread, NULL);
	rig_unlink(r);
	while (r->gends) {
		struct gend *g = r->gends;

		r->gends = g->next;
		free(g->buf);
		free(g);
	}
	faults = r->g->faults;
	vguest_free(r->g);
	policy_fini(&r->policy);
	(void)close(r->tcp_fd);
	(void)close(r->unix_fd);
	(void)pthread_mutex_destroy(&r->mu);
	(void)sem_destroy(&r->arrived);
	remove_paths(r);
	assert_int_equal(faults, 0);
}

/* ---- what the loop thread knows --------------------------------------- */

microvm_stats rig_stats(struct rig *r)
{
	microvm_stats stats = { .size = sizeof(stats) };

	link_stats(&r->link, &stats);
	return stats;
}

void rig_open_is(struct rig *r, unsigned n)
{
	uint64_t until = time_mono_ns() + (uint64_t)RIG_MS * 1000000;

	while (rig_stats(r).streams_open != n) {
		if (time_mono_ns() > until)
			rig_stuck("as many connections are open");
		(void)sched_yield();
	}
}

struct counting {
	struct rig *r;
	unsigned n;
	uint64_t ns;
};

static void count_timers(void *arg)
{
	struct counting *c = arg;
	struct list *all = &c->r->link.vsock->timed, *l;

	for (l = all->next; l != all; l = l->next)
		c->n++;
}

unsigned rig_timers(struct rig *r)
{
	struct counting c = { .r = r };

	loop_call(&r->loop, count_timers, &c);
	return c.n;
}

static void count_cpu(void *arg)
{
	struct counting *c = arg;
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	c->ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t rig_cpu_ns(struct rig *r)
{
	struct counting c = { .r = r };

	loop_call(&r->loop, count_cpu, &c);
	return c.ns;
}

/* ---- the host's ends -------------------------------------------------- */

const char *const hend_name[HEND_KINDS] = {
	[HUB_OUT] = "host to guest by the Unix hub",
	[MAP_OUT] = "host to guest by a mapped TCP port",
	[API_OUT] = "host to guest by the embedder",
	[HUB_IN] = "guest to host by a Unix socket",
	[MAP_IN] = "guest to host by a mapped TCP port",
	[API_IN] = "guest to host by the embedder",
};

int rig_dial_tcp(uint16_t port)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)))
		rig_stuck("a TCP connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
			 sizeof(int));
	limit(fd);
	return fd;
}

int rig_dial_unix(const char *path)
{
	const struct sockaddr_un u = unix_at(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&u, sizeof(u)))
		rig_stuck("a Unix connect");
	limit(fd);
	return fd;
}

int rig_dial_hub(struct rig *r, uint32_t port)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "CONNECT %u\n", (unsigned)port);
	int fd = rig_dial_unix(r->path);

	assert_int_equal(write(fd, line, (size_t)len), len);
	return fd;
}

bool rig_hub_answers(int fd)
{
	char c, first = 0;

	/* Byte by byte: what follows belongs to somebody else. */
	while (read(fd, &c, 1) == 1) {
		if (!first)
			first = c;
		if (c == '\n')
			return first == 'O';
	}
	return false;
}

int rig_accept(int fd)
{
	int in = accept(fd, NULL, NULL);

	if (in < 0)
		rig_stuck("a connection arrives");
	limit(in);
	return in;
}

static struct ring_stream *next_stream(struct rig *r)
{
	struct ring_stream *s;
	unsigned i;

	wait_for(&r->arrived, "a stream arrives");
	(void)pthread_mutex_lock(&r->mu);
	s = r->stream[0];
	r->streams--;
	for (i = 0; i < r->streams; i++)
		r->stream[i] = r->stream[i + 1];
	(void)pthread_mutex_unlock(&r->mu);
	return s;
}

static void open_out(struct rig *r, enum hend_kind kind, struct hend *h)
{
	mv_error err = { 0 };

	h->fd = -1;
	if (kind == HUB_OUT) {
		h->fd = rig_dial_hub(r, RIG_GUEST_PORT);
		assert_true(rig_hub_answers(h->fd));
	} else if (kind == MAP_OUT) {
		h->fd = rig_dial_tcp(r->map_port);
	} else if (link_connect(&r->link, RIG_GUEST_PORT, RIG_MS, &h->s,
				&err)) {
		rig_stuck(err.msg);
	}
}

struct arrival {
	struct rig *r;
	unsigned before;
	const struct gend *model;
	struct gend *g;
};

static void expect(void *arg)
{
	struct arrival *a = arg;

	a->before = a->r->accepted;
	a->r->model = *a->model;
}

static bool is_accepted(void *arg)
{
	const struct arrival *a = arg;

	return a->r->accepted != a->before;
}

static void newest(void *arg)
{
	struct arrival *a = arg;

	a->g = a->r->gends;
}

static void open_in(struct rig *r, enum hend_kind kind,
		    const struct gend *model, struct hend *h, struct gend **g)
{
	static const uint32_t port[] = {
		[HUB_IN] = RIG_UNIX_PORT,
		[MAP_IN] = RIG_TCP_PORT,
		[API_IN] = RIG_API_PORT,
	};

	*g = rig_gend_open(r, port[kind], model);
	h->fd = -1;
	if (kind == API_IN)
		h->s = next_stream(r);
	else
		h->fd = rig_accept(kind == MAP_IN ? r->tcp_fd : r->unix_fd);
	rig_until(r, gend_is_open, *g, hend_name[kind]);
}

void rig_pair(struct rig *r, enum hend_kind kind, const struct gend *model,
	      struct hend *h, struct gend **g)
{
	struct arrival a = { .r = r, .model = model };

	*h = (struct hend){ .fd = -1 };
	if (kind >= HUB_IN) {
		open_in(r, kind, model, h, g);
		return;
	}
	rig_call(r, expect, &a);
	open_out(r, kind, h);
	rig_until(r, is_accepted, &a, hend_name[kind]);
	rig_call(r, newest, &a);
	*g = a.g;
}

ptrdiff_t hend_read(const struct hend *h, void *buf, size_t len)
{
	ptrdiff_t n;

	if (h->fd < 0)
		n = ring_stream_read(h->s, buf, len, RIG_MS);
	else
		n = recv(h->fd, buf, len, 0);
	if (h->fd < 0 ? n == -MICROVM_ETIMEDOUT : n < 0 && errno == EAGAIN)
		rig_stuck("the host reads");
	return n < 0 ? -1 : n;
}

ptrdiff_t hend_write(const struct hend *h, const void *buf, size_t len)
{
	ptrdiff_t n;

	if (h->fd < 0)
		n = ring_stream_write(h->s, buf, len, RIG_MS);
	else
		n = send(h->fd, buf, len, MSG_NOSIGNAL);
	if (h->fd < 0 ? n == -MICROVM_ETIMEDOUT : n < 0 && errno == EAGAIN)
		rig_stuck("the host writes");
	return n < 0 ? -1 : n;
}

/* As large as a piece may be; the last one is what is left. */
static size_t piece_of(uint64_t *state, size_t piece, uint64_t left)
{
	return min_u64(left, 1 + chance(state, (uint32_t)piece));
}

bool hend_send(const struct hend *h, uint64_t seed, uint64_t at, uint64_t len,
	       size_t piece)
{
	uint8_t *buf = malloc(piece);
	uint64_t state = seed ^ len;
	ptrdiff_t n = 1;

	while (len && n > 0) {
		size_t left = piece_of(&state, piece, len), off = 0;

		pattern(buf, left, seed, at);
		at += left;
		len -= left;
		while (left && n > 0) {
			n = hend_write(h, buf + off, left);
			off += n > 0 ? (size_t)n : 0;
			left -= n > 0 ? (size_t)n : 0;
		}
	}
	free(buf);
	return n > 0;
}

bool hend_take(const struct hend *h, uint64_t seed, uint64_t at, uint64_t len,
	       size_t piece)
{
	uint8_t *buf = malloc(piece);
	uint64_t state = seed ^ at;
	bool good = true;

	while (len && good) {
		ptrdiff_t n = hend_read(h, buf, piece_of(&state, piece, len));

		good = n > 0 && pattern_is(buf, (size_t)n, seed, at);
		if (good) {
			at += (uint64_t)n;
			len -= (uint64_t)n;
		}
	}
	free(buf);
	return good;
}

bool hend_at_end(const struct hend *h)
{
	char c;

	return hend_read(h, &c, 1) == 0;
}

void hend_shutdown(const struct hend *h)
{
	if (h->fd < 0)
		assert_int_equal(ring_stream_shutdown(h->s), 0);
	else
		assert_int_equal(shutdown(h->fd, SHUT_WR), 0);
}

void hend_close(struct hend *h)
{
	if (h->fd < 0)
		ring_stream_close(h->s);
	else
		(void)close(h->fd);
	*h = (struct hend){ .fd = -1 };
}
