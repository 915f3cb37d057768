/* SPDX-License-Identifier: MIT */
#include "dev/pl031.h"

#include <stdlib.h>

#include "../check.h"

enum {
	DR = 0,
	MR = 4,
	LR = 8,
	CR = 0xc,
	IMSC = 0x10,
	RIS = 0x14,
	MIS = 0x18,
	ICR = 0x1c,
};

static uint64_t fixed(void *ctx)
{
	return *(uint64_t *)ctx;
}

struct rig {
	uint64_t wall;
	struct clock clk;
	struct pl031 r;
	struct bus bus;
};

static void rig_init(struct rig *g, uint64_t wall)
{
	*g = (struct rig){ .wall = wall };
	g->clk = (struct clock){ .now = fixed, .wall = fixed, .ctx = &g->wall };
	assert_int_equal(pl031_init(&g->r, &g->clk, NULL), 0);
	assert_int_equal(bus_add(&g->bus, SPACE_MMIO, 0x1000, 0x1000,
				 &pl031_ops, &g->r, PL031_SIZES, NULL),
			 0);
}

static uint32_t rd(struct rig *g, uint64_t off)
{
	struct access a = { .addr = 0x1000 + off, .size = 4 };

	assert_true(bus_access(&g->bus, &a));
	return (uint32_t)a.value;
}

static void wr(struct rig *g, uint64_t off, uint32_t v)
{
	struct access a = {
		.addr = 0x1000 + off, .size = 4, .write = true, .value = v
	};

	assert_true(bus_access(&g->bus, &a));
}

static void test_guest_reads_and_sets_the_clock(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, 1000);
	assert_int_equal(rd(&g, DR), 1000);
	wr(&g, LR, 5);
	g.wall += 2;
	assert_int_equal(rd(&g, DR), 7);
	assert_int_equal(rd(&g, LR), 5);
	wr(&g, LR, 100);
	assert_int_equal(rd(&g, DR), 100);
	wr(&g, DR, 3); /* read only */
	assert_int_equal(rd(&g, DR), 100);
	assert_int_equal(rd(&g, CR), 1);
	wr(&g, CR, 0);
	assert_int_equal(rd(&g, CR), 1);
	pl031_fini(&g.r);
}

static void test_it_identifies_itself(void **s)
{
	static const uint8_t id[8] = { 0x31, 0x10, 0x04, 0x00,
				       0x0d, 0xf0, 0x05, 0xb1 };
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g, 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(rd(&g, 0xfe0 + 4 * i), id[i]);
	assert_int_equal(rd(&g, 0xfdc), 0);
	assert_int_equal(rd(&g, 0x20), 0);
	pl031_fini(&g.r);
}

static void test_other_widths_and_straddles_are_open_bus(void **s)
{
	static const struct access bad[] = {
		{ .addr = 0x1000, .size = 1 }, { .addr = 0x1000, .size = 2 },
		{ .addr = 0x1000, .size = 8 }, { .addr = 0x1002, .size = 4 },
		{ .addr = 0x1fff, .size = 4 }, { .addr = 0x0ffe, .size = 4 },
	};
	struct rig g;
	size_t i;

	(void)s;
	rig_init(&g, 77);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct access a = bad[i];

		assert_false(bus_access(&g.bus, &a));
	}
	pl031_fini(&g.r);
}

static void test_alarm_is_due_once_its_second_has_passed(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, 1000);
	wr(&g, MR, 1003);
	assert_int_equal(rd(&g, RIS), 0);
	g.wall = 1002;
	assert_int_equal(rd(&g, RIS), 0);
	g.wall = 1010; /* nobody looked at 1003 itself */
	assert_int_equal(rd(&g, RIS), 1);
	assert_int_equal(rd(&g, MIS), 0);
	wr(&g, IMSC, 3);
	assert_int_equal(rd(&g, IMSC), 1);
	assert_int_equal(rd(&g, MIS), 1);
	wr(&g, ICR, 2);
	assert_int_equal(rd(&g, RIS), 1);
	wr(&g, ICR, 1);
	assert_int_equal(rd(&g, RIS), 0);
	g.wall = 5000;
	assert_int_equal(rd(&g, RIS), 0);
	pl031_fini(&g.r);
}

static void test_alarm_for_now_is_due_and_past_ones_are_not(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, 1000);
	wr(&g, MR, 1000);
	assert_int_equal(rd(&g, RIS), 1);
	wr(&g, ICR, 1);
	wr(&g, MR, 999);
	g.wall = 1001;
	assert_int_equal(rd(&g, RIS), 0);
	wr(&g, LR, 999); /* loading the match value counts */
	assert_int_equal(rd(&g, RIS), 1);
	pl031_fini(&g.r);
}

static void test_setting_a_clock_across_the_match_is_no_alarm(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, 1000);
	wr(&g, MR, 2000);
	wr(&g, LR, 3000);
	assert_int_equal(rd(&g, RIS), 0);
	wr(&g, LR, 1500);
	g.wall -= 600; /* the host's clock was set back */
	assert_int_equal(rd(&g, DR), 900);
	assert_int_equal(rd(&g, RIS), 0);
	g.wall += 1100;
	assert_int_equal(rd(&g, RIS), 1);
	pl031_fini(&g.r);
}

static void test_the_counter_wraps_like_32_bits(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, 0x1fffffffe);
	assert_int_equal(rd(&g, DR), 0xfffffffe);
	wr(&g, MR, 1);
	g.wall += 4;
	assert_int_equal(rd(&g, DR), 2);
	assert_int_equal(rd(&g, RIS), 1);
	pl031_fini(&g.r);
}

static void test_a_loaded_clock_gives_the_same_answers(void **s)
{
	struct rig a, b;
	struct state out, in;

	(void)s;
	rig_init(&a, 1000);
	wr(&a, LR, 50);
	wr(&a, MR, 60);
	wr(&a, IMSC, 1);
	state_init_save(&out);
	pl031_state(&a.r, &out);
	assert_int_equal(state_fini(&out, NULL), 0);

	rig_init(&b, 1000);
	state_init_load(&in, out.buf, out.len);
	pl031_state(&b.r, &in);
	assert_int_equal(state_fini(&in, NULL), 0);
	a.wall = b.wall = 1012;
	assert_int_equal(rd(&b, DR), rd(&a, DR));
	assert_int_equal(rd(&b, MR), 60);
	assert_int_equal(rd(&b, LR), 50);
	assert_int_equal(rd(&b, MIS), 1);
	free(out.buf);
	pl031_fini(&a.r);
	pl031_fini(&b.r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guest_reads_and_sets_the_clock),
		cmocka_unit_test(test_it_identifies_itself),
		cmocka_unit_test(test_other_widths_and_straddles_are_open_bus),
		cmocka_unit_test(test_alarm_is_due_once_its_second_has_passed),
		cmocka_unit_test(
			test_alarm_for_now_is_due_and_past_ones_are_not),
		cmocka_unit_test(
			test_setting_a_clock_across_the_match_is_no_alarm),
		cmocka_unit_test(test_the_counter_wraps_like_32_bits),
		cmocka_unit_test(test_a_loaded_clock_gives_the_same_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
