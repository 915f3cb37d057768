/* SPDX-License-Identifier: MIT */
/* test_link_api.c - the embedder's calls before a whole link. */
#include "link_rig.h"

#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 8100, NOBODY = 4242, MUCH = 200 * 1024 };

/* ---- in callbacks ----------------------------------------------------- */

struct stage {
	struct rig *r;
	struct link_listener *listener;
	struct ring_stream *stream;
	sem_t done;
	unsigned calls, seen;
	int rc[4];
};

static void stage_init(struct stage *s, struct rig *r)
{
	*s = (struct stage){ .r = r };
	(void)sem_init(&s->done, 0, 0);
}

/* Wait for the callback, which is over soon. */
static void stage_wait(struct stage *s)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RIG_MS / 1000;
	if (sem_timedwait(&s->done, &until))
		rig_stuck("a callback");
}

static void stage_listen(struct stage *s, microvm_accept_fn *fn)
{
	assert_int_equal(
		link_listen(&s->r->link, PORT, fn, s, &s->listener, NULL), 0);
}

static int accept_and_stop(void *ctx, microvm_stream *stream, uint32_t port)
{
	struct stage *s = ctx;

	(void)port;
	link_listener_close(s->listener);
	ring_stream_close((struct ring_stream *)stream);
	s->calls++;
	return 0;
}

static void test_a_listener_may_be_closed_where_it_accepts(void **state)
{
	const struct gend model = { .finish = true };
	struct gend *first, *second;
	struct stage s;
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	stage_init(&s, &r);
	stage_listen(&s, accept_and_stop);
	first = rig_gend_open(&r, PORT, &model);
	rig_until(&r, gend_is_closed, first, "it was accepted and closed");
	assert_true(gend_look(first).opened);
	second = rig_gend_open(&r, PORT, &model);
	rig_until(&r, gend_is_closed, second, "nobody listens any more");
	assert_false(gend_look(second).opened);
	assert_int_equal(s.calls, 1);
	rig_open_is(&r, 0);
	rig_fini(&r);
}

static int refuse(void *ctx, microvm_stream *stream, uint32_t port)
{
	struct stage *s = ctx;

	(void)stream; /* is gone after this */
	(void)port;
	s->calls++;
	return -1;
}

static void test_who_refuses_a_stream_need_not_close_it(void **state)
{
	const struct gend model = { .finish = true };
	struct gend *g;
	struct stage s;
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	stage_init(&s, &r);
	stage_listen(&s, refuse);
	g = rig_gend_open(&r, PORT, &model);
	rig_until(&r, gend_is_closed, g, "it is refused");
	assert_false(gend_look(g).opened);
	assert_int_equal(s.calls, 1);
	link_listener_close(s.listener);
	rig_fini(&r);
}

static void test_a_port_has_one_owner(void **state)
{
	struct link_listener *ll;
	struct stage s;
	mv_error err = { 0 };
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	stage_init(&s, &r);
	stage_listen(&s, refuse);
	assert_int_equal(link_listen(&r.link, PORT, refuse, &s, &ll, &err),
			 -MICROVM_EBUSY);
	assert_true(err.msg[0]);
	assert_int_equal(
		link_listen(&r.link, PROXY_PORT, refuse, &s, &ll, &err),
		-MICROVM_EBUSY);
	link_listener_close(s.listener);
	stage_listen(&s, refuse);
	link_listener_close(s.listener);
	rig_fini(&r);
}

/* Closes the stream as soon as anything happens to it. */
static void close_at_once(void *ctx, microvm_stream *stream, unsigned events)
{
	struct stage *s = ctx;

	s->calls++;
	s->seen |= events;
	ring_stream_close((struct ring_stream *)stream);
	(void)sem_post(&s->done);
}

static int accept_to_close(void *ctx, microvm_stream *stream, uint32_t port)
{
	(void)port;
	ring_stream_set_events((struct ring_stream *)stream, close_at_once,
			       ctx);
	return 0;
}

