/* SPDX-License-Identifier: MIT */
#include "os/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container.h"

#include "../check.h"
#include "loopback.h"

/* What a sock told, and how often. */
struct ear {
	struct sock *s;
	unsigned told, calls;
	unsigned again; /* what to want anew each time */
	bool stop;      /* something was told */
	bool close;     /* close it at the first call */
};

static void hear(void *ctx, unsigned what)
{
	struct ear *e = ctx;

	e->told |= what;
	e->calls++;
	e->stop = true;
	if (e->close)
		sock_close(e->s, false);
	else
		sock_want(e->s, e->again & what);
}

static void listen_to(struct ear *e, struct sock *s)
{
	*e = (struct ear){ .s = s };
	sock_listen_to(s, hear, e);
}

/* Until it tells something more; what. */
static unsigned next_of(struct loopback *l, struct ear *e)
{
	e->told = 0;
	e->stop = false;
	loopback_until(l, &e->stop);
	return e->told;
}

/* What it tells without waiting. */
static unsigned now_of(struct loopback *l, struct ear *e)
{
	e->told = 0;
	loopback_now(l);
	return e->told;
}

/* A sock, and the other end in *peer. */
static struct sock *adopt(struct loopback *l, enum loopback_kind kind,
			  int *peer, struct ear *e)
{
	struct sock *s = NULL;
	int fd[2];

	loopback_pair(kind, fd);
	assert_int_equal(sock_adopt(&l->loop, fd[0], &s, NULL), 0);
	*peer = fd[1];
	listen_to(e, s);
	return s;
}

static ptrdiff_t read_one(struct sock *s, void *p, size_t len)
{
	struct span v = { p, len };

	return sock_read(s, &v, 1);
}

/* sock_write() only reads: the bytes are borrowed through a copy. */
static ptrdiff_t write_one(struct sock *s, const void *p, size_t len)
{
	static uint8_t copy[64 * 1024];
	struct span v = { copy, len };

	assert_true(len <= sizeof(copy));
	memcpy(copy, p, len);

	return sock_write(s, &v, 1);
}

/* Each test of this kind runs over all kinds of sockets. */
typedef void over_fn(struct loopback *l, enum loopback_kind kind);

static void over_all(over_fn *fn)
{
	enum loopback_kind kind;
	struct loopback l;

	for (kind = UNIX; kind <= TCP6; kind++) {
		if (!loopback_has(kind)) {
			print_message("no %s on this host: left out\n",
				      loopback_kind_name(kind));
			continue;
		}
		loopback_init(&l);
		fn(&l, kind);
		loopback_fini(&l);
	}
}

static void scatter(struct loopback *l, enum loopback_kind kind)
{
	static const char text[] = "to be or not to be";
	uint8_t a[3], b[1], c[64], back[64];
	struct span v[] = {
		{ a, sizeof(a) }, { b, 0 }, { b, sizeof(b) }, { c, sizeof(c) }
	};
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);

	loopback_send(peer, text, sizeof(text));
	sock_want(s, SOCK_IN);
	assert_int_equal(next_of(l, &e), SOCK_IN);
	assert_int_equal(sock_read(s, v, LEN(v)), sizeof(text));
	assert_memory_equal(a, "to ", 3);
	assert_memory_equal(b, "b", 1);
	assert_string_equal((char *)c, "e or not to be");

	v[3].len = sizeof(text) - 4;
	assert_int_equal(sock_write(s, v, LEN(v)), sizeof(text));
	loopback_recv(peer, back, sizeof(text));
	assert_string_equal((char *)back, text);
	sock_close(s, false);
	(void)close(peer);
}

static void test_one_call_moves_a_whole_batch_of_buffers(void **s)
{
	(void)s;
	over_all(scatter);
}

