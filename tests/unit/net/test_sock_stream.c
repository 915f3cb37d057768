/* SPDX-License-Identifier: MIT */
#include "net/sock_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container.h"

#include "../check.h"
#include "loopback.h"

/* The carrier: notes what it is told, and does nothing by itself. */
struct carrier {
	struct loopback l;
	struct stream *s;
	int peer;
	unsigned news, deaf; /* deaf: how often */
	bool told;
};

static void ready(struct stream *s, unsigned news)
{
	struct carrier *c = s->carrier;

	c->news |= news;
	c->deaf += !!(news & STREAM_DEAF);
	c->told = true;
}

static void carry(struct carrier *c, struct stream *s)
{
	c->s = s;
	s->ready = ready;
	s->carrier = c;
}

static void init(struct carrier *c, enum loopback_kind kind)
{
	struct stream *s = NULL;
	struct sock *sock = NULL;
	int fd[2];

	memset(c, 0, sizeof(*c));
	loopback_init(&c->l);
	loopback_pair(kind, fd);
	c->peer = fd[1];
	assert_int_equal(sock_adopt(&c->l.loop, fd[0], &sock, NULL), 0);
	assert_int_equal(sock_stream_new(sock, &s, NULL), 0);
	assert_false(s->opening);
	carry(c, s);
}

static void fini(struct carrier *c, enum stream_why why)
{
	if (c->s)
		c->s->ops->close(c->s, why);
	if (c->peer >= 0)
		(void)close(c->peer);
	loopback_fini(&c->l);
}

static void peer_close(struct carrier *c)
{
	(void)close(c->peer);
	c->peer = -1;
}

/* Until all of `news` was told. */
static void wait_for(struct carrier *c, unsigned news)
{
	while ((c->news & news) != news) {
		c->told = false;
		loopback_until(&c->l, &c->told);
	}
	c->news &= ~news;
}

static ptrdiff_t read_some(struct carrier *c, void *p, size_t len)
{
	struct span v = { p, len };

	return c->s->ops->read(c->s, &v, 1);
}

static ptrdiff_t write_some(struct carrier *c, const char *text)
{
	uint8_t copy[64];
	struct span v = { copy, strlen(text) };

	assert_true(v.len <= sizeof(copy));
	memcpy(copy, text, v.len);
	return c->s->ops->write(c->s, &v, 1);
}

/* As a carrier does: what comes, or the end. */
static ptrdiff_t read_next(struct carrier *c, void *p, size_t len)
{
	ptrdiff_t n;

	while ((n = read_some(c, p, len)) == STREAM_AGAIN)
		wait_for(c, STREAM_READ);
	return n;
}

typedef void over_fn(enum loopback_kind kind);

static void over_all(over_fn *fn)
{
	enum loopback_kind kind;

	for (kind = UNIX; kind <= TCP6; kind++) {
		if (loopback_has(kind))
			fn(kind);
		else
			print_message("no %s on this host: left out\n",
				      loopback_kind_name(kind));
	}
}

static void both_ways(enum loopback_kind kind)
{
	struct carrier c;
	char buf[16];

	init(&c, kind);
	assert_int_equal(read_some(&c, buf, sizeof(buf)), STREAM_AGAIN);
	loopback_send(c.peer, "down", 4);
	wait_for(&c, STREAM_READ);
	assert_int_equal(read_some(&c, buf, sizeof(buf)), 4);
	assert_memory_equal(buf, "down", 4);
	assert_int_equal(write_some(&c, "upper"), 5);
	loopback_recv(c.peer, buf, 5);
	assert_memory_equal(buf, "upper", 5);
	assert_int_equal(container_of(c.s, struct sock_stream, stream)->down,
			 4);
	assert_int_equal(container_of(c.s, struct sock_stream, stream)->up, 5);
	fini(&c, STREAM_DONE);
}

static void test_bytes_go_both_ways_and_are_counted(void **s)
{
	(void)s;
	over_all(both_ways);
}

