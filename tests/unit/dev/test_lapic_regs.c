/* SPDX-License-Identifier: MIT */
#include "dev/lapic.h"

#include "apic.h"

static void test_reset_values(void **s)
{
	struct apic t;
	unsigned r;

	(void)s;
	apic_init(&t, 3);
	assert_int_equal(rd(&t, 2, ID), 2 << 24);
	assert_int_equal(rd(&t, 2, VERSION), 0x00050014);
	assert_int_equal(rd(&t, 2, TPR), 0);
	assert_int_equal(rd(&t, 2, PPR), 0);
	assert_int_equal(rd(&t, 2, LDR), 0);
	assert_int_equal(rd(&t, 2, DFR), UINT32_MAX);
	assert_int_equal(rd(&t, 2, SVR), 0xff);
	for (r = ISR; r <= ESR; r++)
		assert_int_equal(rd(&t, 2, r), 0);
	assert_int_equal(rd(&t, 2, ICR), 0);
	assert_int_equal(rd(&t, 2, ICR_HIGH), 0);
	for (r = TIMER; r <= ERROR; r++)
		assert_int_equal(rd(&t, 2, r), MASKED);
	assert_int_equal(rd(&t, 2, INITIAL), 0);
	assert_int_equal(rd(&t, 2, CURRENT), 0);
	assert_int_equal(rd(&t, 2, DIVIDE), 0);
	assert_int_equal(msr(&t, 0, MSR_BASE), 0xfee00900);
	assert_int_equal(msr(&t, 2, MSR_BASE), 0xfee00800);
	assert_int_equal(msr(&t, 2, MSR_TSC_DEADLINE), 0);
	apic_fini(&t);
}

static void test_registers_keep_the_bits_they_have(void **s)
{
	static const struct {
		unsigned reg;
		uint32_t want;
	} rows[] = {
		{ ID, 0 },
		{ VERSION, 0x00050014 },
		{ TPR, 0xff },
		{ PPR, 0 },
		{ EOI, 0 },
		{ LDR, 0xff000000 },
		{ DFR, UINT32_MAX },
		{ SVR, 0x3ff },
		{ ISR, 0 },
		{ TMR + 7, 0 },
		{ IRR + 3, 0 },
		{ ESR, 0 },
		{ ICR, 0xccfff },
		{ ICR_HIGH, UINT32_MAX },
		{ TIMER, MASKED | DEADLINE | 0xff }, /* both modes: one */
		{ THERMAL, 0x107ff },
		{ COUNTER, 0x107ff },
		{ LINT0, 0x1a7ff },
		{ LINT1, 0x1a7ff },
		{ ERROR, 0x100ff },
		{ INITIAL, UINT32_MAX },
		{ CURRENT, 0 },
		{ DIVIDE, 0x0b },
	};
	struct apic t;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		apic_init_ready(&t, 1);
		wr(&t, 0, rows[i].reg, UINT32_MAX);
		assert_int_equal(rd(&t, 0, rows[i].reg), rows[i].want);
		apic_fini(&t);
	}
	apic_init(&t, 1);
	wr(&t, 0, DFR, 0);
	assert_int_equal(rd(&t, 0, DFR), 0x0fffffff);
	apic_fini(&t);
}

static void test_there_is_nothing_between_the_registers(void **s)
{
	static const unsigned none[] = { 0x00, 0x01, 0x04, 0x07, 0x09,
					 0x0c, 0x29, 0x2f, 0x3a, 0x3d,
					 SELF, 0x40, 0xff };
	struct apic t;
	size_t i;

	(void)s;
	apic_init_ready(&t, 1);
	wr(&t, 0, ERROR, 0xfe);
	for (i = 0; i < sizeof(none) / sizeof(*none); i++) {
		assert_int_equal(rd(&t, 0, none[i]), 0);
		wr(&t, 0, ESR, 0);
		assert_int_equal(rd(&t, 0, ESR), 0x80);
		assert_int_equal(apic_takers(&t, 0xfe), 1);
		wr(&t, 0, ESR, 0);
		wr(&t, 0, none[i], UINT32_MAX);
		wr(&t, 0, ESR, 0);
		assert_int_equal(rd(&t, 0, ESR), 0x80);
		assert_int_equal(apic_takers(&t, 0xfe), 1);
		wr(&t, 0, ESR, 0);
	}
	apic_fini(&t);
}

