/* SPDX-License-Identifier: MIT */
#include "guest/outbound-proxy/ask.h"

#include <string.h>

#include "../check.h"

static const struct ask_target name = { SOCKS_RESOLVE, SOCKS_NAME,
					(const uint8_t *)"a.test", 6, 28 };

static void test_a_request_in_bytes(void **s)
{
	static const uint8_t ip[] = { 192, 0, 2, 1 };
	const struct ask_target to = { SOCKS_CONNECT, SOCKS_IPV4, ip, 4, 443 };
	struct ask a;

	(void)s;
	ask_init(&a, &to);
	assert_int_equal(a.out_len, 13);
	assert_memory_equal(a.out, "\5\1\0\5\1\0\1\xc0\0\2\1\1\xbb", 13);
	ask_init(&a, &name);
	assert_memory_equal(a.out, "\5\1\0\5\xf0\0\3\6a.test\0\x1c", a.out_len);
}

/* Feeds exactly what is needed, `step` bytes at most; what was used. */
static size_t answer(struct ask *a, const char *p, size_t len, size_t step)
{
	size_t n, used = 0;

	while ((n = ask_need(a)) > 0 && used < len) {
		n = n < step ? n : step;
		n = n < len - used ? n : len - used;
		ask_feed(a, (const uint8_t *)p + used, n);
		used += n;
	}
	return used;
}

static void test_a_reply_of_each_kind_and_no_byte_more(void **s)
{
	static const struct {
		const char *p;
		size_t len;
		enum socks_atyp atyp;
		size_t bound_len;
	} reply[] = {
		{ "\5\0\5\0\0\1\1\2\3\4\0\x50++", 12, SOCKS_IPV4, 4 },
		{ "\5\0\5\0\0\3\0\0\x50++", 9, SOCKS_NAME, 0 },
		{ "\5\0\5\0\0\3\1x\0\x50++", 10, SOCKS_NAME, 1 },
		{ "\5\0\5\0\0\4\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10\0\0++", 24,
		  SOCKS_IPV6, 16 },
	};
	struct ask a;
	size_t i, step;

	(void)s;
	for (i = 0; i < 4; i++)
		for (step = 1; step < 300; step += 298) {
			ask_init(&a, &name);
			assert_int_equal(
				answer(&a, reply[i].p, reply[i].len + 2, step),
				reply[i].len);
			assert_int_equal(a.state, ASK_DONE);
			assert_int_equal(a.reply, SOCKS_SUCCEEDED);
			assert_int_equal(a.atyp, reply[i].atyp);
			assert_int_equal(a.bound_len, reply[i].bound_len);
		}
}

static void test_the_longest_name_fits(void **s)
{
	char reply[2 + 5 + 255 + 2] = "\5\0\5\0\0\3\xff";
	struct ask a;

	(void)s;
	ask_init(&a, &name);
	assert_int_equal(answer(&a, reply, sizeof(reply), 1), sizeof(reply));
	assert_int_equal(a.state, ASK_DONE);
	assert_int_equal(a.bound_len, 255);
}

static void test_no_server_of_ours(void **s)
{
	static const char *const bad[] = { "\4\0",         "\5\2",
					   "\5\xff",       "HTTP",
					   "\5\0\4\0\0\1", "\5\0\5\0\0\7\0" };
	static const size_t len[] = { 2, 2, 2, 4, 6, 7 };
	struct ask a;
	size_t i;

	(void)s;
	for (i = 0; i < 6; i++) {
		ask_init(&a, &name);
		(void)answer(&a, bad[i], len[i], 1);
		assert_int_equal(a.state, ASK_BROKEN);
		assert_int_equal(a.reply, SOCKS_FAILED);
		assert_int_equal(ask_need(&a), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_in_bytes),
		cmocka_unit_test(test_a_reply_of_each_kind_and_no_byte_more),
		cmocka_unit_test(test_the_longest_name_fits),
		cmocka_unit_test(test_no_server_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
