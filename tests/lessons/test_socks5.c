/* SPDX-License-Identifier: MIT */
/*
 * Mistakes that implementations of SOCKS5 made in the field, each as a test.
 * Both sides are in it: the server for guests, the client for an upstream.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/check.h"
#include "proxy/policy.h"
#include "proxy/socks5_client.h"

enum { MAX = 1024 };

/* Exactly so many bytes of the heap: one too far is seen by a sanitizer. */
static enum socks5_event feed(struct socks5 *s, const uint8_t *p, size_t len,
			      size_t *used)
{
	uint8_t *exact = malloc(len ? len : 1);
	enum socks5_event e;

	assert_non_null(exact);
	if (len)
		memcpy(exact, p, len);
	e = socks5_feed(s, exact, len, used);
	free(exact);
	return e;
}

static void greet(struct socks5 *s)
{
	size_t used;

	socks5_init(s, NULL);
	assert_int_equal(feed(s, (const uint8_t *)"\5\1\0", 3, &used),
			 SOCKS5_ANSWER);
}

/* A CONNECT to a name of `len` bytes, port 443; its length. */
static size_t connect_to(uint8_t *out, size_t len)
{
	memcpy(out, "\5\1\0\3", 4);
	out[4] = (uint8_t)len;
	memset(out + 5, 'a', len);
	memcpy(out + 5 + len, "\x01\xbb", 2);
	return 5 + len + 2;
}

/*
 * The length of a name is one byte, and so was the sum of it and what
 * follows it: 254 + 2 became 0, and the port was read out of the name.
 */
static void test_a_length_byte_and_what_follows_do_not_wrap(void **state)
{
	uint8_t in[MAX];
	struct socks5 s;
	size_t len, n, used;

	(void)state;
	for (len = 1; len <= 255; len++) {
		greet(&s);
		n = connect_to(in, len);
		assert_int_equal(feed(&s, in, n, &used), SOCKS5_REQUEST);
		assert_int_equal(used, n);
		assert_int_equal(strlen(s.target.name), len);
		assert_int_equal(s.target.addr.port, 443);
	}
}

/*
 * Off by one: the last byte of a name was dropped or the first of the port
 * added, or the request was taken for whole one byte too early.
 */
static void test_a_name_ends_where_its_length_says(void **state)
{
	uint8_t in[MAX];
	struct socks5 s;
	size_t len, n, used;

	(void)state;
	for (len = 1; len <= 255; len++) {
		n = connect_to(in, len);
		in[5 + len - 1] = 'z';
		greet(&s);
		assert_int_equal(feed(&s, in, n - 1, &used), SOCKS5_MORE);
		assert_int_equal(used, n - 1);
		assert_int_equal(feed(&s, in + n - 1, 1, &used),
				 SOCKS5_REQUEST);
		assert_int_equal(s.target.name[len - 1], 'z');
		assert_int_equal(s.target.name[len], '\0');
	}
}

/* The name was used as a text while the buffer kept an older, longer one. */
static void test_nothing_of_an_earlier_message_is_left_in_a_name(void **state)
{
	static const struct socks5_login login = { "user", "password" };
	static const uint8_t in[] =
		"\5\1\2\1\4user\10password\5\1\0\3\1a\0\120";
	struct socks5 s;
	size_t used;

	(void)state;
	socks5_init(&s, &login);
	assert_int_equal(feed(&s, in, 3, &used), SOCKS5_ANSWER);
	assert_int_equal(feed(&s, in + 3, 15, &used), SOCKS5_ANSWER);
	assert_int_equal(feed(&s, in + 18, 8, &used), SOCKS5_REQUEST);
	assert_string_equal(s.target.name, "a");
}

/* "One read is one message": true on a quiet loopback, and nowhere else. */
static void test_one_read_is_not_one_message(void **state)
{
	uint8_t in[MAX] = { 5, 1, 0 };
	size_t n = 3 + connect_to(in + 3, 11), at, used;
	enum socks5_event e = SOCKS5_MORE;
	struct socks5 s;

	(void)state;
	socks5_init(&s, NULL); /* each byte a read */
	for (at = 0; at < n; at++) {
		e = feed(&s, in + at, 1, &used);
		assert_int_equal(used, 1);
	}
	assert_int_equal(e, SOCKS5_REQUEST);

	memcpy(in + n, "GET /", 5); /* all in one read, and more */
	socks5_init(&s, NULL);
	assert_int_equal(feed(&s, in, n + 5, &used), SOCKS5_ANSWER);
	assert_int_equal(used, 3);
	assert_int_equal(feed(&s, in + 3, n + 5 - 3, &used), SOCKS5_REQUEST);
	assert_int_equal(used, n - 3);
}