static void test_other_widths_places_and_spaces_are_not_its(void **s)
{
	static const struct access bad[] = {
		{ .addr = X86_LAPIC_BASE + 0x80, .size = 1 },
		{ .addr = X86_LAPIC_BASE + 0x80, .size = 2 },
		{ .addr = X86_LAPIC_BASE + 0x80, .size = 8 },
		{ .addr = X86_LAPIC_BASE + 0x84, .size = 4 },
		{ .addr = X86_LAPIC_BASE + 0x88, .size = 4 },
		{ .addr = X86_LAPIC_BASE + 0x8c, .size = 4 },
		{ .addr = X86_LAPIC_BASE - 16, .size = 4 },
		{ .addr = X86_LAPIC_BASE + 0x1000, .size = 4 },
		{ .addr = 0, .size = 4 },
		{ .addr = UINT64_MAX - 3, .size = 4 },
		{ .addr = X86_LAPIC_BASE + 0x80,
		  .size = 4,
		  .space = SPACE_PIO },
	};
	struct apic t;
	size_t i;

	(void)s;
	apic_init_ready(&t, 1);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct access a = bad[i];

		assert_false(lapic_access(&t.l, 0, &a));
		a.write = true;
		a.value = 0x33;
		assert_false(lapic_access(&t.l, 0, &a));
	}
	assert_int_equal(rd(&t, 0, TPR), 0);
	wr(&t, 0, ESR, 0);
	assert_int_equal(rd(&t, 0, ESR), 0);
	apic_fini(&t);
}

static void test_switching_off_masks_the_entries_for_as_long(void **s)
{
	struct apic t;
	unsigned r;

	(void)s;
	apic_init_ready(&t, 1);
	for (r = TIMER; r <= ERROR; r++)
		wr(&t, 0, r, 0x51);
	wr(&t, 0, SVR, 0xff);
	for (r = TIMER; r <= ERROR; r++) {
		assert_int_equal(rd(&t, 0, r), MASKED | 0x51);
		wr(&t, 0, r, 0x52);
		assert_int_equal(rd(&t, 0, r), MASKED | 0x52);
	}
	wr(&t, 0, SVR, ON);
	for (r = TIMER; r <= ERROR; r++) {
		assert_int_equal(rd(&t, 0, r), MASKED | 0x52);
		wr(&t, 0, r, 0x51);
		assert_int_equal(rd(&t, 0, r), 0x51);
	}
	apic_fini(&t);
}

static void test_modes_change_only_along_the_arrows(void **s)
{
	enum { OFF, XAPIC, BAD, X2 };
	static const uint64_t base[4] = {
		[OFF] = X86_LAPIC_BASE,
		[XAPIC] = X86_LAPIC_BASE | BASE_ON,
		[BAD] = X86_LAPIC_BASE | BASE_X2,
		[X2] = X86_LAPIC_BASE | BASE_ON | BASE_X2,
	};
	static const bool legal[4][4] = {
		[OFF] = { [OFF] = true, [XAPIC] = true },
		[XAPIC] = { [OFF] = true, [XAPIC] = true, [X2] = true },
		[X2] = { [OFF] = true, [X2] = true },
	};
	unsigned from, to;
	struct apic t;

	(void)s;
	for (from = 0; from < 4; from++) {
		for (to = 0; from != BAD && to < 4; to++) {
			apic_init(&t, 2);
			assert_int_equal(msr_wr(&t, 1, MSR_BASE, base[from]),
					 from == BAD ? -1 : 0);
			assert_int_equal(msr_wr(&t, 1, MSR_BASE, base[to]),
					 legal[from][to] ? 0 : -1);
			assert_int_equal(msr(&t, 1, MSR_BASE),
					 base[legal[from][to] ? to : from]);
			apic_fini(&t);
		}
	}
}

