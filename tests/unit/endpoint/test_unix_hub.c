/* SPDX-License-Identifier: MIT */
#include "endpoint/unix_hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/listen.h"
#include "rig.h"

enum { PORT = 1234 };

struct bench {
	struct rig rig;
	struct unix_hub *hub;
	char path[96];
};

static void setup(struct bench *b)
{
	rig_init(&b->rig);
	strcpy(b->path, rig_path(&b->rig, "hub"));
	assert_int_equal(unix_hub_new(&b->rig.place, b->path, &b->hub, NULL),
			 0);
	b->rig.ports.otherwise = unix_hub_accept;
	b->rig.ports.otherwise_ctx = b->hub;
}

static void teardown(struct bench *b)
{
	unix_hub_close(b->hub);
	rig_fini(&b->rig);
	assert_int_equal(access(b->path, F_OK), -1); /* and removed */
}

/* A client that is through; its OK is read. */
static void through(struct bench *b, struct peer *p)
{
	char *at;

	peer_unix(&b->rig, p, b->path);
	peer_say(p, "CONNECT 1234\n");
	RUN_UNTIL(&b->rig, p->in.len && p->in.p[p->in.len - 1] == '\n');
	bytes_add(&p->in, "", 1);
	assert_memory_equal(p->in.p, "OK ", 3);
	assert_int_equal(strtoul((char *)p->in.p + 3, &at, 10),
			 rig_conn(&b->rig)->host_port);
	assert_string_equal(at, "\n");
	p->in.len = 0;
}

static void test_a_client_is_connected_and_told_the_port(void **s)
{
	struct bench b;
	struct peer p;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	through(&b, &p);
	peer_say(&p, "ping");
	RUN_UNTIL(&b.rig, bytes_are(&rig_conn(&b.rig)->in, "ping"));
	gconn_say(rig_conn(&b.rig), "pong");
	RUN_UNTIL(&b.rig, bytes_are(&p.in, "pong"));
	peer_close(&p);
	RUN_UNTIL(&b.rig, rig_conn(&b.rig)->over);
	teardown(&b);
}

static void test_the_line_may_come_byte_by_byte(void **s)
{
	static const char line[] = "CONNECT 1234\r\n";
	struct bench b;
	struct peer p;
	size_t i;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	peer_unix(&b.rig, &p, b.path);
	for (i = 0; i + 1 < sizeof(line); i++) {
		peer_send(&p, line + i, 1);
		RUN_UNTIL(&b.rig, p.sent == i + 1);
		/* Whatever the hub does about it, it does now. */
		(void)uv_run(&b.rig.loop, UV_RUN_NOWAIT);
		assert_false(peer_over(&p));
	}
	RUN_UNTIL(&b.rig, p.in.len);
	assert_memory_equal(p.in.p, "OK ", 3);
	peer_close(&p);
	teardown(&b);
}

static void test_what_follows_the_line_at_once_reaches_the_guest_first(void **s)
{
	struct bytes all = { 0 };
	struct bench b;
	struct peer p;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	bytes_make(&all, 300000, 7);
	peer_unix(&b.rig, &p, b.path);
	bytes_add(&p.out, "CONNECT 1234\n", 13);
	peer_send(&p, all.p, all.len);
	RUN_UNTIL(&b.rig,
		  b.rig.accepted && rig_conn(&b.rig)->in.len == all.len);
	assert_memory_equal(rig_conn(&b.rig)->in.p, all.p, all.len);
	free(all.p);
	peer_close(&p);
	teardown(&b);
}

static void test_a_bad_line_closes_the_socket(void **s)
{
	static const char *const bad[] = {
		"CONNECT\n",
		"CONNECT \n",
		"CONNECT -1\n",
		"CONNECT +1\n",
		"CONNECT 4294967296\n",
		"CONNECT 1234 \n",
		"CONNECT 12 34\n",
		"connect 1234\n",
		"GET / HTTP/1.1\r\n",
		"\n",
		"\r\n",
		"CONNECT 18446744073709552850\n",
	};
	struct bench b;
	struct peer p;
	size_t i;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		peer_unix(&b.rig, &p, b.path);
		peer_say(&p, bad[i]);
		RUN_UNTIL(&b.rig, peer_over(&p));
		assert_int_equal(p.in.len, 0);
		peer_close(&p);
	}
	assert_int_equal(b.rig.requests, 0);
	teardown(&b);
}

static void test_a_line_without_an_end_is_not_collected_for_ever(void **s)
{
	struct bytes flood = { 0 };
	struct bench b;
	struct peer p;

	(void)s;
	setup(&b);
	bytes_make(&flood, 100000, 1);
	memset(flood.p, 'C', flood.len);
	peer_unix(&b.rig, &p, b.path);
	peer_send(&p, flood.p, flood.len);
	RUN_UNTIL(&b.rig, peer_over(&p));
	peer_close(&p);
	free(flood.p);
	teardown(&b);
}

