/* SPDX-License-Identifier: MIT */
#include "gic.h"

static void test_reset_values(void **s)
{
	static const struct {
		unsigned off;
		uint32_t want;
	} rows[] = {
		{ 0x0000, 0 },    { 0x0004, 0x43b }, { 0x0010, 0 },
		{ 0x0014, 6 }, /* WAKER: asleep */
		{ 0xffd0, 0x44 }, { 0xffe8, 0x3b },  { 0xfffc, 0xb1 },
		{ 0x10080, 0 },   { 0x10100, 0 },    { 0x10200, 0 },
		{ 0x10300, 0 },   { 0x10400, 0 },    { 0x10c00, 0xaaaaaaaa },
		{ 0x10c04, 0 },   { 0x10d00, 0 },    { 0x10e00, 0 },
		{ 0x1ffe8, 0 },
	};
	struct gic t;
	size_t i;
	unsigned cpu;

	(void)s;
	gic_init(&t, 2);
	for (cpu = 0; cpu < 2; cpu++) {
		for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			assert_int_equal(gic_r4(&t, GICR(cpu) + rows[i].off),
					 rows[i].want);
	}
	gic_fini(&t);
}

static void test_typer_tells_affinity_number_and_last(void **s)
{
	struct gic t;
	unsigned cpu;

	(void)s;
	gic_init(&t, 8);
	for (cpu = 0; cpu < 8; cpu++) {
		uint64_t want =
			(uint64_t)cpu << 32 | cpu << 8 | (cpu == 7 ? 0x10 : 0);

		assert_int_equal(gic_rd(&t, GICR(cpu) + 8, 8), want);
		assert_int_equal(gic_r4(&t, GICR(cpu) + 8), (uint32_t)want);
		assert_int_equal(gic_r4(&t, GICR(cpu) + 12), cpu);
		assert_int_equal(gic_rd(&t, GICR(cpu) + 8, 1), 0);
	}
	gic_fini(&t);
}

static void test_an_asleep_cpu_gets_nothing(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	gic_w4(&t, GICR(0) + WAKER, 2);
	assert_int_equal(gic_r4(&t, GICR(0) + WAKER), 6);
	gicv3_ppi(&t.g, 0, 27, true);
	assert_false(t.level[0]);
	assert_int_equal(gic_get(&t, 0, HPPIR1), NONE);
	gic_w4(&t, GICR(0) + WAKER, 0);
	assert_int_equal(gic_r4(&t, GICR(0) + WAKER), 0);
	assert_true(t.level[0]);
	gic_fini(&t);
}

static void test_each_cpu_has_its_own_private_interrupts(void **s)
{
	struct gic t;

	(void)s;
	gic_init(&t, 2);
	gic_w4(&t, SGI(0) + ISENABLER, 0x0800ffff);
	gic_w4(&t, SGI(1) + IPRIORITYR + 24, 0x50000000);
	assert_int_equal(gic_r4(&t, SGI(0) + ISENABLER), 0x0800ffff);
	assert_int_equal(gic_r4(&t, SGI(1) + ISENABLER), 0);
	assert_int_equal(gic_rd(&t, SGI(1) + IPRIORITYR + 27, 1), 0x50);
	assert_int_equal(gic_rd(&t, SGI(0) + IPRIORITYR + 27, 1), 0);
	gic_w4(&t, SGI(0) + ISENABLER + 4, 1); /* no second block */
	assert_int_equal(gic_r4(&t, SGI(0) + ISENABLER + 4), 0);
	gic_fini(&t);
}

static void test_sgis_stay_edge_triggered(void **s)
{
	struct gic t;

	(void)s;
	gic_init(&t, 1);
	gic_w4(&t, SGI(0) + ICFGR, 0);
	assert_int_equal(gic_r4(&t, SGI(0) + ICFGR), 0xaaaaaaaa);
	gic_w4(&t, SGI(0) + ICFGR + 4, 0x00800000);
	assert_int_equal(gic_r4(&t, SGI(0) + ICFGR + 4), 0x00800000);
	gic_fini(&t);
}

static void test_beyond_the_last_cpu_nobody_answers(void **s)
{
	struct gic t;
	struct access a = { .addr = GICR(2) + 4, .size = 4 };

	(void)s;
	gic_init(&t, 2);
	assert_false(bus_access(&t.bus, &a));
	/* and if a board made the window too large */
	gicv3_redist_ops.write(&t.g, 9 * 0x20000 + WAKER, 4, 0);
	assert_int_equal(gicv3_redist_ops.read(&t.g, 9 * 0x20000 + 4, 4), 0);
	gic_fini(&t);
}

/* gic_populate_rdist() and gic_cpu_init() of Linux 6.1, in their order. */
static void test_linux_finds_and_wakes_its_redistributor(void **s)
{
	struct gic t;
	unsigned i, n = 0;

	(void)s;
	gic_init(&t, 3);
	do {
		assert_int_equal(gic_r4(&t, GICR(n) + 0xffe8) & 0xf0, 0x30);
	} while (!(gic_rd(&t, GICR(n++) + 8, 8) & 0x10));
	assert_int_equal(n, 3);
	gic_w4(&t, GICR(1) + WAKER, gic_r4(&t, GICR(1) + WAKER) & ~2u);
	assert_int_equal(gic_r4(&t, GICR(1) + WAKER) & 4, 0);
	gic_w4(&t, SGI(1) + IGROUPR, UINT32_MAX);
	gic_w4(&t, SGI(1) + ICACTIVER, UINT32_MAX);
	gic_w4(&t, SGI(1) + ICENABLER, UINT32_MAX);
	for (i = 0; i < 32; i += 4)
		gic_w4(&t, SGI(1) + IPRIORITYR + i, 0xa0a0a0a0);
	assert_int_equal(gic_r4(&t, GICR(1)) & 8, 0); /* RWP */
	gic_w4(&t, SGI(1) + ISENABLER, 0xff);
	gic_set(&t, 1, PMR, 0xf0);
	gic_set(&t, 1, IGRPEN1, 1);
	gic_w4(&t, GICD, 0x13);
	gic_set(&t, 0, SGI1R, UINT64_C(1) << 24 | 2);
	assert_true(t.level[1]);
	assert_int_equal(gic_get(&t, 1, IAR1), 1);
	gic_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset_values),
		cmocka_unit_test(test_typer_tells_affinity_number_and_last),
		cmocka_unit_test(test_an_asleep_cpu_gets_nothing),
		cmocka_unit_test(test_each_cpu_has_its_own_private_interrupts),
		cmocka_unit_test(test_sgis_stay_edge_triggered),
		cmocka_unit_test(test_beyond_the_last_cpu_nobody_answers),
		cmocka_unit_test(test_linux_finds_and_wakes_its_redistributor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
