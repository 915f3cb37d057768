/* SPDX-License-Identifier: MIT */
#include "proxy/udp.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/sockaddr.h"
#include "proxy/peer.h"

#include "../check.h"
#include "env.h"
#include "names.h"

/* A server of datagrams, and a guest that has an association. */
struct talk {
	struct env e;
	struct guest g;
	int server;
	struct addr at;
	struct sockaddr_storage from; /* whom the server last heard */
	socklen_t from_len;
};

static int udp_server(const char *where, struct addr *at)
{
	struct timeval never = { .tv_sec = 10 };
	struct sockaddr_storage sa;
	socklen_t len;
	int fd;

	assert_true(addr_parse(where, at));
	len = sockaddr_from_addr(&sa, at);
	fd = socket(sa.ss_family, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, len)) {
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	assert_int_equal(
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &never, sizeof(never)),
		0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	assert_true(sockaddr_to_addr((struct sockaddr *)&sa, at));
	return fd;
}

static void associate(struct talk *t)
{
	guest_open(&t->g, &t->e);
	guest_greet(&t->g);
	guest_ask(&t->g, SOCKS5_UDP_ASSOCIATE, "0.0.0.0", 0);
	assert_int_equal(guest_reply(&t->e, &t->g), SOCKS5_SUCCEEDED);
	heap_init(&t->g.in);
}

static void talk_init(struct talk *t, enum microvm_net base)
{
	env_init(&t->e, base);
	t->server = udp_server("127.0.0.1:0", &t->at);
	assert_true(t->server >= 0);
}

static void talk_fini(struct talk *t)
{
	guest_close(&t->g, STREAM_GONE);
	(void)close(t->server);
	env_fini(&t->e);
}

/* A framed datagram to a host, which may be a name. */
static void send_frag(struct talk *t, const char *host, uint16_t port,
		      const void *p, size_t len, uint8_t frag)
{
	uint8_t out[2 + 3 + SOCKS5_TARGET_MAX + KEEP] = { 0 };
	struct addr a = { .family = ADDR_NONE };
	bool ip = addr_parse_ip(host, &a);
	size_t n = 2 + 3;

	a.port = port;
	out[4] = frag;
	n += socks5_target_write(out + n, ip ? NULL : host, &a);
	memcpy(out + n, p, len);
	n += len;
	out[0] = (uint8_t)((n - 2) >> 8);
	out[1] = (uint8_t)(n - 2);
	/* All that went before is gone: begin anew. */
	assert_true(t->g.out.sent == t->g.out.head_len);
	t->g.out.sent = t->g.out.head_len = 0;
	guest_send(&t->g, out, n);
}

static void send_to(struct talk *t, const char *host, uint16_t port,
		    const char *text)
{
	send_frag(t, host, port, text, strlen(text), 0);
}

/* The server hears `text` next; then it may answer. */
static void server_hears(struct talk *t, const char *text)
{
	char buf[256];
	ssize_t got;

	t->from_len = sizeof(t->from);
	got = recvfrom(t->server, buf, sizeof(buf), 0,
		       (struct sockaddr *)&t->from, &t->from_len);
	assert_int_equal(got, strlen(text));
	assert_memory_equal(buf, text, (size_t)got);
}

static void server_hears_nothing(struct talk *t)
{
	char buf[256];

	assert_int_equal(recv(t->server, buf, sizeof(buf), MSG_DONTWAIT), -1);
}

static void server_says(struct talk *t, const void *p, size_t len)
{
	assert_int_equal(sendto(t->server, p, len, 0,
				(struct sockaddr *)&t->from, t->from_len),
			 len);
}

/* ---- there and back ----------------------------------------------------- */

static void test_a_datagram_goes_there_and_back(void **s)
{
	uint8_t want[2 + 10 + 4] = { 0, 14, 0, 0, 0, 1, 127, 0, 0, 1 };
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	env_start(&t.e);
	associate(&t);
	send_to(&t, "127.0.0.1", t.at.port, "ping");
	server_hears(&t, "ping");
	server_says(&t, "pong", 4);
	UNTIL(&t.e, t.g.in.len == sizeof(want));
	want[10] = (uint8_t)(t.at.port >> 8);
	want[11] = (uint8_t)t.at.port;
	memcpy(want + 12, "pong", 4);
	assert_memory_equal(t.g.in.p, want, sizeof(want));
	assert_int_equal(t.e.flows, 1);
	assert_int_equal(t.e.seen[0].phase, MICROVM_FLOW_OPENED);
	assert_int_equal(t.e.seen[0].kind, MICROVM_FLOW_UDP);
	guest_end(&t.g);
	assert_null(t.g.s);
	assert_int_equal(t.e.flows, 2);
	assert_int_equal(t.e.seen[1].phase, MICROVM_FLOW_ENDED);
	assert_int_equal(t.e.seen[1].id, t.e.seen[0].id);
	assert_int_equal(t.e.seen[1].out, 4);
	assert_int_equal(t.e.seen[1].in, 4);
	assert_int_equal(t.e.p->stats.bytes[0], 4);
	assert_int_equal(t.e.p->stats.bytes[1], 4);
	talk_fini(&t);
}

