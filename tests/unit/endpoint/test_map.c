/* SPDX-License-Identifier: MIT */
#include "endpoint/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "net/listen.h"
#include "rig.h"

enum { PORT = 1234 };

static const struct addr any_port = { .family = ADDR_IPV4,
				      .ip = { 127, 0, 0, 1 } };

/* ---- what is written -------------------------------------------------- */

static void test_both_kinds_of_endpoint_are_understood(void **s)
{
	struct map_spec spec = { .port = 7, .to_guest = true };
	char text[ADDR_TEXT];

	(void)s;
	assert_int_equal(map_parse(&spec, "unix:/run/x.sock", NULL), 0);
	assert_string_equal(spec.path, "/run/x.sock");
	assert_int_equal(map_parse(&spec, "tcp:127.0.0.1:8080", NULL), 0);
	assert_string_equal(spec.path, "");
	assert_string_equal(addr_text(&spec.addr, text), "127.0.0.1:8080");
	assert_int_equal(map_parse(&spec, "tcp:[::1]:65535", NULL), 0);
	assert_string_equal(addr_text(&spec.addr, text), "[::1]:65535");
	assert_int_equal(spec.port, 7); /* the rest is the caller's */
	assert_true(spec.to_guest);
}

static void test_what_is_wrong_with_an_endpoint_is_named(void **s)
{
	static const struct {
		const char *text, *msg, *hint;
	} rows[] = {
		{ "", "endpoint \"\": neither a Unix nor a TCP socket",
		  "write unix:PATH or tcp:IP:PORT" },
		{ "udp:1.2.3.4:5",
		  "endpoint \"udp:1.2.3.4:5\": neither a Unix nor a TCP socket",
		  "write unix:PATH or tcp:IP:PORT" },
		{ "unix:", "endpoint \"unix:\": no path",
		  "write unix:PATH, such as unix:/run/vm.sock" },
		{ "tcp:localhost:80",
		  "endpoint \"tcp:localhost:80\": not an IP address with a "
		  "port",
		  "write tcp:127.0.0.1:8080 or tcp:[::1]:8080" },
		{ "tcp:127.0.0.1",
		  "endpoint \"tcp:127.0.0.1\": not an IP address with a port",
		  "write tcp:127.0.0.1:8080 or tcp:[::1]:8080" },
		{ "tcp:127.0.0.1:0", "endpoint \"tcp:127.0.0.1:0\": port 0",
		  "choose a port from 1 to 65535" },
	};
	struct map_spec spec = { 0 };
	char path[200] = "unix:";
	mv_error err;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		assert_int_equal(map_parse(&spec, rows[i].text, &err),
				 -MICROVM_EINVAL);
		assert_string_equal(err.msg, rows[i].msg);
		assert_string_equal(err.hint, rows[i].hint);
	}
	memset(path + 5, 'p', MAP_PATH_MAX);
	assert_int_equal(map_parse(&spec, path, NULL), 0);
	path[5 + MAP_PATH_MAX] = 'p';
	assert_int_equal(map_parse(&spec, path, &err), -MICROVM_EINVAL);
	assert_string_equal(
		err.msg, "the path of a Unix socket is longer than 107 bytes");
}

/* ---- to the guest ----------------------------------------------------- */

static void talk(struct rig *r, struct peer *p)
{
	peer_say(p, "from the host");
	RUN_UNTIL(r,
		  r->accepted && bytes_are(&rig_conn(r)->in, "from the host"));
	gconn_say(rig_conn(r), "from the guest");
	RUN_UNTIL(r, bytes_are(&p->in, "from the guest"));
}

