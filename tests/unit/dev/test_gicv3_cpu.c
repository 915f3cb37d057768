/* SPDX-License-Identifier: MIT */
#include "gic.h"

static void prio(struct gic *t, unsigned intid, uint8_t p)
{
	gic_wr(t, (intid < 32 ? SGI(0) : GICD) + IPRIORITYR + intid, 1, p);
}

static void pend(struct gic *t, unsigned intid)
{
	uint64_t frame = intid < 32 ? SGI(0) : GICD;

	gic_w4(t, frame + ISPENDR + intid / 32 * 4, 1u << intid % 32);
}

static bool is_set(struct gic *t, unsigned reg, unsigned intid)
{
	uint64_t frame = intid < 32 ? SGI(0) : GICD;

	return gic_r4(t, frame + reg + intid / 32 * 4) >> intid % 32 & 1;
}

static void test_reset_values(void **s)
{
	static const struct {
		uint32_t id, want;
	} rows[] = {
		{ PMR, 0 },       { IAR0, NONE },   { IAR1, NONE },
		{ HPPIR0, NONE }, { HPPIR1, NONE }, { BPR0, 2 },
		{ BPR1, 3 },      { AP0R0, 0 },     { AP1R0, 0 },
		{ RPR, 0xff },    { CTLR, 0x400 },  { SRE, 7 },
		{ IGRPEN0, 0 },   { IGRPEN1, 0 },
	};
	struct gic t;
	size_t i;

	(void)s;
	gic_init(&t, 1);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(gic_get(&t, 0, rows[i].id), rows[i].want);
	gic_fini(&t);
}

static void test_registers_keep_the_bits_they_have(void **s)
{
	static const struct {
		uint32_t id, want;
	} rows[] = {
		{ PMR, 0xf8 },
		{ BPR0, 7 },
		{ BPR1, 7 },
		{ AP0R0, 0xffffffff },
		{ AP1R0, 0xffffffff },
		{ CTLR, 0x403 },
		{ SRE, 7 },
		{ IGRPEN0, 1 },
		{ IGRPEN1, 1 },
	};
	struct gic t;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		gic_init(&t, 1);
		gic_set(&t, 0, rows[i].id, UINT64_MAX);
		if (rows[i].id == CTLR) /* CBPR would change what BPR1 says */
			assert_int_equal(gic_get(&t, 0, BPR1), 3);
		assert_int_equal(gic_get(&t, 0, rows[i].id), rows[i].want);
		gic_fini(&t);
	}
}

static void test_what_is_not_there_is_undefined(void **s)
{
	static const struct {
		uint32_t id;
		bool write;
	} rows[] = {
		{ IAR0, true },
		{ IAR1, true },
		{ HPPIR0, true },
		{ HPPIR1, true },
		{ RPR, true },
		{ EOIR0, false },
		{ EOIR1, false },
		{ DIR, false },
		{ SGI0R, false },
		{ SGI1R, false },
		{ ASGI1R, false },
		{ ICC(8, 5), false },
		{ ICC(8, 7), true },
		{ ICC(9, 1), false },
		{ ICC(9, 3), true },
		{ ICC(0, 0), false }, /* VBAR_EL1 is the CPU's */
		{ SYSREG_ID(3, 6, 12, 12, 4), false }, /* ICC_CTLR_EL3 */
		{ SYSREG_ID(3, 4, 12, 9, 5), false },  /* ICC_SRE_EL2 */
		{ UINT32_MAX, true },
	};
	struct sysreg_access pmr = { .id = PMR };
	struct gic t;
	size_t i;

	(void)s;
	gic_init(&t, 1);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sysreg_access a = { .id = rows[i].id,
					   .write = rows[i].write };

		assert_false(gicv3_sysreg(&t.g, 0, &a));
	}
	assert_false(gicv3_sysreg(&t.g, 1, &pmr)); /* no such CPU */
	gic_fini(&t);
}

