/* SPDX-License-Identifier: MIT */
/*
 * test_link.c - bytes through a whole link: much of it, held up, cut off.
 *
 *	test-vm-link [MIB]    as much through each way; 1024 is the long form
 */
#include "link_rig.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "vsock/mux.h"

enum { MIB = 1 << 20, PIECE = 1 << 20 };

static uint64_t bulk = 32 * MIB; /* of main() alone */

/* ---- much of it ------------------------------------------------------- */

struct sending {
	struct hend h;
	uint64_t seed, len;
	bool good;
	pthread_t thread;
};

static void *sender(void *arg)
{
	struct sending *s = arg;

	s->good = hend_send(&s->h, s->seed, 0, s->len, PIECE);
	hend_shutdown(&s->h);
	return NULL;
}

static void echo(enum hend_kind kind, uint64_t len)
{
	struct rig r;
	struct sending s = { .seed = 77 + kind, .len = len };
	const struct gend model = { .echo = true, .seed_in = s.seed };
	struct gend *g, seen;

	rig_init(&r, NULL);
	rig_pair(&r, kind, &model, &s.h, &g);
	assert_int_equal(pthread_create(&s.thread, NULL, sender, &s), 0);
	assert_true(hend_take(&s.h, s.seed, 0, len, PIECE));
	(void)pthread_join(s.thread, NULL);
	assert_true(s.good);
	assert_true(hend_at_end(&s.h));
	rig_until(&r, gend_is_closed, g, "the guest's end is closed");
	seen = gend_look(g);
	assert_false(seen.bad || seen.reset);
	assert_int_equal(seen.got, len);
	assert_int_equal(seen.sent, len);
	hend_close(&s.h);
	rig_open_is(&r, 0);
	assert_int_equal(rig_stats(&r).stream_bytes[0], len);
	rig_fini(&r);
}

static void test_all_bytes_come_back_by_the_unix_hub(void **state)
{
	(void)state;
	echo(HUB_OUT, bulk);
}

static void test_all_bytes_come_back_by_a_mapped_port(void **state)
{
	(void)state;
	echo(MAP_OUT, bulk);
}

static void test_all_bytes_come_back_by_the_embedder(void **state)
{
	(void)state;
	echo(API_OUT, bulk);
}

static void test_all_bytes_come_back_when_the_guest_connects(void **state)
{
	enum hend_kind kind;

	(void)state;
	for (kind = HUB_IN; kind < HEND_KINDS; kind++)
		echo(kind, bulk / 4);
}

/* ---- held up ---------------------------------------------------------- */

/* The loop thread does nothing while `fd` stays as it is. */
static void check_idle(struct rig *r, int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	uint64_t cpu = rig_cpu_ns(r);

	/* Not to let something happen, but to see that nothing does. */
	assert_int_equal(poll(&p, 1, 300), 0);
	assert_in_range(rig_cpu_ns(r) - cpu, 0, 60 * 1000 * 1000);
}

static void starve(void *arg)
{
	struct vguest *g = arg;

	g->starve = true;
}

static void feed(void *arg)
{
	vguest_feed(arg);
}

/* Write until nobody takes any more for a while; how much. */
static uint64_t stuff(int fd, uint64_t seed)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	uint8_t buf[4096];
	uint64_t at = 0;
	ssize_t n;

	while (poll(&p, 1, 200) == 1) {
		pattern(buf, sizeof(buf), seed, at);
		n = send(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL);
		at += n > 0 ? (uint64_t)n : 0;
	}
	return at;
}

struct flood {
	struct vguest *g;
	unsigned sent;
};

/* Requests to a port nobody has, as many as there are slots. */
static void flood(void *arg)
{
	struct flood *f = arg;
	struct vsock_hdr h = {
		.src_cid = RIG_CID,
		.dst_cid = VSOCK_CID_HOST,
		.src_port = 9 + f->sent,
		.dst_port = 4242,
		.type = VSOCK_TYPE_STREAM,
		.op = VSOCK_OP_REQUEST,
	};

	while (vguest_put(f->g, &h)) {
		f->sent++;
		h.src_port++;
	}
}