static void once(struct loopback *l, enum loopback_kind kind)
{
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);
	char c;

	assert_int_equal(read_one(s, &c, 1), -EAGAIN);
	sock_want(s, SOCK_IN);
	assert_int_equal(now_of(l, &e), 0);
	loopback_send(peer, "xyz", 3);
	assert_int_equal(next_of(l, &e), SOCK_IN);
	/* Bytes wait, but nobody asked again: the loop has nothing to do. */
	assert_int_equal(now_of(l, &e), 0);
	assert_int_equal(e.calls, 1);
	assert_false(uv_loop_alive(&l->loop));
	sock_want(s, SOCK_IN);
	assert_int_equal(next_of(l, &e), SOCK_IN);
	assert_int_equal(e.calls, 2);
	sock_close(s, false);
	(void)close(peer);
}

static void test_readiness_is_told_once_for_each_time_it_is_asked(void **s)
{
	(void)s;
	over_all(once);
}

static void fill(struct loopback *l, enum loopback_kind kind)
{
	size_t size = 64 * 1024, sent = 0, got = 0;
	uint8_t *buf = calloc(1, size);
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);
	ptrdiff_t n;

	assert_non_null(buf);
	while ((n = write_one(s, buf, size)) > 0)
		sent += (size_t)n;
	assert_int_equal(n, -EAGAIN);
	sock_want(s, SOCK_OUT);
	assert_int_equal(now_of(l, &e), 0);
	for (; got < sent; got += (size_t)n) {
		n = recv(peer, buf, size, 0);
		assert_true(n > 0);
	}
	assert_int_equal(next_of(l, &e), SOCK_OUT);
	assert_int_equal(write_one(s, buf, 1), 1);
	/* Writable all the time from now on, but nobody asked. */
	assert_int_equal(now_of(l, &e), 0);
	assert_false(uv_loop_alive(&l->loop));
	sock_close(s, false);
	(void)close(peer);
	free(buf);
}

static void test_a_full_socket_tells_when_it_has_room_again(void **s)
{
	(void)s;
	over_all(fill);
}

static void half_close(struct loopback *l, enum loopback_kind kind)
{
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);
	char c = 'r';

	sock_want(s, SOCK_IN | SOCK_HUP);
	loopback_send(peer, "q", 1);
	assert_int_equal(shutdown(peer, SHUT_WR), 0);
	e.again = SOCK_IN;
	assert_int_equal(next_of(l, &e), SOCK_IN);
	assert_int_equal(read_one(s, &c, 1), 1);
	assert_int_equal(next_of(l, &e), SOCK_IN);
	assert_int_equal(read_one(s, &c, 1), 0);
	e.again = 0;
	(void)now_of(l, &e);
	assert_int_equal(now_of(l, &e), 0); /* at rest, and no HUP */
	assert_int_equal(write_one(s, "r", 1), 1);
	loopback_recv(peer, &c, 1);
	assert_int_equal(c, 'r');

	/* The other half: Unix tells at once, TCP when it is written to. */
	(void)close(peer);
	if (kind != UNIX)
		assert_int_equal(write_one(s, "r", 1), 1);
	assert_int_equal(next_of(l, &e), SOCK_HUP);
	sock_close(s, false);
}

static void test_a_half_close_is_an_end_and_no_hang_up(void **s)
{
	(void)s;
	over_all(half_close);
}

static void own_end(struct loopback *l, enum loopback_kind kind)
{
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);
	char c;

	sock_want(s, SOCK_IN | SOCK_HUP);
	sock_shut(s, SOCK_OUT);
	assert_int_equal(loopback_peek_end(peer), 0);
	assert_int_equal(now_of(l, &e), 0);
	loopback_send(peer, "z", 1);
	assert_int_equal(next_of(l, &e), SOCK_IN);
	assert_int_equal(read_one(s, &c, 1), 1);
	/* Both directions have ended: that is one. */
	assert_int_equal(shutdown(peer, SHUT_WR), 0);
	assert_int_equal(next_of(l, &e), SOCK_HUP);
	assert_int_equal(read_one(s, &c, 1), 0);
	sock_close(s, false);
	(void)close(peer);
}