static void test_a_client_that_leaves_in_its_line_is_forgotten(void **s)
{
	struct bench b;
	struct peer p;

	(void)s;
	setup(&b);
	peer_unix(&b.rig, &p, b.path);
	peer_say(&p, "CONNECT 12");
	RUN_UNTIL(&b.rig, p.sent == 10);
	peer_shut(&p);
	RUN_UNTIL(&b.rig, peer_over(&p));
	assert_int_equal(b.rig.requests, 0);
	peer_close(&p);
	teardown(&b);
}

static void test_a_client_that_says_nothing_is_dropped(void **s)
{
	struct bench b;
	struct peer p, q;

	(void)s;
	setup(&b);
	unix_hub_set_patience(b.hub, 1000000);
	peer_unix(&b.rig, &p, b.path);
	peer_unix(&b.rig, &q, b.path);
	peer_say(&q, "CONN");
	RUN_UNTIL(&b.rig, peer_over(&p) && peer_over(&q));
	peer_close(&p);
	peer_close(&q);
	teardown(&b);
}

static void test_who_is_through_has_all_the_time_of_the_world(void **s)
{
	struct bench b;
	struct peer p, q;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	unix_hub_set_patience(b.hub, 50000000);
	through(&b, &p);
	peer_unix(&b.rig, &q, b.path);
	RUN_UNTIL(&b.rig, peer_over(&q)); /* that time has passed */
	peer_say(&p, "here");
	RUN_UNTIL(&b.rig, bytes_are(&rig_conn(&b.rig)->in, "here"));
	peer_close(&p);
	peer_close(&q);
	teardown(&b);
}

static void test_silent_clients_are_no_more_than_64(void **s)
{
	enum { MANY = 64 };

	struct peer p[MANY + 1];
	struct bench b;
	int i;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	for (i = 0; i <= MANY; i++)
		peer_unix(&b.rig, &p[i], b.path);
	RUN_UNTIL(&b.rig, peer_over(&p[MANY]));
	for (i = 0; i < MANY; i++)
		assert_false(peer_over(&p[i]));
	peer_close(&p[MANY]);
	/* There is room as soon as one has said its line. */
	peer_say(&p[0], "CONNECT 1234\n");
	RUN_UNTIL(&b.rig, p[0].in.len);
	peer_unix(&b.rig, &p[MANY], b.path);
	peer_say(&p[MANY], "CONNECT 1234\n");
	RUN_UNTIL(&b.rig, p[MANY].in.len);
	for (i = 0; i <= MANY; i++)
		peer_close(&p[i]);
	teardown(&b);
}

static void test_nobody_listening_closes_the_socket(void **s)
{
	struct bench b;
	struct peer p;

	(void)s;
	setup(&b);
	peer_unix(&b.rig, &p, b.path);
	peer_say(&p, "CONNECT 1234\n");
	RUN_UNTIL(&b.rig, peer_over(&p));
	assert_int_equal(p.in.len, 0);
	assert_int_equal(b.rig.requests, 1);
	peer_close(&p);
	teardown(&b);
}

static void test_a_port_without_a_socket_is_refused(void **s)
{
	struct bench b;
	struct gconn *c;

	(void)s;
	setup(&b);
	c = gconn_connect(&b.rig, 4294967294u);
	RUN_UNTIL(&b.rig, c->over);
	assert_false(c->open);
	teardown(&b);
}

struct host {
	struct rig *rig;
	struct peer peer;
};

static void on_host(void *ctx, struct sock *s)
{
	struct host *h = ctx;

	peer_adopt(h->rig, &h->peer, sock_release(s));
}

static void test_what_the_guest_opens_flows_both_ways(void **s)
{
	struct bench b;
	struct host h = { .rig = &b.rig };
	struct listener *l;
	struct gconn *c;
	char path[128];

	(void)s;
	setup(&b);
	(void)snprintf(path, sizeof(path), "%s_%u", b.path, 52u);
	assert_int_equal(
		listener_unix(&b.rig.loop, path, on_host, &h, &l, NULL), 0);
	c = gconn_connect(&b.rig, 52);
	gconn_say(c, "from the guest");
	RUN_UNTIL(&b.rig,
		  h.peer.sock && bytes_are(&h.peer.in, "from the guest"));
	peer_say(&h.peer, "from the host");
	RUN_UNTIL(&b.rig, bytes_are(&c->in, "from the host"));
	peer_close(&h.peer);
	RUN_UNTIL(&b.rig, c->over);
	listener_close(l);
	teardown(&b);
}

