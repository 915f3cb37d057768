/* SPDX-License-Identifier: MIT */
/* test_link_many.c - thousands of streams, storms, and drivers that vanish. */
#include "link_rig.h"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	ECHO_PORT = 8100,
	BULK_PORT = 8101,
	HELD_PORT = 5999,
	HELD_HUB_PORT = 5998,
	MANY = 4096,
	STORM = 10000,
	BURST = 500,
	WORDS = 1000, /* bytes a stream sends at a time */
	LIVES = 200,
};

/* ---- the host: on the loop thread ------------------------------------- */

static void on_echo(void *ctx, microvm_stream *stream, unsigned events)
{
	struct ring_stream *s = (struct ring_stream *)stream;
	uint8_t buf[4096];
	ptrdiff_t n;

	(void)ctx;
	while ((n = ring_stream_read(s, buf, sizeof(buf), 0)) > 0)
		if (ring_stream_write(s, buf, (size_t)n, 0) != n)
			rig_stuck("an echo has room");
	if (events & MICROVM_STREAM_CLOSED)
		ring_stream_close(s);
	else if (!n)
		(void)ring_stream_shutdown(s);
}

static void on_bulk(void *ctx, microvm_stream *stream, unsigned events)
{
	struct ring_stream *s = (struct ring_stream *)stream;
	static const uint8_t out[65536];
	uint8_t in[16384];
	unsigned *ends = ctx;

	while (ring_stream_read(s, in, sizeof(in), 0) > 0)
		;
	while (ring_stream_write(s, out, sizeof(out), 0) > 0)
		;
	if (events & MICROVM_STREAM_CLOSED) {
		++*ends;
		ring_stream_close(s);
	}
}

static int accept_echo(void *ctx, microvm_stream *stream, uint32_t port)
{
	(void)port;
	ring_stream_set_events((struct ring_stream *)stream, on_echo, ctx);
	return 0;
}

static int accept_bulk(void *ctx, microvm_stream *stream, uint32_t port)
{
	(void)port;
	ring_stream_set_events((struct ring_stream *)stream, on_bulk, ctx);
	return 0;
}

/* ---- very many -------------------------------------------------------- */

struct crowd {
	struct rig *r;
	unsigned open;  /* to be opened by the next call */
	uint64_t words; /* each has to have, there and back */
	unsigned good, refused, waiting;
};

static void open_some(void *arg)
{
	struct crowd *c = arg;
	struct gend *g;

	for (; c->open; c->open--) {
		g = gend_open(c->r, ECHO_PORT);
		g->seed_in = g->seed_out = (uintptr_t)g;
		g->to_send = WORDS;
	}
}

static void count(struct crowd *c)
{
	const struct gend *g;

	c->good = c->refused = c->waiting = 0;
	for (g = c->r->gends; g; g = g->next) {
		if (g->closed && !g->opened)
			c->refused++;
		else if (!g->bad && !g->closed && g->got == c->words)
			c->good++;
		else
			c->waiting++;
	}
}

static bool all_have_words(void *arg)
{
	struct crowd *c = arg;

	count(c);
	return !c->waiting;
}

static void speak_again(void *arg)
{
	struct crowd *c = arg;
	struct gend *g;

	for (g = c->r->gends; g; g = g->next) {
		if (!g->closed) {
			g->to_send += WORDS;
			gend_move(g);
		}
	}
	c->words += WORDS;
}

static void leave(void *arg)
{
	struct crowd *c = arg;
	struct gend *g;

	for (g = c->r->gends; g; g = g->next) {
		if (!g->closed) {
			g->finish = true;
			gend_move(g);
		}
	}
}

/* What malloc() has given out; 0 where a sanitizer took its place. */
static size_t in_use(void)
{
	return mallinfo2().uordblks;
}

static void storm(struct crowd *c)
{
	unsigned left;

	for (left = STORM; left; left -= BURST) {
		c->open = BURST;
		rig_call(c->r, open_some, c);
	}
	rig_until(c->r, all_have_words, c, "each has bytes, or was refused");
}

static void check_crowd(struct crowd *c, unsigned good, unsigned refused)
{
	assert_int_equal(c->good, good);
	assert_int_equal(c->refused, refused);
}