static void test_our_own_half_close_leaves_the_other_direction(void **s)
{
	(void)s;
	over_all(own_end);
}

static void deaf(struct loopback *l, enum loopback_kind kind)
{
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);
	char c;

	sock_want(s, SOCK_HUP);
	sock_shut(s, SOCK_IN);
	assert_int_equal(now_of(l, &e), 0);
	assert_int_equal(read_one(s, &c, 1), 0);
	assert_int_equal(write_one(s, "w", 1), 1);
	loopback_recv(peer, &c, 1);
	assert_int_equal(c, 'w');
	sock_close(s, false);
	(void)close(peer);
}

static void test_reading_may_end_while_writing_goes_on(void **s)
{
	(void)s;
	over_all(deaf);
}

static void killed(struct loopback *l, enum loopback_kind kind)
{
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);
	char c;

	/* Nobody reads; and there is something the peer has not read. */
	sock_want(s, SOCK_HUP);
	assert_int_equal(write_one(s, "abc", 3), 3);
	assert_int_equal(now_of(l, &e), 0);
	loopback_send(peer, "x", 1);
	(void)close(peer);
	assert_int_equal(next_of(l, &e), SOCK_HUP);
	/* What it sent before is still there, and then the reset. */
	assert_int_equal(read_one(s, &c, 1), 1);
	assert_int_equal(read_one(s, &c, 1), -ECONNRESET);
	assert_int_equal(write_one(s, "d", 1), -EPIPE); /* and no SIGPIPE */
	assert_int_equal(now_of(l, &e), 0);
	assert_false(uv_loop_alive(&l->loop));
	sock_close(s, false);
}

static void test_a_peer_that_died_is_told_even_if_nobody_reads(void **s)
{
	(void)s;
	over_all(killed);
}

static void hup_again(struct loopback *l, enum loopback_kind kind)
{
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);
	char c;

	loopback_reset(peer);
	if (kind != UNIX)
		assert_int_equal(sock_error(s), ECONNRESET);
	sock_want(s, SOCK_HUP);
	assert_int_equal(next_of(l, &e), SOCK_HUP);
	sock_want(s, SOCK_HUP | SOCK_IN);
	assert_true(next_of(l, &e) & SOCK_HUP);
	assert_int_equal(read_one(s, &c, 1), 0);
	sock_close(s, false);
}

static void test_a_hang_up_before_it_was_asked_for_is_told(void **s)
{
	(void)s;
	over_all(hup_again);
}

static void resets(struct loopback *l, enum loopback_kind kind)
{
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);

	sock_close(s, true);
	assert_int_equal(loopback_peek_end(peer),
			 kind == UNIX ? 0 : -ECONNRESET);
	(void)close(peer);
	s = adopt(l, kind, &peer, &e);
	sock_close(s, false);
	assert_int_equal(loopback_peek_end(peer), 0);
	(void)close(peer);
}

static void test_close_ends_in_order_or_resets(void **s)
{
	(void)s;
	over_all(resets);
}

static void close_inside(struct loopback *l, enum loopback_kind kind)
{
	struct ear e;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);

	e.close = true;
	sock_want(s, SOCK_IN | SOCK_OUT | SOCK_HUP);
	loopback_send(peer, "a", 1);
	(void)next_of(l, &e);
	assert_int_equal(now_of(l, &e), 0);
	assert_int_equal(e.calls, 1);
	(void)close(peer);
}

static void test_it_may_be_closed_in_its_own_callback(void **s)
{
	(void)s;
	over_all(close_inside);
}

