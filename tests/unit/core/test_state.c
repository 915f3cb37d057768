/* SPDX-License-Identifier: MIT */
#include "core/state.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

struct thing {
	bool b;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	char raw[5];
};

static void thing_state(struct thing *t, struct state *s)
{
	state_section(s, "thing", 1);
	state_bool(s, &t->b);
	state_u8(s, &t->u8);
	state_u16(s, &t->u16);
	state_u32(s, &t->u32);
	state_u64(s, &t->u64);
	state_bytes(s, t->raw, sizeof(t->raw));
	state_check(s, t->u8 < 100, "u8 is too large");
}

static const struct thing sample = {
	true, 7, 0x1234, 0xdeadbeef, 0x0123456789abcdef, "abcd"
};

static void save(struct state *s)
{
	struct thing t = sample;

	state_init_save(s);
	thing_state(&t, s);
	assert_int_equal(state_fini(s, NULL), 0);
}

static void test_what_was_saved_comes_back(void **state)
{
	struct thing t = { 0 };
	struct state out, in;

	(void)state;
	save(&out);
	state_init_load(&in, out.buf, out.len);
	thing_state(&t, &in);
	assert_int_equal(state_fini(&in, NULL), 0);
	assert_true(t.b);
	assert_int_equal(t.u8, 7);
	assert_int_equal(t.u16, 0x1234);
	assert_int_equal(t.u32, 0xdeadbeef);
	assert_int_equal(t.u64, 0x0123456789abcdef);
	assert_string_equal(t.raw, "abcd");
	free(out.buf);
}

static void test_every_shorter_string_is_refused(void **state)
{
	struct state out, in;
	size_t n;

	(void)state;
	save(&out);
	for (n = 0; n < out.len; n++) {
		struct thing t = { 0 };
		mv_error e;

		state_init_load(&in, out.buf, n);
		thing_state(&t, &in);
		assert_int_equal(state_fini(&in, &e), -MICROVM_EBADIMAGE);
	}
	free(out.buf);
}

static void test_bad_values_and_strangers_are_refused(void **state)
{
	struct state out, in;
	struct thing t;
	mv_error e;

	(void)state;
	save(&out);
	out.buf[0] ^= 1;
	state_init_load(&in, out.buf, out.len);
	thing_state(&t, &in);
	assert_int_equal(state_fini(&in, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "saved state, thing: "
				   "another device's state stands here");
	out.buf[0] ^= 1;
	out.buf[21] = 100;
	state_init_load(&in, out.buf, out.len);
	thing_state(&t, &in);
	assert_int_equal(state_fini(&in, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "saved state, thing: u8 is too large");
	free(out.buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_saved_comes_back),
		cmocka_unit_test(test_every_shorter_string_is_refused),
		cmocka_unit_test(test_bad_values_and_strangers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