static void test_acknowledge_and_end(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	pend(&t, 40);
	assert_true(t.level[0]);
	assert_int_equal(gic_get(&t, 0, HPPIR1), 40);
	assert_int_equal(gic_get(&t, 0, IAR0), NONE);
	assert_int_equal(gic_get(&t, 0, IAR1), 40);
	assert_false(t.level[0]);
	assert_false(is_set(&t, ISPENDR, 40));
	assert_true(is_set(&t, ISACTIVER, 40));
	assert_int_equal(gic_get(&t, 0, RPR), 0xa0);
	assert_int_equal(gic_get(&t, 0, AP1R0), 1 << (0xa0 >> 3));
	assert_int_equal(gic_get(&t, 0, IAR1), NONE);
	gic_set(&t, 0, EOIR1, 40);
	assert_false(is_set(&t, ISACTIVER, 40));
	assert_int_equal(gic_get(&t, 0, RPR), 0xff);
	gic_fini(&t);
}

static void test_a_level_comes_again_until_its_wire_falls(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	gicv3_ppi(&t.g, 0, 27, true);
	assert_int_equal(gic_get(&t, 0, IAR1), 27);
	assert_true(is_set(&t, ISPENDR, 27)); /* active and pending */
	assert_false(t.level[0]);
	gic_set(&t, 0, EOIR1, 27);
	assert_true(t.level[0]);
	assert_int_equal(gic_get(&t, 0, IAR1), 27);
	gicv3_ppi(&t.g, 0, 27, false);
	gic_set(&t, 0, EOIR1, 27);
	assert_false(t.level[0]);
	gic_fini(&t);
}

static void test_an_edge_while_active_is_kept(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	gic_w4(&t, GICD + ICFGR + 8, 2); /* INTID 32 */
	gicv3_spi(&t.g, 32, true);
	gicv3_spi(&t.g, 32, false);
	assert_int_equal(gic_get(&t, 0, IAR1), 32);
	gicv3_spi(&t.g, 32, true);
	assert_false(t.level[0]);
	gic_set(&t, 0, EOIR1, 32);
	assert_true(t.level[0]);
	assert_int_equal(gic_get(&t, 0, IAR1), 32);
	gic_set(&t, 0, EOIR1, 32);
	assert_false(t.level[0]); /* still high, but that was one edge */
	gic_fini(&t);
}

static void test_split_end_drops_and_deactivates_apart(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	gic_set(&t, 0, DIR, 40); /* without EOImode: ignored */
	gic_set(&t, 0, CTLR, 2);
	gicv3_spi(&t.g, 40, true);
	assert_int_equal(gic_get(&t, 0, IAR1), 40);
	gic_set(&t, 0, EOIR1, 40);
	assert_int_equal(gic_get(&t, 0, RPR), 0xff);
	assert_true(is_set(&t, ISACTIVER, 40));
	assert_false(t.level[0]);
	pend(&t, 41); /* the next one may run meanwhile */
	assert_int_equal(gic_get(&t, 0, IAR1), 41);
	gic_set(&t, 0, EOIR1, 41);
	gic_set(&t, 0, DIR, 40);
	assert_false(is_set(&t, ISACTIVER, 40));
	assert_true(is_set(&t, ISACTIVER, 41));
	assert_true(t.level[0]);
	gic_fini(&t);

	gic_init_ready(&t, 1);
	pend(&t, 40);
	assert_int_equal(gic_get(&t, 0, IAR1), 40);
	gic_set(&t, 0, DIR, 40);
	assert_true(is_set(&t, ISACTIVER, 40));
	gic_fini(&t);
}

static void test_the_most_urgent_comes_first_then_the_lowest(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	prio(&t, 50, 0x20);
	prio(&t, 20, 0x20);
	pend(&t, 33);
	pend(&t, 50);
	pend(&t, 20);
	assert_int_equal(gic_get(&t, 0, IAR1), 20);
	gic_set(&t, 0, EOIR1, 20);
	assert_int_equal(gic_get(&t, 0, IAR1), 50);
	gic_set(&t, 0, EOIR1, 50);
	assert_int_equal(gic_get(&t, 0, IAR1), 33);
	gic_fini(&t);
}

