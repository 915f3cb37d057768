/* SPDX-License-Identifier: MIT */
/* test_escape.c - commands hidden in what the user types. */
#include "../check.h"

#include <string.h>

#include "escape.h"

/* What came of feeding some text: bytes for the guest, and the commands. */
struct result {
	uint8_t out[512];
	size_t len;
	enum escape_key key[32];
	size_t keys;
};

static void feed(struct escape *e, const char *text, size_t len,
		 struct result *r)
{
	const uint8_t *in = (const uint8_t *)text;

	while (len) {
		enum escape_key key;
		uint8_t out[512];
		size_t took, kept;

		took = escape_feed(e, in, len, out, &kept, &key);
		assert_true(took > 0 && took <= len);
		assert_true(kept <= took + 1);
		memcpy(r->out + r->len, out, kept);
		r->len += kept;
		if (key != ESCAPE_NONE)
			r->key[r->keys++] = key;
		in += took;
		len -= took;
	}
}

static void expect(const struct result *r, const char *out, size_t len,
		   size_t keys)
{
	assert_int_equal(r->len, len);
	assert_memory_equal(r->out, out, len);
	assert_int_equal(r->keys, keys);
}

static struct escape fresh(const char *key)
{
	microvm_error err;
	struct escape e;

	assert_int_equal(escape_init(&e, key, &err), 0);
	return e;
}

static void test_plain_bytes_pass(void **state)
{
	struct escape e = fresh("^A");
	struct result r = { 0 };

	(void)state;
	feed(&e, "ls -l\r\x03\x00\xff", 9, &r);
	expect(&r, "ls -l\r\x03\x00\xff", 9, 0);
}

static void test_prefix_and_letter_are_a_command(void **state)
{
	struct escape e = fresh("^A");
	struct result r = { 0 };

	(void)state;
	feed(&e,
	     "a\x01hb\x01"
	     "bc\x01sd\x01x",
	     12, &r);
	expect(&r, "abcd", 4, 4);
	assert_int_equal(r.key[0], ESCAPE_HELP);
	assert_int_equal(r.key[1], ESCAPE_BREAK);
	assert_int_equal(r.key[2], ESCAPE_STOP);
	assert_int_equal(r.key[3], ESCAPE_QUIT);
}

static void test_prefix_twice_is_the_prefix_once(void **state)
{
	struct escape e = fresh("^A");
	struct result r = { 0 };

	(void)state;
	feed(&e, "\x01\x01x\x01\x01\x01\x01", 7, &r);
	expect(&r, "\x01x\x01\x01", 4, 0);
}

static void test_prefix_and_another_key_reach_the_guest(void **state)
{
	struct escape e = fresh("^A");
	struct result r = { 0 };

	(void)state;
	feed(&e, "\x01ze\x01X", 5, &r);
	expect(&r, "\x01ze\x01X", 5, 0);
}

static void test_none_passes_everything(void **state)
{
	struct escape e = fresh("none");
	struct result r = { 0 };

	(void)state;
	feed(&e, "\x01x\x1dx", 4, &r);
	expect(&r, "\x01x\x1dx", 4, 0);
}

static void test_another_prefix_frees_ctrl_a(void **state)
{
	struct escape e = fresh("^]");
	struct result r = { 0 };
	char name[ESCAPE_NAME];

	(void)state;
	assert_string_equal(escape_name(&e, name), "Ctrl-]");
	feed(&e, "\x01x\x1dx", 4, &r);
	expect(&r, "\x01x", 2, 1);
	assert_int_equal(r.key[0], ESCAPE_QUIT);
}

static void test_every_way_to_cut_the_input_is_alike(void **state)
{
	static const char text[] = "ab\x01hc\x01\x01"
				   "d\x01ze\x01xf";
	const size_t len = sizeof(text) - 1;

	(void)state;
	/* One bit per place between two bytes: cut there or not. */
	for (unsigned cuts = 0; cuts < 1U << (len - 1); cuts++) {
		struct escape e = fresh("^A");
		struct result r = { 0 };
		size_t from = 0;

		for (size_t i = 1; i <= len; i++)
			if (i == len || (cuts & 1U << (i - 1))) {
				feed(&e, text + from, i - from, &r);
				from = i;
			}
		expect(&r,
		       "abc\x01"
		       "d\x01zef",
		       9, 2);
		assert_int_equal(r.key[0], ESCAPE_HELP);
		assert_int_equal(r.key[1], ESCAPE_QUIT);
	}
}

static void test_a_prefix_held_back_makes_one_byte_more(void **state)
{
	struct escape e = fresh("^A");
	uint8_t in[] = { 'z', 'z' }, out[3];
	enum escape_key key;
	size_t len;

	(void)state;
	assert_int_equal(
		escape_feed(&e, (const uint8_t *)"\x01", 1, out, &len, &key),
		1);
	assert_int_equal(len, 0);
	assert_int_equal(escape_feed(&e, in, 2, out, &len, &key), 2);
	assert_int_equal(len, 3);
	assert_memory_equal(out, "\x01zz", 3);
}

static void test_keys_that_are_no_control_keys_are_refused(void **state)
{
	static const char *const bad[] = { "",   "^",   "A",  "^AB",  "^1",
					   "^@", "^^A", "^ ", "nonee" };
	microvm_error err;
	struct escape e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(escape_init(&e, bad[i], &err),
				 -MICROVM_EINVAL);
	e = fresh("^a");
	assert_int_equal(e.prefix, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_bytes_pass),
		cmocka_unit_test(test_prefix_and_letter_are_a_command),
		cmocka_unit_test(test_prefix_twice_is_the_prefix_once),
		cmocka_unit_test(test_prefix_and_another_key_reach_the_guest),
		cmocka_unit_test(test_none_passes_everything),
		cmocka_unit_test(test_another_prefix_frees_ctrl_a),
		cmocka_unit_test(test_every_way_to_cut_the_input_is_alike),
		cmocka_unit_test(test_a_prefix_held_back_makes_one_byte_more),
		cmocka_unit_test(
			test_keys_that_are_no_control_keys_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