static void test_a_stream_may_be_closed_in_its_own_callback(void **state)
{
	const struct gend model = { .to_send = MUCH, .finish = true };
	struct gend *g;
	struct stage s;
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	stage_init(&s, &r);
	stage_listen(&s, accept_to_close);
	g = rig_gend_open(&r, PORT, &model);
	stage_wait(&s);
	rig_until(&r, gend_is_closed, g, "the guest learns of it");
	rig_open_is(&r, 0);
	assert_int_equal(s.calls, 1);
	link_listener_close(s.listener);
	rig_fini(&r);
}

/* ... of one the host opens: opened, and refused. */
static void test_open_tells_what_became_of_it(void **state)
{
	struct ring_stream *stream;
	struct stage s;
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	stage_init(&s, &r);
	assert_int_equal(link_open(&r.link, RIG_GUEST_PORT, 0, close_at_once,
				   &s, &stream, NULL),
			 0);
	stage_wait(&s);
	assert_true(s.seen & MICROVM_STREAM_OPENED);
	s.seen = 0;
	assert_int_equal(
		link_open(&r.link, NOBODY, 0, close_at_once, &s, &stream, NULL),
		0);
	stage_wait(&s);
	assert_true(s.seen & MICROVM_STREAM_CLOSED);
	assert_false(s.seen & MICROVM_STREAM_OPENED);
	rig_until(&r, gend_is_closed, r.gends, "the guest learns of it");
	rig_open_is(&r, 0);
	assert_int_equal(s.calls, 2);
	rig_fini(&r);
}

/* What must not wait says so; what need not, works. */
static void call_back(void *ctx, microvm_stream *stream, unsigned events)
{
	struct stage *s = ctx;
	struct ring_stream *other;
	struct link *l = &s->r->link;
	int fd;

	if (!(events & MICROVM_STREAM_OPENED))
		return;
	s->rc[0] = link_connect(l, NOBODY, RIG_MS, &other, NULL);
	s->rc[1] = ring_stream_detach((struct ring_stream *)stream, &fd, NULL);
	s->rc[2] = (int)ring_stream_read((struct ring_stream *)stream,
					 (char[1]){ 0 }, 1, RIG_MS);
	s->rc[3] =
		link_open(l, RIG_GUEST_PORT, 0, NULL, NULL, &s->stream, NULL);
	(void)sem_post(&s->done);
}

static void test_calls_from_a_callback_do_not_wait(void **state)
{
	struct ring_stream *stream;
	struct stage s;
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	stage_init(&s, &r);
	assert_int_equal(link_open(&r.link, RIG_GUEST_PORT, 0, call_back, &s,
				   &stream, NULL),
			 0);
	stage_wait(&s);
	assert_int_equal(s.rc[0], -MICROVM_ESTATE);
	assert_int_equal(s.rc[1], -MICROVM_ESTATE);
	assert_int_equal(s.rc[2], -MICROVM_ESTATE);
	assert_int_equal(s.rc[3], 0);
	assert_int_equal(ring_stream_wait_open(s.stream, RIG_MS, NULL), 0);
	ring_stream_close(s.stream);
	ring_stream_close(stream);
	rig_fini(&r);
}

/* ---- the end of the VM ------------------------------------------------ */

enum { READERS = 4 };

struct reader {
	struct ring_stream *s;
	pthread_t thread;
	ptrdiff_t got;
	bool write;
	atomic_bool *begun;
};

static void *reader(void *arg)
{
	struct reader *d = arg;
	static const uint8_t out[65536];
	uint8_t in[64];

	atomic_store(d->begun, true);
	do
		d->got = d->write ? ring_stream_write(d->s, out, sizeof(out),
						      MICROVM_FOREVER)
				  : ring_stream_read(d->s, in, sizeof(in),
						     MICROVM_FOREVER);
	while (d->got > 0);
	return NULL;
}

