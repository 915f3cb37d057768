/* SPDX-License-Identifier: MIT */
#include "guest/common/loop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../check.h"

enum { MANY = 200 };

struct rig {
	struct loop loop;
	struct loop_watch watch[2];
	struct loop_timer timer[MANY];
	unsigned fired, order[MANY], ready;
};

static struct rig *rig_new(void)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_int_equal(loop_init(&r->loop), 0);
	return r;
}

static void rig_free(struct rig *r)
{
	loop_fini(&r->loop);
	free(r);
}

struct entry {
	struct rig *rig;
	unsigned id, last;
};

static void fire(void *ctx)
{
	struct entry *e = ctx;
	struct rig *r = e->rig;

	r->order[r->fired++] = e->id;
	if (r->fired == e->last)
		r->loop.stop = true;
}

static void test_timers_fire_in_order_of_their_time(void **s)
{
	static const unsigned ms[] = { 3, 1, 2, 1, 0 };
	static const unsigned want[] = { 4, 1, 3, 2, 0 };
	struct rig *r = rig_new();
	struct entry e[5];
	unsigned i;

	(void)s;
	for (i = 0; i < 5; i++) {
		e[i] = (struct entry){ r, i, 5 };
		loop_timer_init(&r->timer[i], fire, &e[i]);
	}
	for (i = 0; i < 5; i++)
		loop_arm(&r->loop, &r->timer[i], ms[i] * 20);
	assert_int_equal(loop_run(&r->loop), 0);
	assert_memory_equal(r->order, want, sizeof(want));
	rig_free(r);
}

static void test_a_disarmed_timer_does_not_fire(void **s)
{
	struct rig *r = rig_new();
	struct entry e[2] = { { r, 0, 1 }, { r, 1, 1 } };

	(void)s;
	loop_timer_init(&r->timer[0], fire, &e[0]);
	loop_timer_init(&r->timer[1], fire, &e[1]);
	loop_arm(&r->loop, &r->timer[0], 0);
	loop_arm(&r->loop, &r->timer[1], 5);
	loop_disarm(&r->timer[0]);
	loop_disarm(&r->timer[0]);
	assert_int_equal(loop_run(&r->loop), 0);
	assert_int_equal(r->fired, 1);
	assert_int_equal(r->order[0], 1);
	rig_free(r);
}

static void ready(void *ctx, unsigned events)
{
	struct rig *r = ctx;

	assert_true(events & LOOP_IN);
	r->ready++;
	(void)loop_remove(&r->loop, &r->watch[0]);
	(void)loop_remove(&r->loop, &r->watch[1]);
	r->loop.stop = true;
}

static void test_one_removed_in_the_same_round_is_not_called(void **s)
{
	struct rig *r = rig_new();
	int fd[2], i;

	(void)s;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	for (i = 0; i < 2; i++) {
		loop_watch_init(&r->watch[i], ready, r);
		assert_int_equal(send(fd[i], "x", 1, 0), 1);
		assert_true(loop_add(&r->loop, &r->watch[i], fd[i], LOOP_IN));
	}
	assert_int_equal(loop_run(&r->loop), 0);
	assert_int_equal(r->ready, 1);
	assert_int_equal(loop_remove(&r->loop, &r->watch[0]), -1);
	(void)close(fd[0]);
	(void)close(fd[1]);
	rig_free(r);
}

static void test_a_parked_descriptor_is_silent_until_wanted(void **s)
{
	struct rig *r = rig_new();
	struct entry e = { r, 0, 1 };
	int fd[2];

	(void)s;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	loop_watch_init(&r->watch[0], ready, r);
	loop_watch_init(&r->watch[1], ready, r);
	assert_true(loop_add(&r->loop, &r->watch[0], fd[0], LOOP_IN));
	assert_int_equal(send(fd[1], "x", 1, 0), 1);
	assert_int_equal(close(fd[1]), 0);
	loop_park(&r->loop, &r->watch[0]);
	loop_timer_init(&r->timer[0], fire, &e);
	loop_arm(&r->loop, &r->timer[0], 10);
	assert_int_equal(loop_run(&r->loop), 0);
	assert_int_equal(r->ready, 0);
	assert_true(loop_want(&r->loop, &r->watch[0], LOOP_IN));
	r->loop.stop = false;
	assert_int_equal(loop_run(&r->loop), 0);
	assert_int_equal(r->ready, 1);
	(void)close(fd[0]);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timers_fire_in_order_of_their_time),
		cmocka_unit_test(test_a_disarmed_timer_does_not_fire),
		cmocka_unit_test(
			test_one_removed_in_the_same_round_is_not_called),
		cmocka_unit_test(
			test_a_parked_descriptor_is_silent_until_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