/* More than any socket takes at once: the same bytes in the same order. */
static void much(enum loopback_kind kind)
{
	enum { ALL = 8 * 1024 * 1024, PART = 64 * 1024 };

	uint8_t *all = malloc(ALL), *back = malloc(ALL);
	size_t sent = 0, got = 0, i;
	struct carrier c;

	assert_true(all && back);
	for (i = 0; i < ALL; i++)
		all[i] = (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16));
	init(&c, kind);
	while (got < ALL) {
		struct span v[2] = { { all + sent, 0 }, { NULL, 0 } };
		size_t left = ALL - sent < PART ? ALL - sent : PART;
		ptrdiff_t n = STREAM_AGAIN;

		v[0].len = left / 3;
		v[1] = (struct span){ all + sent + v[0].len, left - v[0].len };
		if (left)
			n = c.s->ops->write(c.s, v, 2);
		if (n > 0) {
			sent += (size_t)n;
			continue;
		}
		assert_int_equal(n, STREAM_AGAIN);
		n = recv(c.peer, back + got, ALL - got, 0);
		assert_true(n > 0);
		got += (size_t)n;
		loopback_now(&c.l);
	}
	assert_memory_equal(all, back, ALL);
	assert_true(c.news & STREAM_WRITE);
	fini(&c, STREAM_DONE);
	free(all);
	free(back);
}

static void test_a_full_socket_holds_up_the_guest_and_loses_nothing(void **s)
{
	(void)s;
	over_all(much);
}

static void host_first(enum loopback_kind kind)
{
	struct carrier c;
	char buf[8];

	init(&c, kind);
	loopback_send(c.peer, "bye", 3);
	assert_int_equal(shutdown(c.peer, SHUT_WR), 0);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 3);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 0);
	/* The other direction is as before, and nobody called it deaf. */
	loopback_now(&c.l);
	assert_int_equal(c.deaf, 0);
	assert_int_equal(write_some(&c, "later"), 5);
	loopback_recv(c.peer, buf, 5);
	c.s->ops->end(c.s);
	assert_int_equal(loopback_peek_end(c.peer), 0);
	loopback_now(&c.l);
	assert_int_equal(c.deaf, 0);
	fini(&c, STREAM_DONE);
}

static void guest_first(enum loopback_kind kind)
{
	struct carrier c;
	char buf[8];

	init(&c, kind);
	assert_int_equal(write_some(&c, "bye"), 3);
	c.s->ops->end(c.s);
	loopback_recv(c.peer, buf, 3);
	assert_int_equal(loopback_peek_end(c.peer), 0);
	loopback_send(c.peer, "later", 5);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 5);
	/* The host's end then is no news for the guest's direction. */
	peer_close(&c);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 0);
	loopback_now(&c.l);
	assert_int_equal(c.deaf, 0);
	fini(&c, STREAM_DONE);
}

static void guest_deaf(enum loopback_kind kind)
{
	struct carrier c;
	char buf[8];

	init(&c, kind);
	c.s->ops->deaf(c.s);
	loopback_now(&c.l);
	assert_int_equal(c.deaf, 0);
	assert_int_equal(write_some(&c, "still"), 5);
	loopback_recv(c.peer, buf, 5);
	if (kind == UNIX) { /* TCP has no way to say it */
		assert_int_equal(send(c.peer, "x", 1, MSG_NOSIGNAL), -1);
		assert_int_equal(errno, EPIPE);
	}
	c.s->ops->end(c.s);
	assert_int_equal(loopback_peek_end(c.peer), 0);
	fini(&c, STREAM_DONE);
}

