/* SPDX-License-Identifier: MIT */
#include "dev/gicv3_priv.h"

#include "gic.h"

static void test_offsets_lead_to_blocks(void **s)
{
	static const struct {
		unsigned off, block, reg;
	} rows[] = {
		{ 0x080, 0, 0x080 },  { 0x084, 1, 0x080 },
		{ 0x0fc, 31, 0x080 }, { 0x100, 0, 0x100 },
		{ 0x2fc, 31, 0x280 }, { 0x3fc, 31, 0x380 },
		{ 0x400, 0, 0x400 },  { 0x41f, 0, 0x41f },
		{ 0x420, 1, 0x400 },  { 0x7fb, 31, 0x41b },
		{ 0xc00, 0, 0xc00 },  { 0xc04, 0, 0xc04 },
		{ 0xc0c, 1, 0xc04 },  { 0xcfc, 31, 0xc04 },
		{ 0x109, 2, 0x101 }, /* an odd place stays odd */
	};
	static const unsigned none[] = { 0,     0x7c,  0x800, 0xbfc,
					 0xd00, 0xf00, 0x6100 };
	unsigned block, reg;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_true(gicv3_block_find(rows[i].off, &block, &reg));
		assert_int_equal(block, rows[i].block);
		assert_int_equal(reg, rows[i].reg);
	}
	for (i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_false(gicv3_block_find(none[i], &block, &reg));
}

static void test_set_and_clear_registers_are_two_sides_of_one(void **s)
{
	static const unsigned pair[] = { ISENABLER, ISPENDR, ISACTIVER };
	struct gicv3_block b = { 0 };
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(pair) / sizeof(*pair); i++) {
		gicv3_block_write(&b, pair[i], 4, 0xff00ff00);
		gicv3_block_write(&b, pair[i], 4, 0x1);
		gicv3_block_write(&b, pair[i] + 0x80, 4, 0xf0000000);
		assert_int_equal(gicv3_block_read(&b, pair[i], 4), 0x0f00ff01);
		assert_int_equal(gicv3_block_read(&b, pair[i] + 0x80, 4),
				 0x0f00ff01);
	}
	gicv3_block_write(&b, IGROUPR, 4, 5);
	gicv3_block_write(&b, IGROUPR, 4, 6);
	assert_int_equal(gicv3_block_read(&b, IGROUPR, 4), 6);
}

static void test_five_bits_of_priority_in_bytes_and_words(void **s)
{
	struct gicv3_block b = { 0 };

	(void)s;
	gicv3_block_write(&b, IPRIORITYR, 4, 0xa0ff0710);
	assert_int_equal(gicv3_block_read(&b, IPRIORITYR, 4), 0xa0f80010);
	gicv3_block_write(&b, IPRIORITYR + 1, 1, 0x0c);
	assert_int_equal(gicv3_block_read(&b, IPRIORITYR, 4), 0xa0f80810);
	assert_int_equal(gicv3_block_read(&b, IPRIORITYR + 3, 1), 0xa0);
	gicv3_block_write(&b, IPRIORITYR + 31, 1, 0x88);
	assert_int_equal(gicv3_block_read(&b, IPRIORITYR + 28, 4), 0x88000000);
}

static void test_only_the_upper_configuration_bit_counts(void **s)
{
	struct gicv3_block b = { 0 };

	(void)s;
	gicv3_block_write(&b, ICFGR, 4, 0xffffffff);
	assert_int_equal(gicv3_block_read(&b, ICFGR, 4), 0xaaaaaaaa);
	assert_int_equal(gicv3_block_read(&b, ICFGR + 4, 4), 0);
	gicv3_block_write(&b, ICFGR + 4, 4, 0x80000006);
	assert_int_equal(gicv3_block_read(&b, ICFGR + 4, 4), 0x80000002);
	assert_int_equal(b.edge, 0x8001ffff);
	gicv3_block_write(&b, ICFGR, 4, 0);
	assert_int_equal(b.edge, 0x80010000);
}

static void test_wrong_widths_read_zero_and_write_nothing(void **s)
{
	struct gicv3_block b = { .enable = 0xffff, .prio = { 1, 2, 3, 4 } };
	static const struct {
		unsigned reg, size;
	} bad[] = {
		{ ISENABLER, 1 },     { ISENABLER, 2 },      { ISENABLER, 8 },
		{ ISENABLER + 1, 1 }, { ICENABLER, 2 },      { IPRIORITYR, 2 },
		{ IPRIORITYR, 8 },    { IPRIORITYR + 2, 2 }, { ICFGR + 1, 1 },
	};
	const struct gicv3_block was = b;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(gicv3_block_read(&b, bad[i].reg, bad[i].size),
				 0);
		gicv3_block_write(&b, bad[i].reg, bad[i].size, UINT32_MAX);
		assert_memory_equal(&b, &was, sizeof(b));
	}
}

static void test_levels_pend_while_high_and_edges_until_cleared(void **s)
{
	struct gicv3_block b = { .edge = 2 };

	(void)s;
	gicv3_block_wire(&b, 1, true);
	gicv3_block_wire(&b, 2, true);
	assert_int_equal(gicv3_block_read(&b, ISPENDR, 4), 3);
	gicv3_block_write(&b, ICPENDR, 4, 3); /* the level stays */
	assert_int_equal(gicv3_block_read(&b, ISPENDR, 4), 1);
	gicv3_block_wire(&b, 2, true); /* no new edge */
	assert_int_equal(gicv3_block_pending(&b), 1);
	gicv3_block_wire(&b, 3, false);
	assert_int_equal(gicv3_block_pending(&b), 0);
	gicv3_block_wire(&b, 2, true);
	gicv3_block_wire(&b, 2, false);
	assert_int_equal(gicv3_block_pending(&b), 2);
	gicv3_block_write(&b, ISPENDR, 4, 1); /* by hand, with the wire low */
	assert_int_equal(gicv3_block_pending(&b), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offsets_lead_to_blocks),
		cmocka_unit_test(
			test_set_and_clear_registers_are_two_sides_of_one),
		cmocka_unit_test(test_five_bits_of_priority_in_bytes_and_words),
		cmocka_unit_test(test_only_the_upper_configuration_bit_counts),
		cmocka_unit_test(test_wrong_widths_read_zero_and_write_nothing),
		cmocka_unit_test(
			test_levels_pend_while_high_and_edges_until_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