static void test_a_tcp_client_reaches_the_guest(void **s)
{
	struct map_spec spec = { .port = PORT,
				 .to_guest = true,
				 .addr = any_port };
	struct addr at;
	struct map *m;
	struct peer p;
	struct rig r;

	(void)s;
	rig_init(&r);
	rig_listen(&r, PORT);
	assert_int_equal(map_new(&r.place, &spec, &m, NULL), 0);
	assert_true(map_addr(m, &at));
	peer_tcp(&r, &p, &at);
	talk(&r, &p);
	/* The connection outlives its listener. */
	map_close(m);
	peer_say(&p, "!");
	RUN_UNTIL(&r, bytes_are(&rig_conn(&r)->in, "from the host!"));
	peer_close(&p);
	rig_fini(&r);
}

static void test_a_unix_client_reaches_the_guest(void **s)
{
	struct map_spec spec = { .port = PORT, .to_guest = true };
	struct addr at;
	struct map *m;
	struct peer p;
	struct rig r;

	(void)s;
	rig_init(&r);
	rig_listen(&r, PORT);
	strcpy(spec.path, rig_path(&r, "map"));
	assert_int_equal(map_new(&r.place, &spec, &m, NULL), 0);
	assert_false(map_addr(m, &at));
	peer_unix(&r, &p, spec.path);
	talk(&r, &p);
	gconn_shutdown(rig_conn(&r), VSOCK_SHUTDOWN_SEND);
	RUN_UNTIL(&r, p.end);
	peer_close(&p);
	map_close(m);
	rig_fini(&r);
}

static void test_a_client_the_guest_refuses_is_reset(void **s)
{
	struct map_spec spec = { .port = PORT,
				 .to_guest = true,
				 .addr = any_port };
	struct map *tcp, *local;
	struct addr at;
	struct peer p;
	struct rig r;

	(void)s;
	rig_init(&r);
	assert_int_equal(map_new(&r.place, &spec, &tcp, NULL), 0);
	assert_true(map_addr(tcp, &at));
	peer_tcp(&r, &p, &at);
	RUN_UNTIL(&r, peer_over(&p));
	assert_int_equal(p.error, ECONNRESET);
	peer_close(&p);
	strcpy(spec.path, rig_path(&r, "map"));
	assert_int_equal(map_new(&r.place, &spec, &local, NULL), 0);
	peer_unix(&r, &p, spec.path);
	RUN_UNTIL(&r, peer_over(&p));
	assert_true(p.end);
	peer_close(&p);
	map_close(tcp);
	map_close(local);
	map_close(NULL);
	rig_fini(&r);
}

static void test_an_address_that_is_taken_is_an_error(void **s)
{
	struct map_spec spec = { .port = PORT,
				 .to_guest = true,
				 .addr = any_port };
	struct map *m, *second;
	struct rig r;
	mv_error err;

	(void)s;
	rig_init(&r);
	assert_int_equal(map_new(&r.place, &spec, &m, NULL), 0);
	assert_true(map_addr(m, &spec.addr));
	assert_int_equal(map_new(&r.place, &spec, &second, &err),
			 -MICROVM_EBUSY);
	assert_true(strlen(err.msg) > 0 && strlen(err.hint) > 0);
	map_close(m);
	rig_fini(&r);
}

/* ---- from the guest --------------------------------------------------- */

struct host {
	struct rig *rig;
	struct listener *listener;
	struct peer peer;
};

static void on_host(void *ctx, struct sock *s)
{
	struct host *h = ctx;

	peer_adopt(h->rig, &h->peer, sock_release(s));
}

/* The guest connects and talks with who listens there. */
static void from_guest(struct rig *r, struct host *h, struct map_spec *spec)
{
	struct gconn *c;
	struct map *m;

	assert_int_equal(map_new(&r->place, spec, &m, NULL), 0);
	c = gconn_connect(r, spec->port);
	gconn_say(c, "from the guest");
	RUN_UNTIL(r, h->peer.sock && bytes_are(&h->peer.in, "from the guest"));
	peer_say(&h->peer, "from the host");
	RUN_UNTIL(r, bytes_are(&c->in, "from the host"));
	peer_shut(&h->peer);
	RUN_UNTIL(r, c->heard == VSOCK_SHUTDOWN_SEND);
	gconn_shutdown(c, VSOCK_SHUTDOWN_RCV | VSOCK_SHUTDOWN_SEND);
	RUN_UNTIL(r, peer_over(&h->peer));
	assert_true(h->peer.end);
	peer_close(&h->peer);
	map_close(m);
	/* The port is free again: nobody accepts there. */
	c = gconn_connect(r, spec->port);
	RUN_UNTIL(r, c->over);
	assert_false(c->open);
}