static void end_with_readers(bool fini)
{
	const struct gend model = { .stall = true };
	struct reader d[READERS];
	atomic_bool begun[READERS];
	mv_error err = { 0 };
	struct ring_stream *late;
	struct hend h;
	struct gend *g;
	struct rig r;
	unsigned i;

	rig_init(&r, NULL);
	for (i = 0; i < READERS; i++) {
		rig_pair(&r, API_OUT, &model, &h, &g);
		atomic_init(&begun[i], false);
		d[i] = (struct reader){ .s = h.s,
					.write = i & 1,
					.begun = &begun[i] };
		assert_int_equal(
			pthread_create(&d[i].thread, NULL, reader, &d[i]), 0);
		while (!atomic_load(&begun[i]))
			(void)sched_yield();
	}
	if (fini) {
		rig_fini(&r);
	} else {
		link_end(&r.link);
		rig_open_is(&r, 0);
	}
	for (i = 0; i < READERS; i++) {
		(void)pthread_join(d[i].thread, NULL);
		assert_int_equal(d[i].got, -MICROVM_ERESET);
		ring_stream_close(d[i].s);
	}
	if (fini)
		return;
	assert_int_equal(
		link_open(&r.link, RIG_GUEST_PORT, 0, NULL, NULL, &late, &err),
		-MICROVM_ESTATE);
	assert_int_equal(
		link_connect(&r.link, RIG_GUEST_PORT, RIG_MS, &late, &err),
		-MICROVM_ESTATE);
	assert_int_equal(link_stop(&r.link, &err), -MICROVM_ESTATE);
	assert_int_equal(link_answer(&r.link, 1, MICROVM_ALLOW, &err),
			 -MICROVM_ESTATE);
	assert_int_equal(rig_stats(&r).streams[1], READERS);
	rig_fini(&r);
}

static void test_the_end_of_the_vm_wakes_who_waits(void **state)
{
	(void)state;
	end_with_readers(false);
}

struct last_act {
	struct task task;
	struct rig *r;
	struct ring_stream *stream;
	int rc;
};

static void open_last(struct task *t)
{
	struct last_act *a = (struct last_act *)(void *)t; /* its first */

	a->rc = link_open(&a->r->link, RIG_GUEST_PORT, 0, NULL, NULL,
			  &a->stream, NULL);
}

static void open_and_end(void *arg)
{
	struct last_act *a = arg;

	/* One batch of tasks: nothing is served between the two. */
	loop_post(&a->r->loop, &a->task);
	link_end(&a->r->link);
}

static void test_the_end_may_come_before_what_was_opened_is_served(void **state)
{
	struct last_act a = { .task.run = open_last };
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	a.r = &r;
	loop_call(&r.loop, open_and_end, &a);
	rig_open_is(&r, 0);
	assert_int_equal(a.rc, 0);
	assert_true(ring_stream_wait_open(a.stream, RIG_MS, NULL) < 0);
	ring_stream_close(a.stream);
	rig_fini(&r);
}

static void test_streams_outlive_the_whole_link(void **state)
{
	(void)state;
	end_with_readers(true);
}

static void test_a_link_that_is_not_there_says_how_to_get_one(void **state)
{
	struct link none = { .present = false };
	struct ring_stream *s;
	mv_error err = { 0 };

	(void)state;
	assert_int_equal(link_open(&none, 1, 0, NULL, NULL, &s, &err),
			 -MICROVM_ENOTSUP);
	assert_non_null(strstr(err.hint, "microvm_config_set_vsock"));
	assert_int_equal(link_stop(&none, &err), -MICROVM_ENOTSUP);
}

/* ---- a stream becomes a socket ---------------------------------------- */

