/* SPDX-License-Identifier: MIT */
#include "vsock/vsock.h"

#include <limits.h>
#include <string.h>

#include "world.h"

#include "../check.h"

struct stage {
	struct world w;
	struct peer p;
	struct fake f;
};

static void begin(struct stage *t)
{
	world_init(&t->w);
	peer_init(&t->p, &t->w, 80, 7);
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

static size_t buffered(const struct stage *t)
{
	struct vsock_stats st;

	vsock_stats(t->w.v, &st);
	return st.buffered;
}

static void test_bytes_are_offered_at_once_and_the_rest_kept(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	t.f.room = 600;
	peer_send(&t.p, 1000);
	assert_int_equal(t.f.taken, 600);
	assert_int_equal(buffered(&t), 400);
	peer_send(&t.p, 500); /* not past what waits */
	assert_int_equal(buffered(&t), 900);
	fake_room(&t.f, 850);
	world_run(&t.w);
	assert_int_equal(t.f.taken, 1450);
	assert_int_equal(buffered(&t), 50);
	fake_room(&t.f, 1000);
	world_run(&t.w);
	assert_int_equal(t.f.taken, 1500);
	peer_send(&t.p, 100); /* directly again */
	assert_int_equal(t.f.taken, 1600);
	finish(&t);
}

static void test_a_stream_that_has_no_room_is_not_asked_in_vain(void **s)
{
	struct stage t;
	unsigned i;

	(void)s;
	begin(&t);
	for (i = 0; i < 10; i++)
		peer_send(&t.p, 100);
	world_run(&t.w);
	assert_int_equal(t.f.writes, 1);
	assert_int_equal(t.f.reads, 1);
	finish(&t);
}

static void test_a_stream_may_take_one_byte_at_a_time(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	t.f.chunk = 1;
	t.f.room = 3000;
	peer_send(&t.p, 1000);
	assert_int_equal(t.f.taken, 1000);
	t.f.room = 0;
	peer_send(&t.p, 1000);
	fake_room(&t.f, 5000);
	world_run(&t.w);
	assert_int_equal(t.f.taken, 2000);
	fake_give(&t.f, 100);
	world_run(&t.w);
	assert_int_equal(t.p.got, 100);
	finish(&t);
}

static void test_news_are_acted_upon_later(void **s)
{
	struct stage t;
	unsigned wakes;

	(void)s;
	begin(&t);
	peer_send(&t.p, 100);
	wakes = t.w.wakes;
	fake_give(&t.f, 100);
	fake_room(&t.f, 100);
	fake_says(&t.f, STREAM_BROKEN);
	assert_int_equal(t.f.reads, 1);
	assert_int_equal(t.f.writes, 1);
	assert_int_equal(t.f.closes, 0);
	assert_true(t.w.wakes > wakes);
	world_run(&t.w);
	assert_int_equal(t.f.closes, 1);
	finish(&t);
}

static void test_a_stream_is_served_while_the_guest_has_no_room(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	peer_send(&t.p, 100);
	fake_room(&t.f, 100);
	assert_int_equal(world_step(&t.w, 0), 0);
	assert_int_equal(t.f.taken, 100);
	finish(&t);
}

/* ... and asks for it each time: our calls must come back all the same. */
static void test_a_stream_that_cannot_wait_does_not_hold_us(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	t.f.sloppy = UINT_MAX;
	fake_says(&t.f, STREAM_READ);
	assert_int_equal(world_step(&t.w, WORLD_BATCH), 0);
	assert_int_equal(world_step(&t.w, WORLD_BATCH), 0);
	peer_send(&t.p, 100);
	assert_int_equal(world_step(&t.w, WORLD_BATCH), 0);
	t.f.sloppy = 0;
	fake_room(&t.f, 100);
	world_run(&t.w);
	assert_int_equal(t.f.taken, 100);
	finish(&t);
}

static void test_a_deaf_stream_does_not_block_the_guest(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	peer_send(&t.p, VSOCK_WINDOW);
	fake_says(&t.f, STREAM_DEAF);
	world_run(&t.w);
	assert_int_equal(buffered(&t), 0);
	assert_int_equal(peer_credit(&t.p), VSOCK_WINDOW);
	peer_send(&t.p, VSOCK_WINDOW); /* it had not heard */
	world_run(&t.w);
	assert_int_equal(peer_credit(&t.p), VSOCK_WINDOW);
	assert_int_equal(t.f.taken, 0);
	finish(&t);
}

static void test_what_was_not_taken_is_told_to_nobody(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	t.f.room = 100;
	peer_send(&t.p, 1000);
	peer_say(&t.p, VSOCK_OP_CREDIT_REQUEST, 0);
	world_run(&t.w);
	assert_int_equal(t.p.host_taken, 100);
	assert_int_equal(peer_credit(&t.p), VSOCK_WINDOW - 900);
	finish(&t);
}

static void test_credit_comes_back_with_half_a_window(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	t.f.room = VSOCK_WINDOW / 2 - 1;
	peer_send(&t.p, VSOCK_WINDOW);
	world_run(&t.w);
	assert_string_equal(t.p.log, "r");
	assert_int_equal(peer_credit(&t.p), 0);
	fake_room(&t.f, 1);
	world_run(&t.w);
	assert_string_equal(t.p.log, "ru");
	assert_int_equal(peer_credit(&t.p), VSOCK_WINDOW / 2);
	finish(&t);
}

static void test_a_stream_that_lies_is_broken(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	t.f.lies = true;
	t.f.room = 1000;
	peer_send(&t.p, 100);
	world_run(&t.w);
	assert_string_equal(t.p.log, "rx");
	assert_string_equal(t.f.log, "R");
	finish(&t);
	begin(&t);
	t.f.lies = true;
	fake_give(&t.f, 1000000);
	world_run(&t.w);
	assert_string_equal(t.p.log, "rx");
	assert_string_equal(t.f.log, "R");
	finish(&t);
}

/* A reader that stalls for an hour; its writer was gone in no time. */
static void test_a_slow_reader_gets_all_while_the_ports_are_reused(void **s)
{
	struct fake second;
	struct stage t;

	(void)s;
	begin(&t);
	peer_send(&t.p, 100000);
	peer_say(&t.p, VSOCK_OP_SHUTDOWN, 3);
	world_run(&t.w);
	assert_string_equal(t.p.log, "rx");
	world_sleep(&t.w, 3600000);

	/* The same two ports, and reset at that. */
	fake_init(&second);
	t.w.next = &second;
	second.room = 5;
	t.p.sent = 0;
	peer_say(&t.p, VSOCK_OP_REQUEST, 0);
	peer_send(&t.p, 10);
	peer_say(&t.p, VSOCK_OP_RST, 0);
	world_run(&t.w);
	assert_int_equal(second.closes, 1);
	assert_int_equal(second.taken, 5);

	t.f.chunk = 777;
	fake_room(&t.f, 1000000);
	world_run(&t.w);
	assert_int_equal(t.f.taken, 100000);
	assert_string_equal(t.f.log, "deD");
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_bytes_are_offered_at_once_and_the_rest_kept),
		cmocka_unit_test(
			test_a_stream_that_has_no_room_is_not_asked_in_vain),
		cmocka_unit_test(test_a_stream_may_take_one_byte_at_a_time),
		cmocka_unit_test(test_news_are_acted_upon_later),
		cmocka_unit_test(
			test_a_stream_is_served_while_the_guest_has_no_room),
		cmocka_unit_test(
			test_a_stream_that_cannot_wait_does_not_hold_us),
		cmocka_unit_test(test_a_deaf_stream_does_not_block_the_guest),
		cmocka_unit_test(test_what_was_not_taken_is_told_to_nobody),
		cmocka_unit_test(test_credit_comes_back_with_half_a_window),
		cmocka_unit_test(test_a_stream_that_lies_is_broken),
		cmocka_unit_test(
			test_a_slow_reader_gets_all_while_the_ports_are_reused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