static void test_a_more_urgent_one_preempts_and_both_end_in_order(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	prio(&t, 40, 0x80);
	prio(&t, 41, 0x40);
	prio(&t, 42, 0x80);
	pend(&t, 40);
	assert_int_equal(gic_get(&t, 0, IAR1), 40);
	pend(&t, 42); /* equal: has to wait */
	assert_false(t.level[0]);
	assert_int_equal(gic_get(&t, 0, IAR1), NONE);
	assert_int_equal(gic_get(&t, 0, HPPIR1), 42);
	pend(&t, 41);
	assert_true(t.level[0]);
	assert_int_equal(gic_get(&t, 0, IAR1), 41);
	assert_int_equal(gic_get(&t, 0, RPR), 0x40);
	assert_int_equal(gic_get(&t, 0, AP1R0), 1 << 16 | 1 << 8);
	gic_set(&t, 0, EOIR1, 41);
	assert_int_equal(gic_get(&t, 0, RPR), 0x80);
	assert_false(t.level[0]);
	gic_set(&t, 0, EOIR1, 40);
	assert_true(t.level[0]);
	assert_int_equal(gic_get(&t, 0, IAR1), 42);
	gic_fini(&t);
}

static void test_binary_point_decides_what_preempts(void **s)
{
	static const struct {
		uint8_t bpr1, cbpr, bpr0, first, then;
		bool preempts;
	} rows[] = {
		{ 3, 0, 2, 0x88, 0x80, true },  { 4, 0, 2, 0x88, 0x80, false },
		{ 4, 0, 2, 0x90, 0x80, true },  { 7, 0, 2, 0x80, 0x78, true },
		{ 7, 0, 2, 0xf0, 0x80, false }, { 7, 1, 2, 0x88, 0x80, true },
		{ 3, 1, 3, 0x88, 0x80, false }, { 3, 1, 7, 0x88, 0x00, false },
	};
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct gic t;

		gic_init_ready(&t, 1);
		gic_set(&t, 0, PMR, 0xff);
		gic_set(&t, 0, BPR1, rows[i].bpr1);
		gic_set(&t, 0, BPR0, rows[i].bpr0);
		gic_set(&t, 0, CTLR, rows[i].cbpr);
		prio(&t, 40, rows[i].first);
		prio(&t, 41, rows[i].then);
		pend(&t, 40);
		assert_int_equal(gic_get(&t, 0, IAR1), 40);
		pend(&t, 41);
		assert_int_equal(t.level[0], rows[i].preempts);
		assert_int_equal(gic_get(&t, 0, IAR1),
				 rows[i].preempts ? 41 : NONE);
		gic_fini(&t);
	}
}

static void test_common_binary_point_shows_group_0s_plus_1(void **s)
{
	struct gic t;

	(void)s;
	gic_init(&t, 1);
	gic_set(&t, 0, BPR1, 0);
	assert_int_equal(gic_get(&t, 0, BPR1), 3); /* the least there is */
	gic_set(&t, 0, BPR0, 0);
	assert_int_equal(gic_get(&t, 0, BPR0), 2);
	gic_set(&t, 0, CTLR, 1);
	gic_set(&t, 0, BPR0, 5);
	assert_int_equal(gic_get(&t, 0, BPR1), 6);
	gic_set(&t, 0, BPR1, 3); /* ignored */
	gic_set(&t, 0, BPR0, 7);
	assert_int_equal(gic_get(&t, 0, BPR1), 7);
	gic_set(&t, 0, CTLR, 0);
	assert_int_equal(gic_get(&t, 0, BPR1), 3);
	gic_fini(&t);
}

static void test_priority_mask_lets_the_more_urgent_through(void **s)
{
	static const struct {
		uint8_t pmr, prio;
		bool through;
	} rows[] = {
		{ 0xf0, 0xa0, true },  { 0xa0, 0xa0, false },
		{ 0xa8, 0xa0, true },  { 0xa7, 0xa0, false }, /* 5 bits */
		{ 0, 0, false },       { 0x08, 0, true },
		{ 0xf8, 0xf8, false }, { 0xff, 0xf8, false },
		{ 0xff, 0xf0, true },
	};
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct gic t;

		gic_init_ready(&t, 1);
		gic_set(&t, 0, PMR, rows[i].pmr);
		prio(&t, 40, rows[i].prio);
		pend(&t, 40);
		assert_int_equal(t.level[0], rows[i].through);
		assert_int_equal(gic_get(&t, 0, HPPIR1), 40);
		assert_int_equal(gic_get(&t, 0, IAR1),
				 rows[i].through ? 40 : NONE);
		gic_fini(&t);
	}
}

