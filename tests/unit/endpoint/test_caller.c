/* SPDX-License-Identifier: MIT */
#include "endpoint/caller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/listen.h"
#include "rig.h"

enum { PORT = 1234 };

/* A socket of each kind, of which the other end calls. */
struct bench {
	struct rig rig;
	struct listener *tcp;
	struct caller_spec spec;
	struct peer p;
	unsigned started;
};

static void on_tcp(void *ctx, struct sock *s)
{
	struct bench *b = ctx;

	caller_start(&b->rig.place, s, &b->spec);
	b->started++;
}

static void setup(struct bench *b, uint64_t hold_ns)
{
	const struct addr any = { .family = ADDR_IPV4, .ip = { 127, 0, 0, 1 } };

	*b = (struct bench){ .spec.port = PORT };
	rig_init(&b->rig);
	b->rig.place.hold_ns = hold_ns;
	assert_int_equal(
		listener_tcp(&b->rig.loop, &any, on_tcp, b, &b->tcp, NULL), 0);
}

static void call_tcp(struct bench *b)
{
	struct addr at;

	assert_true(listener_addr(b->tcp, &at));
	peer_tcp(&b->rig, &b->p, &at);
	RUN_UNTIL(&b->rig, b->started);
}

static void call_unix(struct bench *b)
{
	struct sock *s;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(sock_adopt(&b->rig.loop, fd[0], &s, NULL), 0);
	peer_adopt(&b->rig, &b->p, fd[1]);
	caller_start(&b->rig.place, s, &b->spec);
}

static void teardown(struct bench *b)
{
	if (b->p.sock)
		peer_close(&b->p);
	listener_close(b->tcp);
	rig_fini(&b->rig);
}

#define MINUTE (UINT64_C(60) * 1000000000)

static void test_a_connect_is_held_until_the_guest_listens(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, MINUTE);
	b.spec.greet = true;
	call_unix(&b);
	peer_say(&b.p, "early");
	RUN_UNTIL(&b.rig, b.rig.requests >= 2);
	assert_int_equal(b.p.in.len, 0);
	rig_listen(&b.rig, PORT);
	RUN_UNTIL(&b.rig,
		  b.p.in.len && bytes_are(&rig_conn(&b.rig)->in, "early"));
	assert_memory_equal(b.p.in.p, "OK ", 3);
	teardown(&b);
}

static void test_a_connect_is_held_until_the_guest_is_up(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, MINUTE);
	vsock_online(b.rig.vsock, false);
	rig_listen(&b.rig, PORT);
	call_tcp(&b);
	assert_int_equal(b.rig.requests, 0);
	vsock_online(b.rig.vsock, true);
	peer_say(&b.p, "up");
	RUN_UNTIL(&b.rig,
		  b.rig.accepted && bytes_are(&rig_conn(&b.rig)->in, "up"));
	teardown(&b);
}

static void test_a_connect_is_not_held_for_ever(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, 30000000);
	call_tcp(&b);
	RUN_UNTIL(&b.rig, peer_over(&b.p));
	assert_int_equal(b.p.error, ECONNRESET);
	assert_true(b.rig.requests >= 2);
	teardown(&b);
}

static unsigned open_now(const struct bench *b)
{
	struct vsock_stats stats;

	vsock_stats(b->rig.vsock, &stats);
	return stats.open;
}

static void test_a_caller_that_hangs_up_is_forgotten(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, MINUTE);
	vsock_online(b.rig.vsock, false);
	call_unix(&b);
	assert_int_equal(open_now(&b), 1);
	peer_close(&b.p);
	RUN_UNTIL(&b.rig, !open_now(&b));
	assert_int_equal(b.rig.requests, 0);
	teardown(&b);
}

static void test_a_caller_that_only_ended_his_half_is_not(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, MINUTE);
	call_unix(&b);
	peer_say(&b.p, "question");
	RUN_UNTIL(&b.rig, b.p.sent == 8);
	peer_shut(&b.p);
	RUN_UNTIL(&b.rig, b.rig.requests >= 2);
	rig_listen(&b.rig, PORT);
	RUN_UNTIL(&b.rig, b.rig.accepted && rig_conn(&b.rig)->heard ==
						    VSOCK_SHUTDOWN_SEND);
	assert_true(bytes_are(&rig_conn(&b.rig)->in, "question"));
	gconn_say(rig_conn(&b.rig), "answer");
	RUN_UNTIL(&b.rig, bytes_are(&b.p.in, "answer"));
	teardown(&b);
}

static void test_the_head_goes_before_the_socket(void **s)
{
	struct bench b;
	char head[CALLER_HEAD + 1] = { 0 };

	(void)s;
	setup(&b, 0);
	memset(head, 'h', CALLER_HEAD);
	b.spec.head = head;
	b.spec.head_len = CALLER_HEAD;
	rig_listen(&b.rig, PORT);
	call_tcp(&b);
	peer_say(&b.p, "t");
	RUN_UNTIL(&b.rig,
		  b.rig.accepted && rig_conn(&b.rig)->in.len > CALLER_HEAD);
	head[CALLER_HEAD] = 't';
	assert_memory_equal(rig_conn(&b.rig)->in.p, head, sizeof(head));
	teardown(&b);
}

static void test_a_guest_that_goes_down_ends_those_who_are_through(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, MINUTE);
	rig_listen(&b.rig, PORT);
	call_unix(&b);
	RUN_UNTIL(&b.rig, b.rig.accepted);
	vsock_online(b.rig.vsock, false);
	RUN_UNTIL(&b.rig, b.p.end);
	assert_int_equal(open_now(&b), 0);
	teardown(&b);
}

static void on_close(struct stream *stream, enum stream_why why)
{
	(void)stream;
	(void)why;
}

static void test_one_caller_too_many_is_closed(void **s)
{
	static const struct stream_ops ops = { .close = on_close };
	static struct stream full[VSOCK_CONNS];
	struct bench b;
	size_t i;

	(void)s;
	setup(&b, MINUTE);
	vsock_online(b.rig.vsock, false);
	for (i = 0; i < VSOCK_CONNS; i++) {
		full[i].ops = &ops;
		assert_int_equal(vsock_connect(b.rig.vsock, PORT, &full[i],
					       UINT64_MAX, NULL),
				 0);
	}
	call_tcp(&b);
	RUN_UNTIL(&b.rig, peer_over(&b.p));
	assert_int_equal(b.p.error, ECONNRESET);
	teardown(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_connect_is_held_until_the_guest_listens),
		cmocka_unit_test(test_a_connect_is_held_until_the_guest_is_up),
		cmocka_unit_test(test_a_connect_is_not_held_for_ever),
		cmocka_unit_test(test_a_caller_that_hangs_up_is_forgotten),
		cmocka_unit_test(test_a_caller_that_only_ended_his_half_is_not),
		cmocka_unit_test(test_the_head_goes_before_the_socket),
		cmocka_unit_test(
			test_a_guest_that_goes_down_ends_those_who_are_through),
		cmocka_unit_test(test_one_caller_too_many_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