/* What the server said behind its reply was eaten along with it. */
static void test_a_server_that_speaks_first_loses_nothing(void **state)
{
	static const uint8_t in[] = "\5\0\5\0\0\3\3a.b\0\26SSH-2.0";
	const struct socks5_target t = { .name = "example.com" };
	struct socks5_client c;
	size_t used;

	(void)state;
	socks5_client_init(&c, NULL, &t);
	assert_int_equal(socks5_client_feed(&c, in, 19, &used),
			 SOCKS5_CLIENT_SEND);
	assert_int_equal(used, 2);
	assert_int_equal(socks5_client_feed(&c, in + 2, 17, &used),
			 SOCKS5_CLIENT_DONE);
	assert_memory_equal(in + 2 + used, "SSH-2.0", 7);
}

/* A name of zero bytes went to the resolver as an empty text. */
static void test_a_name_of_no_bytes_is_refused(void **state)
{
	uint8_t in[MAX];
	struct socks5 s;
	size_t used;

	(void)state;
	greet(&s);
	assert_int_equal(feed(&s, in, connect_to(in, 0), &used), SOCKS5_REFUSE);
	assert_int_equal(s.out[1], SOCKS5_GENERAL_FAILURE);
}

/*
 * A name too long for the local buffer was sent on all the same, its length
 * cut to a byte (CVE-2023-38545).
 */
static void test_a_long_name_to_an_upstream_stays_in_its_buffer(void **state)
{
	struct socks5_target t = { .name = "" };
	struct socks5_client c;
	size_t used;

	(void)state;
	memset(t.name, 'a', SOCKS5_NAME_MAX);
	t.addr.port = 443;
	socks5_client_init(&c, NULL, &t);
	assert_int_equal(
		socks5_client_feed(&c, (const uint8_t *)"\5\0", 2, &used),
		SOCKS5_CLIENT_SEND);
	assert_int_equal(c.out_len, 4 + 1 + 255 + 2);
	assert_int_equal(c.out[3], 3); /* the name, and not resolved here */
	assert_int_equal(c.out[4], 255);
	assert_memory_equal(c.out + 260, "\x01\xbb", 2);
}

/* A name in the upstream's reply was looked up: it told the DNS of it. */
static void test_a_name_that_an_upstream_replies_is_no_address(void **state)
{
	static const uint8_t in[] = "\5\0\5\0\0\3\11localhost\0\120";
	const struct socks5_target t = { .name = "example.com" };
	struct socks5_client c;
	size_t used;

	(void)state;
	socks5_client_init(&c, NULL, &t);
	assert_int_equal(socks5_client_feed(&c, in, 2, &used),
			 SOCKS5_CLIENT_SEND);
	assert_int_equal(socks5_client_feed(&c, in + 2, 16, &used),
			 SOCKS5_CLIENT_DONE);
	assert_int_equal(c.bound.family, ADDR_NONE);
}

/* The name was checked whole, and resolved up to its NUL. */
static void test_a_name_that_hides_another_behind_a_nul_is_refused(void **state)
{
	static const uint8_t in[] = "\5\1\0\3\25"
				    "internal\0.example.com\0\120";
	struct socks5 s;
	size_t used;

	(void)state;
	greet(&s);
	assert_int_equal(feed(&s, in, 28, &used), SOCKS5_REFUSE);
}

/* Rules knew 127.0.0.1, and guests knew its other spellings. */
static void test_no_spelling_of_the_loopback_gets_past_the_policy(void **state)
{
	static const char *const spelling[] = { "127.0.0.1",
						"127.1.2.3",
						"0.0.0.0",
						"::1",
						"::",
						"::ffff:127.0.0.1",
						"::127.0.0.1",
						"::ffff:0:127.0.0.1",
						"64:ff9b::127.0.0.1",
						"64:ff9b:1::127.0.0.1",
						"2002:7f00:1::",
						"2001:0:808:808::80ff:fffe" };
	struct policy p;
	struct addr a;
	size_t i;

	(void)state;
	policy_init(&p, MICROVM_NET_PUBLIC);
	assert_int_equal(policy_add(&p, "allow *.example.com", NULL), 0);
	for (i = 0; i < sizeof(spelling) / sizeof(*spelling); i++) {
		assert_true(addr_parse_ip(spelling[i], &a));
		a.port = 22;
		assert_int_equal(policy_judge(&p, NULL, &a, NULL).verdict,
				 POLICY_DENY);
		assert_int_equal(
			policy_judge(&p, "a.example.com", &a, NULL).verdict,
			POLICY_DENY);
	}
	policy_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_length_byte_and_what_follows_do_not_wrap),
		cmocka_unit_test(test_a_name_ends_where_its_length_says),
		cmocka_unit_test(
			test_nothing_of_an_earlier_message_is_left_in_a_name),
		cmocka_unit_test(test_one_read_is_not_one_message),
		cmocka_unit_test(test_a_server_that_speaks_first_loses_nothing),
		cmocka_unit_test(test_a_name_of_no_bytes_is_refused),
		cmocka_unit_test(
			test_a_long_name_to_an_upstream_stays_in_its_buffer),
		cmocka_unit_test(
			test_a_name_that_an_upstream_replies_is_no_address),
		cmocka_unit_test(
			test_a_name_that_hides_another_behind_a_nul_is_refused),
		cmocka_unit_test(
			test_no_spelling_of_the_loopback_gets_past_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
