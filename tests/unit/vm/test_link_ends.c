/* SPDX-License-Identifier: MIT */
/*
 * test_link_ends.c - how connections end, over every kind of host's end: who
 * ends first, who is slow, and how much lies between.
 *
 *	test-vm-link-ends [SECONDS]     stall as long too, by the clock
 *
 * Slow is who reads nothing until the other side has said everything and
 * ended; how long that takes makes no difference as long as no timer runs for
 * the connection, and that is looked at.
 */
#include "link_rig.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container.h"

enum { PIECE = 64 * 1024, SEED_IN = 11, SEED_OUT = 12 };

/*
 * Much: more than a stream or a socket holds, and not more than fits between
 * two that do not read.  To the guest that is its window and what the host's
 * end holds, from it the window alone: how much of that the host's end has
 * taken, the guest is told only by half windows.
 */
enum { NONE = 0, SOME = 1000, MUCH_OUT = 300 * 1024, MUCH_IN = 256 * 1024 };

static int stall_ms; /* of main() alone */

enum order { HOST_FIRST, GUEST_FIRST, ORDERS };
enum slow { NOBODY, HOST_SLOW, GUEST_SLOW, BOTH_SLOW, SLOWS };

struct ending {
	enum hend_kind kind;
	enum order order;
	enum slow slow;
	uint64_t out, in; /* to the guest, from it */
};

struct scene {
	struct rig *r;
	struct ending e;
	struct hend h;
	struct gend *g;
};

static void explain(const struct ending *e)
{
	static const char *const first[] = { "the host", "the guest" };
	static const char *const slow[] = { "nobody", "the host", "the guest",
					    "both" };

	print_error("%s; %s ends first, %s slow; %u bytes to the guest, "
		    "%u from it\n",
		    hend_name[e->kind], first[e->order], slow[e->slow],
		    (unsigned)e->out, (unsigned)e->in);
}

#define CHECK(s, expr)                     \
	do {                               \
		if (!(expr)) {             \
			explain(&(s)->e);  \
			assert_true(expr); \
		}                          \
	} while (0)

static void host_says(const struct scene *s)
{
	CHECK(s, hend_send(&s->h, SEED_IN, 0, s->e.out, PIECE));
	hend_shutdown(&s->h);
}

static void guest_says(const struct scene *s)
{
	gend_set_send(s->g, s->e.in, true);
	rig_until(s->r, gend_has_sent, s->g, "the guest has said everything");
}

static void host_hears(const struct scene *s)
{
	CHECK(s, hend_take(&s->h, SEED_OUT, 0, s->e.in, PIECE));
	CHECK(s, hend_at_end(&s->h));
}

static void guest_hears(const struct scene *s)
{
	struct gend seen;

	gend_set_stall(s->g, false);
	rig_until(s->r, gend_has_ended, s->g, "the guest hears the end");
	seen = gend_look(s->g);
	CHECK(s, seen.ended && !seen.bad && seen.got == s->e.out);
}

static void wait_long(const struct scene *s)
{
	CHECK(s, rig_timers(s->r) == 0);
	if (stall_ms) /* the long form: as a program that does not look */
		(void)poll(NULL, 0, stall_ms);
}

/* Both halves, one after the other, then the close. */
static void play(struct scene *s)
{
	bool host_slow = s->e.slow == HOST_SLOW || s->e.slow == BOTH_SLOW;
	bool guest_slow = s->e.slow == GUEST_SLOW || s->e.slow == BOTH_SLOW;
	const struct gend model = { .seed_in = SEED_IN,
				    .seed_out = SEED_OUT,
				    .stall = guest_slow };

	rig_pair(s->r, s->e.kind, &model, &s->h, &s->g);
	if (s->e.order == HOST_FIRST) {
		host_says(s);
		if (!guest_slow)
			guest_hears(s);
		guest_says(s);
		if (!host_slow)
			host_hears(s);
	} else {
		guest_says(s);
		if (!host_slow)
			host_hears(s);
		host_says(s);
		if (!guest_slow)
			guest_hears(s);
	}
	if (s->e.slow != NOBODY)
		wait_long(s);
	if (guest_slow)
		guest_hears(s);
	rig_until(s->r, gend_is_closed, s->g, "the guest's end is closed");
	if (host_slow) {
		/* The guest is done with it, its port is free: only we wait. */
		wait_long(s);
		host_hears(s);
	}
	CHECK(s, !gend_look(s->g).reset);
	hend_close(&s->h);
}

static void all_of(enum hend_kind kind)
{
	static const uint64_t out[] = { NONE, SOME, MUCH_OUT };
	static const uint64_t in[] = { NONE, SOME, MUCH_IN };
	struct scene s = { .e.kind = kind };
	unsigned i, k;
	struct rig r;

	rig_init(&r, NULL);
	s.r = &r;
	for (s.e.order = HOST_FIRST; s.e.order < ORDERS; s.e.order++) {
		for (s.e.slow = NOBODY; s.e.slow < SLOWS; s.e.slow++) {
			for (i = 0; i < LEN(out); i++) {
				for (k = 0; k < LEN(in); k++) {
					s.e.out = out[i];
					s.e.in = in[k];
					play(&s);
				}
			}
		}
	}
	rig_open_is(&r, 0);
	rig_sweep(&r);
	rig_fini(&r);
}

static void test_halves_end_apart_over_the_hub(void **state)
{
	(void)state;
	all_of(HUB_OUT);
}

