/* SPDX-License-Identifier: MIT */
#include "vsock/table.h"

#include <stdlib.h>

#include "../check.h"

enum { N = 8192 };

static void test_each_pair_of_ports_is_its_own(void **s)
{
	struct table *t = calloc(1, sizeof(*t));
	struct conn *c = calloc(N, sizeof(*c));
	uint32_t i;

	(void)s;
	assert_non_null(t);
	assert_non_null(c);
	t->seed = 12345;
	for (i = 0; i < N; i++) {
		c[i].host_port = i % 16;
		c[i].guest_port = i / 16;
		assert_null(table_find(t, i % 16, i / 16));
		table_add(t, &c[i]);
	}
	for (i = 0; i < N; i++)
		assert_ptr_equal(table_find(t, i % 16, i / 16), &c[i]);
	for (i = 0; i < N; i += 2)
		table_remove(t, &c[i]);
	for (i = 0; i < N; i++)
		assert_ptr_equal(table_find(t, i % 16, i / 16),
				 i % 2 ? &c[i] : NULL);
	table_remove(t, &c[0]); /* again */
	assert_ptr_equal(table_find(t, 1, 0), &c[1]);
	free(c);
	free(t);
}

static unsigned longest(const struct table *t)
{
	unsigned i, most = 0;

	for (i = 0; i < TABLE_BUCKETS; i++) {
		const struct conn *c = t->bucket[i];
		unsigned n = 0;

		for (; c; c = c->chain)
			n++;
		if (n > most)
			most = n;
	}
	return most;
}

/* Ports as guests and hosts number them: neighbours, or far apart. */
static void test_chains_stay_short(void **s)
{
	static const uint32_t strides[] = { 1, 2, 4096, 65536, 1u << 18 };
	struct conn *c = calloc(N, sizeof(*c));
	uint32_t i;
	size_t k;

	(void)s;
	assert_non_null(c);
	for (k = 0; k < 2 * sizeof(strides) / sizeof(*strides); k++) {
		struct table *t = calloc(1, sizeof(*t));

		assert_non_null(t);
		for (i = 0; i < N; i++) {
			c[i].host_port = k % 2 ? i * strides[k / 2] : 80;
			c[i].guest_port = k % 2 ? 80 : i * strides[k / 2];
			table_add(t, &c[i]);
		}
		assert_true(longest(t) <= 16);
		free(t);
	}
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_pair_of_ports_is_its_own),
		cmocka_unit_test(test_chains_stay_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
