/* SPDX-License-Identifier: MIT */
#include "proxy/connect.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../check.h"
#include "env.h"
#include "names.h"

/* The embedder's dialer: what it says of each address, in turn. */
struct dialer {
	intptr_t fd[4];
	unsigned asked;
	char address[4][ADDR_TEXT];
};

static intptr_t dial(void *ctx, const microvm_flow *flow)
{
	struct dialer *d = ctx;

	assert_true(d->asked < 4);
	(void)strncpy(d->address[d->asked], flow->address, ADDR_TEXT - 1);
	return d->fd[d->asked++];
}

static void env_dialed(struct env *e, struct dialer *d, enum microvm_net net)
{
	env_init(e, net);
	e->cfg.dial = dial;
	e->cfg.dial_ctx = d;
	env_start(e);
}

static void test_a_dialers_socket_is_used_in_place_of_connecting(void **s)
{
	struct dialer d = { .asked = 0 };
	struct env e;
	struct guest g;
	char buf[8];
	int fd[2];

	(void)s;
	env_dialed(&e, &d, MICROVM_NET_ALL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	d.fd[0] = fd[0];
	assert_int_equal(guest_connect(&e, &g, "192.0.2.1", 80), 0);
	assert_string_equal(d.address[0], "192.0.2.1");
	guest_send(&g, "ping", 4);
	loopback_recv(fd[1], buf, 4);
	loopback_send(fd[1], "pong", 4);
	UNTIL(&e, g.in.len == 12 + 4);
	(void)close(fd[1]);
	guest_end(&g);
	UNTIL(&e, !g.s);
	assert_int_equal(g.why, STREAM_DONE);
	assert_int_equal(e.accepted, 0);
	env_fini(&e);
}

static void test_a_dialer_may_leave_it_to_us(void **s)
{
	struct dialer d = { { MICROVM_DIAL_DEFAULT }, .asked = 0 };
	struct env e;
	struct guest g;

	(void)s;
	env_dialed(&e, &d, MICROVM_NET_ALL);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	UNTIL(&e, e.accepted == 1);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_a_dialer_that_fails_means_unreachable(void **s)
{
	struct dialer d = { { MICROVM_DIAL_FAIL }, .asked = 0 };
	struct env e;
	struct guest g;

	(void)s;
	env_dialed(&e, &d, MICROVM_NET_ALL);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port),
			 SOCKS5_HOST_UNREACHABLE);
	assert_int_equal(e.seen[0].phase, MICROVM_FLOW_FAILED);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_a_dialer_is_asked_for_each_address_until_one_works(void **s)
{
	struct dialer d = { { MICROVM_DIAL_FAIL }, .asked = 0 };
	struct env e;
	struct guest g;
	int fd[2];

	(void)s;
	env_dialed(&e, &d, MICROVM_NET_ALL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	d.fd[1] = fd[0];
	assert_int_equal(guest_connect(&e, &g, "mixed.test", 80), 0);
	assert_int_equal(d.asked, 2);
	assert_string_equal(d.address[0], "10.1.2.3");
	assert_string_equal(d.address[1], "127.0.0.1");
	assert_string_equal(e.seen[0].address, "127.0.0.1");
	guest_close(&g, STREAM_GONE);
	(void)close(fd[1]);
	env_fini(&e);
}

static void test_a_dialer_is_not_asked_for_what_is_denied(void **s)
{
	struct dialer d = { { MICROVM_DIAL_DEFAULT }, .asked = 0 };
	struct env e;
	struct guest g;

	(void)s;
	env_dialed(&e, &d, MICROVM_NET_PUBLIC);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 2);
	assert_int_equal(d.asked, 0);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

static void test_a_descriptor_that_is_no_stream_is_closed(void **s)
{
	struct dialer d = { .asked = 0 };
	struct env e;
	struct guest g;

	(void)s;
	env_dialed(&e, &d, MICROVM_NET_ALL);
	d.fd[0] = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 1);
	guest_close(&g, STREAM_GONE);
	env_fini(&e); /* counts descriptors */
}

static int note(void *ctx, intptr_t fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	/* Before it connects: it has no peer. */
	assert_int_equal(getpeername((int)fd, (struct sockaddr *)&sa, &len),
			 -1);
	(*(unsigned *)ctx)++;
	return 0;
}

static void test_the_hook_sees_each_socket_before_it_connects(void **s)
{
	unsigned seen = 0;
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.cfg.hook = note;
	e.cfg.hook_ctx = &seen;
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", e.at.port), 0);
	assert_int_equal(seen, 1);
	guest_close(&g, STREAM_GONE);
	env_fini(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_dialers_socket_is_used_in_place_of_connecting),
		cmocka_unit_test(test_a_dialer_may_leave_it_to_us),
		cmocka_unit_test(test_a_dialer_that_fails_means_unreachable),
		cmocka_unit_test(
			test_a_dialer_is_asked_for_each_address_until_one_works),
		cmocka_unit_test(test_a_dialer_is_not_asked_for_what_is_denied),
		cmocka_unit_test(test_a_descriptor_that_is_no_stream_is_closed),
		cmocka_unit_test(
			test_the_hook_sees_each_socket_before_it_connects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