static void test_the_registers_cannot_be_moved(void **s)
{
	static const uint64_t bad[] = {
		0xfed00800,
		0xfee01800,
		0xfee00801,
		0xfee00a00,
		UINT64_C(0x1fee00800),
		UINT64_MAX,
		0,
	};
	struct apic t;
	size_t i;

	(void)s;
	apic_init(&t, 2);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(msr_wr(&t, 1, MSR_BASE, bad[i]), -1);
	assert_int_equal(msr(&t, 1, MSR_BASE), 0xfee00800);
	/* who boots is not the guest's choice */
	assert_int_equal(msr_wr(&t, 1, MSR_BASE, 0xfee00900), 0);
	assert_int_equal(msr(&t, 1, MSR_BASE), 0xfee00800);
	assert_int_equal(msr_wr(&t, 0, MSR_BASE, 0xfee00800), 0);
	assert_int_equal(msr(&t, 0, MSR_BASE), 0xfee00900);
	apic_fini(&t);
}

static void test_switching_off_globally_resets(void **s)
{
	struct access a = { .addr = X86_LAPIC_BASE + 0x20, .size = 4 };
	struct apic t;

	(void)s;
	apic_init_ready(&t, 1);
	apic_send(&t, 0, false, APIC_FIXED, 0x51, false);
	assert_true(t.level[0]);
	assert_int_equal(msr_wr(&t, 0, MSR_BASE, X86_LAPIC_BASE), 0);
	assert_false(t.level[0]);
	assert_false(lapic_access(&t.l, 0, &a));
	assert_int_equal(msr_wr(&t, 0, MSR_BASE, X86_LAPIC_BASE | BASE_ON), 0);
	assert_int_equal(rd(&t, 0, SVR), 0xff);
	assert_int_equal(rd(&t, 0, LDR), 0);
	apic_fini(&t);
}

static void test_x2apic_is_by_msr_only_and_xapic_by_memory_only(void **s)
{
	struct access a = { .addr = X86_LAPIC_BASE + 0x20, .size = 4 };
	struct apic t;
	uint64_t v;

	(void)s;
	apic_init_ready(&t, 2);
	assert_int_equal(msr_rd(&t, 1, 0x800 + ID, &v), -1);
	assert_int_equal(msr_wr(&t, 1, 0x800 + EOI, 0), -1);
	wr(&t, 1, TPR, 0x20);
	apic_go_x2(&t, 1);
	assert_false(lapic_access(&t.l, 1, &a));
	assert_true(lapic_access(&t.l, 0, &a)); /* the other one's own affair */
	assert_int_equal(msr(&t, 1, 0x800 + ID), 1);
	assert_int_equal(msr(&t, 1, 0x800 + LDR), 2);
	assert_int_equal(msr(&t, 1, 0x800 + TPR), 0x20);
	assert_int_equal(msr(&t, 1, 0x800 + SVR), ON);
	apic_fini(&t);
}

static void test_x2apic_faults_where_there_is_nothing_to_read(void **s)
{
	struct apic t;
	unsigned r;
	uint64_t v;

	(void)s;
	apic_init_ready(&t, 1);
	apic_go_x2(&t, 0);
	for (r = 0; r < 0x100; r++) {
		bool readable = r == ID || r == VERSION || r == TPR ||
				r == PPR || r == LDR || r == SVR ||
				(r >= ISR && r <= ESR) || r == ICR ||
				(r >= TIMER && r <= CURRENT) || r == DIVIDE;

		assert_int_equal(msr_rd(&t, 0, 0x800 + r, &v),
				 readable ? 0 : -1);
	}
	assert_int_equal(msr_rd(&t, 0, 0x7ff, &v), -1);
	assert_int_equal(msr_rd(&t, 0, 0x900, &v), -1);
	assert_int_equal(msr_rd(&t, 0, 0x10, &v), -1);
	apic_fini(&t);
}