static void test_ipv6_has_a_socket_of_its_own(void **s)
{
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	(void)close(t.server);
	t.server = udp_server("[::1]:0", &t.at);
	if (t.server < 0) {
		print_message("this host has no IPv6\n");
		t.server = udp_server("127.0.0.1:0", &t.at);
		env_start(&t.e);
		associate(&t);
		talk_fini(&t);
		skip();
	}
	env_start(&t.e);
	associate(&t);
	send_to(&t, "::1", t.at.port, "ping");
	server_hears(&t, "ping");
	server_says(&t, "", 0);
	UNTIL(&t.e, t.g.in.len == 2 + 22);
	assert_memory_equal(t.g.in.p, "\0\x16\0\0\0\4", 6);
	talk_fini(&t);
}

static void test_frames_may_come_in_any_pieces(void **s)
{
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	env_start(&t.e);
	associate(&t);
	t.g.piece = 1;
	send_to(&t, "127.0.0.1", t.at.port, "one");
	server_hears(&t, "one");
	t.g.piece = 7;
	send_to(&t, "127.0.0.1", t.at.port, "another");
	server_hears(&t, "another");
	server_says(&t, "first", 5);
	server_says(&t, "second", 6);
	t.g.room = 0;
	while (t.g.in.len < 2 * 12 + 11) {
		t.g.room = 1;
		guest_pump(&t.g);
		(void)uv_run(&t.e.l.loop, UV_RUN_NOWAIT);
	}
	assert_memory_equal(t.g.in.p + 12, "first", 5);
	assert_memory_equal(t.g.in.p + 12 + 5 + 12, "second", 6);
	talk_fini(&t);
}

static void test_the_largest_datagram_fits(void **s)
{
	enum { MOST = 65507 };
	static uint8_t big[MOST];
	struct talk t;
	int room = 1 << 20;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	assert_int_equal(setsockopt(t.server, SOL_SOCKET, SO_SNDBUF, &room,
				    sizeof(room)),
			 0);
	env_start(&t.e);
	associate(&t);
	send_to(&t, "127.0.0.1", t.at.port, "size?");
	server_hears(&t, "size?");
	memset(big, 'x', sizeof(big));
	server_says(&t, big, sizeof(big));
	UNTIL(&t.e, t.g.in.len == 12 + MOST);
	assert_int_equal(t.g.in.p[0] << 8 | t.g.in.p[1], MOST + 10);
	talk_fini(&t);
}

/* ---- what is dropped ---------------------------------------------------- */

static void test_fragments_and_nonsense_are_dropped(void **s)
{
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	env_start(&t.e);
	associate(&t);
	send_frag(&t, "127.0.0.1", t.at.port, "part", 4, 1);
	send_to(&t, "127.0.0.1", 0, "no port");
	guest_hex(&t.g, "0000");                /* empty */
	guest_hex(&t.g, "0003 000000");         /* no address */
	guest_hex(&t.g, "0004 00000009");       /* of no kind we know */
	guest_hex(&t.g, "0007 00000003ff6161"); /* longer than itself */
	assert_int_equal(t.e.flows, 0);
	send_to(&t, "127.0.0.1", t.at.port, "whole");
	server_hears(&t, "whole");
	server_hears_nothing(&t);
	talk_fini(&t);
}

static void test_who_was_not_sent_to_is_not_heard(void **s)
{
	struct addr other_at;
	struct talk t;
	int other;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	env_start(&t.e);
	associate(&t);
	send_to(&t, "127.0.0.1", t.at.port, "ping");
	server_hears(&t, "ping");
	other = udp_server("127.0.0.1:0", &other_at);
	/* The guest's socket is bound to all addresses; loopback will do. */
	assert_int_equal(sendto(other, "psst", 4, 0, (struct sockaddr *)&t.from,
				t.from_len),
			 4);
	server_says(&t, "pong", 4);
	UNTIL(&t.e, t.g.in.len >= 12 + 4);
	assert_int_equal(t.g.in.len, 12 + 4);
	assert_memory_equal(t.g.in.p + 12, "pong", 4);
	(void)close(other);
	talk_fini(&t);
}

