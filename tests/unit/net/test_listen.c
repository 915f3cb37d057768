/* SPDX-License-Identifier: MIT */
#include "net/listen.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/sockaddr.h"
#include "os/sockfd.h"

#include "../check.h"
#include "loopback.h"

enum { CLIENTS = 200 };

struct desk {
	struct loopback l;
	struct listener *listener;
	struct sock *in[CLIENTS];
	unsigned count, enough;
	bool done, close;
};

static void come(void *ctx, struct sock *s)
{
	struct desk *d = ctx;

	assert_true(d->count < CLIENTS);
	d->in[d->count++] = s;
	d->done = d->count >= d->enough;
	if (d->close) {
		listener_close(d->listener);
		d->listener = NULL;
	}
}

static void init(struct desk *d)
{
	memset(d, 0, sizeof(*d));
	loopback_init(&d->l);
}

static void fini(struct desk *d)
{
	unsigned i;

	for (i = 0; i < d->count; i++)
		sock_close(d->in[i], false);
	listener_close(d->listener);
	loopback_fini(&d->l);
}

static void listen_tcp(struct desk *d, const char *text)
{
	struct addr at;

	assert_true(addr_parse(text, &at));
	assert_int_equal(
		listener_tcp(&d->l.loop, &at, come, d, &d->listener, NULL), 0);
}

static int client(const struct addr *at)
{
	struct sockaddr_storage sa;
	socklen_t len = sockaddr_from_addr(&sa, at);
	int fd = sockfd_make(at->family == ADDR_IPV6 ? AF_INET6 : AF_INET,
			     SOCK_STREAM);

	assert_true(fd >= 0);
	if (connect(fd, (const struct sockaddr *)&sa, len))
		assert_int_equal(errno, EINPROGRESS);
	return fd;
}

static void until(struct desk *d, unsigned count)
{
	d->enough = count;
	d->done = d->count >= count;
	loopback_until(&d->l, &d->done);
}

static void check_tcp(enum loopback_kind kind)
{
	struct desk d;
	struct addr at;
	int fd;

	if (!loopback_has(kind)) {
		print_message("no %s on this host: left out\n",
			      loopback_kind_name(kind));
		return;
	}
	init(&d);
	listen_tcp(&d, kind == TCP6 ? "[::1]:0" : "127.0.0.1:0");
	assert_true(listener_addr(d.listener, &at));
	assert_int_not_equal(at.port, 0);
	fd = client(&at);
	until(&d, 1);
	(void)close(fd);
	fini(&d);
}

static void test_port_0_becomes_one_where_clients_are_taken(void **s)
{
	(void)s;
	check_tcp(TCP4);
	check_tcp(TCP6);
}

static void test_many_clients_at_once_are_all_taken(void **s)
{
	struct desk d;
	struct addr at;
	int fd[CLIENTS];
	unsigned i;

	(void)s;
	init(&d);
	listen_tcp(&d, "127.0.0.1:0");
	assert_true(listener_addr(d.listener, &at));
	for (i = 0; i < CLIENTS; i++)
		fd[i] = client(&at);
	until(&d, CLIENTS);
	for (i = 0; i < CLIENTS; i++)
		(void)close(fd[i]);
	fini(&d);
}

static void test_both_families_may_have_the_same_port(void **s)
{
	struct addr at = { .family = ADDR_IPV4 };
	struct listener *four;
	struct desk d;

	(void)s;
	if (!loopback_has(TCP6)) {
		print_message("no IPv6 on this host: left out\n");
		return;
	}
	init(&d);
	listen_tcp(&d, "[::]:0");
	assert_true(listener_addr(d.listener, &at));
	at = (struct addr){ .family = ADDR_IPV4, .port = at.port };
	assert_int_equal(listener_tcp(&d.l.loop, &at, come, &d, &four, NULL),
			 0);
	listener_close(four);
	fini(&d);
}

static void test_a_taken_port_is_busy_and_free_again_after_close(void **s)
{
	struct listener *other;
	struct desk d;
	struct addr at;
	mv_error e;
	int fd;

	(void)s;
	init(&d);
	listen_tcp(&d, "127.0.0.1:0");
	assert_true(listener_addr(d.listener, &at));
	assert_int_equal(listener_tcp(&d.l.loop, &at, come, &d, &other, &e),
			 -MICROVM_EBUSY);
	assert_non_null(strstr(e.msg, "127.0.0.1:"));
	assert_true(e.hint[0]);
	/* A connection we end first lingers; that must not matter. */
	fd = client(&at);
	until(&d, 1);
	sock_close(d.in[0], false);
	d.count = 0;
	listener_close(d.listener);
	assert_int_equal(
		listener_tcp(&d.l.loop, &at, come, &d, &d.listener, &e), 0);
	(void)close(fd);
	fini(&d);
}

