/* SPDX-License-Identifier: MIT */
/*
 * link.c - what vsock and the proxy cost the host, with no CPU emulated.
 *
 *	bench-link NAME [GB]            one figure, as one line of words
 *	bench-link socks-... PORT [GB]  of the proxy on that port
 *
 * The whole link of a VM (vm/link.h) with its loop thread serves a guest that
 * is a thread of this program (vguest.h).  What is counted is the CPU time of
 * the loop thread.  The floors move the same bytes between a socket and
 * buffers like the guest's with plain readv and writev.  The socks-* lines do
 * to another proxy, over TCP, what the proxy-* lines do to ours.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "../unit/vm/vguest.h"
#include "base/bytes.h"
#include "base/container.h"
#include "os/time.h"
#include "vm/link.h"

enum { PIECE = 64 * 1024, CONNS = 9984, AT_ONCE = 32, GUEST_PORT = 5000 };

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static double cpu_of_thread(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_THREAD, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* ---- servers ---------------------------------------------------------- */

enum service { SINK, SOURCE, ONE_BYTE };

struct server {
	enum service service;
	uint64_t bytes; /* SOURCE: to send; SINK: came */
	int fd;
	uint16_t port; /* TCP */
	char path[64]; /* Unix */
	pthread_t thread;
};

static void sink(struct server *s, int fd)
{
	static char buf[256 * 1024];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		s->bytes += (uint64_t)n;
}

static void source(const struct server *s, int fd)
{
	static char buf[256 * 1024];
	uint64_t left = s->bytes;

	while (left) {
		size_t want = left < sizeof(buf) ? (size_t)left : sizeof(buf);
		ssize_t n = write(fd, buf, want);

		if (n <= 0)
			return;
		left -= (uint64_t)n;
	}
}

static void *serve(void *arg)
{
	struct server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		if (s->service == SINK)
			sink(s, fd);
		else if (s->service == SOURCE)
			source(s, fd);
		else
			(void)!write(fd, "x", 1);
		/* An end, not a reset: read what the other side still says. */
		(void)shutdown(fd, SHUT_WR);
		if (s->service != SINK)
			while (read(fd, (char[64]){ 0 }, 64) > 0)
				;
		(void)close(fd);
	}
	return NULL;
}

static void server_start(struct server *s)
{
	if (listen(s->fd, 4096) || pthread_create(&s->thread, NULL, serve, s))
		die("server");
}

static void server_tcp(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, len) ||
	    getsockname(s->fd, (struct sockaddr *)&a, &len))
		die("TCP server");
	s->port = ntohs(a.sin_port);
	server_start(s);
}

static void server_unix(struct server *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)snprintf(s->path, sizeof(s->path), "/tmp/microvm-bench-%d-%d",
		       (int)getpid(), (int)s->service);
	memcpy(a.sun_path, s->path, sizeof(s->path));
	(void)unlink(s->path);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, sizeof(a)))
		die("Unix server");
	server_start(s);
}

static void server_stop(struct server *s)
{
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
	if (s->path[0])
		(void)unlink(s->path);
}

static int dial(const struct server *s)
{
	struct sockaddr_un u = { .sun_family = AF_UNIX };
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(s->port),
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(s->path[0] ? AF_UNIX : AF_INET,
			SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	memcpy(u.sun_path, s->path, sizeof(s->path));
	if (s->path[0]) {
		rc = connect(fd, (struct sockaddr *)&u, sizeof(u));
	} else {
		rc = connect(fd, (struct sockaddr *)&a, sizeof(a));
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
				 sizeof(int));
	}
	if (fd < 0 || rc)
		die("connect");
	return fd;
}

/* ---- what is measured ------------------------------------------------- */

struct figure {
	const char *name;
	uint64_t bytes;
	unsigned conns;
	double cpu, seconds;
};