static void release(struct loopback *l, enum loopback_kind kind)
{
	struct ear e;
	int peer, fd;
	struct sock *s = adopt(l, kind, &peer, &e);
	char c;

	sock_want(s, SOCK_IN | SOCK_HUP);
	loopback_now(l);
	fd = sock_release(s);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	loopback_send(peer, "a", 1);
	assert_int_equal(now_of(l, &e), 0);
	assert_int_equal(sock_adopt(&l->loop, fd, &s, NULL), 0);
	listen_to(&e, s);
	sock_want(s, SOCK_IN);
	assert_int_equal(next_of(l, &e), SOCK_IN);
	assert_int_equal(read_one(s, &c, 1), 1);
	sock_close(s, false);
	(void)close(peer);
}

static void test_a_released_descriptor_can_be_adopted_again(void **s)
{
	(void)s;
	over_all(release);
}

static void nobody(struct loopback *l, enum loopback_kind kind)
{
	struct ear e, other;
	int peer;
	struct sock *s = adopt(l, kind, &peer, &e);

	sock_want(s, SOCK_IN);
	sock_listen_to(s, NULL, NULL);
	sock_want(s, SOCK_IN | SOCK_HUP);
	loopback_send(peer, "a", 1);
	assert_int_equal(now_of(l, &e), 0);
	assert_false(uv_loop_alive(&l->loop));
	listen_to(&other, s);
	assert_int_equal(now_of(l, &other), 0); /* has asked for nothing */
	sock_want(s, SOCK_IN);
	assert_int_equal(next_of(l, &other), SOCK_IN);
	assert_int_equal(e.calls, 0);
	sock_close(s, false);
	(void)close(peer);
}

static void test_who_stopped_listening_is_not_told(void **s)
{
	(void)s;
	over_all(nobody);
}

static void flags(struct loopback *l, enum loopback_kind kind)
{
	static const int options[][2] = { { IPPROTO_TCP, TCP_NODELAY },
					  { SOL_SOCKET, SO_KEEPALIVE } };
	socklen_t len = sizeof(int);
	struct ear e;
	int peer, fd, on;
	size_t i;

	fd = sock_release(adopt(l, kind, &peer, &e));
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	for (i = 0; kind != UNIX && i < LEN(options); i++) {
		on = 0;
		assert_int_equal(
			getsockopt(fd, options[i][0], options[i][1], &on, &len),
			0);
		assert_true(on);
	}
	(void)close(fd);
	(void)close(peer);
}

static void test_sockets_do_not_block_nor_delay_and_are_not_inherited(void **s)
{
	(void)s;
	over_all(flags);
}

static void test_only_a_stream_socket_is_adopted(void **state)
{
	struct loopback l;
	struct sock *s;
	mv_error e;
	int fd[2];

	(void)state;
	loopback_init(&l);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(sock_adopt(&l.loop, fd[0], &s, &e), -MICROVM_EINVAL);
	assert_int_equal(e.os, ENOTSOCK);
	assert_int_equal(close(fd[0]), 0); /* still ours */
	assert_int_equal(close(fd[1]), 0);
	assert_int_equal(sock_adopt(&l.loop, -1, &s, &e), -MICROVM_EINVAL);
	assert_int_equal(e.os, EBADF);
	fd[0] = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(sock_adopt(&l.loop, fd[0], &s, &e), -MICROVM_EINVAL);
	assert_int_equal(close(fd[0]), 0);
	loopback_fini(&l);
}

static void connects(struct loopback *l, enum loopback_kind kind)
{
	char path[128];
	struct addr at, own;
	struct sock *s;
	struct ear e;
	int listener, peer;

	if (kind == UNIX) {
		loopback_path(l, "s", path, sizeof(path));
		listener = loopback_listen_at(path);
		assert_int_equal(sock_connect_unix(&l->loop, path, &s, NULL),
				 0);
	} else {
		listener = loopback_listen(kind, &at);
		assert_int_equal(
			sock_connect(&l->loop, &at, NULL, NULL, &s, NULL), 0);
	}
	listen_to(&e, s);
	sock_want(s, SOCK_OUT);
	assert_int_equal(next_of(l, &e), SOCK_OUT);
	assert_int_equal(sock_error(s), 0);
	peer = loopback_accept(listener);
	assert_int_equal(sock_local(s, &own), kind != UNIX);
	if (kind != UNIX)
		assert_memory_equal(own.ip, at.ip, sizeof(own.ip));
	sock_close(s, false);
	(void)close(peer);
	(void)close(listener);
}

