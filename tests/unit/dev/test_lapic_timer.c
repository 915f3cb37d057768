/* SPDX-License-Identifier: MIT */
#include "dev/lapic.h"

#include "apic.h"

enum { BY_1 = 0x0b, VECTOR = 0xec };

/* At time 1000, counting nanoseconds. */
static void timer_init(struct apic *t, uint32_t lvt)
{
	apic_init_ready(t, 1);
	wr(t, 0, DIVIDE, BY_1);
	wr(t, 0, TIMER, lvt | VECTOR);
}

/* Does it interrupt at this time, when somebody looks? */
static bool fires(struct apic *t, uint64_t now)
{
	t->now = now;
	lapic_tick(&t->l, 0);
	return apic_takers(t, VECTOR);
}

static void test_one_shot_fires_once_at_zero(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, 0);
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	wr(&t, 0, INITIAL, 500);
	assert_int_equal(lapic_deadline(&t.l, 0), 1500);
	assert_int_equal(rd(&t, 0, CURRENT), 500);
	assert_false(fires(&t, 1499));
	assert_int_equal(rd(&t, 0, CURRENT), 1);
	assert_true(fires(&t, 1500));
	assert_int_equal(rd(&t, 0, CURRENT), 0);
	assert_int_equal(rd(&t, 0, INITIAL), 500);
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	assert_false(fires(&t, 10000));
	wr(&t, 0, INITIAL, UINT32_MAX);
	assert_int_equal(lapic_deadline(&t.l, 0), 10000 + (uint64_t)UINT32_MAX);
	wr(&t, 0, INITIAL, 0); /* stops */
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	apic_fini(&t);
}

static void test_the_divisor_slows_it(void **s)
{
	static const struct {
		uint8_t v;
		unsigned by;
	} rows[] = {
		{ 0x0, 2 },  { 0x1, 4 },  { 0x2, 8 },   { 0x3, 16 },
		{ 0x8, 32 }, { 0x9, 64 }, { 0xa, 128 }, { 0xb, 1 },
	};
	struct apic t;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		timer_init(&t, 0);
		wr(&t, 0, DIVIDE, rows[i].v);
		wr(&t, 0, INITIAL, 10);
		assert_int_equal(lapic_deadline(&t.l, 0),
				 1000 + 10 * rows[i].by);
		t.now += rows[i].by - 1;
		assert_int_equal(rd(&t, 0, CURRENT), 10);
		t.now++;
		assert_int_equal(rd(&t, 0, CURRENT), 9);
		apic_fini(&t);
	}
}

static void test_a_new_divisor_counts_for_what_is_left(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, 0);
	wr(&t, 0, INITIAL, 100);
	t.now += 60;
	wr(&t, 0, DIVIDE, 0); /* by 2 */
	assert_int_equal(rd(&t, 0, CURRENT), 40);
	assert_int_equal(lapic_deadline(&t.l, 0), 1060 + 80);
	apic_fini(&t);
}

static void test_periodic_fires_each_period_and_drifts_not(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, PERIODIC);
	wr(&t, 0, INITIAL, 100);
	assert_int_equal(lapic_deadline(&t.l, 0), 1100);
	assert_true(fires(&t, 1130)); /* late */
	assert_int_equal(lapic_deadline(&t.l, 0), 1200);
	assert_int_equal(rd(&t, 0, CURRENT), 70);
	assert_true(fires(&t, 1200));
	assert_int_equal(lapic_deadline(&t.l, 0), 1300);
	assert_true(fires(&t, 9999)); /* those that nobody saw are one */
	assert_int_equal(lapic_deadline(&t.l, 0), 10000);
	wr(&t, 0, TIMER, VECTOR); /* its last one */
	assert_true(fires(&t, 10000));
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	apic_fini(&t);
}

static void test_masked_it_counts_but_does_not_interrupt(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, MASKED);
	wr(&t, 0, INITIAL, 100);
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	t.now = 1050;
	assert_int_equal(rd(&t, 0, CURRENT), 50);
	t.now = 1200;
	wr(&t, 0, TIMER, VECTOR); /* too late for this one */
	assert_false(fires(&t, 1300));
	wr(&t, 0, INITIAL, 100);
	assert_true(fires(&t, 1400));
	apic_fini(&t);
}

static void test_taking_an_interrupt_looks_at_the_clock(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, 0);
	wr(&t, 0, INITIAL, 100);
	t.now = 1100;
	assert_int_equal(lapic_take(&t.l, 0), VECTOR);
	apic_fini(&t);
}

static void test_tsc_deadline_fires_when_the_tsc_is_there(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, DEADLINE);
	lapic_set_tsc(&t.l, 0, 50000); /* the TSC is at 51000 */
	assert_int_equal(msr_wr(&t, 0, MSR_TSC_DEADLINE, 51500), 0);
	assert_int_equal(msr(&t, 0, MSR_TSC_DEADLINE), 51500);
	assert_int_equal(lapic_deadline(&t.l, 0), 1500);
	assert_false(fires(&t, 1499));
	assert_true(fires(&t, 1500));
	assert_int_equal(msr(&t, 0, MSR_TSC_DEADLINE), 0);
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	assert_int_equal(msr_wr(&t, 0, MSR_TSC_DEADLINE, 1), 0);
	assert_true(t.level[0]); /* past already: at once */
	assert_int_equal(apic_takers(&t, VECTOR), 1);
	assert_int_equal(msr_wr(&t, 0, MSR_TSC_DEADLINE, UINT64_MAX), 0);
	assert_int_equal(lapic_deadline(&t.l, 0), UINT64_MAX - 50000);
	assert_int_equal(msr_wr(&t, 0, MSR_TSC_DEADLINE, 0), 0);
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	apic_fini(&t);
}

