/* SPDX-License-Identifier: MIT */
#include "vsock/ring.h"

#include "../check.h"

enum { MAX = 10000 };

/* Bytes `from`, `from` + 1, ... at its end, given in two pieces. */
static void put(struct ring *r, size_t from, size_t len)
{
	static uint8_t buf[MAX + 3];
	struct span v[2] = { { buf, 3 + len / 2 },
			     { buf + 3 + len / 2, len - len / 2 } };
	size_t i;

	for (i = 0; i < len; i++)
		buf[3 + i] = (uint8_t)((from + i) * 5 + (from + i) / 256);
	assert_true(ring_put(r, MAX, v, 2, 3, len));
}

static void take(struct ring *r, size_t from, size_t len)
{
	uint8_t buf[MAX];
	struct span v[2];
	unsigned n = ring_peek(r, v);
	size_t i;

	assert_int_equal(spans_len(v, n), r->len);
	assert_int_equal(spans_get(v, n, 0, buf, len), len);
	for (i = 0; i < len; i++)
		assert_int_equal(buf[i],
				 (uint8_t)((from + i) * 5 + (from + i) / 256));
	ring_drop(r, len);
}

static void test_an_empty_one_holds_no_memory(void **s)
{
	struct ring r = { 0 };
	struct span v[2];

	(void)s;
	assert_int_equal(ring_peek(&r, v), 0);
	assert_true(ring_put(&r, MAX, NULL, 0, 0, 0));
	assert_null(r.p);
	put(&r, 0, 10);
	assert_non_null(r.p);
	take(&r, 0, 10);
	assert_null(r.p);
	put(&r, 10, 1);
	ring_fini(&r);
	assert_null(r.p);
	assert_int_equal(r.len, 0);
}

static void test_bytes_come_out_in_order_round_the_end(void **s)
{
	struct ring r = { 0 };
	size_t in = 0, out = 0;
	unsigned i;

	(void)s;
	for (i = 0; i < 2000; i++) {
		size_t more = (i * 37 + 11) % 1500;
		size_t less;

		if (more > MAX - r.len)
			more = MAX - r.len;
		put(&r, in, more);
		in += more;
		less = (i * 53 + 7) % 1400;
		if (less > r.len)
			less = r.len;
		take(&r, out, less);
		out += less;
		assert_int_equal(r.len, in - out);
	}
	assert_true(in > 1000000);
	ring_fini(&r);
}

static void test_it_grows_to_what_it_may_and_no_further(void **s)
{
	struct ring r = { 0 };
	size_t at;

	(void)s;
	put(&r, 0, 1);
	assert_true(r.cap < MAX);
	take(&r, 0, 0);
	for (at = 1; at < MAX; at += 101)
		put(&r, at, at + 101 > MAX ? MAX - at : 101);
	assert_int_equal(r.len, MAX);
	assert_int_equal(r.cap, MAX);
	take(&r, 0, 5000);
	put(&r, MAX, 5000);
	assert_int_equal(r.cap, MAX);
	take(&r, 5000, MAX);
	assert_null(r.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_one_holds_no_memory),
		cmocka_unit_test(test_bytes_come_out_in_order_round_the_end),
		cmocka_unit_test(test_it_grows_to_what_it_may_and_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
