/* SPDX-License-Identifier: MIT */
#include "net/dial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/sockaddr.h"
#include "os/sockfd.h"
#include "os/time.h"

#include "../check.h"
#include "loopback.h"

struct caller {
	struct loopback l;
	struct dial *d;
	struct sock *s;
	struct addr to;
	int os;
	bool done;
	struct addr tried[DIAL_ADDRS + 2]; /* as the hook saw them */
	unsigned hooks, refuse;            /* so many first ones */
};

static void done(void *ctx, struct sock *s, const struct addr *to, int os)
{
	struct caller *c = ctx;

	assert_false(c->done);
	c->done = true;
	c->s = s;
	c->os = os;
	if (to)
		c->to = *to;
	assert_int_equal(!s, !to);
}

static bool hook(void *ctx, int fd, const struct addr *to)
{
	struct caller *c = ctx;

	assert_true(fd >= 0);
	assert_true(c->hooks < DIAL_ADDRS + 2);
	c->tried[c->hooks++] = *to;
	return c->hooks > c->refuse;
}

static void start(struct caller *c, uint32_t ms)
{
	struct dial_user user = {
		.done = done, .hook = hook, .hook_ctx = c, .ctx = c
	};

	memset(c, 0, sizeof(*c));
	loopback_init(&c->l);
	assert_int_equal(dial_start(&c->l.loop, &user, ms, &c->d, NULL), 0);
}

static void fini(struct caller *c)
{
	if (c->s)
		sock_close(c->s, false);
	loopback_fini(&c->l);
}

static void offer(struct caller *c, const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	dial_offer(c->d, &a);
}

/* How many ms until it is over. */
static uint64_t wait_ms(struct caller *c)
{
	uint64_t from = time_mono_ns();

	loopback_until(&c->l, &c->done);
	return (time_mono_ns() - from) / 1000000;
}

/*
 * A listener of which nobody can tell whether it is there: its backlog is
 * full, so further attempts to connect wait.  *filler keeps it so.
 */
struct hole {
	int fd, filler[8];
	struct addr at;
};

static void hole_init(struct hole *h)
{
	struct sockaddr_storage sa;
	socklen_t len;
	size_t i;

	h->fd = loopback_listen(TCP4, &h->at);
	assert_int_equal(listen(h->fd, 0), 0);
	len = sockaddr_from_addr(&sa, &h->at);
	for (i = 0; i < sizeof(h->filler) / sizeof(*h->filler); i++) {
		h->filler[i] = sockfd_make(AF_INET, SOCK_STREAM);
		(void)connect(h->filler[i], (const struct sockaddr *)&sa, len);
	}
}

static void hole_fini(struct hole *h)
{
	size_t i;

	for (i = 0; i < sizeof(h->filler) / sizeof(*h->filler); i++)
		(void)close(h->filler[i]);
	(void)close(h->fd);
}

static void test_one_address_is_connected_to(void **s)
{
	struct caller c;
	struct addr at;
	int fd, peer;

	(void)s;
	start(&c, 10000);
	fd = loopback_listen(TCP4, &at);
	dial_offer(c.d, &at);
	dial_complete(c.d);
	assert_false(c.done);
	(void)wait_ms(&c);
	assert_non_null(c.s);
	assert_int_equal(c.os, 0);
	assert_true(addr_equal(&c.to, &at));
	peer = loopback_accept(fd);
	(void)close(peer);
	(void)close(fd);
	fini(&c);
}

static void test_a_refusal_begins_the_next_attempt_at_once(void **s)
{
	struct addr dead, at;
	struct caller c;
	int fd, dead_fd;

	(void)s;
	start(&c, 10000);
	dead_fd = loopback_dead_port(&dead);
	fd = loopback_listen(TCP4, &at);
	dial_offer(c.d, &dead);
	dial_offer(c.d, &at);
	assert_true(wait_ms(&c) < DIAL_STAGGER_MS);
	assert_true(addr_equal(&c.to, &at));
	(void)close(fd);
	(void)close(dead_fd);
	fini(&c);
}

