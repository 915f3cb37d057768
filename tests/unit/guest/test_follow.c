/* SPDX-License-Identifier: MIT */
#include "guest/outbound-proxy/follow.h"

#include <string.h>

#include "../check.h"

/* Everything at once, or one byte at a time. */
static void client(struct follow *f, const char *p, size_t len, size_t step)
{
	size_t i;

	for (i = 0; i < len; i += step)
		follow_client(f, (const uint8_t *)p + i,
			      len - i < step ? len - i : step);
}

static size_t host(struct follow *f, const char *p, size_t len, size_t step)
{
	size_t i, used = 0;

	for (i = 0; i < len; i += step)
		used += follow_host(f, (const uint8_t *)p + i,
				    len - i < step ? len - i : step);
	return used;
}

#define TEXT(s) s, sizeof(s) - 1

static void test_a_request_with_and_without_waiting(void **s)
{
	struct follow f;
	size_t step;

	(void)s;
	for (step = 1; step < 40; step += 38) {
		follow_init(&f);
		client(&f, TEXT("\5\2\1\0\5\3\0\1\0\0\0\0\0\0more"), step);
		assert_int_equal(f.client, CLIENT_DONE);
		assert_int_equal(f.cmd, SOCKS_UDP_ASSOCIATE);
		assert_true(f.no_login);
		assert_int_equal(
			host(&f, TEXT("\5\0\5\0\0\1\x7f\0\0\1\0\11ab"), step),
			12);
		assert_int_equal(f.host, HOST_DONE);
		assert_int_equal(f.reply_len, 10);
		assert_memory_equal(f.reply, "\5\0\0\1\x7f\0\0\1\0\11", 10);
	}
}

static void test_a_login_is_followed_too(void **s)
{
	struct follow f;
	size_t step;

	(void)s;
	for (step = 1; step < 40; step += 38) {
		follow_init(&f);
		client(&f, TEXT("\5\1\2\1\3joe\2pw\5\1\0\3\4name\0\x50"), step);
		assert_int_equal(f.client, CLIENT_DONE);
		assert_int_equal(f.cmd, SOCKS_CONNECT);
		assert_false(f.no_login);
		(void)host(&f, TEXT("\5\2\1\0\5\4\0\3\0\0\0"), step);
		assert_int_equal(f.host, HOST_DONE);
		assert_int_equal(f.reply[1], SOCKS_HOST_UNREACHABLE);
	}
}

static void test_the_longest_login_and_the_empty_one(void **s)
{
	char text[3 + 513 + 10] = "\5\1\2\1\xff";
	struct follow f;

	(void)s;
	text[3 + 2 + 255] = '\xff';
	memcpy(text + 3 + 513, "\5\1\0\1\1\2\3\4\0\x50", 10);
	follow_init(&f);
	client(&f, text, sizeof(text), 1);
	assert_int_equal(f.client, CLIENT_DONE);
	follow_init(&f);
	client(&f, TEXT("\5\0\1\0\0\5\xf0\0\4"), 1);
	client(&f, (const char[18]){ 0 }, 18, 1);
	assert_int_equal(f.client, CLIENT_DONE);
	assert_int_equal(f.cmd, SOCKS_RESOLVE);
}

static void test_names_of_every_length(void **s)
{
	char text[3 + 5 + 255 + 2] = "\5\1\0\5\1\0\3";
	struct follow f;
	unsigned n;

	(void)s;
	for (n = 0; n < 256; n++) {
		text[7] = (char)n;
		follow_init(&f);
		client(&f, text, 3 + 5 + n + 1, 1);
		assert_int_equal(f.client, CLIENT_REQUEST);
		client(&f, text, 1, 1);
		assert_int_equal(f.client, CLIENT_DONE);
	}
}

static void test_what_it_does_not_know_it_leaves_alone(void **s)
{
	struct follow f;

	(void)s;
	follow_init(&f);
	client(&f, TEXT("\4\1"), 1);
	assert_int_equal(f.client, CLIENT_LOST);
	follow_init(&f);
	client(&f, TEXT("\5\1\0\6"), 1);
	assert_int_equal(f.client, CLIENT_LOST);
	follow_init(&f);
	client(&f, TEXT("\5\1\0\5\1\0\2\0"), 1);
	assert_int_equal(f.client, CLIENT_LOST);
	follow_init(&f);
	assert_int_equal(host(&f, TEXT("\5\xff\0\0"), 1), 2);
	assert_int_equal(f.host, HOST_LOST);
	follow_init(&f);
	assert_int_equal(host(&f, TEXT("\5\0\5\0\0\x09\0\0\0"), 1), 7);
	assert_int_equal(f.host, HOST_LOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_with_and_without_waiting),
		cmocka_unit_test(test_a_login_is_followed_too),
		cmocka_unit_test(test_the_longest_login_and_the_empty_one),
		cmocka_unit_test(test_names_of_every_length),
		cmocka_unit_test(test_what_it_does_not_know_it_leaves_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