static void print(const struct figure *f)
{
	double gb = (double)f->bytes / 1e9;

	if (f->conns)
		printf("%s conns %u seconds %.4f cpu %.4f per-second %.0f\n",
		       f->name, f->conns, f->seconds, f->cpu,
		       f->conns / f->seconds);
	else
		printf("%s gb %.3f seconds %.4f cpu-per-gb %.4f "
		       "gb-per-second %.3f\n",
		       f->name, gb, f->seconds, f->cpu / gb, gb / f->seconds);
}

static double now(void)
{
	return (double)time_mono_ns() / 1e9;
}

/* ---- floors: one copy, by plain calls --------------------------------- */

static void floor_rx(struct server *s, struct figure *f, uint64_t bytes)
{
	static uint8_t page[64][4096];
	struct iovec v[64];
	int fd = dial(s);
	double cpu = cpu_of_thread(), start = now();
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;
	unsigned i;

	(void)bytes; /* the server knows */
	for (i = 0; i < 64; i++)
		v[i] = (struct iovec){ page[i], sizeof(page[i]) };
	do {
		(void)poll(&p, 1, -1);
		n = readv(fd, v, 64);
		f->bytes += n > 0 ? (uint64_t)n : 0;
	} while (n > 0);
	f->cpu = cpu_of_thread() - cpu;
	f->seconds = now() - start;
	(void)close(fd);
}

static void floor_tx(struct server *s, struct figure *f, uint64_t bytes)
{
	static uint8_t packet[16][PIECE];
	struct iovec v = { packet, PIECE };
	int fd = dial(s);
	double cpu = cpu_of_thread(), start = now();
	unsigned i = 0;

	while (f->bytes < bytes) {
		ssize_t n;

		v.iov_base = packet[i++ % 16];
		n = writev(fd, &v, 1);
		if (n <= 0)
			die("writev");
		f->bytes += (uint64_t)n;
	}
	f->cpu = cpu_of_thread() - cpu;
	(void)shutdown(fd, SHUT_WR);
	while (read(fd, (char[64]){ 0 }, 64) > 0)
		;
	f->seconds = now() - start;
	(void)close(fd);
}

/* From one socket to another, by way of the same buffers: two copies. */
static void floor_relay(struct server *s, struct figure *f, uint64_t bytes)
{
	static uint8_t page[64][4096];
	struct server from = { .service = SOURCE, .bytes = bytes };
	struct iovec v[64];
	double cpu, start;
	int in, out = dial(s);
	ssize_t n, k;
	unsigned i;

	if (s->path[0])
		server_unix(&from);
	else
		server_tcp(&from);
	in = dial(&from);
	cpu = cpu_of_thread();
	start = now();
	do {
		for (i = 0; i < 64; i++)
			v[i] = (struct iovec){ page[i], sizeof(page[i]) };
		n = readv(in, v, 64);
		for (k = 0; k < n;
		     k += write(out, page[0] + k, (size_t)(n - k)))
			;
		f->bytes += n > 0 ? (uint64_t)n : 0;
	} while (n > 0);
	f->cpu = cpu_of_thread() - cpu;
	f->seconds = now() - start;
	(void)close(in);
	(void)close(out);
	server_stop(&from);
}

/* ---- the link, and a guest at it -------------------------------------- */

struct rig {
	struct loop loop;
	struct link link;
	struct vguest *g;
	struct map_spec map;
	struct policy policy;
	double cpu;
};

static void nothing_event(void *ctx, enum microvm_event event)
{
	(void)ctx;
	(void)event;
}

static void nothing_status(void *ctx, unsigned status)
{
	(void)ctx;
	(void)status;
}

static void rig_init(struct rig *r, const struct server *s)
{
	const struct link_user user = { nothing_event, nothing_status, NULL };
	struct link_config cfg = { .cid = 3, .map = &r->map, .maps = 1 };
	mv_error err = { 0 };

	r->map.port = GUEST_PORT;
	r->map.addr = (struct addr){ .family = ADDR_IPV4,
				     .ip = { 127, 0, 0, 1 },
				     .port = s->port };
	memcpy(r->map.path, s->path, sizeof(s->path));
	policy_init(&r->policy, MICROVM_NET_ALL);
	cfg.proxy.policy = &r->policy;
	r->g = vguest_new(cfg.cid);
	if (loop_init(&r->loop, &err) ||
	    link_init(&r->link, &cfg, &r->loop, &r->g->d.mem, r->g->irq, &user,
		      &err)) {
		fprintf(stderr, "link: %s\n", err.msg);
		exit(1);
	}
	vguest_start(r->g, &r->link.device.mmio);
}