static void test_every_switch_on_the_way_can_stop_it(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	pend(&t, 40);
	assert_true(t.level[0]);
	gic_set(&t, 0, IGRPEN1, 0);
	assert_false(t.level[0]);
	assert_int_equal(gic_get(&t, 0, HPPIR1), NONE);
	gic_set(&t, 0, IGRPEN1, 1);
	gic_w4(&t, GICD, 1);
	assert_false(t.level[0]);
	gic_w4(&t, GICD, 2);
	assert_true(t.level[0]);
	gic_w4(&t, GICD + ICENABLER + 4, 1 << 8);
	assert_false(t.level[0]);
	gic_w4(&t, GICD + ISENABLER + 4, 1 << 8);
	assert_true(t.level[0]);
	gic_w4(&t, GICD + ISACTIVER + 4, 1 << 8);
	assert_false(t.level[0]);
	gic_w4(&t, GICD + ICACTIVER + 4, 1 << 8);
	assert_true(t.level[0]);
	gic_w4(&t, GICD + ICPENDR + 4, 1 << 8);
	assert_false(t.level[0]);
	gic_fini(&t);
}

static void test_group_0_has_registers_but_no_wire(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	gic_w4(&t, GICD + IGROUPR + 4, ~(1u << 8));
	gic_set(&t, 0, IGRPEN0, 1);
	prio(&t, 40, 0x10);
	pend(&t, 41);
	assert_true(t.level[0]);
	pend(&t, 40); /* more urgent: it hides the other one */
	assert_false(t.level[0]);
	assert_int_equal(gic_get(&t, 0, HPPIR0), 40);
	assert_int_equal(gic_get(&t, 0, HPPIR1), NONE);
	assert_int_equal(gic_get(&t, 0, IAR1), NONE);
	assert_int_equal(gic_get(&t, 0, IAR0), 40);
	assert_int_equal(gic_get(&t, 0, AP0R0), 1 << 2);
	assert_int_equal(gic_get(&t, 0, AP1R0), 0);
	gic_set(&t, 0, EOIR1, 40); /* the wrong group's: ignored */
	assert_int_equal(gic_get(&t, 0, RPR), 0x10);
	assert_true(is_set(&t, ISACTIVER, 40));
	gic_set(&t, 0, EOIR0, 40);
	assert_int_equal(gic_get(&t, 0, RPR), 0xff);
	assert_true(t.level[0]);
	gic_fini(&t);
}

static void test_ends_that_make_no_sense_are_ignored(void **s)
{
	static const uint64_t ids[] = { 96,   1019,     1020,
					1023, 0xffffff, UINT64_MAX };
	struct gic t;
	size_t i;

	(void)s;
	gic_init_ready(&t, 1);
	gic_set(&t, 0, EOIR1, 40); /* nothing runs */
	gic_set(&t, 0, EOIR0, 40);
	pend(&t, 40);
	assert_int_equal(gic_get(&t, 0, IAR1), 40);
	for (i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		gic_set(&t, 0, EOIR1, ids[i]);
		assert_int_equal(gic_get(&t, 0, RPR), 0xa0);
	}
	gic_set(&t, 0, CTLR, 2);
	for (i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		gic_set(&t, 0, DIR, ids[i]);
	assert_true(is_set(&t, ISACTIVER, 40));
	gic_fini(&t);
}

static void test_sgis_reach_whom_they_name(void **s)
{
	static const struct {
		uint64_t v;
		unsigned got; /* one bit per CPU, sent by CPU 1 */
	} rows[] = {
		{ 0x1, 1 },
		{ 0xf, 15 },
		{ 0xfff0, 0 },                   /* CPUs we do not have */
		{ UINT64_C(1) << 40, 13 },       /* all but myself */
		{ UINT64_C(1) << 40 | 2, 13 },   /* IRM ignores the list */
		{ UINT64_C(1) << 16 | 1, 0 },    /* Aff1 */
		{ UINT64_C(1) << 32 | 1, 0 },    /* Aff2 */
		{ UINT64_C(1) << 48 | 1, 0 },    /* Aff3 */
		{ UINT64_C(1) << 44 | 1, 0 },    /* RS: CPUs 16 to 31 */
		{ UINT64_C(0xf0) << 24 | 1, 1 }, /* reserved bits */
	};
	size_t i;
	unsigned cpu;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct gic t;

		gic_init_ready(&t, 4);
		gic_set(&t, 1, SGI1R, rows[i].v | 5 << 24);
		for (cpu = 0; cpu < 4; cpu++) {
			bool want = rows[i].got >> cpu & 1;

			assert_int_equal(t.level[cpu], want);
			assert_int_equal(gic_get(&t, cpu, IAR1),
					 want ? 5 : NONE);
		}
		gic_fini(&t);
	}
}