static void detach(enum hend_kind kind, bool ended)
{
	const struct gend model = {
		.seed_in = 1, .seed_out = 2, .to_send = MUCH, .stall = true
	};
	struct gend *g, seen;
	struct hend h;
	struct rig r;
	int fd = -1;

	rig_init(&r, NULL);
	rig_pair(&r, kind, &model, &h, &g);
	/* Neither side reads: both rings are full of what is on its way. */
	assert_true(hend_send(&h, 1, 0, MUCH, 5000));
	rig_until(&r, gend_has_sent, g, "the guest has said everything");
	if (ended) {
		hend_shutdown(&h);
		gend_set_send(g, MUCH, true);
	}
	assert_int_equal(ring_stream_detach(h.s, &fd, NULL), 0);
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	h = (struct hend){ .fd = fd };
	gend_set_stall(g, false);
	if (!ended) {
		assert_true(hend_send(&h, 1, MUCH, MUCH, 5000));
		hend_shutdown(&h);
		gend_set_send(g, 2 * MUCH, true);
	}
	assert_true(hend_take(&h, 2, 0, ended ? MUCH : 2 * MUCH, 5000));
	assert_true(hend_at_end(&h));
	rig_until(&r, gend_is_closed, g, "both halves have ended");
	seen = gend_look(g);
	assert_false(seen.bad || seen.reset);
	assert_int_equal(seen.got, ended ? MUCH : 2 * MUCH);
	hend_close(&h);
	rig_open_is(&r, 0);
	rig_fini(&r);
}

static void test_a_stream_becomes_a_socket_with_data_both_ways(void **state)
{
	(void)state;
	detach(API_OUT, false);
	detach(API_IN, false);
}

static void test_a_stream_becomes_a_socket_after_both_said_all(void **state)
{
	(void)state;
	detach(API_OUT, true);
	detach(API_IN, true);
}

static void test_a_detached_socket_ends_with_its_vm(void **state)
{
	const struct gend model = { .stall = true };
	struct pollfd p = { .events = POLLIN };
	struct gend *g;
	struct hend h;
	struct rig r;
	int fd = -1;

	(void)state;
	rig_init(&r, NULL);
	rig_pair(&r, API_OUT, &model, &h, &g);
	assert_int_equal(ring_stream_detach(h.s, &fd, NULL), 0);
	rig_fini(&r);
	p.fd = fd;
	assert_int_equal(poll(&p, 1, RIG_MS), 1);
	assert_in_range(read(fd, (char[1]){ 0 }, 1) + 1, 0, 1); /* -1, 0 */
	(void)close(fd);
}

/* ---- numbers ---------------------------------------------------------- */

static void test_streams_and_bytes_are_counted(void **state)
{
	const struct gend model = { .echo = true };
	enum hend_kind kind;
	microvm_stats stats;
	struct gend *g;
	struct hend h;
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	for (kind = HUB_OUT; kind < HEND_KINDS; kind++) {
		rig_pair(&r, kind, &model, &h, &g);
		assert_true(hend_send(&h, 0, 0, 1000, 100));
		hend_shutdown(&h);
		assert_true(hend_take(&h, 0, 0, 1000, 100));
		assert_true(hend_at_end(&h));
		rig_until(&r, gend_is_closed, g, "both halves have ended");
		hend_close(&h);
	}
	rig_open_is(&r, 0);
	stats = rig_stats(&r);
	assert_int_equal(stats.streams[0], 3);
	assert_int_equal(stats.streams[1], 3);
	assert_int_equal(stats.stream_bytes[0], 6000);
	assert_int_equal(stats.stream_bytes[1], 6000);
	assert_int_equal(stats.flows, 0);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_listener_may_be_closed_where_it_accepts),
		cmocka_unit_test(test_who_refuses_a_stream_need_not_close_it),
		cmocka_unit_test(test_a_port_has_one_owner),
		cmocka_unit_test(
			test_a_stream_may_be_closed_in_its_own_callback),
		cmocka_unit_test(test_open_tells_what_became_of_it),
		cmocka_unit_test(test_calls_from_a_callback_do_not_wait),
		cmocka_unit_test(test_the_end_of_the_vm_wakes_who_waits),
		cmocka_unit_test(
			test_the_end_may_come_before_what_was_opened_is_served),
		cmocka_unit_test(test_streams_outlive_the_whole_link),
		cmocka_unit_test(
			test_a_link_that_is_not_there_says_how_to_get_one),
		cmocka_unit_test(
			test_a_stream_becomes_a_socket_with_data_both_ways),
		cmocka_unit_test(
			test_a_stream_becomes_a_socket_after_both_said_all),
		cmocka_unit_test(test_a_detached_socket_ends_with_its_vm),
		cmocka_unit_test(test_streams_and_bytes_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