static void rig_fini(struct rig *r)
{
	link_fini(&r->link);
	loop_fini(&r->loop);
	vguest_free(r->g);
	policy_fini(&r->policy);
}

static void count_cpu(void *arg)
{
	*(double *)arg = cpu_of_thread();
}

static double cpu_of_loop(struct rig *r)
{
	double cpu = 0;

	loop_call(&r->loop, count_cpu, &cpu);
	return cpu;
}

/* One connection of the guest: a handshake, perhaps, then bytes. */
struct job {
	const struct server *server; /* to ask the proxy for; NULL: none */
	uint64_t send;
	unsigned again;    /* connections to open after it */
	unsigned greeting; /* bytes of answers that are no data */
	uint64_t got;
	bool shut, done;
	unsigned *open;
};

static void put_socks(struct vconn *c, const struct server *s)
{
	uint8_t m[13] = { 5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1 };

	m[11] = (uint8_t)(s->port >> 8);
	m[12] = (uint8_t)s->port;
	(void)vconn_send(c, m, sizeof(m));
}

static void pour(struct vconn *c)
{
	struct job *j = c->ctx;

	if (j->greeting || j->shut)
		return;
	while (j->send) {
		size_t n = vconn_send(
			c, NULL, j->send < PIECE ? (size_t)j->send : PIECE);

		if (!n)
			return;
		j->send -= n;
	}
	j->shut = true;
	vconn_shutdown(c, VSOCK_SHUTDOWN_SEND);
}

static void on_opened(struct vconn *c)
{
	struct job *j = c->ctx;

	if (j->greeting)
		put_socks(c, j->server);
}

static void on_data(struct vconn *c, const uint8_t *p, size_t len)
{
	struct job *j = c->ctx;
	unsigned skip = len < j->greeting ? (unsigned)len : j->greeting;

	(void)p;
	j->greeting -= skip;
	j->got += len - skip;
}

static void on_ended(struct vconn *c)
{
	vconn_shutdown(c, VSOCK_SHUTDOWN_SEND | VSOCK_SHUTDOWN_RCV);
}

static void on_closed(struct vconn *c);

static const struct vconn_ops job_ops = {
	.opened = on_opened,
	.data = on_data,
	.room = pour,
	.ended = on_ended,
	.closed = on_closed,
};

enum { SOCKS_ANSWERS = 2 + 10 };

static void begin(struct vguest *g, struct job *j)
{
	j->greeting = j->server ? SOCKS_ANSWERS : 0;
	j->shut = false;
	if (!vguest_open(g, j->server ? PROXY_PORT : GUEST_PORT, &job_ops, j))
		abort();
}

static void on_closed(struct vconn *c)
{
	struct job *j = c->ctx;

	if (j->again) {
		j->again--;
		begin(c->g, j);
		return;
	}
	j->done = true;
	--*j->open;
}

static void run_jobs(struct rig *r, struct job *j, unsigned n, struct figure *f)
{
	unsigned i, open = n;
	double start, cpu = cpu_of_loop(r);

	start = now();
	for (i = 0; i < n; i++) {
		j[i].open = &open;
		begin(r->g, &j[i]);
	}
	while (open)
		vguest_step(r->g);
	f->seconds = now() - start;
	f->cpu = cpu_of_loop(r) - cpu;
}

