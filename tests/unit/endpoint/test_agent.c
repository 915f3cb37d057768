/* SPDX-License-Identifier: MIT */
#include "endpoint/agent.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "rig.h"

struct bench {
	struct rig rig;
	struct agent *a;
	uint64_t wall;
	unsigned hellos, statuses, status;
};

static void on_hello(void *ctx)
{
	((struct bench *)ctx)->hellos++;
}

static void on_status(void *ctx, unsigned status)
{
	struct bench *b = ctx;

	b->statuses++;
	b->status = status;
}

static uint64_t wall(void *ctx)
{
	return ((struct bench *)ctx)->wall;
}

static void setup(struct bench *b)
{
	const struct agent_user user = { on_hello, on_status, wall, b };

	*b = (struct bench){ .wall = UINT64_C(1700000000000000042) };
	rig_init(&b->rig);
	assert_int_equal(agent_new(&b->rig.place, &user, &b->a, NULL), 0);
}

static void teardown(struct bench *b)
{
	agent_close(b->a);
	agent_close(NULL);
	rig_fini(&b->rig);
}

#define TIME "time 1700000000 42\n"

/* An init that has said hello, and heard the time. */
static struct gconn *hello(struct bench *b)
{
	struct gconn *c = gconn_connect(&b->rig, PLACE_AGENT_PORT);

	gconn_say(c, "hello 1\n");
	RUN_UNTIL(&b->rig, bytes_are(&c->in, TIME));
	return c;
}

/* All it has said is taken, and what that leads to has happened. */
static void said(struct bench *b, struct gconn *c)
{
	RUN_UNTIL(&b->rig, c->sent == c->out.len);
	(void)uv_run(&b->rig.loop, UV_RUN_NOWAIT);
}

static void test_init_says_hello_and_hears_the_time(void **s)
{
	struct bench b;
	struct gconn *c;

	(void)s;
	setup(&b);
	c = hello(&b);
	assert_int_equal(b.hellos, 1);
	b.wall += 1000000000;
	agent_set_time(b.a);
	RUN_UNTIL(&b.rig, bytes_are(&c->in, TIME "time 1700000001 42\n"));
	teardown(&b);
}

static void test_the_status_is_told_once(void **s)
{
	struct bench b;
	struct gconn *c;

	(void)s;
	setup(&b);
	c = hello(&b);
	gconn_say(c, "exit 255\nexit 3\n");
	said(&b, c);
	assert_int_equal(b.statuses, 1);
	assert_int_equal(b.status, 255);
	c = hello(&b);
	gconn_say(c, "exit 4\n");
	said(&b, c);
	assert_int_equal(b.statuses, 1);
	teardown(&b);
}

static void test_lines_it_does_not_know_are_ignored(void **s)
{
	struct bench b;
	struct gconn *c;

	(void)s;
	setup(&b);
	c = hello(&b);
	gconn_say(c, "exit 256\nexit -1\nexit\nexit 1 2\nEXIT 1\n\nweather\n"
		     "hello 1\n");
	said(&b, c);
	assert_int_equal(b.statuses, 0);
	assert_int_equal(b.hellos, 1);
	assert_false(c->over);
	gconn_say(c, "exit 7\r\n");
	said(&b, c);
	assert_int_equal(b.status, 7);
	teardown(&b);
}

static void test_a_stop_waits_for_hello(void **s)
{
	struct bench b;
	struct gconn *c;

	(void)s;
	setup(&b);
	agent_stop(b.a);
	agent_set_time(b.a);
	c = gconn_connect(&b.rig, PLACE_AGENT_PORT);
	gconn_say(c, "hello 1\n");
	RUN_UNTIL(&b.rig, bytes_are(&c->in, TIME "stop\n"));
	teardown(&b);
}

static void test_a_stop_comes_at_once_to_who_has_said_hello(void **s)
{
	struct bench b;
	struct gconn *c;

	(void)s;
	setup(&b);
	c = hello(&b);
	agent_stop(b.a);
	RUN_UNTIL(&b.rig, bytes_are(&c->in, TIME "stop\n"));
	teardown(&b);
}

static void test_the_latest_hello_is_the_agent(void **s)
{
	struct bench b;
	struct gconn *old, *new;

	(void)s;
	setup(&b);
	old = hello(&b);
	new = hello(&b);
	assert_int_equal(b.hellos, 2);
	agent_stop(b.a);
	RUN_UNTIL(&b.rig, bytes_are(&new->in, TIME "stop\n"));
	assert_true(bytes_are(&old->in, TIME));
	gconn_say(old, "exit 1\n");
	said(&b, old);
	assert_int_equal(b.statuses, 0);
	gconn_say(new, "exit 2\n");
	said(&b, new);
	assert_int_equal(b.status, 2);
	teardown(&b);
}