static void test_an_address_of_another_host_is_refused_with_a_hint(void **s)
{
	struct addr at, none = { 0 };
	struct desk d;
	mv_error e;

	(void)s;
	init(&d);
	assert_true(addr_parse("192.0.2.77:0", &at)); /* for documents only */
	assert_int_equal(
		listener_tcp(&d.l.loop, &at, come, &d, &d.listener, &e),
		-MICROVM_EIO);
	assert_int_equal(e.os, EADDRNOTAVAIL);
	assert_non_null(strstr(e.hint, "127.0.0.1"));
	assert_int_equal(
		listener_tcp(&d.l.loop, &none, come, &d, &d.listener, &e),
		-MICROVM_EINVAL);
	fini(&d);
}

static void test_it_may_be_closed_while_it_takes_clients(void **s)
{
	struct desk d;
	struct addr at;
	int fd[3];
	unsigned i;

	(void)s;
	init(&d);
	listen_tcp(&d, "127.0.0.1:0");
	assert_true(listener_addr(d.listener, &at));
	for (i = 0; i < 3; i++)
		fd[i] = client(&at);
	d.close = true;
	until(&d, 1);
	loopback_now(&d.l);
	assert_int_equal(d.count, 1);
	for (i = 0; i < 3; i++)
		(void)close(fd[i]);
	fini(&d);
}

static void test_a_unix_socket_is_gone_after_close(void **s)
{
	struct sock *out;
	struct desk d;
	char path[128];
	struct addr at;
	mv_error e;

	(void)s;
	init(&d);
	loopback_path(&d.l, "sock", path, sizeof(path));
	assert_int_equal(
		listener_unix(&d.l.loop, path, come, &d, &d.listener, NULL), 0);
	assert_false(listener_addr(d.listener, &at));
	assert_int_equal(sock_connect_unix(&d.l.loop, path, &out, NULL), 0);
	until(&d, 1);
	sock_close(out, false);
	listener_close(d.listener);
	d.listener = NULL;
	assert_int_equal(access(path, F_OK), -1);
	listener_close(NULL);
	assert_int_equal(
		listener_unix(&d.l.loop, "", come, &d, &d.listener, &e),
		-MICROVM_EINVAL);
	fini(&d);
}

/* How often the loop went round while nothing could be taken. */
static void count_round(uv_prepare_t *p)
{
	++*(unsigned *)p->data;
}

/* Descriptors are back after a while. */
static void lift(uv_timer_t *t)
{
	assert_int_equal(setrlimit(RLIMIT_NOFILE, t->data), 0);
}

static void test_without_descriptors_it_rests_and_goes_on(void **s)
{
	struct rlimit before, none;
	unsigned rounds = 0;
	uv_prepare_t prepare;
	uv_timer_t timer;
	struct desk d;
	struct addr at;
	int fd;

	(void)s;
	init(&d);
	listen_tcp(&d, "127.0.0.1:0");
	assert_true(listener_addr(d.listener, &at));
	fd = client(&at);
	(void)uv_prepare_init(&d.l.loop, &prepare);
	prepare.data = &rounds;
	(void)uv_prepare_start(&prepare, count_round);
	(void)uv_timer_init(&d.l.loop, &timer);
	timer.data = &before;
	(void)uv_timer_start(&timer, lift, 250, 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	until(&d, 1);
	assert_in_range(rounds, 3, 12); /* a spin: thousands */
	(void)close(fd);
	uv_close((uv_handle_t *)&prepare, NULL);
	uv_close((uv_handle_t *)&timer, NULL);
	fini(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_port_0_becomes_one_where_clients_are_taken),
		cmocka_unit_test(test_many_clients_at_once_are_all_taken),
		cmocka_unit_test(test_both_families_may_have_the_same_port),
		cmocka_unit_test(
			test_a_taken_port_is_busy_and_free_again_after_close),
		cmocka_unit_test(
			test_an_address_of_another_host_is_refused_with_a_hint),
		cmocka_unit_test(test_it_may_be_closed_while_it_takes_clients),
		cmocka_unit_test(test_a_unix_socket_is_gone_after_close),
		cmocka_unit_test(test_without_descriptors_it_rests_and_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