static void test_a_denied_peer_is_told_once(void **s)
{
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_PUBLIC);
	env_start(&t.e);
	associate(&t);
	send_to(&t, "127.0.0.1", t.at.port, "ping");
	send_to(&t, "127.0.0.1", t.at.port, "ping");
	send_to(&t, "one.test", t.at.port, "ping");
	UNTIL(&t.e, t.e.flows == 2);
	assert_int_equal(t.e.seen[0].phase, MICROVM_FLOW_DENIED);
	assert_string_equal(t.e.seen[0].why, "no rule allows it");
	assert_string_equal(t.e.seen[1].name, "one.test");
	assert_int_equal(t.e.seen[1].phase, MICROVM_FLOW_DENIED);
	server_hears_nothing(&t);
	talk_fini(&t);
}

static void test_a_full_guest_makes_the_kernel_drop(void **s)
{
	uint8_t data[1000] = { 0 };
	struct talk t;
	unsigned i;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	env_start(&t.e);
	associate(&t);
	t.g.room = 0;
	send_to(&t, "127.0.0.1", t.at.port, "more!");
	server_hears(&t, "more!");
	for (i = 0; i < 4000; i++)
		server_says(&t, data, sizeof(data));
	loopback_now(&t.e.l);
	t.g.room = UINT64_MAX;
	guest_pump(&t.g);
	loopback_now(&t.e.l);
	assert_true(t.g.in.len > 0);
	assert_true(t.g.in.len < 4000 * sizeof(data));
	assert_int_equal(t.g.in.len % (12 + sizeof(data)), 0);
	talk_fini(&t);
}

/* ---- names -------------------------------------------------------------- */

static void test_names_are_resolved_once(void **s)
{
	unsigned before = names_asked("one.test");
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	env_start(&t.e);
	associate(&t);
	send_to(&t, "one.test", t.at.port, "a"); /* both wait for it */
	send_to(&t, "one.test", t.at.port, "b");
	UNTIL(&t.e, t.e.flows == 1);
	assert_string_equal(t.e.seen[0].address, "127.0.0.1");
	server_hears(&t, "a");
	server_hears(&t, "b");
	send_to(&t, "one.test", t.at.port, "c");
	server_hears(&t, "c");
	assert_int_equal(names_asked("one.test") - before, 2); /* A, AAAA */
	talk_fini(&t);
}

/* A host without IPv6. */
static int refuse_ipv6(void *ctx, intptr_t fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	(void)ctx;
	assert_int_equal(getsockname((int)fd, (struct sockaddr *)&sa, &len), 0);
	return sa.ss_family == AF_INET6;
}

static void test_a_name_is_sent_to_where_it_can_be_reached(void **s)
{
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	t.e.cfg.hook = refuse_ipv6;
	env_start(&t.e);
	associate(&t);
	send_to(&t, "both.test", t.at.port, "a");
	send_to(&t, "both.test", t.at.port, "b");
	UNTIL(&t.e, t.e.flows == 1);
	assert_int_equal(t.e.seen[0].phase, MICROVM_FLOW_OPENED);
	assert_string_equal(t.e.seen[0].address, "127.0.0.1");
	server_hears(&t, "a");
	server_hears(&t, "b");
	talk_fini(&t);
	assert_int_equal(t.e.seen[1].phase, MICROVM_FLOW_ENDED);
	assert_int_equal(t.e.seen[1].out, 2);
}

static void test_a_name_that_nothing_reaches_is_tried_again_and_again(void **s)
{
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	t.e.cfg.hook = refuse_ipv6;
	env_start(&t.e);
	associate(&t);
	send_to(&t, "six.test", t.at.port, "a");
	UNTIL(&t.e, t.e.flows == 1);
	assert_int_equal(t.e.seen[0].phase, MICROVM_FLOW_OPENED);
	assert_string_equal(t.e.seen[0].address, "::1");
	send_to(&t, "six.test", t.at.port, "b");
	loopback_now(&t.e.l);
	assert_int_equal(t.e.flows, 1);
	talk_fini(&t);
}

static void test_a_name_that_is_not_there_fails_once(void **s)
{
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	env_start(&t.e);
	associate(&t);
	send_to(&t, "gone.test", 53, "a");
	UNTIL(&t.e, t.e.flows == 1);
	assert_int_equal(t.e.seen[0].phase, MICROVM_FLOW_FAILED);
	assert_string_equal(t.e.seen[0].why, "no such name");
	send_to(&t, "gone.test", 53, "a");
	loopback_now(&t.e.l);
	assert_int_equal(t.e.flows, 1);
	talk_fini(&t);
}