static void link_bulk(struct server *s, struct figure *f, bool proxy,
		      uint64_t send, uint64_t receive)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct job j = { .server = proxy ? s : NULL, .send = send };

	rig_init(r, s);
	run_jobs(r, &j, 1, f);
	f->bytes = send ? send : j.got;
	rig_fini(r);
	free(r);
	if (receive && j.got != receive) {
		fprintf(stderr, "%s: %llu bytes came, not %llu\n", f->name,
			(unsigned long long)j.got, (unsigned long long)receive);
		exit(1);
	}
}

static void vsock_tx(struct server *s, struct figure *f, uint64_t bytes)
{
	link_bulk(s, f, false, bytes, 0);
}

static void vsock_rx(struct server *s, struct figure *f, uint64_t bytes)
{
	link_bulk(s, f, false, 0, bytes);
}

static void proxy_tx(struct server *s, struct figure *f, uint64_t bytes)
{
	link_bulk(s, f, true, bytes, 0);
}

static void proxy_rx(struct server *s, struct figure *f, uint64_t bytes)
{
	link_bulk(s, f, true, 0, bytes);
}

static void proxy_conns(struct server *s, struct figure *f, uint64_t bytes)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct job j[AT_ONCE];
	uint64_t got = 0;
	unsigned i;

	(void)bytes;
	for (i = 0; i < AT_ONCE; i++)
		j[i] = (struct job){ .server = s,
				     .again = CONNS / AT_ONCE - 1 };
	rig_init(r, s);
	run_jobs(r, j, AT_ONCE, f);
	rig_fini(r);
	free(r);
	for (i = 0; i < AT_ONCE; i++)
		got += j[i].got;
	f->conns = CONNS;
	if (got != CONNS) {
		fprintf(stderr, "%s: %llu answers to %u connections\n", f->name,
			(unsigned long long)got, CONNS);
		exit(1);
	}
}

/* ---- the same through another proxy, over TCP ------------------------- */

static void exchange(int fd, const uint8_t *out, size_t n, uint8_t *in,
		     size_t want)
{
	size_t got = 0;

	if (write(fd, out, n) != (ssize_t)n)
		die("write to the proxy");
	while (got < want) {
		ssize_t k = read(fd, in + got, want - got);

		if (k <= 0)
			die("the proxy closed");
		got += (size_t)k;
	}
}

/* Step by step: not every proxy takes what is sent ahead. */
static int socks(const struct server *proxy, const struct server *s)
{
	uint8_t req[10] = { 5, 1, 0, 1, 127, 0, 0, 1 }, in[10];
	int fd = dial(proxy);

	req[8] = (uint8_t)(s->port >> 8);
	req[9] = (uint8_t)s->port;
	exchange(fd, (const uint8_t[]){ 5, 1, 0 }, 3, in, 2);
	exchange(fd, req, sizeof(req), in, sizeof(in));
	if (in[1]) {
		fprintf(stderr, "the proxy says %u\n", in[1]);
		exit(1);
	}
	return fd;
}

static void socks_bulk(const struct server *proxy, const struct server *s,
		       struct figure *f, uint64_t send)
{
	static char buf[256 * 1024];
	int fd = socks(proxy, s);
	double start = now();
	ssize_t n;

	while (f->bytes < send) {
		n = write(fd, buf, PIECE);
		if (n <= 0)
			die("write to the proxy");
		f->bytes += (uint64_t)n;
	}
	if (send)
		(void)shutdown(fd, SHUT_WR);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		f->bytes += send ? 0 : (uint64_t)n;
	f->seconds = now() - start;
	(void)close(fd);
}

static void socks_tx(const struct server *proxy, const struct server *s,
		     struct figure *f, uint64_t bytes)
{
	socks_bulk(proxy, s, f, bytes);
}

static void socks_rx(const struct server *proxy, const struct server *s,
		     struct figure *f, uint64_t bytes)
{
	(void)bytes;
	socks_bulk(proxy, s, f, 0);
}

struct client {
	const struct server *proxy, *server;
	pthread_t thread;
};

static void *client(void *arg)
{
	const struct client *c = arg;
	unsigned i;

	for (i = 0; i < CONNS / AT_ONCE; i++) {
		int fd = socks(c->proxy, c->server);

		if (read(fd, (char[8]){ 0 }, 8) != 1)
			die("no byte through the proxy");
		(void)close(fd);
	}
	return NULL;
}