static void check_flood_is_bounded(struct rig *r)
{
	struct flood f = { .g = r->g };
	unsigned i;

	for (i = 0; i < 100; i++) {
		rig_call(r, flood, &f);
		(void)rig_stats(r); /* the loop was there */
	}
	/* As many answers as may wait, and the guest's own ring. */
	assert_in_range(f.sent, VSOCK_ANSWERS, VSOCK_ANSWERS + VGUEST_TX);
}

static void test_a_guest_without_buffers_holds_up_its_writers_only(void **state)
{
	const struct gend model = { .seed_in = 5, .finish = true };
	struct gend *g, seen;
	struct rig r;
	struct hend h;
	uint64_t len;

	(void)state;
	rig_init(&r, NULL);
	rig_pair(&r, HUB_OUT, &model, &h, &g);
	rig_call(&r, starve, r.g);
	len = stuff(h.fd, 5);
	assert_in_range(len, 64 * 1024, 16 * MIB);
	check_idle(&r, h.fd, POLLOUT);
	check_flood_is_bounded(&r);
	check_idle(&r, h.fd, POLLOUT);
	rig_call(&r, feed, r.g);
	assert_true(hend_send(&h, 5, len, MIB, PIECE));
	hend_shutdown(&h);
	rig_until(&r, gend_is_closed, g, "all has come");
	seen = gend_look(g);
	assert_false(seen.bad || seen.reset);
	assert_int_equal(seen.got, len + MIB);
	assert_true(hend_at_end(&h));
	hend_close(&h);
	rig_open_is(&r, 0);
	rig_fini(&r);
}

static bool has_stopped(void *arg)
{
	const struct gend *g = arg;

	/* What is left of its credit, and the host has taken its packets. */
	return g->closed || (!vconn_room(g->c) && g->rig->g->slots > 32);
}

static void test_a_host_that_reads_nothing_holds_up_its_guest_only(void **state)
{
	const struct gend model = { .seed_out = 6,
				    .to_send = 8 * MIB,
				    .finish = true };
	enum hend_kind kind;
	struct gend *g;
	struct rig r;
	struct hend h;

	(void)state;
	for (kind = HUB_OUT; kind <= API_OUT; kind++) {
		rig_init(&r, NULL);
		rig_pair(&r, kind, &model, &h, &g);
		hend_shutdown(&h);
		rig_until(&r, has_stopped, g, "its credit is used");
		assert_in_range(gend_look(g).sent, VSOCK_WINDOW, 8 * MIB);
		/* Nothing is said to the hub's socket but by clients. */
		check_idle(&r, r.unix_fd, POLLIN);
		assert_true(hend_take(&h, 6, 0, 8 * MIB, PIECE));
		assert_true(hend_at_end(&h));
		rig_until(&r, gend_is_closed, g, "both halves have ended");
		hend_close(&h);
		rig_fini(&r);
	}
}

/* ---- cut off ---------------------------------------------------------- */

static unsigned descriptors(void)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void kill_client(struct rig *r, enum hend_kind kind, bool rough)
{
	const struct linger now = { .l_onoff = 1 };
	const struct gend model = { .seed_in = 8,
				    .seed_out = 9,
				    .to_send = UINT64_MAX };
	struct gend *g;
	struct hend h;

	rig_pair(r, kind, &model, &h, &g);
	assert_true(hend_take(&h, 9, 0, 100 * 1000, 4096));
	assert_true(hend_send(&h, 8, 0, 50 * 1000, 4096));
	if (rough && h.fd >= 0)
		(void)setsockopt(h.fd, SOL_SOCKET, SO_LINGER, &now,
				 sizeof(now));
	hend_close(&h);
	rig_until(r, gend_is_closed, g, "the guest learns of the end");
	assert_false(gend_look(g).bad);
}

static void test_a_host_program_may_be_killed_at_any_time(void **state)
{
	enum hend_kind kind;
	struct rig r;
	unsigned i, fds;

	(void)state;
	rig_init(&r, NULL);
	fds = descriptors();
	for (kind = HUB_OUT; kind < HEND_KINDS; kind++)
		for (i = 0; i < 10; i++)
			kill_client(&r, kind, i & 1);
	rig_open_is(&r, 0);
	assert_int_equal(descriptors(), fds);
	assert_int_equal(rig_timers(&r), 0);
	rig_sweep(&r);
	rig_fini(&r);
}

/* ---- turns ------------------------------------------------------------ */

