/* SPDX-License-Identifier: MIT */
#include "vm/console.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

struct rig {
	struct loop loop;
	struct console con;
	atomic_uint spoke, inputs, readable, writable;
};

static void on_spoke(void *ctx)
{
	struct rig *r = ctx;

	atomic_fetch_add(&r->spoke, 1);
}

static void on_input(void *ctx)
{
	struct rig *r = ctx;

	atomic_fetch_add(&r->inputs, 1);
}

static void on_event(void *ctx, enum microvm_event e)
{
	struct rig *r = ctx;

	assert_true(loop_is_self(&r->loop));
	if (e == MICROVM_EVENT_CONSOLE_READABLE)
		atomic_fetch_add(&r->readable, 1);
	else
		atomic_fetch_add(&r->writable, 1);
	assert_true(e != MICROVM_EVENT_EXITED);
}

static struct rig *make(bool enabled)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct console_user user = { on_spoke, on_input, on_event, r };

	assert_non_null(r);
	assert_int_equal(loop_init(&r->loop, NULL), 0);
	assert_int_equal(console_init(&r->con, enabled, &r->loop, &user, NULL),
			 0);
	return r;
}

/* All events posted until now have come when this returns. */
static void settle(struct rig *r)
{
	loop_stop(&r->loop);
}

static void unmake(struct rig *r)
{
	loop_stop(&r->loop);
	console_fini(&r->con);
	loop_fini(&r->loop);
	free(r);
}

static bool put(struct rig *r, uint8_t byte)
{
	return r->con.chr.ops->put(r->con.chr.ctx, byte);
}

static int get(struct rig *r)
{
	return r->con.chr.ops->get(r->con.chr.ctx);
}

static void wait_for_room(struct rig *r)
{
	r->con.chr.ops->wait(r->con.chr.ctx);
}

static unsigned fill(struct rig *r)
{
	unsigned n = 0;

	while (put(r, (uint8_t)(n * 7)))
		n++;
	return n;
}

static void test_output_comes_in_order_and_whole(void **s)
{
	struct rig *r = make(true);
	uint8_t buf[CONSOLE_ROOM];
	unsigned i, round;

	(void)s;
	for (round = 0; round < 3; round++) { /* over the ring's end */
		assert_int_equal(fill(r), CONSOLE_ROOM);
		assert_int_equal(console_read(&r->con, buf, 1000), 1000);
		assert_int_equal(console_read(&r->con, buf + 1000, sizeof(buf)),
				 CONSOLE_ROOM - 1000);
		for (i = 0; i < CONSOLE_ROOM; i++)
			assert_int_equal(buf[i], (uint8_t)(i * 7));
		assert_int_equal(console_read(&r->con, buf, 1), 0);
		assert_true(put(r, 0));
		assert_int_equal(console_read(&r->con, buf, 9), 1);
	}
	unmake(r);
}

static void test_readable_is_told_once_per_silence(void **s)
{
	struct rig *r = make(true);

	(void)s;
	assert_true(put(r, 'a'));
	assert_true(put(r, 'b'));
	settle(r);
	assert_int_equal(r->readable, 1);
	assert_int_equal(r->spoke, 1);
	unmake(r);
}

static void test_readable_is_told_again_after_all_was_read(void **s)
{
	struct rig *r = make(true);
	uint8_t buf[8];

	(void)s;
	assert_true(put(r, 'a'));
	while (!atomic_load(&r->readable)) /* until it was told */
		;
	assert_int_equal(console_read(&r->con, buf, 8), 1);
	assert_true(put(r, 'b'));
	settle(r);
	assert_int_equal(r->readable, 2);
	unmake(r);
}

static void test_input_is_taken_while_there_is_room(void **s)
{
	struct rig *r = make(true);
	uint8_t big[CONSOLE_ROOM + 100];
	unsigned i;

	(void)s;
	for (i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 5);
	assert_int_equal(get(r), -1);
	assert_int_equal(console_write(&r->con, big, 10), 10);
	assert_int_equal(console_write(&r->con, big + 10, sizeof(big) - 10),
			 CONSOLE_ROOM - 10);
	assert_int_equal(r->inputs, 2);
	assert_int_equal(console_write(&r->con, big, 1), 0);
	assert_int_equal(r->inputs, 2); /* nothing new waits */
	for (i = 0; i < CONSOLE_ROOM; i++)
		assert_int_equal(get(r), (uint8_t)(i * 5));
	assert_int_equal(get(r), -1);
	unmake(r);
}

static void test_writable_is_told_to_who_was_turned_away(void **s)
{
	struct rig *r = make(true);
	uint8_t big[CONSOLE_ROOM + 1] = { 0 };
	unsigned i;

	(void)s;
	assert_int_equal(console_write(&r->con, big, sizeof(big)),
			 CONSOLE_ROOM);
	for (i = 0; i < CONSOLE_ROOM; i++)
		assert_int_equal(get(r), 0);
	settle(r);
	assert_int_equal(r->writable, 1); /* once, not per byte */
	unmake(r);
}