/* Only a Unix socket tells: a TCP peer that reads no more looks idle. */
static void host_deaf(enum loopback_kind kind)
{
	struct carrier c;
	char buf[8];

	if (kind != UNIX)
		return;
	init(&c, kind);
	assert_int_equal(shutdown(c.peer, SHUT_RD), 0);
	loopback_now(&c.l);
	assert_int_equal(c.deaf, 0);
	assert_int_equal(write_some(&c, "x"), STREAM_AGAIN);
	assert_int_equal(c.deaf, 1);
	loopback_send(c.peer, "last", 4);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 4);
	peer_close(&c);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 0);
	assert_int_equal(c.deaf, 1);
	fini(&c, STREAM_DONE);
}

static void both_at_once(enum loopback_kind kind)
{
	struct carrier c;
	char buf[8];

	init(&c, kind);
	assert_int_equal(shutdown(c.peer, SHUT_WR), 0);
	c.s->ops->end(c.s);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 0);
	assert_int_equal(loopback_peek_end(c.peer), 0);
	assert_int_equal(c.deaf, 0);
	fini(&c, STREAM_DONE);
}

static void test_each_direction_ends_by_itself(void **s)
{
	(void)s;
	over_all(host_first);
	over_all(guest_first);
	over_all(guest_deaf);
	over_all(host_deaf);
	over_all(both_at_once);
}

static void ends_as(enum loopback_kind kind, enum stream_why why, bool reset)
{
	struct carrier c;

	init(&c, kind);
	c.s->ops->close(c.s, why);
	c.s = NULL;
	assert_int_equal(loopback_peek_end(c.peer),
			 reset && kind != UNIX ? -ECONNRESET : 0);
	fini(&c, why);
}

static void ends(enum loopback_kind kind)
{
	ends_as(kind, STREAM_DONE, false);
	ends_as(kind, STREAM_RESET, true);
	ends_as(kind, STREAM_REFUSED, true);
	ends_as(kind, STREAM_TIMEOUT, true);
	ends_as(kind, STREAM_GONE, true);
}

static void test_what_did_not_end_in_order_is_a_reset_for_tcp(void **s)
{
	(void)s;
	over_all(ends);
}

/* The guest takes nothing: nobody reads, and nobody writes. */
static void dies(enum loopback_kind kind)
{
	struct carrier c;
	char buf[8];

	init(&c, kind);
	assert_int_equal(write_some(&c, "unread"), 6);
	loopback_send(c.peer, "abc", 3);
	loopback_now(&c.l);
	assert_int_equal(c.news, 0);
	peer_close(&c); /* with our bytes unread: a reset */
	wait_for(&c, STREAM_DEAF);
	/* What it had sent is not lost by that; then it is seen to be cut. */
	assert_int_equal(write_some(&c, "x"), STREAM_AGAIN);
	assert_int_equal(c.deaf, 2);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 3);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), STREAM_ERROR);
	fini(&c, STREAM_RESET);
}

static void test_a_killed_host_program_is_noticed_when_nobody_reads(void **s)
{
	(void)s;
	over_all(dies);
}

/* The write is what meets the error first, before the loop sees it. */
static void write_meets(enum loopback_kind kind)
{
	struct carrier c;
	char buf[8];

	if (kind == UNIX)
		return; /* says EPIPE, and keeps its error for the reader */
	init(&c, kind);
	loopback_send(c.peer, "abc", 3);
	loopback_reset(c.peer);
	c.peer = -1;
	assert_int_equal(write_some(&c, "x"), STREAM_AGAIN);
	assert_int_equal(c.deaf, 1);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 3);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), STREAM_ERROR);
	fini(&c, STREAM_RESET);
}

static void test_a_reset_met_by_a_write_is_not_lost_for_the_reader(void **s)
{
	(void)s;
	over_all(write_meets);
}

/* An answer that comes early: the guest is still sending, and gets it all. */
static void early(enum loopback_kind kind)
{
	struct carrier c;
	char buf[8];

	init(&c, kind);
	loopback_send(c.peer, "go away", 7);
	peer_close(&c);
	assert_int_equal(read_next(&c, buf, 2), 2);
	if (kind == UNIX) {
		assert_int_equal(write_some(&c, "more"), STREAM_AGAIN);
	} else {
		assert_int_equal(write_some(&c, "more"), 4); /* meets a RST */
		wait_for(&c, STREAM_DEAF);
	}
	assert_int_equal(c.deaf, 1);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 5);
	assert_memory_equal(buf, " away", 5);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 0);
	fini(&c, STREAM_DONE);
}

