/* SPDX-License-Identifier: MIT */
#include "guest/common/bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../check.h"

/* near[0] - far ends of the test - near[1], with the bridge between them. */
struct rig {
	struct loop loop;
	struct loop_timer tick;
	struct bridge bridge;
	int far[2];
	bool over, take;
	enum bridge_why why;
	char tapped[64];
	size_t taps;
};

static void over(void *ctx, enum bridge_why why)
{
	struct rig *r = ctx;

	r->over = true;
	r->why = why;
}

static void stop(void *ctx)
{
	struct rig *r = ctx;

	r->loop.stop = true;
}

static bool tap(void *ctx, unsigned from, const uint8_t *p, size_t len)
{
	struct rig *r = ctx;

	assert_true(len < sizeof(r->tapped) - r->taps);
	memcpy(r->tapped + r->taps, p, len);
	r->taps += len;
	bridge_push(&r->bridge, from, (const uint8_t *)"<", 1);
	bridge_push(&r->bridge, from, p, len);
	return r->take;
}

static struct rig *rig_new(bool tapped)
{
	struct rig *r = calloc(1, sizeof(*r));
	const struct bridge_user user = { tapped ? tap : NULL, over, r };
	int fd[2][2], i;

	assert_non_null(r);
	assert_int_equal(loop_init(&r->loop), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(socketpair(AF_UNIX,
					    SOCK_STREAM | SOCK_NONBLOCK, 0,
					    fd[i]),
				 0);
		r->far[i] = fd[i][0];
	}
	loop_timer_init(&r->tick, stop, r);
	assert_true(
		bridge_start(&r->bridge, &r->loop, fd[0][1], fd[1][1], &user));
	return r;
}

static void rig_free(struct rig *r)
{
	int i;

	if (!r->over)
		bridge_close(&r->bridge, false);
	for (i = 0; i < 2; i++)
		if (r->far[i] >= 0)
			(void)close(r->far[i]);
	loop_fini(&r->loop);
	free(r);
}

/* Let it work until nothing is left to do. */
static void settle(struct rig *r)
{
	r->loop.stop = false;
	loop_arm(&r->loop, &r->tick, 5);
	assert_int_equal(loop_run(&r->loop), 0);
}

static void expect(struct rig *r, int end, const char *text)
{
	char got[64];
	ssize_t n = recv(r->far[end], got, sizeof(got), 0);

	assert_int_equal(n, strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

static void say(struct rig *r, int end, const char *text)
{
	assert_int_equal(send(r->far[end], text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
	settle(r);
}

static void test_both_ways_and_each_end_once(void **s)
{
	struct rig *r = rig_new(false);

	(void)s;
	say(r, 0, "there");
	expect(r, 1, "there");
	say(r, 1, "back");
	expect(r, 0, "back");
	assert_int_equal(shutdown(r->far[0], SHUT_WR), 0);
	settle(r);
	expect(r, 1, "");
	assert_false(r->over);
	say(r, 1, "still");
	expect(r, 0, "still");
	assert_int_equal(shutdown(r->far[1], SHUT_WR), 0);
	settle(r);
	assert_true(r->over);
	assert_int_equal(r->why, BRIDGE_DONE);
	expect(r, 0, "");
	rig_free(r);
}

static void test_a_close_amid_it_is_a_reset_unless_gentle(void **s)
{
	struct rig *r;
	int gentle;

	(void)s;
	for (gentle = 0; gentle < 2; gentle++) {
		r = rig_new(false);
		r->bridge.gentle = gentle;
		assert_int_equal(send(r->far[1], "bye", 3, 0), 3);
		assert_int_equal(close(r->far[1]), 0);
		r->far[1] = -1;
		settle(r);
		assert_true(r->over);
		assert_int_equal(r->why, gentle ? BRIDGE_DONE : BRIDGE_RESET);
		expect(r, 0, "bye");
		rig_free(r);
	}
}

static void test_one_who_hears_nothing_stops_the_other(void **s)
{
	static char block[65536];
	struct rig *r = rig_new(false);
	size_t sent = 0, got = 0;
	ssize_t n;
	int idle;

	(void)s;
	for (idle = 0; idle < 2; idle++) {
		while ((n = send(r->far[0], block, sizeof(block),
				 MSG_NOSIGNAL)) > 0) {
			sent += (size_t)n;
			idle = 0;
		}
		settle(r);
	}
	assert_true(sent < 4 << 20); /* the buffers of two sockets, and ours */
	assert_int_equal(shutdown(r->far[0], SHUT_WR), 0);
	for (idle = 0; idle < 100 && got < sent; idle++) {
		while ((n = recv(r->far[1], block, sizeof(block), 0)) > 0)
			got += (size_t)n;
		settle(r);
	}
	assert_int_equal(got, sent);
	assert_int_equal(recv(r->far[1], block, 1, 0), 0);
	rig_free(r);
}

static void test_a_limit_drops_what_comes_after(void **s)
{
	struct rig *r = rig_new(false);

	(void)s;
	r->bridge.end[0].left = 5;
	say(r, 0, "abc");
	say(r, 0, "defgh");
	say(r, 0, "ijk");
	expect(r, 1, "abcde");
	assert_int_equal(shutdown(r->far[0], SHUT_WR), 0);
	settle(r);
	expect(r, 1, "");
	rig_free(r);
}

static void test_a_tap_says_what_goes_on(void **s)
{
	struct rig *r = rig_new(true);

	(void)s;
	bridge_push(&r->bridge, 1, (const uint8_t *)"first ", 6);
	bridge_go(&r->bridge);
	say(r, 1, "x");
	expect(r, 0, "first <x");
	r->bridge.user.tap = NULL;
	say(r, 1, "y");
	expect(r, 0, "y");
	assert_memory_equal(r->tapped, "x", 1);
	rig_free(r);
}

static void test_a_tap_may_take_the_sockets(void **s)
{
	struct rig *r = rig_new(true);
	int fd[2];

	(void)s;
	r->take = true;
	say(r, 1, "take");
	assert_true(r->over);
	assert_int_equal(r->why, BRIDGE_TAKEN);
	bridge_detach(&r->bridge, fd);
	expect(r, 0, "<take");
	assert_int_equal(send(fd[0], "mine", 4, 0), 4);
	expect(r, 0, "mine");
	assert_int_equal(close(fd[0]), 0);
	assert_int_equal(close(fd[1]), 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways_and_each_end_once),
		cmocka_unit_test(test_a_close_amid_it_is_a_reset_unless_gentle),
		cmocka_unit_test(test_one_who_hears_nothing_stops_the_other),
		cmocka_unit_test(test_a_limit_drops_what_comes_after),
		cmocka_unit_test(test_a_tap_says_what_goes_on),
		cmocka_unit_test(test_a_tap_may_take_the_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
