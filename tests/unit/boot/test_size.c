/* SPDX-License-Identifier: MIT */
#include "boot/size.h"

#include "../check.h"

static void test_sizes_read_well_and_are_rounded_up(void **s)
{
	static const struct {
		uint64_t bytes;
		const char *want;
	} rows[] = {
		{ 0, "0 bytes" },
		{ 1, "1 byte" },
		{ 10239, "10239 bytes" },
		{ 10240, "10 KiB" },
		{ 10241, "10.1 KiB" },
		{ (1 << 20) - 1, "1024 KiB" },
		{ 1 << 20, "1 MiB" },
		{ (1 << 20) + 1, "1.1 MiB" },
		{ (2 << 20) - 1, "2 MiB" },
		{ UINT64_C(300) << 20, "300 MiB" },
		{ 27303872, "26.1 MiB" },
		{ UINT64_MAX, "17592186044416 MiB" },
	};
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(size_text(rows[i].bytes).s, rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes_read_well_and_are_rounded_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
