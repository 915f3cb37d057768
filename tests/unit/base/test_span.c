/* SPDX-License-Identifier: MIT */
/* test_span.c - lists of memory windows, seen as one piece. */
#include "base/span.h"

#include <string.h>

#include "../check.h"
#include "base/container.h"

static uint8_t a[3], b[1], c[4];
static const struct span list[] = {
	{ a, 3 },
	{ NULL, 0 },
	{ b, 1 },
	{ c, 4 },
};

static void fill(void)
{
	memcpy(a, "abc", 3);
	memcpy(b, "d", 1);
	memcpy(c, "efgh", 4);
}

static void test_length_is_that_of_all(void **state)
{
	(void)state;
	assert_int_equal(spans_len(list, LEN(list)), 8);
	assert_int_equal(spans_len(list, 0), 0);
}

/* Every offset and length, against a flat copy. */
static void test_get_reads_as_from_one_piece(void **state)
{
	size_t off, len;

	(void)state;
	fill();
	for (off = 0; off <= 9; off++) {
		for (len = 0; len <= 9; len++) {
			char out[10] = "";
			size_t fit = off > 8 ? 0 : 8 - off;
			size_t want = len < fit ? len : fit;

			assert_int_equal(
				spans_get(list, LEN(list), off, out, len),
				want);
			assert_memory_equal(out, &"abcdefgh"[off % 9], want);
		}
	}
}

static void test_put_writes_as_into_one_piece(void **state)
{
	(void)state;
	fill();
	assert_int_equal(spans_put(list, LEN(list), 2, "XYZ", 3), 3);
	assert_memory_equal(a, "abX", 3);
	assert_memory_equal(b, "Y", 1);
	assert_memory_equal(c, "Zfgh", 4);
	assert_int_equal(spans_put(list, LEN(list), 7, "123", 3), 1);
	assert_memory_equal(c, "Zfg1", 4);
}

static void test_slice_leaves_out_what_has_no_room(void **state)
{
	struct span out[4];

	(void)state;
	assert_int_equal(spans_slice(out, 4, list, LEN(list), 1, 5), 3);
	assert_ptr_equal(out[0].p, a + 1);
	assert_int_equal(out[0].len, 2);
	assert_ptr_equal(out[2].p, c);
	assert_int_equal(out[2].len, 2);
	assert_int_equal(spans_slice(out, 1, list, LEN(list), 1, 5), 1);
	assert_int_equal(spans_slice(out, 4, list, LEN(list), 8, 5), 0);
	assert_int_equal(spans_slice(out, 4, list, LEN(list), 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_length_is_that_of_all),
		cmocka_unit_test(test_get_reads_as_from_one_piece),
		cmocka_unit_test(test_put_writes_as_into_one_piece),
		cmocka_unit_test(test_slice_leaves_out_what_has_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