/* A zero does no harm anywhere; the lowest reserved bit is a fault. */
static void
test_x2apic_faults_on_reserved_bits_and_read_only_registers(void **s)
{
	static const struct {
		unsigned reg;
		uint64_t reserved;
	} rows[] = {
		{ TPR, 0x100 },       { EOI, 1 },
		{ SVR, 0x400 },       { ESR, 1 },
		{ ICR, 1 << 13 },     { ICR, 1 << 20 },
		{ TIMER, 1 << 8 },    { TIMER, 1 << 19 },
		{ THERMAL, 1 << 11 }, { COUNTER, 1 << 13 },
		{ LINT0, 1 << 17 },   { LINT1, 1 << 11 },
		{ ERROR, 1 << 8 },    { INITIAL, UINT64_C(1) << 32 },
		{ DIVIDE, 1 << 2 },   { SELF, 0x100 },
	};
	static const unsigned fixed[] = { ID,  VERSION, PPR,     LDR,
					  ISR, TMR + 1, IRR + 7, CURRENT };
	struct apic t;
	size_t i;

	(void)s;
	apic_init_ready(&t, 1);
	apic_go_x2(&t, 0);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint32_t id = 0x800 + rows[i].reg;

		assert_int_equal(msr_wr(&t, 0, id, rows[i].reserved), -1);
		assert_int_equal(msr_wr(&t, 0, id, 0), 0);
		if (rows[i].reg != ICR)
			assert_int_equal(msr_wr(&t, 0, id, UINT64_C(1) << 63),
					 -1);
	}
	for (i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		assert_int_equal(msr_wr(&t, 0, 0x800 + fixed[i], 0), -1);
	apic_fini(&t);
}

static void test_x2apic_icr_is_one_register_of_64_bits(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 2);
	apic_go_x2(&t, 0);
	apic_go_x2(&t, 1);
	assert_int_equal(msr_wr(&t, 0, 0x800 + ICR, UINT64_C(1) << 32 | 0x51),
			 0);
	assert_int_equal(msr(&t, 0, 0x800 + ICR), UINT64_C(1) << 32 | 0x51);
	assert_int_equal(apic_takers(&t, 0x51), 2);
	assert_int_equal(msr_wr(&t, 0, 0x800 + 0x31, 0), -1);
	apic_fini(&t);
}

static void test_self_ipi(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 2);
	apic_go_x2(&t, 1);
	assert_int_equal(msr_wr(&t, 1, 0x800 + SELF, 0x51), 0);
	assert_int_equal(apic_takers(&t, 0x51), 2);
	assert_int_equal(msr_wr(&t, 1, 0x800 + SELF, 0x0f), 0);
	assert_int_equal(msr_wr(&t, 1, 0x800 + ESR, 0), 0);
	assert_int_equal(msr(&t, 1, 0x800 + ESR), 0x20);
	apic_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset_values),
		cmocka_unit_test(test_registers_keep_the_bits_they_have),
		cmocka_unit_test(test_there_is_nothing_between_the_registers),
		cmocka_unit_test(
			test_other_widths_places_and_spaces_are_not_its),
		cmocka_unit_test(
			test_switching_off_masks_the_entries_for_as_long),
		cmocka_unit_test(test_modes_change_only_along_the_arrows),
		cmocka_unit_test(test_the_registers_cannot_be_moved),
		cmocka_unit_test(test_switching_off_globally_resets),
		cmocka_unit_test(
			test_x2apic_is_by_msr_only_and_xapic_by_memory_only),
		cmocka_unit_test(
			test_x2apic_faults_where_there_is_nothing_to_read),
		cmocka_unit_test(
			test_x2apic_faults_on_reserved_bits_and_read_only_registers),
		cmocka_unit_test(test_x2apic_icr_is_one_register_of_64_bits),
		cmocka_unit_test(test_self_ipi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