static void test_an_early_answer_reaches_a_guest_that_still_sends(void **s)
{
	(void)s;
	over_all(early);
}

static void too_late(enum loopback_kind kind)
{
	struct carrier c;
	char buf[8];

	init(&c, kind);
	assert_int_equal(shutdown(c.peer, SHUT_WR), 0);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 0);
	peer_close(&c);
	if (kind != UNIX) {
		assert_int_equal(write_some(&c, "x"), 1); /* meets a RST */
		wait_for(&c, STREAM_DEAF);
	}
	/* Bytes are lost, and there is nothing else to save. */
	assert_int_equal(write_some(&c, "x"), STREAM_ERROR);
	fini(&c, STREAM_RESET);
}

static void test_bytes_for_nobody_reset_the_guest(void **s)
{
	(void)s;
	over_all(too_late);
}

static void count_round(uv_prepare_t *p)
{
	++*(unsigned *)p->data;
}

static void over(uv_timer_t *t)
{
	*(bool *)t->data = true;
}

/* A guest without credit: bytes, and their end, wait in the socket. */
static void no_credit(enum loopback_kind kind)
{
	uv_prepare_t prepare;
	uv_timer_t timer;
	unsigned rounds = 0;
	struct carrier c;
	bool stop = false;
	char buf[8];

	init(&c, kind);
	assert_int_equal(read_some(&c, buf, 1), STREAM_AGAIN);
	loopback_send(c.peer, "abc", 3);
	assert_int_equal(shutdown(c.peer, SHUT_WR), 0);
	wait_for(&c, STREAM_READ);
	(void)uv_prepare_init(&c.l.loop, &prepare);
	prepare.data = &rounds;
	(void)uv_prepare_start(&prepare, count_round);
	(void)uv_timer_init(&c.l.loop, &timer);
	timer.data = &stop;
	(void)uv_timer_start(&timer, over, 30, 0);
	loopback_until(&c.l, &stop);
	assert_in_range(rounds, 1, 6); /* a spin: thousands */
	assert_int_equal(c.news, 0);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 3);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 0);
	uv_close((uv_handle_t *)&prepare, NULL);
	uv_close((uv_handle_t *)&timer, NULL);
	fini(&c, STREAM_DONE);
}

static void test_a_guest_without_credit_does_not_spin_the_loop(void **s)
{
	(void)s;
	over_all(no_credit);
}

static void test_a_connect_that_succeeds_opens_the_stream(void **state)
{
	struct carrier c = { .peer = -1 };
	struct sock *sock = NULL;
	struct stream *s = NULL;
	struct addr at;
	char buf[8];
	int fd;

	(void)state;
	loopback_init(&c.l);
	fd = loopback_listen(TCP4, &at);
	assert_int_equal(sock_connect(&c.l.loop, &at, NULL, NULL, &sock, NULL),
			 0);
	assert_int_equal(sock_stream_opening(sock, &s, NULL), 0);
	assert_true(s->opening);
	carry(&c, s);
	wait_for(&c, STREAM_OPEN);
	assert_false(s->opening);
	c.peer = loopback_accept(fd);
	loopback_send(c.peer, "hi", 2);
	assert_int_equal(read_next(&c, buf, sizeof(buf)), 2);
	loopback_reset(c.peer);
	c.peer = -1;
	wait_for(&c, STREAM_DEAF); /* it is attended to like any other */
	(void)close(fd);
	fini(&c, STREAM_RESET);
}