static void test_connecting_is_over_when_it_is_writable(void **s)
{
	(void)s;
	over_all(connects);
}

static void test_a_refused_connect_says_so(void **state)
{
	struct loopback l;
	struct addr at;
	struct sock *s;
	struct ear e;
	int fd;

	(void)state;
	loopback_init(&l);
	fd = loopback_dead_port(&at);
	assert_int_equal(sock_connect(&l.loop, &at, NULL, NULL, &s, NULL), 0);
	listen_to(&e, s);
	sock_want(s, SOCK_OUT);
	assert_int_equal(next_of(&l, &e), SOCK_OUT);
	assert_int_equal(sock_error(s), ECONNREFUSED);
	sock_close(s, false);
	(void)close(fd);
	loopback_fini(&l);
}

static void test_a_path_where_nobody_listens_is_refused_at_once(void **state)
{
	char path[128], longer[400];
	struct loopback l;
	struct sock *s;
	mv_error e;

	(void)state;
	loopback_init(&l);
	loopback_path(&l, "s", path, sizeof(path));
	assert_int_equal(sock_connect_unix(&l.loop, path, &s, &e),
			 -MICROVM_EREFUSED);
	assert_int_equal(e.os, ENOENT);
	(void)close(loopback_listen_at(path));
	assert_int_equal(sock_connect_unix(&l.loop, path, &s, &e),
			 -MICROVM_EREFUSED);
	assert_int_equal(e.os, ECONNREFUSED);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(sock_connect_unix(&l.loop, longer, &s, &e),
			 -MICROVM_EINVAL);
	assert_non_null(strstr(e.msg, "399 bytes"));
	assert_int_equal(sock_connect_unix(&l.loop, "", &s, &e),
			 -MICROVM_EINVAL);
	loopback_fini(&l);
}

struct seen {
	struct addr to;
	int type;
	bool leave;
};

static bool look(void *ctx, int fd, const struct addr *to)
{
	socklen_t len = sizeof(int);
	struct seen *seen = ctx;

	seen->to = *to;
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_TYPE, &seen->type, &len),
			 0);
	return seen->leave;
}

static void test_the_hook_sees_each_socket_and_may_refuse_it(void **state)
{
	struct addr none = { 0 }, at;
	struct seen seen = { 0 };
	struct loopback l;
	struct sock *s;
	mv_error e;
	int fd;

	(void)state;
	loopback_init(&l);
	fd = loopback_listen(TCP4, &at);
	assert_int_equal(sock_connect(&l.loop, &at, look, &seen, &s, &e),
			 -MICROVM_EREFUSED);
	assert_true(addr_equal(&seen.to, &at));
	assert_int_equal(seen.type, SOCK_STREAM);
	assert_int_equal(sock_udp(&l.loop, ADDR_IPV4, look, &seen, &at, &s, &e),
			 -MICROVM_EREFUSED);
	assert_int_equal(seen.type, SOCK_DGRAM);
	seen.leave = true;
	assert_int_equal(sock_connect(&l.loop, &at, look, &seen, &s, &e), 0);
	sock_close(s, false);
	assert_int_equal(sock_connect(&l.loop, &none, look, &seen, &s, &e),
			 -MICROVM_EINVAL);
	(void)close(fd);
	loopback_fini(&l);
}

