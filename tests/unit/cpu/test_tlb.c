/* SPDX-License-Identifier: MIT */
#include "cpu/engine/tlb.h"

#include "../check.h"

static struct tlb tlb;
static _Alignas(PAGE_SIZE) uint8_t host[2 * PAGE_SIZE];

enum { ALL = TLB_READ | TLB_WRITE | TLB_EXEC };

static int fresh(void **s)
{
	(void)s;
	tlb_init(&tlb);
	tlb.context[0] = tlb_new_context(&tlb);
	tlb.context[1] = tlb_new_context(&tlb);
	return 0;
}

static void test_an_empty_tlb_never_hits(void **s)
{
	(void)s;
	assert_null(tlb_read(&tlb, 0, 1));
	assert_null(tlb_write(&tlb, UINT64_MAX - 7, 8));
}

static void test_a_page_hits_for_its_uses_only(void **s)
{
	(void)s;
	tlb_insert(&tlb, 0x5123, tlb.context[0], host, TLB_READ, false);
	assert_ptr_equal(tlb_read(&tlb, 0x5000, 8), host);
	assert_ptr_equal(tlb_read(&tlb, 0x5ff8, 8), host + 0xff8);
	assert_null(tlb_write(&tlb, 0x5000, 1));
	assert_null(tlb_read(&tlb, 0x6000, 1));
	/* The same slot, another page. */
	assert_null(tlb_read(&tlb, 0x5000 + TLB_ENTRIES * PAGE_SIZE, 1));
}

static void test_an_access_across_pages_misses(void **s)
{
	(void)s;
	tlb_insert(&tlb, 0x5000, tlb.context[0], host, ALL, false);
	tlb_insert(&tlb, 0x6000, tlb.context[0], host + PAGE_SIZE, ALL, false);
	assert_non_null(tlb_read(&tlb, 0x5ffc, 4));
	assert_null(tlb_read(&tlb, 0x5ffd, 4));
	assert_null(tlb_write(&tlb, 0x5fff, 16));
	/* Around the end of the address space, too. */
	assert_null(tlb_read(&tlb, UINT64_MAX, 2));
}

static void test_contexts_keep_address_spaces_apart(void **s)
{
	uint64_t first = tlb.context[0];

	(void)s;
	tlb_insert(&tlb, 0x5000, first, host, ALL, false);
	tlb.context[0] = tlb_new_context(&tlb);
	assert_null(tlb_read(&tlb, 0x5000, 1));
	tlb.context[0] = first;
	assert_non_null(tlb_read(&tlb, 0x5000, 1));
	tlb.context[0] = first | TLB_USER;
	assert_null(tlb_read(&tlb, 0x5000, 1));
}

static void test_the_halves_have_contexts_of_their_own(void **s)
{
	uint64_t va = UINT64_C(0xffff000000005000);

	(void)s;
	tlb_insert(&tlb, va, tlb.context[1], host, ALL, false);
	assert_non_null(tlb_read(&tlb, va, 1));
	tlb.context[0] = tlb_new_context(&tlb);
	assert_non_null(tlb_read(&tlb, va, 1));
	tlb.context[1] = tlb_new_context(&tlb);
	assert_null(tlb_read(&tlb, va, 1));
}

static void test_dropping_a_page_drops_all_its_contexts(void **s)
{
	(void)s;
	tlb_insert(&tlb, 0x5000, tlb.context[0] | TLB_USER, host, ALL, false);
	tlb_insert(&tlb, 0x6000, tlb.context[0], host, ALL, false);
	tlb_drop_page(&tlb, 0x5abc);
	assert_non_null(tlb_read(&tlb, 0x6000, 1));
	tlb.context[0] |= TLB_USER;
	assert_null(tlb_read(&tlb, 0x5000, 1));
}

static void test_dropping_part_of_a_large_page_drops_all_of_it(void **s)
{
	uint64_t large = 0x40000000;

	(void)s;
	tlb_insert(&tlb, large, tlb.context[0], host, ALL, true);
	tlb_insert(&tlb, large + 0x1ff000, tlb.context[0], host, ALL, true);
	tlb_insert(&tlb, large + 0x200000, tlb.context[0], host, ALL, true);
	tlb_drop_page(&tlb, large + 0x5000);
	assert_null(tlb_read(&tlb, large, 1));
	assert_null(tlb_read(&tlb, large + 0x1ff000, 1));
	assert_non_null(tlb_read(&tlb, large + 0x200000, 1));
}

static void test_protecting_a_host_page_finds_all_its_aliases(void **s)
{
	(void)s;
	tlb_insert(&tlb, 0x5000, tlb.context[0], host, ALL, false);
	tlb_insert(&tlb, 0x7000, tlb.context[0], host, ALL, false);
	tlb_insert(&tlb, 0x6000, tlb.context[0], host + PAGE_SIZE, ALL, false);
	tlb_protect(&tlb, host);
	assert_null(tlb_write(&tlb, 0x5000, 1));
	assert_null(tlb_write(&tlb, 0x7000, 1));
	assert_non_null(tlb_read(&tlb, 0x5000, 1));
	assert_non_null(tlb_write(&tlb, 0x6000, 1));
}

static void test_when_numbers_run_out_everything_is_dropped(void **s)
{
	uint32_t epoch = tlb.epoch;
	unsigned n;

	(void)s;
	tlb_insert(&tlb, 0x5000, tlb.context[0], host, ALL, false);
	for (n = 0; tlb.epoch == epoch; n++)
		assert_int_not_equal(tlb_new_context(&tlb), 0);
	assert_true(n > 1000);
	assert_null(tlb_read(&tlb, 0x5000, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_an_empty_tlb_never_hits, fresh),
		cmocka_unit_test_setup(test_a_page_hits_for_its_uses_only,
				       fresh),
		cmocka_unit_test_setup(test_an_access_across_pages_misses,
				       fresh),
		cmocka_unit_test_setup(test_contexts_keep_address_spaces_apart,
				       fresh),
		cmocka_unit_test_setup(
			test_the_halves_have_contexts_of_their_own, fresh),
		cmocka_unit_test_setup(
			test_dropping_a_page_drops_all_its_contexts, fresh),
		cmocka_unit_test_setup(
			test_dropping_part_of_a_large_page_drops_all_of_it,
			fresh),
		cmocka_unit_test_setup(
			test_protecting_a_host_page_finds_all_its_aliases,
			fresh),
		cmocka_unit_test_setup(
			test_when_numbers_run_out_everything_is_dropped, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
