/* SPDX-License-Identifier: MIT */
/*
 * What went wrong with vsock elsewhere, and must not here.  The cases are
 * those that users of other VMMs reported; the bytes are our own.
 */
#include "vsock/vsock.h"

#include <stdlib.h>
#include <string.h>

#include "../unit/vsock/world.h"

#include "../unit/check.h"

struct stage {
	struct world w;
	struct peer p;
	struct fake f;
};

static void begin(struct stage *t, uint32_t alloc)
{
	world_init(&t->w);
	peer_init(&t->p, &t->w, 80, 7);
	t->p.alloc = alloc;
	fake_init(&t->f);
	t->w.next = &t->f;
	peer_say(&t->p, VSOCK_OP_REQUEST, 0);
	world_run(&t->w);
	assert_string_equal(t->p.log, "r");
}

static void finish(struct stage *t)
{
	world_fini(&t->w);
	assert_int_equal(t->f.closes, 1);
	assert_false(t->w.wrong || t->p.wrong || t->f.wrong);
}

/*
 * Firecracker 5485: a write that took a part of a packet was begun again from
 * its first byte, so the receiver got that part twice.
 */
static void test_a_partial_write_goes_on_where_it_stopped(void **s)
{
	struct stage t;
	size_t chunk;

	(void)s;
	for (chunk = 1; chunk < 5000; chunk = chunk * 3 + 1) {
		begin(&t, 65536);
		t.f.chunk = chunk;
		t.f.room = 7000;
		peer_send(&t.p, 4096); /* in two pieces of memory */
		peer_send(&t.p, 4096); /* the stream stops in its midst */
		peer_send(&t.p, 4096);
		fake_room(&t.f, 100000);
		world_run(&t.w);
		assert_int_equal(t.f.taken, 3 * 4096);
		finish(&t);
	}
}

/*
 * libkrun 772: after 240 KiB both sides waited for each other's credit;
 * hyperkit 28 and 78: an update that could not be sent was forgotten.
 */
static void test_a_transfer_does_not_end_with_the_first_window(void **s)
{
	enum { TOTAL = 4 << 20 };
	struct stage t;

	(void)s;
	begin(&t, 240 * 1024);
	t.f.chunk = 1000;
	t.f.room = TOTAL;
	fake_give(&t.f, TOTAL);
	while (t.p.sent < TOTAL || t.p.got < TOTAL) {
		size_t before = t.p.sent + t.p.got;

		if (t.p.sent < TOTAL && peer_credit(&t.p) >= 4096)
			peer_send(&t.p, 4096);
		else
			peer_say(&t.p, VSOCK_OP_CREDIT_UPDATE, 0);
		(void)world_step(&t.w, 1); /* the guest is short of buffers */
		if (t.p.sent + t.p.got == before)
			world_run(&t.w);
	}
	assert_int_equal(t.f.taken, TOTAL);
	assert_int_equal(t.f.given, TOTAL);
	finish(&t);
}

static void test_an_update_waits_until_the_guest_has_room_for_it(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 65536);
	peer_send(&t.p, VSOCK_WINDOW);
	fake_room(&t.f, VSOCK_WINDOW);
	assert_int_equal(world_step(&t.w, 0), 0); /* taken; no room to say so */
	assert_int_equal(t.f.taken, VSOCK_WINDOW);
	assert_int_equal(peer_credit(&t.p), 0);
	assert_int_equal(world_step(&t.w, 1), 1);
	assert_int_equal(peer_credit(&t.p), VSOCK_WINDOW);
	finish(&t);
}

/* libkrun 267: CREDIT_REQUEST came before RESPONSE: connect() failed. */
static void test_a_response_comes_before_everything_else(void **s)
{
	struct vsock_packet out = { .n = 0 };
	struct stage t;

	(void)s;
	world_init(&t.w);
	peer_init(&t.p, &t.w, 80, 7);
	t.p.alloc = 0; /* so that we shall have to ask for credit */
	fake_init(&t.f);
	t.f.opening = true;
	t.f.give = 100;
	t.w.next = &t.f;
	peer_say(&t.p, VSOCK_OP_REQUEST, 0);
	fake_says(&t.f, STREAM_READ);
	peer_say(&t.p, VSOCK_OP_CREDIT_REQUEST, 0);
	world_run(&t.w);
	assert_string_equal(t.p.log, "");
	assert_int_equal(t.f.reads, 0);
	fake_says(&t.f, STREAM_OPEN | STREAM_READ);
	assert_int_equal(vsock_fill(t.w.v, &out, 1), 1);
	assert_int_equal(out.hdr.op, VSOCK_OP_RESPONSE);
	assert_int_equal(vsock_fill(t.w.v, &out, 1), 1);
	assert_int_equal(out.hdr.op, VSOCK_OP_CREDIT_REQUEST);
	finish(&t);
}

/*
 * The table of connections grew with every port a guest made up.  With a cap
 * those that are there must live on.
 */
