/* SPDX-License-Identifier: MIT */
#include "boot/zero_page.h"

#include <string.h>

#include "../check.h"
#include "base/bytes.h"

static const struct x86_facts facts = {
	.cmdline_gpa = 0x20000,
	.initrd_gpa = UINT64_C(0x1deadb000),
	.initrd_len = UINT64_C(0x200001234),
	.rsdp_gpa = 0xe0000,
	.setup_data_gpa = 0x8000,
	.ranges = 2,
	.range = { { 0, 0x9fc00, 1 }, { UINT64_C(1) << 32, 77, 2 } },
};

static void test_linux_finds_every_fact(void **s)
{
	uint8_t p[ZERO_PAGE_LEN];

	(void)s;
	memset(p, 0xff, sizeof(p));
	zero_page_write(&facts, p);
	assert_int_equal(le64(p + 0x070), 0xe0000);
	assert_int_equal(le32(p + 0x218), 0xdeadb000);
	assert_int_equal(le32(p + 0x0c0), 1);
	assert_int_equal(le32(p + 0x21c), 0x1234);
	assert_int_equal(le32(p + 0x0c4), 2);
	assert_int_equal(le32(p + 0x228), 0x20000);
	assert_int_equal(le32(p + 0x0c8), 0);
	assert_int_equal(le64(p + 0x250), 0x8000);
}

static void test_the_memory_map_has_20_bytes_an_entry(void **s)
{
	uint8_t p[ZERO_PAGE_LEN];

	(void)s;
	zero_page_write(&facts, p);
	assert_int_equal(p[0x1e8], 2);
	assert_int_equal(le64(p + 0x2d0), 0);
	assert_int_equal(le64(p + 0x2d8), 0x9fc00);
	assert_int_equal(le32(p + 0x2e0), 1);
	assert_int_equal(le64(p + 0x2e4), UINT64_C(1) << 32);
	assert_int_equal(le64(p + 0x2ec), 77);
	assert_int_equal(le32(p + 0x2f4), 2);
	assert_int_equal(le64(p + 0x2f8), 0);
}

static void test_the_header_is_one_a_boot_loader_leaves(void **s)
{
	uint8_t p[ZERO_PAGE_LEN];

	(void)s;
	memset(p, 0xff, sizeof(p));
	zero_page_write(&facts, p);
	assert_int_equal(p[0x1ef], 0); /* sentinel: all of it is meant */
	assert_int_equal(le16(p + 0x1fe), 0xaa55);
	assert_memory_equal(p + 0x202, "HdrS", 4);
	assert_int_equal(le16(p + 0x206), 0x020f);
	assert_int_equal(p[0x210], 0xff);
	assert_int_equal(p[0x211], 1); /* high; not moved by random */
	assert_int_equal(le32(p + 0x238), 2047);
	assert_int_equal(p[0xfff], 0);
}

static void test_no_initrd_is_no_address(void **s)
{
	struct x86_facts none = facts;
	uint8_t p[ZERO_PAGE_LEN];

	(void)s;
	none.initrd_len = 0;
	zero_page_write(&none, p);
	assert_int_equal(le32(p + 0x218), 0);
	assert_int_equal(le32(p + 0x0c0), 0);
	assert_int_equal(le32(p + 0x21c), 0);
}

static void test_the_seed_is_one_setup_data(void **s)
{
	static const uint8_t seed[] = { 1, 2, 3, 4, 5 };
	uint8_t p[SETUP_SEED_HEAD + 6];

	(void)s;
	memset(p, 0xee, sizeof(p));
	setup_seed_write(seed, 5, p);
	assert_int_equal(le64(p), 0);
	assert_int_equal(le32(p + 8), 9); /* SETUP_RNG_SEED */
	assert_int_equal(le32(p + 12), 5);
	assert_memory_equal(p + 16, "\1\2\3\4\5\xee", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linux_finds_every_fact),
		cmocka_unit_test(test_the_memory_map_has_20_bytes_an_entry),
		cmocka_unit_test(test_the_header_is_one_a_boot_loader_leaves),
		cmocka_unit_test(test_no_initrd_is_no_address),
		cmocka_unit_test(test_the_seed_is_one_setup_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