static void test_very_many_streams_and_a_storm_of_more(void **state)
{
	struct link_listener *echo;
	struct crowd c = { .words = WORDS };
	size_t before, most;
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	c.r = &r;
	assert_int_equal(
		link_listen(&r.link, ECHO_PORT, accept_echo, NULL, &echo, NULL),
		0);
	before = in_use();
	c.open = MANY;
	rig_call(&r, open_some, &c);
	rig_until(&r, all_have_words, &c, "each has its bytes back");
	check_crowd(&c, MANY, 0);
	assert_int_equal(rig_stats(&r).streams_open, MANY);
	storm(&c);
	check_crowd(&c, VSOCK_CONNS, MANY + STORM - VSOCK_CONNS);
	assert_int_equal(rig_stats(&r).streams_open, VSOCK_CONNS);
	rig_call(&r, speak_again, &c);
	rig_until(&r, all_have_words, &c, "those that are open go on");
	check_crowd(&c, VSOCK_CONNS, MANY + STORM - VSOCK_CONNS);
	most = in_use();
	rig_call(&r, leave, &c);
	rig_open_is(&r, 0);
	rig_sweep(&r);
	(void)rig_stats(&r); /* what the loop was to free, it has */
	if (before)
		assert_in_range(in_use(), 0, before + (most - before) / 8);
	link_listener_close(echo);
	rig_fini(&r);
}

/* ---- drivers that vanish ---------------------------------------------- */

static void vanish(void *arg)
{
	struct rig *r = arg;

	vguest_reset(r->g);
}

static void return_at_last(void *arg)
{
	struct rig *r = arg;

	if (!vguest_is_untouched(r->g))
		rig_stuck("memory stays as it is after a reset");
	vguest_start(r->g, &r->link.device.mmio);
}

static void vanish_and_return(void *arg)
{
	vanish(arg);
	return_at_last(arg);
}

enum { SOCKS = 3, BULKS = 2 };

/* Streams both ways, cut off in the middle. */
static void live_and_die(struct rig *r, unsigned life, uint64_t *chances)
{
	static const enum hend_kind kind[SOCKS] = { HUB_IN, MAP_OUT, API_OUT };
	const struct gend model = { .seed_out = life, .to_send = UINT64_MAX };
	struct hend h[SOCKS];
	struct gend *g;
	unsigned i;

	for (i = 0; i < BULKS; i++)
		(void)rig_gend_open(r, BULK_PORT, &model);
	for (i = 0; i < SOCKS; i++)
		rig_pair(r, kind[i], &model, &h[i], &g);
	for (i = 0; i < SOCKS; i++) {
		assert_true(hend_send(&h[i], 0, 0, 1 + chance(chances, 30000),
				      4096));
		assert_true(hend_take(&h[i], life, 0,
				      1 + chance(chances, 100000), 8192));
	}
	rig_call(r, life & 1 ? vanish_and_return : vanish, r);
	for (i = 0; i < SOCKS; i++) {
		while (hend_read(&h[i], (char[8192]){ 0 }, 8192) > 0)
			;
		hend_close(&h[i]);
	}
}

static void begin_listen(void *arg)
{
	rig_listen(arg, HELD_PORT, true);
	rig_listen(arg, HELD_HUB_PORT, true);
}

static void check_held(struct rig *r, struct ring_stream *held, int hub)
{
	r->model = (struct gend){ .echo = true };
	rig_call(r, begin_listen, r);
	assert_int_equal(ring_stream_wait_open(held, RIG_MS, NULL), 0);
	assert_true(rig_hub_answers(hub));
	ring_stream_close(held);
	(void)close(hub);
}

static void test_drivers_vanish_and_come_back_all_the_time(void **state)
{
	const struct rig_options opts = { .hold_ms = RIG_MS * 10 };
	struct link_listener *bulk;
	struct ring_stream *held;
	uint64_t chances = 4;
	unsigned life, ends = 0;
	struct rig r;
	int hub;

	(void)state;
	rig_init(&r, &opts);
	assert_int_equal(link_listen(&r.link, BULK_PORT, accept_bulk, &ends,
				     &bulk, NULL),
			 0);
	assert_int_equal(link_open(&r.link, HELD_PORT, MICROVM_FOREVER, NULL,
				   NULL, &held, NULL),
			 0);
	hub = rig_dial_hub(&r, HELD_HUB_PORT);
	for (life = 0; life < LIVES; life++) {
		live_and_die(&r, life, &chances);
		rig_open_is(&r, 2); /* those that are held */
		if (!(life & 1))
			rig_call(&r, return_at_last, &r);
		rig_sweep(&r);
	}
	assert_int_equal(ends, LIVES * BULKS);
	assert_int_equal(r.downs, LIVES);
	check_held(&r, held, hub);
	rig_open_is(&r, 0);
	assert_int_equal(r.ups, LIVES + 1);
	link_listener_close(bulk);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_very_many_streams_and_a_storm_of_more),
		cmocka_unit_test(
			test_drivers_vanish_and_come_back_all_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