static void socks_conns(const struct server *proxy, const struct server *s,
			struct figure *f, uint64_t bytes)
{
	struct client c[AT_ONCE];
	double start = now();
	unsigned i;

	(void)bytes;
	for (i = 0; i < AT_ONCE; i++) {
		c[i] = (struct client){ .proxy = proxy, .server = s };
		if (pthread_create(&c[i].thread, NULL, client, &c[i]))
			die("thread");
	}
	for (i = 0; i < AT_ONCE; i++)
		(void)pthread_join(c[i].thread, NULL);
	f->seconds = now() - start;
	f->conns = CONNS;
}

/* ---- by name ---------------------------------------------------------- */

/* WHAT-WAY-NET; to (tx) and from (rx) the host, or many connections. */
static const struct bench {
	const char *name;
	void (*run)(struct server *s, struct figure *f, uint64_t bytes);
	void (*peer)(const struct server *proxy, const struct server *s,
		     struct figure *f, uint64_t bytes);
	enum service service;
	bool local; /* a Unix socket */
} benches[] = {
	{ "floor-tx-unix", floor_tx, NULL, SINK, true },
	{ "floor-rx-unix", floor_rx, NULL, SOURCE, true },
	{ "floor-tx-tcp", floor_tx, NULL, SINK, false },
	{ "floor-rx-tcp", floor_rx, NULL, SOURCE, false },
	{ "floor-relay-unix", floor_relay, NULL, SINK, true },
	{ "floor-relay-tcp", floor_relay, NULL, SINK, false },
	{ "vsock-tx-unix", vsock_tx, NULL, SINK, true },
	{ "vsock-rx-unix", vsock_rx, NULL, SOURCE, true },
	{ "vsock-tx-tcp", vsock_tx, NULL, SINK, false },
	{ "vsock-rx-tcp", vsock_rx, NULL, SOURCE, false },
	{ "proxy-tx-tcp", proxy_tx, NULL, SINK, false },
	{ "proxy-rx-tcp", proxy_rx, NULL, SOURCE, false },
	{ "proxy-conns", proxy_conns, NULL, ONE_BYTE, false },
	{ "socks-tx-tcp", NULL, socks_tx, SINK, false },
	{ "socks-rx-tcp", NULL, socks_rx, SOURCE, false },
	{ "socks-conns", NULL, socks_conns, ONE_BYTE, false },
};

static void measure(const struct bench *b, uint16_t port, uint64_t bytes)
{
	struct server proxy = { .port = port };
	struct server s = { .service = b->service, .bytes = bytes };
	struct figure f = { .name = b->name };

	if (b->local)
		server_unix(&s);
	else
		server_tcp(&s);
	if (b->run)
		b->run(&s, &f, bytes);
	else
		b->peer(&proxy, &s, &f, bytes);
	server_stop(&s);
	print(&f);
}

static int usage(void)
{
	unsigned i;

	fprintf(stderr, "usage: bench-link NAME [PORT] [GB]; names:\n");
	for (i = 0; i < LEN(benches); i++)
		fprintf(stderr, "  %s%s\n", benches[i].name,
			benches[i].peer ? " PORT" : "");
	return 2;
}

int main(int argc, char **argv)
{
	const struct bench *b = NULL;
	unsigned long port = 0;
	double gb = 2;
	unsigned i;

	for (i = 0; i < LEN(benches) && argc > 1; i++)
		if (!strcmp(benches[i].name, argv[1]))
			b = &benches[i];
	if (!b || (b->peer && argc < 3))
		return usage();
	if (b->peer)
		port = strtoul(argv[2], NULL, 10);
	i = b->peer ? 3 : 2;
	if ((unsigned)argc > i)
		gb = strtod(argv[i], NULL);
	measure(b, (uint16_t)port, (uint64_t)(gb * 1e9));
	return 0;
}
