/* SPDX-License-Identifier: MIT */
#include "cpu/engine/block.h"

#include "../check.h"

enum { OP = 16, ARENA = 64 * 1024 };

static struct block_cache cache;
static struct tlb tlb;
static _Alignas(PAGE_SIZE) uint8_t ram[4 * PAGE_SIZE];

static int fresh(void **s)
{
	(void)s;
	tlb_init(&tlb);
	tlb.context[0] = tlb_new_context(&tlb);
	assert_int_equal(block_cache_init(&cache, ARENA, NULL), 0);
	block_cache_attach(&cache, &tlb);
	return 0;
}

static int done(void **s)
{
	(void)s;
	block_cache_fini(&cache);
	return 0;
}

static struct block *add(unsigned at, unsigned insns, unsigned mode)
{
	struct block *b = block_reserve(&cache, OP);

	b->offset = (uint16_t)(at % PAGE_SIZE);
	b->bytes = (uint16_t)(insns * 4);
	b->insns = b->ops = (uint16_t)insns;
	block_add(&cache, b, ram + at, mode, OP);
	return b;
}

static void test_blocks_are_found_by_place_and_mode(void **s)
{
	struct block *a = add(0x100, 4, 0), *b = add(0x100, 4, 1);

	(void)s;
	assert_ptr_equal(block_find(&cache, ram + 0x100, 0), a);
	assert_ptr_equal(block_find(&cache, ram + 0x100, 1), b);
	assert_null(block_find(&cache, ram + 0x104, 0));
	assert_null(block_find(&cache, ram + 0x1100, 0));
}

static void test_a_write_drops_the_blocks_it_touches(void **s)
{
	struct block *a = add(0x100, 4, 0), *b = add(0x200, 4, 0);
	uint64_t version = cache.version;

	(void)s;
	block_written(&cache, ram + 0x10c, 4);
	assert_null(block_find(&cache, ram + 0x100, 0));
	assert_int_equal(a->key, 0);
	assert_ptr_equal(block_find(&cache, ram + 0x200, 0), b);
	assert_int_not_equal(cache.version, version);
	assert_true(block_page_has_code(&cache, ram));
	block_written(&cache, ram + 0x200, 1);
	assert_false(block_page_has_code(&cache, ram));
}

static void test_a_write_elsewhere_in_the_page_drops_nothing(void **s)
{
	(void)s;
	add(0x100, 4, 0);
	block_written(&cache, ram + 0x140, 8);
	block_written(&cache, ram + 0xff, 1);
	assert_non_null(block_find(&cache, ram + 0x100, 0));
}

static void test_a_block_over_two_granules_dies_by_either(void **s)
{
	(void)s;
	add(0x13c, 2, 0);
	block_written(&cache, ram + 0x140, 1);
	assert_null(block_find(&cache, ram + 0x13c, 0));
}

static void test_a_page_that_became_data_gives_up_its_code(void **s)
{
	unsigned i;

	(void)s;
	add(0x100, 4, 0);
	for (i = 0; i < 64 && block_page_has_code(&cache, ram); i++)
		block_written(&cache, ram + 0x800, 8);
	assert_in_range(i, 2, 63);
	assert_null(block_find(&cache, ram + 0x100, 0));
}

static void test_links_in_the_page_are_cut_with_a_block(void **s)
{
	struct block *a = add(0x100, 4, 0), *b = add(0x200, 4, 0);

	(void)s;
	b->link[0] = a;
	block_written(&cache, ram + 0x100, 4);
	assert_null(b->link[0]);
}

static void test_code_takes_write_permission_from_its_page(void **s)
{
	(void)s;
	tlb_insert(&tlb, 0x5000, tlb.context[0], ram, TLB_READ | TLB_WRITE,
		   false);
	assert_non_null(tlb_write(&tlb, 0x5000, 1));
	add(0x100, 4, 0);
	assert_null(tlb_write(&tlb, 0x5000, 1));
	assert_non_null(tlb_read(&tlb, 0x5000, 1));
}

static void test_a_full_arena_is_emptied_at_once(void **s)
{
	unsigned i;

	(void)s;
	for (i = 0; cache.flushes == 0 && i < 10000; i++)
		add((i * 4) % sizeof(ram), 60, 0);
	assert_int_equal(cache.flushes, 1);
	assert_true(i > 10);
	assert_null(block_find(&cache, ram, 0));
	assert_non_null(block_find(&cache, ram + (i - 1) * 4, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_blocks_are_found_by_place_and_mode, fresh, done),
		cmocka_unit_test_setup_teardown(
			test_a_write_drops_the_blocks_it_touches, fresh, done),
		cmocka_unit_test_setup_teardown(
			test_a_write_elsewhere_in_the_page_drops_nothing, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			test_a_block_over_two_granules_dies_by_either, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			test_a_page_that_became_data_gives_up_its_code, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			test_links_in_the_page_are_cut_with_a_block, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			test_code_takes_write_permission_from_its_page, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			test_a_full_arena_is_emptied_at_once, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