static void test_a_connect_that_fails_refuses_the_guest(void **state)
{
	struct carrier c = { .peer = -1 };
	struct sock *sock = NULL;
	struct stream *s = NULL;
	struct addr at;
	int fd;

	(void)state;
	loopback_init(&c.l);
	fd = loopback_dead_port(&at);
	assert_int_equal(sock_connect(&c.l.loop, &at, NULL, NULL, &sock, NULL),
			 0);
	assert_int_equal(sock_stream_opening(sock, &s, NULL), 0);
	carry(&c, s);
	wait_for(&c, STREAM_BROKEN);
	assert_true(s->opening);
	assert_int_equal(c.news, 0);
	(void)close(fd);
	fini(&c, STREAM_RESET);
}

static void test_a_guest_may_leave_before_the_connect_is_over(void **state)
{
	struct carrier c = { .peer = -1 };
	struct sock *sock = NULL;
	struct stream *s = NULL;
	struct addr at;
	int fd;

	(void)state;
	loopback_init(&c.l);
	fd = loopback_listen(TCP4, &at);
	assert_int_equal(sock_connect(&c.l.loop, &at, NULL, NULL, &sock, NULL),
			 0);
	assert_int_equal(sock_stream_opening(sock, &s, NULL), 0);
	carry(&c, s);
	s->ops->close(s, STREAM_GONE);
	c.s = NULL;
	loopback_now(&c.l);
	assert_false(c.told);
	(void)close(fd);
	fini(&c, STREAM_GONE);
}

/* Part of something greater. */
struct session {
	struct sock_stream stream;
	unsigned opened, closed;
	enum stream_why why;
};

static void session_opened(struct sock_stream *s)
{
	container_of(s, struct session, stream)->opened++;
}

static void session_closed(struct sock_stream *s, enum stream_why why)
{
	struct session *p = container_of(s, struct session, stream);

	assert_null(s->sock);
	p->closed++;
	p->why = why;
}

static void test_one_inside_something_greater_tells_it_its_ends(void **state)
{
	struct session p = { 0 };
	struct loopback l;
	struct sock *sock = NULL;
	int fd[2];

	(void)state;
	loopback_init(&l);
	loopback_pair(UNIX, fd);
	assert_int_equal(sock_adopt(&l.loop, fd[0], &sock, NULL), 0);
	sock_stream_init(&p.stream, sock);
	p.stream.opened = session_opened;
	p.stream.closed = session_closed;
	p.stream.stream.ops->opened(&p.stream.stream);
	assert_int_equal(p.opened, 1);
	/* Nobody carries it yet: nobody is told, and nothing breaks. */
	(void)close(fd[1]);
	loopback_now(&l);
	p.stream.stream.ops->close(&p.stream.stream, STREAM_TIMEOUT);
	assert_int_equal(p.closed, 1);
	assert_int_equal(p.why, STREAM_TIMEOUT);
	loopback_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_go_both_ways_and_are_counted),
		cmocka_unit_test(
			test_a_full_socket_holds_up_the_guest_and_loses_nothing),
		cmocka_unit_test(test_each_direction_ends_by_itself),
		cmocka_unit_test(
			test_what_did_not_end_in_order_is_a_reset_for_tcp),
		cmocka_unit_test(
			test_a_killed_host_program_is_noticed_when_nobody_reads),
		cmocka_unit_test(
			test_a_reset_met_by_a_write_is_not_lost_for_the_reader),
		cmocka_unit_test(
			test_an_early_answer_reaches_a_guest_that_still_sends),
		cmocka_unit_test(test_bytes_for_nobody_reset_the_guest),
		cmocka_unit_test(
			test_a_guest_without_credit_does_not_spin_the_loop),
		cmocka_unit_test(test_a_connect_that_succeeds_opens_the_stream),
		cmocka_unit_test(test_a_connect_that_fails_refuses_the_guest),
		cmocka_unit_test(
			test_a_guest_may_leave_before_the_connect_is_over),
		cmocka_unit_test(
			test_one_inside_something_greater_tells_it_its_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