enum { BULK_PORT = 8100, PING_PORT, BULKS = 16, PINGS = 200 };

struct party {
	struct rig *r;
	struct ring_stream *s[BULKS + 1];
	unsigned n;
};

/* Reads everything and writes as much as there is room. */
static void on_bulk(void *ctx, microvm_stream *stream, unsigned events)
{
	static uint8_t in[65536];
	static const uint8_t out[65536];
	struct ring_stream *s = (struct ring_stream *)stream;

	(void)ctx;
	(void)events;
	while (ring_stream_read(s, in, sizeof(in), 0) > 0)
		;
	while (ring_stream_write(s, out, sizeof(out), 0) > 0)
		;
}

static void on_ping(void *ctx, microvm_stream *stream, unsigned events)
{
	struct ring_stream *s = (struct ring_stream *)stream;
	uint8_t c[16];
	ptrdiff_t n;

	(void)ctx;
	(void)events;
	while ((n = ring_stream_read(s, c, sizeof(c), 0)) > 0)
		if (ring_stream_write(s, c, (size_t)n, 0) != n)
			rig_stuck("a pong has room");
}

static int on_bulk_accept(void *ctx, microvm_stream *stream, uint32_t port)
{
	struct party *p = ctx;

	(void)port;
	p->s[p->n++] = (struct ring_stream *)stream;
	ring_stream_set_events((struct ring_stream *)stream, on_bulk, NULL);
	return 0;
}

static int on_ping_accept(void *ctx, microvm_stream *stream, uint32_t port)
{
	struct party *p = ctx;

	(void)port;
	p->s[p->n++] = (struct ring_stream *)stream;
	ring_stream_set_events((struct ring_stream *)stream, on_ping, NULL);
	return 0;
}

struct ping {
	struct vconn *c;
	unsigned pongs;
	uint64_t since, worst, total;
	bool waits;
};

static uint64_t moved(const struct vguest *g)
{
	return g->bytes_in + g->bytes_out;
}

static void send_ping(struct vconn *c)
{
	struct ping *p = c->ctx;

	if (p->waits || p->pongs == PINGS || !vconn_send(c, "!", 1))
		return;
	p->waits = true;
	p->since = moved(c->g);
}

static void on_pong(struct vconn *c, const uint8_t *data, size_t len)
{
	struct ping *p = c->ctx;
	uint64_t took = moved(c->g) - p->since;

	(void)data;
	if (len != 1)
		abort();
	if (p->worst < took)
		p->worst = took;
	p->total = moved(c->g);
	p->waits = false;
	p->pongs++;
	send_ping(c);
}

static void nothing(struct vconn *c)
{
	(void)c;
}

static const struct vconn_ops ping_ops = { nothing, on_pong, send_ping, nothing,
					   nothing };

static void open_ping(void *arg)
{
	struct ping *p = arg;

	p->c = vguest_open(((struct rig *)(void *)p->c)->g, PING_PORT,
			   &ping_ops, p);
}

static bool has_pinged(void *arg)
{
	const struct ping *p = arg;

	return p->pongs == PINGS;
}

static void test_a_ping_waits_for_a_bounded_number_of_bytes(void **state)
{
	const struct gend model = { .to_send = UINT64_MAX };
	struct link_listener *bulks, *pings;
	struct party p = { .n = 0 };
	struct ping ping = { .c = NULL };
	struct rig r;
	unsigned i;

	(void)state;
	rig_init(&r, NULL);
	assert_int_equal(link_listen(&r.link, BULK_PORT, on_bulk_accept, &p,
				     &bulks, NULL),
			 0);
	assert_int_equal(link_listen(&r.link, PING_PORT, on_ping_accept, &p,
				     &pings, NULL),
			 0);
	for (i = 0; i < BULKS; i++)
		(void)rig_gend_open(&r, BULK_PORT, &model);
	ping.c = (struct vconn *)(void *)&r;
	rig_call(&r, open_ping, &ping);
	rig_until(&r, has_pinged, &ping, "the last pong");
	/* They were many, and none of them was in a hurry. */
	assert_true(ping.total > BULKS * MIB);
	/*
	 * Before it in the guest's queue: 64 packets of 64 KiB.  As much may
	 * come from the host meanwhile, a batch for a batch; then each of the
	 * others has a turn, and what was in the receive buffers comes first.
	 */
	print_message("a round trip took at most %llu KiB of the others\n",
		      (unsigned long long)ping.worst / 1024);
	assert_in_range(ping.worst, 1, 24 * MIB);
	link_listener_close(bulks);
	link_listener_close(pings);
	for (i = 0; i < p.n; i++)
		ring_stream_close(p.s[i]);
	rig_fini(&r);
}

