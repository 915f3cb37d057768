/* SPDX-License-Identifier: MIT */
#include "guest/vsock-client/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

static struct pattern *make(void)
{
	struct pattern *p = malloc(sizeof(*p));

	assert_non_null(p);
	pattern_init(p);
	return p;
}

static void test_crc_32_of_the_check_string(void **s)
{
	struct pattern *p = make();
	const uint8_t *text = (const uint8_t *)"123456789";
	uint32_t crc = 0;
	size_t i;

	(void)s;
	assert_int_equal(pattern_crc(p, 0, text, 0), 0);
	assert_int_equal(pattern_crc(p, 0, text, 9), 0xcbf43926);
	for (i = 0; i < 9; i++)
		crc = pattern_crc(p, crc, text + i, 1);
	assert_int_equal(crc, 0xcbf43926);
	free(p);
}

static void test_the_pattern_goes_on_at_any_offset(void **s)
{
	static const uint64_t offset[] = { 0, 1, 65520, 65521, 1ull << 40 };
	struct pattern *p = make();
	size_t i, k;

	(void)s;
	for (i = 0; i < 5; i++)
		for (k = 0; k < PATTERN_CHUNK_MAX; k += 4093)
			assert_int_equal(pattern_at(p, offset[i])[k],
					 *pattern_at(p, offset[i] + k));
	/* x(1) = 1103527590 = 0x41c67ea6 */
	assert_int_equal(*pattern_at(p, 0), 0xc6);
	assert_memory_not_equal(pattern_at(p, 0), pattern_at(p, 65536), 64);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc_32_of_the_check_string),
		cmocka_unit_test(test_the_pattern_goes_on_at_any_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