static void test_a_tsc_that_is_set_moves_the_deadline(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, DEADLINE);
	assert_int_equal(msr_wr(&t, 0, MSR_TSC_DEADLINE, 5000), 0);
	lapic_set_tsc(&t.l, 0, 1000);
	assert_int_equal(lapic_deadline(&t.l, 0), 4000);
	lapic_set_tsc(&t.l, 0, UINT64_MAX - 999); /* at 0 */
	assert_int_equal(lapic_deadline(&t.l, 0), 6000);
	assert_false(t.level[0]);
	lapic_set_tsc(&t.l, 0, 4000);
	assert_true(t.level[0]);
	apic_fini(&t);
}

static void test_each_mode_ignores_the_others_registers(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, DEADLINE);
	wr(&t, 0, INITIAL, 100);
	assert_int_equal(rd(&t, 0, INITIAL), 0);
	assert_int_equal(rd(&t, 0, CURRENT), 0);
	wr(&t, 0, DIVIDE, 3);
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	wr(&t, 0, TIMER, VECTOR);
	assert_int_equal(msr_wr(&t, 0, MSR_TSC_DEADLINE, 2000), 0);
	assert_int_equal(msr(&t, 0, MSR_TSC_DEADLINE), 0);
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	apic_fini(&t);
}

static void test_changing_to_and_from_the_tsc_disarms(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, PERIODIC);
	wr(&t, 0, INITIAL, 100);
	wr(&t, 0, TIMER, DEADLINE | VECTOR);
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	assert_int_equal(msr_wr(&t, 0, MSR_TSC_DEADLINE, 2000), 0);
	wr(&t, 0, TIMER, DEADLINE | MASKED | VECTOR); /* stays armed */
	wr(&t, 0, TIMER, DEADLINE | VECTOR);
	assert_int_equal(lapic_deadline(&t.l, 0), 2000);
	wr(&t, 0, TIMER, PERIODIC | VECTOR);
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	assert_false(fires(&t, 3000));
	wr(&t, 0, INITIAL, 100);
	wr(&t, 0, TIMER, VECTOR); /* within the counting modes it goes on */
	assert_int_equal(lapic_deadline(&t.l, 0), 3100);
	apic_fini(&t);
}

static void test_the_shortest_period_is_bounded_work(void **s)
{
	struct apic t;

	(void)s;
	timer_init(&t, PERIODIC);
	wr(&t, 0, INITIAL, 1);
	assert_true(fires(&t, UINT64_C(1) << 62)); /* 146 years of them */
	assert_int_equal(lapic_deadline(&t.l, 0), (UINT64_C(1) << 62) + 1);
	assert_true(fires(&t, UINT64_MAX - 1)); /* the end of time */
	assert_int_equal(lapic_deadline(&t.l, 0), CLOCK_NEVER);
	apic_fini(&t);
}

static void test_each_cpu_has_its_own(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 2);
	wr(&t, 0, DIVIDE, BY_1);
	wr(&t, 1, DIVIDE, BY_1);
	wr(&t, 0, TIMER, VECTOR);
	wr(&t, 1, TIMER, VECTOR);
	wr(&t, 0, INITIAL, 100);
	wr(&t, 1, INITIAL, 200);
	t.now = 1150;
	lapic_tick(&t.l, 0);
	lapic_tick(&t.l, 1);
	assert_int_equal(apic_takers(&t, VECTOR), 1);
	assert_int_equal(lapic_deadline(&t.l, 1), 1200);
	apic_send(&t, 1, false, APIC_INIT, 0, false); /* stops it */
	assert_int_equal(lapic_deadline(&t.l, 1), CLOCK_NEVER);
	apic_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_shot_fires_once_at_zero),
		cmocka_unit_test(test_the_divisor_slows_it),
		cmocka_unit_test(test_a_new_divisor_counts_for_what_is_left),
		cmocka_unit_test(
			test_periodic_fires_each_period_and_drifts_not),
		cmocka_unit_test(test_masked_it_counts_but_does_not_interrupt),
		cmocka_unit_test(test_taking_an_interrupt_looks_at_the_clock),
		cmocka_unit_test(test_tsc_deadline_fires_when_the_tsc_is_there),
		cmocka_unit_test(test_a_tsc_that_is_set_moves_the_deadline),
		cmocka_unit_test(test_each_mode_ignores_the_others_registers),
		cmocka_unit_test(test_changing_to_and_from_the_tsc_disarms),
		cmocka_unit_test(test_the_shortest_period_is_bounded_work),
		cmocka_unit_test(test_each_cpu_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