static void test_a_silent_address_is_overtaken_after_the_stagger(void **s)
{
	struct caller c;
	struct hole hole;
	struct addr at;
	uint64_t ms;
	int fd;

	(void)s;
	start(&c, 10000);
	hole_init(&hole);
	fd = loopback_listen(TCP4, &at);
	dial_offer(c.d, &hole.at);
	dial_offer(c.d, &at);
	dial_complete(c.d);
	ms = wait_ms(&c);
	assert_true(ms + 50 >= DIAL_STAGGER_MS);
	assert_true(addr_equal(&c.to, &at));
	hole_fini(&hole);
	(void)close(fd);
	fini(&c);
}

static void test_all_of_it_has_a_limit(void **s)
{
	struct caller c;
	struct hole hole;

	(void)s;
	start(&c, 50);
	hole_init(&hole);
	dial_offer(c.d, &hole.at);
	(void)wait_ms(&c);
	assert_null(c.s);
	assert_int_equal(c.os, ETIMEDOUT);
	hole_fini(&hole);
	fini(&c);

	start(&c, 1); /* nothing was even offered */
	(void)wait_ms(&c);
	assert_int_equal(c.os, ETIMEDOUT);
	fini(&c);
}

static void test_failure_waits_until_the_offers_are_complete(void **s)
{
	struct addr dead, at;
	struct caller c;
	int fd, dead_fd;

	(void)s;
	start(&c, 10000);
	dead_fd = loopback_dead_port(&dead);
	fd = loopback_listen(TCP4, &at);
	dial_offer(c.d, &dead);
	loopback_now(&c.l);
	assert_int_equal(c.hooks, 1);
	assert_false(c.done);
	/* A late one is tried at once: nobody is on the way any more. */
	dial_offer(c.d, &at);
	assert_true(wait_ms(&c) < DIAL_STAGGER_MS);
	assert_true(addr_equal(&c.to, &at));
	(void)close(fd);
	(void)close(dead_fd);
	fini(&c);

	start(&c, 10000);
	dead_fd = loopback_dead_port(&dead);
	dial_offer(c.d, &dead);
	loopback_now(&c.l);
	assert_false(c.done);
	dial_complete(c.d);
	assert_false(c.done);
	(void)wait_ms(&c);
	assert_int_equal(c.os, ECONNREFUSED);
	(void)close(dead_fd);
	fini(&c);
}

static void test_no_address_at_all_is_unreachable(void **s)
{
	struct caller c;

	(void)s;
	start(&c, 10000);
	dial_complete(c.d);
	assert_false(c.done);
	(void)wait_ms(&c);
	assert_null(c.s);
	assert_int_equal(c.os, EHOSTUNREACH);
	fini(&c);
}

static void test_families_alternate_even_when_one_comes_late(void **s)
{
	struct addr dead[2], six;
	struct caller c;
	struct hole hole;
	int fd[3];
	size_t i;

	(void)s;
	if (!loopback_has(TCP6)) {
		print_message("no IPv6 on this host: left out\n");
		return;
	}
	start(&c, 10000);
	hole_init(&hole);
	dial_offer(c.d, &hole.at);
	loopback_now(&c.l);
	assert_int_equal(c.hooks, 1); /* IPv4 is on its way */
	for (i = 0; i < 2; i++) {
		fd[i] = loopback_dead_port(&dead[i]);
		dial_offer(c.d, &dead[i]);
	}
	fd[2] = loopback_listen(TCP6, &six);
	dial_offer(c.d, &six);
	dial_complete(c.d);
	(void)wait_ms(&c);
	/* The other family's turn, although it was offered last. */
	assert_int_equal(c.hooks, 2);
	assert_true(addr_equal(&c.tried[1], &six));
	assert_true(addr_equal(&c.to, &six));
	for (i = 0; i < 3; i++)
		(void)close(fd[i]);
	hole_fini(&hole);
	fini(&c);
}