static void datagrams(struct loopback *l, enum loopback_kind kind)
{
	enum addr_family family = kind == TCP6 ? ADDR_IPV6 : ADDR_IPV4;
	struct addr to, from;
	struct sock *a, *b;
	struct ear e;
	char buf[16];

	if (kind == UNIX)
		return;
	assert_true(addr_parse_ip(kind == TCP6 ? "::1" : "127.0.0.1", &to));
	assert_int_equal(sock_udp(&l->loop, family, NULL, NULL, &to, &a, NULL),
			 0);
	assert_int_equal(sock_udp(&l->loop, family, NULL, NULL, &to, &b, NULL),
			 0);
	listen_to(&e, b);
	assert_true(sock_local(b, &from));
	to.port = from.port;
	assert_int_equal(sock_recv_from(b, buf, sizeof(buf), &from), -EAGAIN);
	sock_want(b, SOCK_IN);
	assert_int_equal(sock_send_to(a, "hello", 5, &to), 5);
	assert_int_equal(next_of(l, &e), SOCK_IN);
	assert_int_equal(sock_recv_from(b, buf, sizeof(buf), &from), 5);
	assert_memory_equal(buf, "hello", 5);
	assert_true(sock_local(a, &to));
	assert_int_equal(from.port, to.port);

	/* Back to where it came from: empty, then one that is cut. */
	listen_to(&e, a);
	sock_want(a, SOCK_IN);
	assert_int_equal(sock_send_to(b, "", 0, &from), 0);
	assert_int_equal(sock_send_to(b, "hello, world", 12, &from), 12);
	assert_int_equal(next_of(l, &e), SOCK_IN);
	assert_int_equal(sock_recv_from(a, buf, 5, &from), 0);
	assert_int_equal(sock_recv_from(a, buf, 5, &from), -EMSGSIZE);
	assert_int_equal(sock_recv_from(a, buf, 5, &from), -EAGAIN);
	sock_close(a, false);
	sock_close(b, false);
}

static void test_datagrams_keep_their_bounds_and_senders(void **s)
{
	(void)s;
	over_all(datagrams);
}

static void test_a_udp_socket_is_of_one_family(void **state)
{
	struct loopback l;
	struct addr six;
	struct sock *s;

	(void)state;
	loopback_init(&l);
	assert_true(addr_parse_ip("::1", &six));
	assert_int_equal(
		sock_udp(&l.loop, ADDR_IPV4, NULL, NULL, &six, &s, NULL),
		-MICROVM_EINVAL);
	assert_int_equal(
		sock_udp(&l.loop, ADDR_NONE, NULL, NULL, &six, &s, NULL),
		-MICROVM_EINVAL);
	loopback_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_call_moves_a_whole_batch_of_buffers),
		cmocka_unit_test(
			test_readiness_is_told_once_for_each_time_it_is_asked),
		cmocka_unit_test(
			test_a_full_socket_tells_when_it_has_room_again),
		cmocka_unit_test(test_a_half_close_is_an_end_and_no_hang_up),
		cmocka_unit_test(
			test_our_own_half_close_leaves_the_other_direction),
		cmocka_unit_test(test_reading_may_end_while_writing_goes_on),
		cmocka_unit_test(
			test_a_peer_that_died_is_told_even_if_nobody_reads),
		cmocka_unit_test(
			test_a_hang_up_before_it_was_asked_for_is_told),
		cmocka_unit_test(test_close_ends_in_order_or_resets),
		cmocka_unit_test(test_it_may_be_closed_in_its_own_callback),
		cmocka_unit_test(
			test_a_released_descriptor_can_be_adopted_again),
		cmocka_unit_test(test_who_stopped_listening_is_not_told),
		cmocka_unit_test(
			test_sockets_do_not_block_nor_delay_and_are_not_inherited),
		cmocka_unit_test(test_only_a_stream_socket_is_adopted),
		cmocka_unit_test(test_connecting_is_over_when_it_is_writable),
		cmocka_unit_test(test_a_refused_connect_says_so),
		cmocka_unit_test(
			test_a_path_where_nobody_listens_is_refused_at_once),
		cmocka_unit_test(
			test_the_hook_sees_each_socket_and_may_refuse_it),
		cmocka_unit_test(test_datagrams_keep_their_bounds_and_senders),
		cmocka_unit_test(test_a_udp_socket_is_of_one_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