static void test_a_storm_of_connects_is_bounded_and_hurts_nobody(void **s)
{
	struct fake *f = calloc(VSOCK_CONNS, sizeof(*f));
	struct vsock_stats st;
	struct stage t;
	struct peer p;
	uint32_t i;

	(void)s;
	assert_non_null(f);
	begin(&t, 65536);
	peer_init(&p, &t.w, 80, 0);
	peer_leave(&p);
	for (i = 0; i < 3 * VSOCK_CONNS; i++) {
		p.guest_port = 1000 + i;
		if (i < VSOCK_CONNS - 1) {
			fake_init(&f[i]);
			t.w.next = &f[i];
		}
		peer_say(&p, VSOCK_OP_REQUEST, 0);
		world_run(&t.w);
	}
	vsock_stats(t.w.v, &st);
	assert_int_equal(st.open, VSOCK_CONNS);
	assert_int_equal(st.refused[0], 2 * VSOCK_CONNS + 1);
	assert_int_equal(t.w.accepts, VSOCK_CONNS);
	t.f.room = 1000;
	peer_send(&t.p, 1000);
	fake_give(&t.f, 1000);
	world_run(&t.w);
	assert_int_equal(t.f.taken, 1000);
	assert_int_equal(t.p.got, 1000);
	finish(&t);
	free(f);
}

/*
 * cloud-hypervisor 8300 and many more: shutdown(SHUT_WR) by one side closed
 * the connection as a whole, and the answer was lost.
 */
static void test_a_request_that_ends_by_half_close_gets_its_answer(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 65536);
	t.f.room = 100000;
	peer_send(&t.p, 5000);
	peer_say(&t.p, VSOCK_OP_SHUTDOWN, VSOCK_SHUTDOWN_SEND);
	world_run(&t.w);
	assert_string_equal(t.f.log, "e");
	world_sleep(&t.w, 600000); /* it thinks for ten minutes */
	fake_give(&t.f, 50000);
	fake_eof(&t.f);
	world_run(&t.w);
	assert_int_equal(t.f.taken, 5000);
	assert_int_equal(t.p.got, 50000);
	assert_string_equal(t.p.log, "rd2");
	assert_string_equal(t.f.log, "eD");
	peer_say(&t.p, VSOCK_OP_SHUTDOWN, 3); /* close() */
	world_run(&t.w);
	assert_string_equal(t.p.log, "rd2x");
	finish(&t);
}

static void test_the_other_half_lives_on_after_ours_has_ended(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 65536);
	t.f.room = 100000;
	fake_give(&t.f, 10);
	fake_eof(&t.f);
	world_run(&t.w);
	assert_string_equal(t.p.log, "rd2");
	world_sleep(&t.w, 600000);
	peer_send(&t.p, 5000);
	peer_say(&t.p, VSOCK_OP_SHUTDOWN, VSOCK_SHUTDOWN_SEND);
	world_run(&t.w);
	assert_int_equal(t.f.taken, 5000);
	assert_string_equal(t.f.log, "eD");
	finish(&t);
}

/*
 * A guest that closed waits 8 s for our RST.  It must not wait for a slow
 * reader (vm0 32804: 60 s), nor may the reader miss anything.
 */
static void test_a_close_does_not_wait_for_the_reader(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 65536);
	peer_send(&t.p, 200000);
	peer_say(&t.p, VSOCK_OP_SHUTDOWN, 3);
	assert_int_equal(world_step(&t.w, 1), 1);
	assert_string_equal(t.p.log, "rx");
	world_sleep(&t.w, 60000);
	fake_room(&t.f, 1000000);
	world_run(&t.w);
	assert_int_equal(t.f.taken, 200000);
	assert_string_equal(t.f.log, "deD");
	finish(&t);
}

/*
 * A connect that came before the guest listened (or before it had booted) was
 * dropped: Firecracker 1253, cloud-hypervisor 497, kata 1917.
 */
static void test_a_connect_waits_until_the_guest_listens(void **s)
{
	struct stage t;
	unsigned i;

	(void)s;
	world_init(&t.w);
	vsock_online(t.w.v, false); /* it boots */
	fake_init(&t.f);
	peer_init(&t.p, &t.w, VSOCK_EPHEMERAL, 1024);
	assert_int_equal(vsock_connect(t.w.v, 1024, fake_stream(&t.f),
				       t.w.now + UINT64_C(60000000000), NULL),
			 0);
	fake_give(&t.f, 100);
	world_sleep(&t.w, 20000);
	assert_string_equal(t.p.log, "");
	vsock_online(t.w.v, true);
	for (i = 0; i < 20; i++) { /* nobody listens yet */
		world_run(&t.w);
		peer_say(&t.p, VSOCK_OP_RST, 0);
		world_sleep(&t.w, 250);
	}
	assert_string_equal(t.f.log, "");
	peer_say(&t.p, VSOCK_OP_RESPONSE, 0);
	world_run(&t.w);
	assert_string_equal(t.f.log, "o");
	assert_int_equal(t.p.got, 100);
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_partial_write_goes_on_where_it_stopped),
		cmocka_unit_test(
			test_a_transfer_does_not_end_with_the_first_window),
		cmocka_unit_test(
			test_an_update_waits_until_the_guest_has_room_for_it),
		cmocka_unit_test(test_a_response_comes_before_everything_else),
		cmocka_unit_test(
			test_a_storm_of_connects_is_bounded_and_hurts_nobody),
		cmocka_unit_test(
			test_a_request_that_ends_by_half_close_gets_its_answer),
		cmocka_unit_test(
			test_the_other_half_lives_on_after_ours_has_ended),
		cmocka_unit_test(test_a_close_does_not_wait_for_the_reader),
		cmocka_unit_test(test_a_connect_waits_until_the_guest_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