static void test_the_hook_may_refuse_an_attempt(void **s)
{
	struct addr at, other;
	struct caller c;
	int fd, fd2;

	(void)s;
	start(&c, 10000);
	c.refuse = 1;
	fd = loopback_listen(TCP4, &at);
	fd2 = loopback_listen(TCP4, &other);
	dial_offer(c.d, &at);
	dial_offer(c.d, &other);
	(void)wait_ms(&c);
	assert_int_equal(c.hooks, 2);
	assert_true(addr_equal(&c.to, &other));
	(void)close(fd);
	(void)close(fd2);
	fini(&c);

	start(&c, 10000);
	c.refuse = UINT32_MAX;
	offer(&c, "127.0.0.1:1");
	dial_complete(c.d);
	(void)wait_ms(&c);
	assert_int_equal(c.os, EACCES);
	fini(&c);
}

static void test_the_errno_that_got_furthest_is_told(void **s)
{
	struct addr dead;
	struct caller c;
	int fd;

	(void)s;
	/* Refused by the hook, then by the host: the latter counts. */
	start(&c, 10000);
	c.refuse = 1;
	fd = loopback_dead_port(&dead);
	offer(&c, "127.0.0.1:1");
	dial_offer(c.d, &dead);
	dial_complete(c.d);
	(void)wait_ms(&c);
	assert_int_equal(c.hooks, 2);
	assert_int_equal(c.os, ECONNREFUSED);
	(void)close(fd);
	fini(&c);
}

static void test_repeated_and_too_many_addresses_are_left_out(void **s)
{
	char text[ADDR_TEXT];
	struct caller c;
	unsigned i;

	(void)s;
	start(&c, 10000);
	c.refuse = UINT32_MAX;
	for (i = 0; i < 2 * DIAL_ADDRS; i++) {
		(void)snprintf(text, sizeof(text), "127.0.0.1:%u", i / 2 + 1);
		offer(&c, text);
	}
	offer(&c, "127.0.0.1:9999");
	assert_int_equal(c.hooks, 0); /* nothing happens inside */
	dial_complete(c.d);
	(void)wait_ms(&c);
	assert_int_equal(c.hooks, DIAL_ADDRS);
	assert_int_equal(c.tried[DIAL_ADDRS - 1].port, DIAL_ADDRS);
	fini(&c);
}

static void test_the_losers_are_closed(void **s)
{
	struct hole hole, other;
	struct caller c;
	struct addr at;
	int fd;

	(void)s;
	start(&c, 10000);
	hole_init(&hole);
	hole_init(&other);
	fd = loopback_listen(TCP4, &at);
	dial_offer(c.d, &hole.at);
	dial_offer(c.d, &other.at);
	dial_offer(c.d, &at);
	(void)wait_ms(&c);
	assert_int_equal(c.hooks, 3);
	assert_true(addr_equal(&c.to, &at));
	hole_fini(&hole);
	hole_fini(&other);
	(void)close(fd);
	fini(&c); /* counts the descriptors */
}

static void test_nothing_is_told_after_cancel(void **s)
{
	struct caller c;
	struct hole hole;
	struct addr at;
	int fd;

	(void)s;
	start(&c, 10000);
	hole_init(&hole);
	fd = loopback_listen(TCP4, &at);
	dial_offer(c.d, &hole.at);
	dial_offer(c.d, &at);
	loopback_now(&c.l);
	dial_cancel(c.d);
	hole_fini(&hole);
	(void)close(fd);
	fini(&c);
	assert_false(c.done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_address_is_connected_to),
		cmocka_unit_test(
			test_a_refusal_begins_the_next_attempt_at_once),
		cmocka_unit_test(
			test_a_silent_address_is_overtaken_after_the_stagger),
		cmocka_unit_test(test_all_of_it_has_a_limit),
		cmocka_unit_test(
			test_failure_waits_until_the_offers_are_complete),
		cmocka_unit_test(test_no_address_at_all_is_unreachable),
		cmocka_unit_test(
			test_families_alternate_even_when_one_comes_late),
		cmocka_unit_test(test_the_hook_may_refuse_an_attempt),
		cmocka_unit_test(test_the_errno_that_got_furthest_is_told),
		cmocka_unit_test(
			test_repeated_and_too_many_addresses_are_left_out),
		cmocka_unit_test(test_the_losers_are_closed),
		cmocka_unit_test(test_nothing_is_told_after_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