static void test_a_path_too_long_is_named(void **s)
{
	char path[200];
	struct unix_hub *h;
	struct rig r;
	mv_error err;

	(void)s;
	rig_init(&r);
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(unix_hub_new(&r.place, path, &h, &err),
			 -MICROVM_EINVAL);
	assert_string_equal(
		err.msg,
		"the path of the vsock socket is longer than 107 bytes");
	assert_string_equal(err.hint, "choose a shorter path");
	rig_fini(&r);
}

static void test_the_socket_is_its_owners_alone(void **s)
{
	struct stat st;
	struct bench b;

	(void)s;
	setup(&b);
	assert_int_equal(stat(b.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	teardown(&b);
	unix_hub_close(NULL);
}

/* ---- half-closes ------------------------------------------------------ */

/* Who ends first, and whether the other one still has something to say. */
struct half {
	bool client_first, late_words;
};

static void half_close(struct half how)
{
	struct bytes blob = { 0 };
	struct bench b;
	struct gconn *c;
	struct peer p;

	setup(&b);
	rig_listen(&b.rig, PORT);
	bytes_make(&blob, how.late_words ? 200000 : 0, 3);
	through(&b, &p);
	c = rig_conn(&b.rig);
	if (how.client_first) {
		peer_shut(&p);
		RUN_UNTIL(&b.rig, c->heard == VSOCK_SHUTDOWN_SEND);
		gconn_send(c, blob.p, blob.len);
		RUN_UNTIL(&b.rig, c->sent == blob.len);
		gconn_shutdown(c, VSOCK_SHUTDOWN_SEND);
		RUN_UNTIL(&b.rig, peer_over(&p));
		assert_int_equal(p.error, 0);
		assert_int_equal(p.in.len, blob.len);
		assert_memory_equal(p.in.p, blob.p, blob.len);
	} else {
		gconn_shutdown(c, VSOCK_SHUTDOWN_SEND);
		RUN_UNTIL(&b.rig, p.end);
		peer_send(&p, blob.p, blob.len);
		RUN_UNTIL(&b.rig, p.sent == p.out.len);
		peer_shut(&p);
		RUN_UNTIL(&b.rig, c->heard & VSOCK_SHUTDOWN_SEND);
		assert_int_equal(c->in.len, blob.len);
		assert_memory_equal(c->in.p, blob.p, blob.len);
		assert_false(c->was_reset);
	}
	peer_close(&p);
	free(blob.p);
	teardown(&b);
}

static void test_each_direction_ends_by_itself(void **s)
{
	int i;

	(void)s;
	for (i = 0; i < 4; i++)
		half_close((struct half){ i & 1, i & 2 });
}

static void test_a_reset_of_the_guest_ends_both_directions(void **s)
{
	struct bench b;
	struct peer p;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	through(&b, &p);
	gconn_reset(rig_conn(&b.rig));
	RUN_UNTIL(&b.rig, peer_over(&p));
	peer_close(&p);
	teardown(&b);
}

static void test_20_megabytes_come_back_as_they_went(void **s)
{
	enum { MEGS = 20 << 20 };

	struct bench b;
	struct bytes blob = { 0 };
	struct peer p;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	b.rig.echo = true;
	bytes_make(&blob, MEGS, 20);
	through(&b, &p);
	peer_send(&p, blob.p, blob.len);
	RUN_UNTIL(&b.rig, p.sent == p.out.len);
	peer_shut(&p);
	RUN_UNTIL(&b.rig, peer_over(&p));
	assert_int_equal(p.error, 0);
	assert_int_equal(p.in.len, blob.len);
	assert_memory_equal(p.in.p, blob.p, blob.len);
	peer_close(&p);
	free(blob.p);
	teardown(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_client_is_connected_and_told_the_port),
		cmocka_unit_test(test_the_line_may_come_byte_by_byte),
		cmocka_unit_test(
			test_what_follows_the_line_at_once_reaches_the_guest_first),
		cmocka_unit_test(test_a_bad_line_closes_the_socket),
		cmocka_unit_test(
			test_a_line_without_an_end_is_not_collected_for_ever),
		cmocka_unit_test(
			test_a_client_that_leaves_in_its_line_is_forgotten),
		cmocka_unit_test(test_a_client_that_says_nothing_is_dropped),
		cmocka_unit_test(
			test_who_is_through_has_all_the_time_of_the_world),
		cmocka_unit_test(test_silent_clients_are_no_more_than_64),
		cmocka_unit_test(test_nobody_listening_closes_the_socket),
		cmocka_unit_test(test_a_port_without_a_socket_is_refused),
		cmocka_unit_test(test_what_the_guest_opens_flows_both_ways),
		cmocka_unit_test(test_a_path_too_long_is_named),
		cmocka_unit_test(test_the_socket_is_its_owners_alone),
		cmocka_unit_test(test_each_direction_ends_by_itself),
		cmocka_unit_test(
			test_a_reset_of_the_guest_ends_both_directions),
		cmocka_unit_test(test_20_megabytes_come_back_as_they_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