static void test_what_waits_for_a_name_is_bounded(void **s)
{
	uint8_t data[KEEP - 40] = { 0 };
	struct talk t;
	unsigned i;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	env_start(&t.e);
	associate(&t);
	names_hold();
	for (i = 0; i < 100; i++)
		send_frag(&t, "slow.test", t.at.port, data, sizeof(data), 0);
	for (i = 0; i < 100; i++)
		send_frag(&t, "slow.test", (uint16_t)(i + 1), data, 10, 0);
	assert_null(t.e.flows ? &t.e : NULL);
	guest_close(&t.g, STREAM_GONE);
	assert_int_equal(t.e.flows, UDP_UNDECIDED);
	assert_string_equal(t.e.seen[0].why, "the guest went away");
	names_release();
	talk_fini(&t);
}

/* ---- life --------------------------------------------------------------- */

static void test_the_peer_used_least_is_forgotten(void **s)
{
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	t.e.limits.udp_peers = 2;
	env_start(&t.e);
	associate(&t);
	send_to(&t, "127.0.0.1", t.at.port, "a");
	server_hears(&t, "a");
	send_to(&t, "127.0.0.2", t.at.port, "x");
	server_says(&t, "b", 1); /* so it is used later than the other */
	UNTIL(&t.e, t.g.in.len == 12 + 1);
	send_to(&t, "127.0.0.3", t.at.port, "x");
	assert_int_equal(t.e.flows, 4);
	assert_int_equal(t.e.seen[2].phase, MICROVM_FLOW_ENDED);
	assert_string_equal(t.e.seen[2].address, "127.0.0.2");
	assert_string_equal(t.e.seen[2].why, "others were used later");
	server_says(&t, "c", 1);
	UNTIL(&t.e, t.g.in.len == 2 * (12 + 1));
	talk_fini(&t);
}

static void test_an_idle_association_ends(void **s)
{
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	t.e.limits.udp_ms = 30;
	env_start(&t.e);
	associate(&t);
	send_to(&t, "127.0.0.1", t.at.port, "ping");
	UNTIL(&t.e, t.g.read_over);
	assert_string_equal(t.e.seen[1].why, "silent for too long");
	send_to(&t, "127.0.0.1", t.at.port, "too late");
	guest_end(&t.g);
	assert_null(t.g.s);
	server_hears(&t, "ping");
	server_hears_nothing(&t);
	talk_fini(&t);
}

static enum microvm_verdict later(void *ctx, const microvm_flow *flow)
{
	uint64_t *id = ctx;

	assert_int_equal(flow->kind, MICROVM_FLOW_UDP);
	*id = flow->id;
	return MICROVM_ASK_LATER;
}

static void test_datagrams_wait_for_an_answer(void **s)
{
	uint64_t id = 0;
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_NONE);
	t.e.cfg.ask = later;
	t.e.cfg.ask_ctx = &id;
	env_start(&t.e);
	associate(&t);
	send_to(&t, "127.0.0.1", t.at.port, "may I?");
	assert_int_not_equal(id, 0);
	server_hears_nothing(&t);
	assert_int_equal(proxy_answer(t.e.p, id, MICROVM_ALLOW, NULL), 0);
	server_hears(&t, "may I?");
	talk_fini(&t);
}

static int refuse(void *ctx, intptr_t fd)
{
	(void)fd;
	(*(unsigned *)ctx)++;
	return 1;
}

static void test_the_hook_sees_sockets_for_datagrams(void **s)
{
	unsigned seen = 0;
	struct talk t;

	(void)s;
	talk_init(&t, MICROVM_NET_ALL);
	t.e.cfg.hook = refuse;
	t.e.cfg.hook_ctx = &seen;
	env_start(&t.e);
	associate(&t);
	send_to(&t, "127.0.0.1", t.at.port, "ping");
	assert_int_equal(seen, 1);
	server_hears_nothing(&t);
	talk_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_datagram_goes_there_and_back),
		cmocka_unit_test(test_ipv6_has_a_socket_of_its_own),
		cmocka_unit_test(test_frames_may_come_in_any_pieces),
		cmocka_unit_test(test_the_largest_datagram_fits),
		cmocka_unit_test(test_fragments_and_nonsense_are_dropped),
		cmocka_unit_test(test_who_was_not_sent_to_is_not_heard),
		cmocka_unit_test(test_a_denied_peer_is_told_once),
		cmocka_unit_test(test_a_full_guest_makes_the_kernel_drop),
		cmocka_unit_test(test_names_are_resolved_once),
		cmocka_unit_test(
			test_a_name_is_sent_to_where_it_can_be_reached),
		cmocka_unit_test(
			test_a_name_that_nothing_reaches_is_tried_again_and_again),
		cmocka_unit_test(test_a_name_that_is_not_there_fails_once),
		cmocka_unit_test(test_what_waits_for_a_name_is_bounded),
		cmocka_unit_test(test_the_peer_used_least_is_forgotten),
		cmocka_unit_test(test_an_idle_association_ends),
		cmocka_unit_test(test_datagrams_wait_for_an_answer),
		cmocka_unit_test(test_the_hook_sees_sockets_for_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