static void test_an_agent_that_left_is_told_nothing(void **s)
{
	struct bench b;
	struct gconn *c;

	(void)s;
	setup(&b);
	c = hello(&b);
	gconn_shutdown(c, VSOCK_SHUTDOWN_SEND);
	RUN_UNTIL(&b.rig, c->heard & VSOCK_SHUTDOWN_SEND);
	agent_stop(b.a);
	c = gconn_connect(&b.rig, PLACE_AGENT_PORT);
	gconn_say(c, "hello 1\n");
	RUN_UNTIL(&b.rig, bytes_are(&c->in, TIME "stop\n"));
	gconn_reset(c);
	agent_stop(b.a);
	agent_set_time(b.a);
	teardown(&b);
}

static void test_who_speaks_otherwise_is_dropped(void **s)
{
	static const char *const bad[] = {
		"hello 2\n",  "hello\n",          "hello 1 \n",
		"hello 10\n", "HELLO 1\n",        "\n",
		"exit 0\n",   "GET / HTTP/1.0\n", "hello 01\n",
	};
	struct bench b;
	size_t i;

	(void)s;
	setup(&b);
	for (i = 0; i < LEN(bad); i++) {
		struct gconn *c = gconn_connect(&b.rig, PLACE_AGENT_PORT);

		gconn_say(c, bad[i]);
		RUN_UNTIL(&b.rig, c->over);
	}
	assert_int_equal(b.hellos, 0);
	assert_int_equal(b.statuses, 0);
	teardown(&b);
}

static void test_a_flood_is_not_collected(void **s)
{
	struct bytes flood = { 0 };
	struct bench b;
	struct gconn *c;
	int i;

	(void)s;
	setup(&b);
	/* Lines without end are ended ... */
	c = hello(&b);
	bytes_make(&flood, 1000, 1);
	memset(flood.p, 'x', flood.len);
	gconn_send(c, flood.p, flood.len);
	RUN_UNTIL(&b.rig, c->over);
	/* ... and so is binary rubbish; lines without number do no harm. */
	c = hello(&b);
	gconn_send(c, "exit 1\0\n", 8);
	RUN_UNTIL(&b.rig, c->over);
	assert_int_equal(b.statuses, 0);
	c = hello(&b);
	for (i = 0; i < 50000; i++)
		gconn_say(c, "weather\n");
	gconn_say(c, "exit 9\n");
	said(&b, c);
	assert_int_equal(b.status, 9);
	free(flood.p);
	teardown(&b);
}

static void test_connections_are_no_more_than_8(void **s)
{
	enum { MANY = 8 };

	struct gconn *c[MANY + 1];
	struct bench b;
	int i;

	(void)s;
	setup(&b);
	for (i = 0; i <= MANY; i++)
		c[i] = gconn_connect(&b.rig, PLACE_AGENT_PORT);
	RUN_UNTIL(&b.rig, c[MANY]->over);
	for (i = 0; i < MANY; i++)
		RUN_UNTIL(&b.rig, c[i]->open);
	gconn_reset(c[3]);
	(void)hello(&b);
	teardown(&b);
}

static void test_closing_it_ends_its_connections(void **s)
{
	const struct agent_user user = { 0 };
	struct agent *second;
	struct bench b;
	struct gconn *c;

	(void)s;
	setup(&b);
	assert_int_equal(agent_new(&b.rig.place, &user, &second, NULL),
			 -MICROVM_EBUSY);
	c = hello(&b);
	gconn_say(c, "exit 1\n"); /* on its way */
	agent_close(b.a);
	b.a = NULL;
	RUN_UNTIL(&b.rig, c->over);
	c = gconn_connect(&b.rig, PLACE_AGENT_PORT);
	RUN_UNTIL(&b.rig, c->over);
	assert_false(c->open);
	assert_int_equal(b.statuses, 0);
	teardown(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init_says_hello_and_hears_the_time),
		cmocka_unit_test(test_the_status_is_told_once),
		cmocka_unit_test(test_lines_it_does_not_know_are_ignored),
		cmocka_unit_test(test_a_stop_waits_for_hello),
		cmocka_unit_test(
			test_a_stop_comes_at_once_to_who_has_said_hello),
		cmocka_unit_test(test_the_latest_hello_is_the_agent),
		cmocka_unit_test(test_an_agent_that_left_is_told_nothing),
		cmocka_unit_test(test_who_speaks_otherwise_is_dropped),
		cmocka_unit_test(test_a_flood_is_not_collected),
		cmocka_unit_test(test_connections_are_no_more_than_8),
		cmocka_unit_test(test_closing_it_ends_its_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