static void test_the_guest_reaches_a_tcp_socket(void **s)
{
	struct map_spec spec = { .port = PORT };
	struct host h = { 0 };
	struct rig r;

	(void)s;
	rig_init(&r);
	h.rig = &r;
	assert_int_equal(listener_tcp(&r.loop, &any_port, on_host, &h,
				      &h.listener, NULL),
			 0);
	assert_true(listener_addr(h.listener, &spec.addr));
	from_guest(&r, &h, &spec);
	listener_close(h.listener);
	rig_fini(&r);
}

static void test_the_guest_reaches_a_unix_socket(void **s)
{
	struct map_spec spec = { .port = PORT };
	struct host h = { 0 };
	struct rig r;

	(void)s;
	rig_init(&r);
	h.rig = &r;
	strcpy(spec.path, rig_path(&r, "host"));
	assert_int_equal(listener_unix(&r.loop, spec.path, on_host, &h,
				       &h.listener, NULL),
			 0);
	from_guest(&r, &h, &spec);
	listener_close(h.listener);
	rig_fini(&r);
}

static void test_where_nobody_listens_the_guest_is_refused(void **s)
{
	struct map_spec spec = { .port = PORT };
	struct listener *l;
	struct gconn *c;
	struct map *m;
	struct rig r;

	(void)s;
	rig_init(&r);
	/* A port that was free a moment ago. */
	assert_int_equal(
		listener_tcp(&r.loop, &any_port, on_host, NULL, &l, NULL), 0);
	assert_true(listener_addr(l, &spec.addr));
	listener_close(l);
	assert_int_equal(map_new(&r.place, &spec, &m, NULL), 0);
	c = gconn_connect(&r, PORT);
	RUN_UNTIL(&r, c->over);
	assert_false(c->open);
	map_close(m);
	strcpy(spec.path, rig_path(&r, "nobody"));
	assert_int_equal(map_new(&r.place, &spec, &m, NULL), 0);
	c = gconn_connect(&r, PORT);
	RUN_UNTIL(&r, c->over);
	assert_false(c->open);
	map_close(m);
	rig_fini(&r);
}

static void test_two_maps_cannot_have_one_port_of_the_host(void **s)
{
	struct map_spec spec = { .port = PORT, .path = "x" };
	struct map *m, *second;
	struct rig r;

	(void)s;
	rig_init(&r);
	assert_int_equal(map_new(&r.place, &spec, &m, NULL), 0);
	assert_int_equal(map_new(&r.place, &spec, &second, NULL),
			 -MICROVM_EBUSY);
	map_close(m);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_kinds_of_endpoint_are_understood),
		cmocka_unit_test(test_what_is_wrong_with_an_endpoint_is_named),
		cmocka_unit_test(test_a_tcp_client_reaches_the_guest),
		cmocka_unit_test(test_a_unix_client_reaches_the_guest),
		cmocka_unit_test(test_a_client_the_guest_refuses_is_reset),
		cmocka_unit_test(test_an_address_that_is_taken_is_an_error),
		cmocka_unit_test(test_the_guest_reaches_a_tcp_socket),
		cmocka_unit_test(test_the_guest_reaches_a_unix_socket),
		cmocka_unit_test(
			test_where_nobody_listens_the_guest_is_refused),
		cmocka_unit_test(
			test_two_maps_cannot_have_one_port_of_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
