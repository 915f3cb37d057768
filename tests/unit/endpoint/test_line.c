/* SPDX-License-Identifier: MIT */
#include "endpoint/line.h"

#include <string.h>

#include "../check.h"

static enum line_event feed(struct line *l, const char *text, size_t len,
			    size_t *used)
{
	return line_feed(l, (const uint8_t *)text, len, used);
}

/* A line of its own, without the "\n". */
static bool number(const char *text, const char *word, uint32_t *n)
{
	struct line l = { 0 };
	size_t used;

	assert_int_equal(feed(&l, text, strlen(text), &used), LINE_MORE);
	assert_int_equal(feed(&l, "\n", 1, &used), LINE_WHOLE);
	return line_number(&l, word, n);
}

static void test_a_line_comes_byte_by_byte(void **s)
{
	static const char text[] = "CONNECT 1234\n";
	struct line l = { 0 };
	uint32_t n = 0;
	size_t i, used;

	(void)s;
	for (i = 0; i + 2 < sizeof(text); i++) {
		assert_int_equal(feed(&l, text + i, 1, &used), LINE_MORE);
		assert_int_equal(used, 1);
	}
	assert_int_equal(feed(&l, text + i, 1, &used), LINE_WHOLE);
	assert_int_equal(used, 1);
	assert_string_equal(l.text, "CONNECT 1234");
	assert_true(line_number(&l, "CONNECT", &n));
	assert_int_equal(n, 1234);
}

static void test_nothing_behind_the_line_is_eaten(void **s)
{
	static const char text[] = "OK 1\nOK 2\r\nrest";
	struct line l = { 0 };
	size_t used;

	(void)s;
	assert_int_equal(feed(&l, text, 15, &used), LINE_WHOLE);
	assert_int_equal(used, 5);
	assert_string_equal(l.text, "OK 1");
	line_next(&l);
	assert_int_equal(feed(&l, text + 5, 10, &used), LINE_WHOLE);
	assert_int_equal(used, 6);
	assert_string_equal(l.text, "OK 2");
	line_next(&l);
	assert_int_equal(feed(&l, text + 11, 4, &used), LINE_MORE);
	assert_int_equal(used, 4);
}

static void test_only_a_cr_right_before_the_lf_is_dropped(void **s)
{
	struct line l = { 0 };
	size_t used;

	(void)s;
	assert_int_equal(feed(&l, "a\rb\r\r\n", 6, &used), LINE_WHOLE);
	assert_string_equal(l.text, "a\rb\r");
	line_next(&l);
	assert_int_equal(feed(&l, "\n", 1, &used), LINE_WHOLE);
	assert_string_equal(l.text, "");
	line_next(&l);
	assert_int_equal(feed(&l, "\r\n", 2, &used), LINE_WHOLE);
	assert_string_equal(l.text, "");
}

static void test_a_line_may_be_as_long_as_said_and_not_longer(void **s)
{
	char text[LINE_MAX_LEN + 3];
	struct line l = { 0 };
	size_t used;

	(void)s;
	memset(text, 'x', sizeof(text));
	memcpy(text + LINE_MAX_LEN, "\r\n", 2);
	assert_int_equal(feed(&l, text, LINE_MAX_LEN + 2, &used), LINE_WHOLE);
	assert_int_equal(l.len, LINE_MAX_LEN);
	assert_int_equal(strlen(l.text), LINE_MAX_LEN);

	line_next(&l);
	memcpy(text + LINE_MAX_LEN, "x\n", 2);
	assert_int_equal(feed(&l, text, LINE_MAX_LEN + 2, &used),
			 LINE_TOO_LONG);
	assert_int_equal(used, LINE_MAX_LEN + 1);
	/* It stays so until the caller begins anew. */
	assert_int_equal(feed(&l, "\n", 1, &used), LINE_TOO_LONG);
	assert_int_equal(used, 0);
	assert_false(line_number(&l, "x", &(uint32_t){ 0 }));

	line_next(&l);
	memcpy(text + LINE_MAX_LEN, "\rx", 2);
	assert_int_equal(feed(&l, text, LINE_MAX_LEN + 2, &used),
			 LINE_TOO_LONG);
}

static void test_a_nul_is_no_text(void **s)
{
	struct line l = { 0 };
	size_t used;

	(void)s;
	assert_int_equal(feed(&l, "CONNECT 1\0\n", 11, &used), LINE_TOO_LONG);
	line_next(&l);
	assert_int_equal(feed(&l, "", 1, &used), LINE_TOO_LONG);
}

static void test_a_number_is_digits_and_fits(void **s)
{
	uint32_t n = 1;

	(void)s;
	assert_true(number("CONNECT 0", "CONNECT", &n));
	assert_int_equal(n, 0);
	assert_true(number("CONNECT 4294967295", "CONNECT", &n));
	assert_int_equal(n, UINT32_MAX);
	assert_true(number("exit 007", "exit", &n));
	assert_int_equal(n, 7);
}

static void test_what_is_no_number_leaves_the_result_alone(void **s)
{
	static const char *const bad[] = {
		"CONNECT",
		"CONNECT ",
		"CONNECT  1",
		"CONNECT 1 ",
		" CONNECT 1",
		"CONNECT\t1",
		"CONNECT +1",
		"CONNECT -1",
		"CONNECT 0x1",
		"CONNECT 1a",
		"CONNECT 1 2",
		"CONNECT 4294967296",
		"CONNECT 18446744073709551617",
		"CONNECT 99999999999999999999999999999999999999999",
		"connect 1",
		"CONNECTED 1",
		"CONN 1",
		"OK 1",
		"",
	};
	uint32_t n = 42;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(number(bad[i], "CONNECT", &n));
	assert_int_equal(n, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_comes_byte_by_byte),
		cmocka_unit_test(test_nothing_behind_the_line_is_eaten),
		cmocka_unit_test(test_only_a_cr_right_before_the_lf_is_dropped),
		cmocka_unit_test(
			test_a_line_may_be_as_long_as_said_and_not_longer),
		cmocka_unit_test(test_a_nul_is_no_text),
		cmocka_unit_test(test_a_number_is_digits_and_fits),
		cmocka_unit_test(
			test_what_is_no_number_leaves_the_result_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