/* ---- early callers ---------------------------------------------------- */

static void do_listen(void *arg)
{
	rig_listen(arg, RIG_GUEST_PORT, true);
}

static void do_not_listen(void *arg)
{
	rig_listen(arg, RIG_GUEST_PORT, false);
}

static bool was_asked_often(void *arg)
{
	const struct rig *r = arg;

	return r->g->requests >= 3;
}

static void test_a_caller_is_held_until_the_guest_listens(void **state)
{
	const struct rig_options opts = { .hold_ms = RIG_MS };
	char text[8] = { 0 };
	struct rig r;
	int hub, tcp;

	(void)state;
	rig_init(&r, &opts);
	rig_call(&r, do_not_listen, &r);
	hub = rig_dial_hub(&r, RIG_GUEST_PORT);
	tcp = rig_dial_tcp(r.map_port);
	assert_int_equal(write(hub, "early", 5), 5);
	assert_int_equal(write(tcp, "bird!", 5), 5);
	rig_until(&r, was_asked_often, &r, "it is tried again");
	r.model = (struct gend){ .echo = true };
	rig_call(&r, do_listen, &r);
	assert_true(rig_hub_answers(hub));
	assert_int_equal(recv(hub, text, 5, MSG_WAITALL), 5);
	assert_string_equal(text, "early");
	assert_int_equal(recv(tcp, text, 5, MSG_WAITALL), 5);
	assert_string_equal(text, "bird!");
	(void)close(hub);
	(void)close(tcp);
	rig_open_is(&r, 0);
	rig_fini(&r);
}

static void begin(void *arg)
{
	struct rig *r = arg;

	vguest_start(r->g, &r->link.device.mmio);
}

static void test_a_caller_is_held_until_the_driver_is_there(void **state)
{
	const struct rig_options opts = { .hold_ms = RIG_MS, .bare = true };
	struct rig r;
	int fd;

	(void)state;
	rig_init(&r, &opts);
	fd = rig_dial_hub(&r, RIG_GUEST_PORT);
	rig_open_is(&r, 1);
	rig_call(&r, begin, &r);
	assert_true(rig_hub_answers(fd));
	(void)close(fd);
	rig_open_is(&r, 0);
	rig_fini(&r);
}

static void test_a_caller_is_refused_when_its_time_is_over(void **state)
{
	const struct rig_options with = { .hold_ms = 60 };
	const struct rig_options without = { .hold_ms = 60, .bare = true };
	struct ring_stream *s;
	struct rig r;
	int fd;

	(void)state;
	rig_init(&r, &with);
	rig_call(&r, do_not_listen, &r);
	fd = rig_dial_hub(&r, RIG_GUEST_PORT);
	assert_false(rig_hub_answers(fd));
	(void)close(fd);
	assert_int_equal(link_connect(&r.link, RIG_GUEST_PORT, 60, &s, NULL),
			 -MICROVM_EREFUSED);
	assert_int_equal(link_connect(&r.link, RIG_GUEST_PORT, 0, &s, NULL),
			 -MICROVM_EREFUSED);
	rig_fini(&r);
	rig_init(&r, &without);
	assert_int_equal(link_connect(&r.link, RIG_GUEST_PORT, 60, &s, NULL),
			 -MICROVM_ETIMEDOUT);
	rig_fini(&r);
}

/* ---- another life ----------------------------------------------------- */

struct snapshot {
	struct rig *r;
	struct state s;
	uint8_t *ram;
};

/* Between two services: the link and what it has done to RAM belong together.
 */
static void save(void *arg)
{
	struct snapshot *shot = arg;
	const struct driver *d = &shot->r->g->d;

	state_init_save(&shot->s);
	link_state(&shot->r->link, &shot->s);
	memcpy(shot->ram, d->ram, d->ram_size);
}