static void test_group_0_sgis_go_to_group_0_only(void **s)
{
	static const uint32_t regs[] = { SGI0R, ASGI1R };
	struct gic t;
	size_t i;

	(void)s;
	for (i = 0; i < 2; i++) {
		gic_init_ready(&t, 1);
		gic_set(&t, 0, IGRPEN0, 1);
		gic_w4(&t, SGI(0) + IGROUPR, ~8u); /* SGI 3 */
		gic_set(&t, 0, regs[i], 2 << 24 | 1);
		gic_set(&t, 0, regs[i], 3 << 24 | 1);
		assert_int_equal(gic_r4(&t, SGI(0) + ISPENDR), 8);
		assert_int_equal(gic_get(&t, 0, IAR0), 3);
		gic_fini(&t);
	}
	gic_init_ready(&t, 1); /* SGI1R takes either */
	gic_w4(&t, SGI(0) + IGROUPR, ~8u);
	gic_set(&t, 0, SGI1R, 3 << 24 | 1);
	assert_int_equal(gic_r4(&t, SGI(0) + ISPENDR), 8);
	gic_fini(&t);
}

/* gic_cpu_sys_reg_init() and an interrupt of Linux 6.1, in their order. */
static void test_linux_sets_it_up_and_handles_one(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	assert_int_equal(gic_get(&t, 0, SRE) & 1, 1);
	assert_int_equal((gic_get(&t, 0, CTLR) >> 8 & 7) + 1, 5);
	gic_set(&t, 0, PMR, 1 << (8 - 5)); /* is group 0 ours? */
	assert_int_not_equal(gic_get(&t, 0, PMR), 0);
	gic_set(&t, 0, PMR, 0xf0);
	gic_set(&t, 0, BPR1, 0);
	gic_set(&t, 0, CTLR, 0);
	gic_set(&t, 0, AP0R0, 0);
	gic_set(&t, 0, AP1R0, 0);
	gic_set(&t, 0, IGRPEN1, 1);
	gicv3_spi(&t.g, 33, true);
	assert_true(t.level[0]);
	assert_int_equal(gic_get(&t, 0, IAR1), 33);
	gicv3_spi(&t.g, 33, false); /* the handler serves the device */
	gic_set(&t, 0, EOIR1, 33);
	assert_false(t.level[0]);
	assert_int_equal(gic_get(&t, 0, IAR1), NONE);
	gic_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset_values),
		cmocka_unit_test(test_registers_keep_the_bits_they_have),
		cmocka_unit_test(test_what_is_not_there_is_undefined),
		cmocka_unit_test(test_acknowledge_and_end),
		cmocka_unit_test(test_a_level_comes_again_until_its_wire_falls),
		cmocka_unit_test(test_an_edge_while_active_is_kept),
		cmocka_unit_test(test_split_end_drops_and_deactivates_apart),
		cmocka_unit_test(
			test_the_most_urgent_comes_first_then_the_lowest),
		cmocka_unit_test(
			test_a_more_urgent_one_preempts_and_both_end_in_order),
		cmocka_unit_test(test_binary_point_decides_what_preempts),
		cmocka_unit_test(
			test_common_binary_point_shows_group_0s_plus_1),
		cmocka_unit_test(
			test_priority_mask_lets_the_more_urgent_through),
		cmocka_unit_test(test_every_switch_on_the_way_can_stop_it),
		cmocka_unit_test(test_group_0_has_registers_but_no_wire),
		cmocka_unit_test(test_ends_that_make_no_sense_are_ignored),
		cmocka_unit_test(test_sgis_reach_whom_they_name),
		cmocka_unit_test(test_group_0_sgis_go_to_group_0_only),
		cmocka_unit_test(test_linux_sets_it_up_and_handles_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
