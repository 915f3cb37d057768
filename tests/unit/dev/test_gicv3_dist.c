/* SPDX-License-Identifier: MIT */
#include "gic.h"

static void test_reset_values(void **s)
{
	static const struct {
		unsigned off;
		uint32_t want;
	} rows[] = {
		{ 0x0000, 0x50 },                    /* ARE, DS */
		{ 0x0004, 0x480002 },                /* 96 INTIDs, 10 bits */
		{ 0x0008, 0x43b },    { 0x000c, 0 }, /* TYPER2 */
		{ 0x0010, 0 },        { 0x0040, 0 }, /* SETSPI_NSR */
		{ 0x0084, 0 },        { 0x0104, 0 },    { 0x0204, 0 },
		{ 0x0304, 0 },        { 0x0420, 0 },    { 0x0820, 0 },
		{ 0x0c08, 0 },        { 0x0d04, 0 },    { 0x0e08, 0 },
		{ 0x0f00, 0 },        { 0x0f10, 0 },    { 0x6100, 0 },
		{ 0x6104, 0 },        { 0xffd0, 0x44 }, { 0xffe0, 0x92 },
		{ 0xffe4, 0xb4 },     { 0xffe8, 0x3b }, { 0xffec, 0 },
		{ 0xfff0, 0x0d },     { 0xfff4, 0xf0 }, { 0xfff8, 0x05 },
		{ 0xfffc, 0xb1 },     { 0xffcc, 0 },
	};
	struct gic t;
	size_t i;

	(void)s;
	gic_init(&t, 2);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(gic_r4(&t, GICD + rows[i].off), rows[i].want);
	gic_fini(&t);
}

static void test_only_the_groups_of_ctlr_can_be_written(void **s)
{
	struct gic t;

	(void)s;
	gic_init(&t, 1);
	gic_w4(&t, GICD, 0x13); /* as Linux does it */
	assert_int_equal(gic_r4(&t, GICD), 0x53);
	gic_w4(&t, GICD, UINT32_MAX);
	assert_int_equal(gic_r4(&t, GICD), 0x53);
	gic_wr(&t, GICD, 8, 0);
	gic_wr(&t, GICD, 2, 0);
	gic_wr(&t, GICD, 1, 0);
	assert_int_equal(gic_r4(&t, GICD), 0x53);
	gic_w4(&t, GICD, 0);
	assert_int_equal(gic_r4(&t, GICD), 0x50);
	gic_fini(&t);
}

static void test_private_interrupts_and_those_beyond_are_not_here(void **s)
{
	static const unsigned offs[] = {
		IGROUPR,
		ISENABLER,
		ISENABLER + 12,
		ISENABLER + 0x7c,
		IPRIORITYR,
		IPRIORITYR + 96,
		ICFGR,
		ICFGR + 4,
		ICFGR + 24,
		IROUTER,
		IROUTER + 8 * 31,
		IROUTER + 8 * 96,
		IROUTER + 8 * 1020,
	};
	struct gic t;
	size_t i;

	(void)s;
	gic_init(&t, 1);
	for (i = 0; i < sizeof(offs) / sizeof(*offs); i++) {
		gic_w4(&t, GICD + offs[i], UINT32_MAX);
		assert_int_equal(gic_r4(&t, GICD + offs[i]), 0);
	}
	gic_fini(&t);
}

static void test_routes_are_64_bits_and_may_come_in_halves(void **s)
{
	const uint64_t r = GICD + IROUTER + 8 * 33;
	struct gic t;

	(void)s;
	gic_init(&t, 2);
	gic_wr(&t, r, 8, UINT64_MAX);
	assert_int_equal(gic_rd(&t, r, 8), 0x80ffffff); /* no Aff3 */
	assert_int_equal(gic_r4(&t, r + 4), 0);
	gic_w4(&t, r, 1);
	assert_int_equal(gic_rd(&t, r, 8), 1);
	gic_w4(&t, r + 4, 0xff);
	assert_int_equal(gic_rd(&t, r, 8), 1);
	gic_wr(&t, r, 1, 0);
	gic_wr(&t, r, 2, 0);
	assert_int_equal(gic_rd(&t, r, 8), 1);
	assert_int_equal(gic_rd(&t, r, 2), 0);
	assert_int_equal(gic_rd(&t, r + 8, 8), 0);
	gic_fini(&t);
}

static void test_straddles_and_odd_places_do_not_reach_it(void **s)
{
	static const struct access bad[] = {
		{ .addr = GICD + 0x0006, .size = 4 },
		{ .addr = GICD + 0x6104, .size = 8 },
		{ .addr = GICD + 0xfffc, .size = 8 },
		{ .addr = GICD - 4, .size = 8 },
		{ .addr = GICD + 0x10000, .size = 4 },
	};
	struct gic t;
	size_t i;

	(void)s;
	gic_init(&t, 1);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct access a = bad[i];

		assert_false(bus_access(&t.bus, &a));
	}
	gic_fini(&t);
}

/* What Linux 6.1 does in gic_dist_init(), in its order. */
static void test_linux_sets_it_up(void **s)
{
	struct gic t;
	unsigned i;

	(void)s;
	gic_init(&t, 1);
	assert_int_equal(gic_r4(&t, GICD + 0xffe8) & 0xf0, 0x30);
	assert_int_equal((gic_r4(&t, GICD + 4) & 31) + 1, INTIDS / 32);
	gic_w4(&t, GICD, 0);
	assert_int_equal(gic_r4(&t, GICD) >> 31, 0); /* RWP */
	for (i = 32; i < INTIDS; i += 32)
		gic_w4(&t, GICD + IGROUPR + i / 8, UINT32_MAX);
	for (i = 32; i < INTIDS; i += 16)
		gic_w4(&t, GICD + ICFGR + i / 4, 0);
	for (i = 32; i < INTIDS; i += 4)
		gic_w4(&t, GICD + IPRIORITYR + i, 0xa0a0a0a0);
	for (i = 32; i < INTIDS; i += 32) {
		gic_w4(&t, GICD + ICACTIVER + i / 8, UINT32_MAX);
		gic_w4(&t, GICD + ICENABLER + i / 8, UINT32_MAX);
	}
	assert_int_equal(gic_r4(&t, GICD) >> 31, 0);
	gic_w4(&t, GICD, 0x13);
	for (i = 32; i < INTIDS; i++)
		gic_wr(&t, GICD + IROUTER + 8 * i, 8, 0);
	/* request_irq(): edge, then enable */
	gic_w4(&t, GICD + ICFGR + 48 / 4, 2);
	gic_w4(&t, GICD + ISENABLER + 4, 1 << 16);
	assert_int_equal(gic_r4(&t, GICD + ISENABLER + 4), 1 << 16);
	assert_int_equal(gic_rd(&t, GICD + IPRIORITYR + 48, 1), 0xa0);
	gic_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset_values),
		cmocka_unit_test(test_only_the_groups_of_ctlr_can_be_written),
		cmocka_unit_test(
			test_private_interrupts_and_those_beyond_are_not_here),
		cmocka_unit_test(
			test_routes_are_64_bits_and_may_come_in_halves),
		cmocka_unit_test(test_straddles_and_odd_places_do_not_reach_it),
		cmocka_unit_test(test_linux_sets_it_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
