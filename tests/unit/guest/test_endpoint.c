/* SPDX-License-Identifier: MIT */
#include "guest/common/endpoint.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "../check.h"

static void test_texts_come_back_as_they_were(void **s)
{
	static const char *const good[] = {
		"vsock:2:7601",        "vsock:any:7602",  "vsock:3:4294967295",
		"unix:/run/some/path", "tcp:127.0.0.1:0", "tcp:::1:1080",
		"tcp:10.1.2.3:65535",  "unix:relative",
	};
	char text[ENDPOINT_TEXT_MAX];
	struct endpoint e;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(endpoint_parse(&e, good[i]));
		endpoint_text(&e, text, sizeof(text));
		assert_string_equal(text, good[i]);
	}
}

static void test_what_is_no_place_is_refused(void **s)
{
	static const char *const bad[] = {
		"",
		"vsock",
		"vsock:",
		"vsock:2",
		"vsock:2:",
		"vsock::1",
		"vsock:2:x",
		"vsock:anyx:1",
		"tcp:localhost:1",
		"tcp:127.0.0.1",
		"tcp:127.0.0.1:65536",
		"unix:",
		"udp:1.2.3.4:5",
		"tcp::1",
		"vsock:4294967296:1",
	};
	char path[200] = "unix:";
	struct endpoint e;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(endpoint_parse(&e, bad[i]));
	memset(path + 5, 'x', sizeof(path) - 6);
	assert_false(endpoint_parse(&e, path));
}

static void test_a_listener_is_connected_to(void **s)
{
	struct endpoint any, at, peer;
	struct pollfd p = { .events = POLLOUT };
	int l, fd;

	(void)s;
	endpoint_loopback(&any, AF_INET, 0);
	l = endpoint_bind(&any, SOCK_STREAM);
	assert_true(l >= 0);
	assert_true(endpoint_of(&at, l));
	fd = endpoint_connect(&at);
	assert_true(fd >= 0);
	p.fd = fd;
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_true(endpoint_of_peer(&peer, fd));
	assert_int_equal(peer.len, at.len);
	assert_memory_equal(&peer.sa, &at.sa, at.len);
	assert_int_equal(close(fd), 0);
	assert_int_equal(endpoint_bind(&at, SOCK_STREAM), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(close(l), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_come_back_as_they_were),
		cmocka_unit_test(test_what_is_no_place_is_refused),
		cmocka_unit_test(test_a_listener_is_connected_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
