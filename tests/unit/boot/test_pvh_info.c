/* SPDX-License-Identifier: MIT */
#include "boot/pvh_info.h"

#include <string.h>

#include "../check.h"
#include "base/bytes.h"

enum { GPA = 0x6000 };

static const struct x86_facts facts = {
	.cmdline_gpa = 0x20000,
	.initrd_gpa = 0x7000000,
	.initrd_len = 0x1234,
	.rsdp_gpa = 0xe0000,
	.ranges = 2,
	.range = { { 0, 0x9fc00, 1 }, { UINT64_C(1) << 32, 77, 2 } },
};

/* What stands at the address in p[at..at+7]. */
static const uint8_t *follow(const uint8_t *p, size_t at)
{
	uint64_t gpa = le64(p + at);

	assert_in_range(gpa, GPA, GPA + PVH_INFO_LEN);
	return p + (gpa - GPA);
}

static void test_a_kernel_finds_every_fact(void **s)
{
	uint8_t p[PVH_INFO_LEN];

	(void)s;
	memset(p, 0xff, sizeof(p));
	pvh_info_write(&facts, GPA, p);
	assert_int_equal(le32(p), 0x336ec578);
	assert_int_equal(le32(p + 4), 1);
	assert_int_equal(le32(p + 8), 0);
	assert_int_equal(le64(p + 24), 0x20000);
	assert_int_equal(le64(p + 32), 0xe0000);
	assert_int_equal(le32(p + 52), 0);
}

static void test_the_initrd_is_the_one_module(void **s)
{
	uint8_t p[PVH_INFO_LEN];
	const uint8_t *module;

	(void)s;
	memset(p, 0xff, sizeof(p));
	pvh_info_write(&facts, GPA, p);
	assert_int_equal(le32(p + 12), 1);
	module = follow(p, 16);
	assert_int_equal(le64(module), 0x7000000);
	assert_int_equal(le64(module + 8), 0x1234);
	assert_int_equal(le64(module + 16), 0);
	assert_int_equal(le64(module + 24), 0);
}

static void test_no_initrd_is_no_module(void **s)
{
	struct x86_facts none = facts;
	uint8_t p[PVH_INFO_LEN];

	(void)s;
	none.initrd_len = 0;
	pvh_info_write(&none, GPA, p);
	assert_int_equal(le32(p + 12), 0);
	assert_int_equal(le64(p + 16), 0);
}

static void test_the_memory_map_has_24_bytes_an_entry(void **s)
{
	uint8_t p[PVH_INFO_LEN];
	const uint8_t *map;

	(void)s;
	pvh_info_write(&facts, GPA, p);
	assert_int_equal(le32(p + 48), 2);
	map = follow(p, 40);
	assert_int_equal(le64(map), 0);
	assert_int_equal(le64(map + 8), 0x9fc00);
	assert_int_equal(le32(map + 16), 1);
	assert_int_equal(le64(map + 24), UINT64_C(1) << 32);
	assert_int_equal(le64(map + 32), 77);
	assert_int_equal(le32(map + 40), 2);
	assert_int_equal(le32(map + 44), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_kernel_finds_every_fact),
		cmocka_unit_test(test_the_initrd_is_the_one_module),
		cmocka_unit_test(test_no_initrd_is_no_module),
		cmocka_unit_test(test_the_memory_map_has_24_bytes_an_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