static void test_writable_is_not_told_to_who_was_served(void **s)
{
	struct rig *r = make(true);
	uint8_t big[CONSOLE_ROOM] = { 0 };
	unsigned i;

	(void)s;
	assert_int_equal(console_write(&r->con, big, sizeof(big)), sizeof(big));
	for (i = 0; i < CONSOLE_ROOM; i++)
		assert_int_equal(get(r), 0);
	settle(r);
	assert_int_equal(r->writable, 0);
	unmake(r);
}

static void test_a_writer_turned_away_is_told_even_by_a_lazy_guest(void **s)
{
	struct rig *r = make(true);
	uint8_t big[CONSOLE_ROOM + 1] = { 0 };
	unsigned i;

	(void)s;
	assert_int_equal(console_write(&r->con, big, sizeof(big)),
			 CONSOLE_ROOM);
	assert_int_equal(console_write(&r->con, big, 0), 0);
	for (i = 0; i < CONSOLE_LOW; i++)
		assert_int_equal(get(r), 0);
	settle(r);
	assert_int_equal(r->writable, 1);
	unmake(r);
}

static void test_nobody_there_means_output_is_thrown_away(void **s)
{
	struct rig *r = make(false);
	uint8_t buf[4];
	unsigned i;

	(void)s;
	for (i = 0; i < 2 * CONSOLE_ROOM; i++)
		assert_true(put(r, 'x'));
	wait_for_room(r); /* does not wait */
	assert_int_equal(console_read(&r->con, buf, 4), 0);
	assert_int_equal(console_write(&r->con, buf, 4), 0);
	assert_int_equal(get(r), -1);
	settle(r);
	assert_int_equal(r->readable, 0);
	assert_int_equal(r->spoke, 1);
	unmake(r);
}

struct guest {
	struct rig *rig;
	struct thread thread;
	atomic_uint sent;
	unsigned count;
};

/* As the UART does it. */
static void print(void *arg)
{
	struct guest *g = arg;
	unsigned i;

	for (i = 0; i < g->count; i++) {
		while (!put(g->rig, (uint8_t)(i * 7)))
			wait_for_room(g->rig);
		atomic_fetch_add(&g->sent, 1);
	}
}

static void test_a_guest_is_held_up_and_nothing_is_lost(void **s)
{
	struct rig *r = make(true);
	struct guest g = { .rig = r, .count = 5 * CONSOLE_ROOM };
	uint8_t buf[777];
	unsigned at = 0;

	(void)s;
	assert_int_equal(thread_start(&g.thread, print, &g, NULL), 0);
	while (atomic_load(&g.sent) < CONSOLE_ROOM) /* until it must wait */
		;
	while (at < g.count) {
		size_t i, n = console_read(&r->con, buf, sizeof(buf));

		for (i = 0; i < n; i++, at++)
			assert_int_equal(buf[i], (uint8_t)(at * 7));
	}
	thread_join(&g.thread);
	assert_int_equal(console_read(&r->con, buf, sizeof(buf)), 0);
	unmake(r);
}

static void test_the_end_lets_a_waiting_guest_go(void **s)
{
	struct rig *r = make(true);
	struct guest g = { .rig = r, .count = CONSOLE_ROOM + 10 };
	uint8_t buf[CONSOLE_ROOM];

	(void)s;
	assert_int_equal(thread_start(&g.thread, print, &g, NULL), 0);
	while (atomic_load(&g.sent) < CONSOLE_ROOM)
		;
	console_end(&r->con);
	thread_join(&g.thread);
	assert_true(put(r, 'x')); /* thrown away */
	assert_int_equal(console_write(&r->con, buf, 1), 0);
	/* The last words are still there. */
	assert_int_equal(console_read(&r->con, buf, sizeof(buf)), CONSOLE_ROOM);
	assert_int_equal(console_read(&r->con, buf, sizeof(buf)), 0);
	unmake(r);
}

static void test_without_a_listener_no_event_is_posted(void **s)
{
	struct console_user user = { on_spoke, on_input, NULL, NULL };
	struct rig *r = make(true);
	uint8_t big[CONSOLE_ROOM + 1] = { 0 };
	unsigned i;

	(void)s;
	user.ctx = r;
	console_fini(&r->con);
	assert_int_equal(console_init(&r->con, true, &r->loop, &user, NULL), 0);
	assert_true(put(r, 'a'));
	(void)console_write(&r->con, big, sizeof(big));
	for (i = 0; i < CONSOLE_ROOM; i++)
		(void)get(r);
	assert_false(atomic_load(&r->con.task.queued));
	unmake(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_comes_in_order_and_whole),
		cmocka_unit_test(test_readable_is_told_once_per_silence),
		cmocka_unit_test(
			test_readable_is_told_again_after_all_was_read),
		cmocka_unit_test(test_input_is_taken_while_there_is_room),
		cmocka_unit_test(test_writable_is_told_to_who_was_turned_away),
		cmocka_unit_test(test_writable_is_not_told_to_who_was_served),
		cmocka_unit_test(
			test_a_writer_turned_away_is_told_even_by_a_lazy_guest),
		cmocka_unit_test(test_nobody_there_means_output_is_thrown_away),
		cmocka_unit_test(test_a_guest_is_held_up_and_nothing_is_lost),
		cmocka_unit_test(test_the_end_lets_a_waiting_guest_go),
		cmocka_unit_test(test_without_a_listener_no_event_is_posted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