static void test_halves_end_apart_over_a_mapped_port(void **state)
{
	(void)state;
	all_of(MAP_OUT);
}

static void test_halves_end_apart_over_the_embedder(void **state)
{
	(void)state;
	all_of(API_OUT);
}

static void test_halves_end_apart_when_the_guest_came_by_a_path(void **state)
{
	(void)state;
	all_of(HUB_IN);
}

static void test_halves_end_apart_when_the_guest_came_by_tcp(void **state)
{
	(void)state;
	all_of(MAP_IN);
}

static void test_halves_end_apart_when_the_guest_came_to_us(void **state)
{
	(void)state;
	all_of(API_IN);
}

/* ---- all at once ------------------------------------------------------ */

/* The guest says everything and closes, as a program that exits. */
static void leave_guest(struct rig *r, enum hend_kind kind, uint64_t len)
{
	const struct gend model = { .seed_out = SEED_OUT, .to_send = len };
	struct scene s = { .r = r, .e = { .kind = kind, .in = len } };

	rig_pair(r, kind, &model, &s.h, &s.g);
	rig_until(r, gend_has_sent, s.g, "the guest has said everything");
	gend_close(s.g);
	rig_until(r, gend_is_closed, s.g, "its port is free");
	wait_long(&s);
	host_hears(&s);
	CHECK(&s, !gend_look(s.g).reset);
	hend_close(&s.h);
}

static void test_what_a_guest_said_before_it_left_is_read_late(void **state)
{
	static const uint64_t lens[] = { NONE, SOME, MUCH_IN };
	enum hend_kind kind;
	struct rig r;
	unsigned i;

	(void)state;
	rig_init(&r, NULL);
	for (kind = HUB_OUT; kind < HEND_KINDS; kind++)
		for (i = 0; i < LEN(lens); i++)
			leave_guest(&r, kind, lens[i]);
	rig_open_is(&r, 0);
	rig_fini(&r);
}

/* The host says everything and closes; the guest reads later. */
static void leave_host(struct rig *r, enum hend_kind kind, uint64_t len)
{
	const struct gend model = { .seed_in = SEED_IN, .stall = true };
	struct scene s = { .r = r, .e = { .kind = kind, .out = len } };

	rig_pair(r, kind, &model, &s.h, &s.g);
	CHECK(&s, hend_send(&s.h, SEED_IN, 0, len, PIECE));
	hend_close(&s.h);
	if (len > VGUEST_WINDOW) /* else it may have closed, and agrees */
		wait_long(&s);
	guest_hears(&s);
	/* It has nothing to say: it ends too. */
	gend_set_send(s.g, 0, true);
	rig_until(r, gend_is_closed, s.g, "the guest's end is closed");
}

static void test_what_a_host_said_before_it_left_is_read_late(void **state)
{
	static const uint64_t lens[] = { NONE, SOME, MUCH_OUT };
	enum hend_kind kind;
	struct rig r;
	unsigned i;

	(void)state;
	rig_init(&r, NULL);
	for (kind = HUB_OUT; kind < HEND_KINDS; kind++)
		for (i = 0; i < LEN(lens); i++)
			leave_host(&r, kind, lens[i]);
	rig_open_is(&r, 0);
	rig_fini(&r);
}

/* ---- by the clock ----------------------------------------------------- */

/* Longer than the 8 s that Linux, and the 10 s that we, wait for a close. */
static void test_a_stall_by_the_clock_loses_nothing(void **state)
{
	struct scene s = {
		.e = { .slow = BOTH_SLOW, .out = MUCH_OUT, .in = MUCH_IN }
	};
	struct rig r;
	int ms;

	ms = *(const int *)*state;
	if (!ms)
		return; /* the short form: test_halves_end_apart_...() */
	stall_ms = ms;
	rig_init(&r, NULL);
	s.r = &r;
	for (s.e.kind = HUB_OUT; s.e.kind < HEND_KINDS; s.e.kind++) {
		s.e.order = s.e.kind & 1 ? GUEST_FIRST : HOST_FIRST;
		play(&s);
		leave_guest(&r, s.e.kind, MUCH_IN);
		leave_host(&r, s.e.kind, MUCH_OUT);
	}
	rig_open_is(&r, 0);
	rig_fini(&r);
	stall_ms = 0;
}

int main(int argc, char **argv)
{
	static int ms;
	void *state = &ms;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_halves_end_apart_over_the_hub),
		cmocka_unit_test(test_halves_end_apart_over_a_mapped_port),
		cmocka_unit_test(test_halves_end_apart_over_the_embedder),
		cmocka_unit_test(
			test_halves_end_apart_when_the_guest_came_by_a_path),
		cmocka_unit_test(
			test_halves_end_apart_when_the_guest_came_by_tcp),
		cmocka_unit_test(
			test_halves_end_apart_when_the_guest_came_to_us),
		cmocka_unit_test(
			test_what_a_guest_said_before_it_left_is_read_late),
		cmocka_unit_test(
			test_what_a_host_said_before_it_left_is_read_late),
		{ .name = "test_a_stall_by_the_clock_loses_nothing",
		  .test_func = test_a_stall_by_the_clock_loses_nothing,
		  .initial_state = state },
	};

	if (argc > 1)
		ms = (int)strtol(argv[1], NULL, 10) * 1000;
	/* Without it the last one would be a test that cannot fail. */
	return _cmocka_run_group_tests("ends", tests, LEN(tests) - (ms == 0),
				       NULL, NULL);
}