/* On the guest's thread, which is how it stands still. */
static void reload(void *arg)
{
	struct rig *r = arg;
	struct driver *d = &r->g->d;
	struct snapshot shot = { .r = r, .ram = malloc(d->ram_size) };
	struct state from;

	loop_call(&r->loop, save, &shot);
	if (state_fini(&shot.s, NULL))
		rig_stuck("a save");
	rig_unlink(r);
	rig_link(r);
	memcpy(d->ram, shot.ram, d->ram_size);
	state_init_load(&from, shot.s.buf, shot.s.len);
	link_state(&r->link, &from);
	if (state_fini(&from, NULL))
		rig_stuck("a load");
	free(shot.s.buf);
	free(shot.ram);
	driver_attach(d, &r->link.device.mmio);
}

static bool was_told_of_reset(void *arg)
{
	const struct rig *r = arg;

	return r->g->resets == 1;
}

static void check_works(struct rig *r, enum hend_kind kind)
{
	const struct gend model = { .echo = true, .seed_in = 3 };
	struct gend *g;
	struct hend h;

	rig_pair(r, kind, &model, &h, &g);
	assert_true(hend_send(&h, 3, 0, 10000, 4096));
	assert_true(hend_take(&h, 3, 0, 10000, 4096));
	hend_shutdown(&h);
	assert_true(hend_at_end(&h));
	rig_until(r, gend_is_closed, g, "it closes");
	hend_close(&h);
}

static void test_a_saved_link_comes_back_without_its_streams(void **state)
{
	const struct gend model = { .echo = true, .seed_in = 3 };
	struct gend *g[HEND_KINDS];
	struct hend h[HEND_KINDS];
	enum hend_kind kind;
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	for (kind = HUB_OUT; kind < HEND_KINDS; kind++) {
		rig_pair(&r, kind, &model, &h[kind], &g[kind]);
		assert_true(hend_send(&h[kind], 3, 0, 1000, 500));
		assert_true(hend_take(&h[kind], 3, 0, 900, 500));
	}
	rig_call(&r, reload, &r);
	rig_until(&r, was_told_of_reset, &r, "a transport reset event");
	for (kind = HUB_OUT; kind < HEND_KINDS; kind++) {
		assert_true(gend_look(g[kind]).closed);
		/* What had come may be read, then it is over. */
		while (hend_read(&h[kind], (char[256]){ 0 }, 256) > 0)
			;
		hend_close(&h[kind]);
	}
	assert_int_equal(rig_stats(&r).streams_open, 0);
	for (kind = HUB_OUT; kind < HEND_KINDS; kind++)
		check_works(&r, kind);
	rig_fini(&r);
}

static void test_a_link_saved_before_its_driver_owes_no_event(void **state)
{
	const struct rig_options opts = { .bare = true };
	struct rig r;

	(void)state;
	rig_init(&r, &opts);
	rig_call(&r, reload, &r);
	rig_call(&r, begin, &r);
	check_works(&r, API_OUT);
	assert_false(was_told_of_reset(&r));
	rig_fini(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_bytes_come_back_by_the_unix_hub),
		cmocka_unit_test(test_all_bytes_come_back_by_a_mapped_port),
		cmocka_unit_test(test_all_bytes_come_back_by_the_embedder),
		cmocka_unit_test(
			test_all_bytes_come_back_when_the_guest_connects),
		cmocka_unit_test(
			test_a_guest_without_buffers_holds_up_its_writers_only),
		cmocka_unit_test(
			test_a_host_that_reads_nothing_holds_up_its_guest_only),
		cmocka_unit_test(test_a_host_program_may_be_killed_at_any_time),
		cmocka_unit_test(
			test_a_ping_waits_for_a_bounded_number_of_bytes),
		cmocka_unit_test(test_a_caller_is_held_until_the_guest_listens),
		cmocka_unit_test(
			test_a_caller_is_held_until_the_driver_is_there),
		cmocka_unit_test(
			test_a_caller_is_refused_when_its_time_is_over),
		cmocka_unit_test(
			test_a_saved_link_comes_back_without_its_streams),
		cmocka_unit_test(
			test_a_link_saved_before_its_driver_owes_no_event),
	};

	if (argc > 1)
		bulk = strtoull(argv[1], NULL, 10) * MIB;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
