/* SPDX-License-Identifier: MIT */
#include "dev/lapic.h"

#include <stdlib.h>

#include "apic.h"

static void fixed(struct apic *t, unsigned cpu, uint8_t vector)
{
	apic_send(t, cpu, false, APIC_FIXED, vector, false);
}

static void test_it_is_made_for_as_many_cpus_as_it_can_name(void **s)
{
	struct irq line[LAPIC_MAX_CPUS] = { 0 };
	struct lapic l;
	mv_error e = { 0 };

	(void)s;
	assert_int_equal(lapic_init(&l, 0, line, NULL, NULL, NULL, &e),
			 -MICROVM_EINVAL);
	assert_int_equal(lapic_init(&l, 9, line, NULL, NULL, NULL, &e),
			 -MICROVM_EINVAL);
}

static void test_a_message_is_pending_then_in_service_then_over(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 2);
	assert_int_equal(lapic_take(&t.l, 1), -1);
	fixed(&t, 1, 0x51);
	assert_true(t.level[1]);
	assert_false(t.level[0]);
	assert_int_equal(rd(&t, 1, IRR + 2), 1 << 0x11);
	assert_int_equal(lapic_take(&t.l, 1), 0x51);
	assert_false(t.level[1]);
	assert_int_equal(rd(&t, 1, IRR + 2), 0);
	assert_int_equal(rd(&t, 1, ISR + 2), 1 << 0x11);
	assert_int_equal(rd(&t, 1, PPR), 0x50);
	fixed(&t, 1, 0x51); /* again, meanwhile */
	assert_int_equal(lapic_take(&t.l, 1), -1);
	wr(&t, 1, EOI, 0);
	assert_int_equal(rd(&t, 1, ISR + 2), 0);
	assert_int_equal(lapic_take(&t.l, 1), 0x51);
	wr(&t, 1, EOI, 0);
	wr(&t, 1, EOI, 0); /* of nothing */
	assert_int_equal(t.eois, 0);
	assert_int_equal(lapic_take(&t.l, 0), -1);
	apic_fini(&t);
}

static void test_every_vector_from_16_on_arrives(void **s)
{
	struct apic t;
	int v;

	(void)s;
	apic_init_ready(&t, 1);
	for (v = 255; v >= 16; v--)
		fixed(&t, 0, (uint8_t)v);
	for (v = 255; v >= 16; v--) {
		assert_int_equal(lapic_take(&t.l, 0), v);
		wr(&t, 0, EOI, 0);
	}
	assert_false(t.level[0]);
	apic_fini(&t);
}

static void test_higher_classes_nest_and_equal_ones_wait(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 1);
	fixed(&t, 0, 0x41);
	assert_int_equal(lapic_take(&t.l, 0), 0x41);
	fixed(&t, 0, 0x4f);
	assert_false(t.level[0]);
	fixed(&t, 0, 0x61);
	assert_true(t.level[0]);
	assert_int_equal(lapic_take(&t.l, 0), 0x61);
	assert_int_equal(rd(&t, 0, PPR), 0x60);
	wr(&t, 0, EOI, 0); /* the highest one's */
	assert_int_equal(rd(&t, 0, PPR), 0x40);
	assert_false(t.level[0]);
	wr(&t, 0, EOI, 0);
	assert_int_equal(lapic_take(&t.l, 0), 0x4f);
	apic_fini(&t);
}

static void test_the_task_priority_holds_back_its_class_and_below(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 1);
	wr(&t, 0, TPR, 0x51);
	assert_int_equal(rd(&t, 0, PPR), 0x51);
	assert_int_equal(lapic_cr8(&t.l, 0), 5);
	fixed(&t, 0, 0x5f);
	assert_false(t.level[0]);
	lapic_set_cr8(&t.l, 0, 0xf4); /* four bits */
	assert_true(t.level[0]);
	assert_int_equal(rd(&t, 0, TPR), 0x40);
	lapic_set_cr8(&t.l, 0, 15);
	assert_false(t.level[0]);
	assert_int_equal(lapic_take(&t.l, 0), -1);
	wr(&t, 0, TPR, 0);
	assert_int_equal(lapic_take(&t.l, 0), 0x5f);
	apic_fini(&t);
}

static void test_only_a_levels_end_is_told(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 1);
	apic_send(&t, 0, false, APIC_FIXED, 0x71, true);
	assert_int_equal(rd(&t, 0, TMR + 3), 1 << 0x11);
	assert_int_equal(lapic_take(&t.l, 0), 0x71);
	wr(&t, 0, EOI, 0);
	assert_int_equal(t.eois, 1);
	assert_int_equal(t.eoi_vector, 0x71);
	fixed(&t, 0, 0x71); /* an edge now */
	assert_int_equal(rd(&t, 0, TMR + 3), 0);
	assert_int_equal(lapic_take(&t.l, 0), 0x71);
	wr(&t, 0, EOI, 0);
	assert_int_equal(t.eois, 1);
	apic_fini(&t);
}

static void test_vectors_below_16_are_an_error_of_the_receiver(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 1);
	wr(&t, 0, ERROR, 0xfe);
	fixed(&t, 0, 15);
	assert_int_equal(rd(&t, 0, ESR), 0); /* before it is written */
	assert_int_equal(lapic_take(&t.l, 0), 0xfe);
	wr(&t, 0, EOI, 0);
	fixed(&t, 0, 0); /* no second interrupt for what is not looked at */
	assert_int_equal(lapic_take(&t.l, 0), -1);
	wr(&t, 0, ESR, 0);
	assert_int_equal(rd(&t, 0, ESR), 0x40);
	wr(&t, 0, ESR, 0);
	assert_int_equal(rd(&t, 0, ESR), 0);
	wr(&t, 0, ERROR, 3); /* an entry that is an error itself */
	fixed(&t, 0, 1);
	assert_int_equal(lapic_take(&t.l, 0), -1);
	apic_fini(&t);
}

static void test_an_apic_that_is_off_takes_events_but_no_interrupts(void **s)
{
	struct apic t;

	(void)s;
	apic_init(&t, 2);
	fixed(&t, 1, 0x51);
	assert_false(t.level[1]);
	apic_send(&t, 1, false, APIC_LOWEST, 0x51, false);
	assert_false(t.level[1]);
	apic_send(&t, 1, false, APIC_NMI, 0, false);
	assert_int_equal(t.nmi[1], 1);
	apic_send(&t, 1, false, APIC_INIT, 0, false);
	assert_int_equal(t.init[1], 1);
	/* switched off globally it is not there at all */
	assert_int_equal(msr_wr(&t, 1, MSR_BASE, X86_LAPIC_BASE), 0);
	apic_send(&t, 1, false, APIC_NMI, 0, false);
	assert_int_equal(t.nmi[1], 1);
	apic_fini(&t);
}

static void test_what_is_pending_when_it_is_switched_off_still_comes(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 1);
	fixed(&t, 0, 0x51);
	wr(&t, 0, SVR, 0xff);
	assert_int_equal(lapic_take(&t.l, 0), 0x51);
	apic_fini(&t);
}

static void test_physical_destinations(void **s)
{
	struct apic t;
	unsigned i;

	(void)s;
	apic_init_ready(&t, 4);
	for (i = 0; i < 4; i++) {
		fixed(&t, i, 0x51);
		assert_int_equal(apic_takers(&t, 0x51), 1u << i);
	}
	fixed(&t, 4, 0x51);
	fixed(&t, 254, 0x51);
	assert_int_equal(apic_takers(&t, 0x51), 0);
	apic_send(&t, APIC_ALL, false, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 15);
	apic_fini(&t);
}

static void test_flat_logical_destinations_are_a_bit_each(void **s)
{
	struct apic t;
	uint32_t dest;

	(void)s;
	apic_init_ready(&t, 8);
	for (dest = 1; dest < 255; dest++) {
		apic_send(&t, dest, true, APIC_FIXED, 0x51, false);
		assert_int_equal(apic_takers(&t, 0x51), dest);
	}
	apic_send(&t, APIC_ALL, true, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 255);
	apic_send(&t, 0, true, APIC_FIXED, 0x51, false);
	apic_send(&t, 0x100, true, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 0);
	apic_fini(&t);
}

static void test_cluster_destinations_are_a_cluster_and_four_bits(void **s)
{
	struct apic t;
	unsigned i;

	(void)s;
	apic_init_ready(&t, 8);
	for (i = 0; i < 8; i++) {
		wr(&t, i, DFR, 0x0fffffff);
		wr(&t, i, LDR, (i / 4) << 28 | 1u << (24 + i % 4));
	}
	apic_send(&t, 0x05, true, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 0x05);
	apic_send(&t, 0x1c, true, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 0xc0);
	apic_send(&t, 0x2f, true, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 0);
	apic_send(&t, APIC_ALL, true, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 0xff);
	wr(&t, 0, DFR, 0x3fffffff); /* neither flat nor cluster */
	apic_send(&t, 0x01, true, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 0);
	apic_fini(&t);
}

static void test_x2apic_destinations_have_32_bits(void **s)
{
	struct apic t;
	unsigned i;

	(void)s;
	apic_init_ready(&t, 4);
	for (i = 0; i < 4; i++)
		apic_go_x2(&t, i);
	fixed(&t, 3, 0x51);
	assert_int_equal(apic_takers(&t, 0x51), 8);
	apic_send(&t, 0x00000006, true, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 6);
	apic_send(&t, 0x00010006, true, APIC_FIXED, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 0);
	/* 0xff is a number here, and nobody's */
	assert_int_equal(msr_wr(&t, 0, 0x800 + ICR, UINT64_C(0xff) << 32 | 81),
			 0);
	assert_int_equal(apic_takers(&t, 0x51), 0);
	assert_int_equal(
		msr_wr(&t, 0, 0x800 + ICR, UINT64_C(0xffffffff) << 32 | 0x51),
		0);
	assert_int_equal(apic_takers(&t, 0x51), 15);
	assert_int_equal(msr_wr(&t, 0, 0x800 + ICR,
				UINT64_C(0xffffffff) << 32 | LOGICAL | 0x51),
			 0);
	assert_int_equal(apic_takers(&t, 0x51), 15);
	apic_fini(&t);
}

static void test_lowest_priority_goes_to_the_one_that_does_least(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 3);
	wr(&t, 0, TPR, 0x60);
	fixed(&t, 1, 0x31);
	assert_int_equal(lapic_take(&t.l, 1), 0x31);
	wr(&t, 2, TPR, 0x40);
	apic_send(&t, 7, true, APIC_LOWEST, 0x81, false);
	assert_true(t.level[1]);
	assert_false(t.level[0] || t.level[2]);
	wr(&t, 1, SVR, 0xff); /* off: nobody's candidate */
	apic_send(&t, 7, true, APIC_LOWEST, 0x91, false);
	assert_true(t.level[2]);
	assert_false(t.level[0]);
	apic_send(&t, 8, true, APIC_LOWEST, 0x91, false);
	assert_false(t.level[0]);
	wr(&t, 0, TPR, 0x40); /* as busy as the other: the first one */
	apic_send(&t, 5, true, APIC_LOWEST, 0xa1, false);
	assert_true(t.level[0]);
	apic_fini(&t);
}

static void test_ipis_by_destination_and_by_shorthand(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 4);
	wr(&t, 1, ICR_HIGH, 2 << 24);
	wr(&t, 1, ICR, 0x4051);
	assert_int_equal(apic_takers(&t, 0x51), 4);
	wr(&t, 1, ICR_HIGH, 0x0d000000);
	wr(&t, 1, ICR, LOGICAL | 0x51);
	assert_int_equal(apic_takers(&t, 0x51), 0x0d);
	wr(&t, 1, ICR_HIGH, 0xff000000);
	wr(&t, 1, ICR, 0x51);
	assert_int_equal(apic_takers(&t, 0x51), 15);
	wr(&t, 1, ICR, TO_SELF | 0x51);
	assert_int_equal(apic_takers(&t, 0x51), 2);
	wr(&t, 1, ICR, TO_ALL | 0x51);
	assert_int_equal(apic_takers(&t, 0x51), 15);
	wr(&t, 1, ICR, TO_OTHERS | 0x51);
	assert_int_equal(apic_takers(&t, 0x51), 13);
	wr(&t, 1, ICR, TO_OTHERS | 0x8051); /* IPIs are edges */
	assert_int_equal(apic_takers(&t, 0x51), 13);
	assert_int_equal(t.eois, 0);
	wr(&t, 1, ICR, TO_OTHERS | NMI);
	assert_int_equal(t.nmi[0] + t.nmi[2] + t.nmi[3], 3);
	assert_int_equal(t.nmi[1], 0);
	apic_fini(&t);
}

static void test_shorthands_to_oneself_are_fixed_only(void **s)
{
	static const uint32_t mode[] = { 1 << 8, 2 << 8, 3 << 8, NMI,
					 INIT,   SIPI,   7 << 8 };
	struct apic t;
	size_t i;

	(void)s;
	apic_init_ready(&t, 2);
	for (i = 0; i < sizeof(mode) / sizeof(*mode); i++) {
		wr(&t, 0, ICR, TO_SELF | mode[i] | 0x51);
		wr(&t, 0, ICR, TO_ALL | mode[i] | 0x51);
	}
	assert_int_equal(apic_takers(&t, 0x51), 0);
	assert_int_equal(t.nmi[0] + t.nmi[1] + t.init[0] + t.init[1] +
				 t.sipi[0] + t.sipi[1],
			 0);
	apic_fini(&t);
}

static void test_sending_a_vector_below_16_is_the_senders_error(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 2);
	wr(&t, 0, ICR, TO_OTHERS | 0x0f);
	wr(&t, 0, ESR, 0);
	assert_int_equal(rd(&t, 0, ESR), 0x20);
	wr(&t, 1, ESR, 0);
	assert_int_equal(rd(&t, 1, ESR), 0);
	apic_fini(&t);
}

/* As Linux wakes its second CPU. */
static void test_init_resets_and_sipi_tells_where_to_start(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 2);
	fixed(&t, 1, 0x51);
	wr(&t, 1, TPR, 0x20);
	wr(&t, 0, ICR_HIGH, 1 << 24);
	wr(&t, 0, ICR, INIT | 0xc000); /* assert, level */
	assert_int_equal(t.init[1], 1);
	assert_false(t.level[1]);
	assert_int_equal(rd(&t, 1, SVR), 0xff);
	assert_int_equal(rd(&t, 1, TPR), 0);
	assert_int_equal(rd(&t, 1, LDR), 0);
	assert_int_equal(rd(&t, 1, ID), 1 << 24);
	wr(&t, 0, ICR, INIT | 0x8000); /* and its end: nothing */
	assert_int_equal(t.init[1], 1);
	wr(&t, 0, ICR, SIPI | 0x9a);
	wr(&t, 0, ICR, SIPI | 0x9a);
	assert_int_equal(t.sipi[1], 2);
	assert_int_equal(t.sipi_vector, 0x9a);
	assert_int_equal(t.init[0] + t.sipi[0], 0);
	wr(&t, 0, ICR, TO_OTHERS | INIT | 0x4000);
	assert_int_equal(t.init[1], 2);
	apic_fini(&t);
}

static void test_init_leaves_an_x2apic_one(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 2);
	apic_go_x2(&t, 1);
	apic_send(&t, 1, false, APIC_INIT, 0, false);
	assert_int_equal(msr(&t, 1, MSR_BASE),
			 X86_LAPIC_BASE | BASE_ON | BASE_X2);
	assert_int_equal(msr(&t, 1, 0x800 + LDR), 2);
	apic_fini(&t);
}

static void test_smi_extint_and_the_reserved_mode_are_nothing(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 1);
	apic_send(&t, 0, false, APIC_SMI, 0x51, false);
	apic_send(&t, 0, false, APIC_EXTINT, 0x51, false);
	apic_send(&t, 0, false, 3, 0x51, false);
	apic_send(&t, 0, false, 255, 0x51, false);
	assert_int_equal(apic_takers(&t, 0x51), 0);
	assert_int_equal(t.nmi[0] + t.init[0] + t.sipi[0], 0);
	apic_fini(&t);
}

static void test_lint1_is_an_nmi_once_per_edge(void **s)
{
	struct apic t;

	(void)s;
	apic_init_ready(&t, 2);
	lapic_lint(&t.l, 1, 1, true);
	assert_int_equal(t.nmi[1], 0); /* masked */
	lapic_lint(&t.l, 1, 1, false);
	wr(&t, 1, LINT1, NMI);
	lapic_lint(&t.l, 1, 1, true);
	lapic_lint(&t.l, 1, 1, true);
	assert_int_equal(t.nmi[1], 1);
	lapic_lint(&t.l, 1, 1, false);
	wr(&t, 1, LINT1, NMI | 0x8000); /* an edge whatever it says */
	assert_int_equal(t.nmi[1], 1);
	lapic_lint(&t.l, 1, 1, true);
	assert_int_equal(t.nmi[1], 2);
	/* an INIT does not let go of the pin: no new edge */
	apic_send(&t, 1, false, APIC_INIT, 0, false);
	wr(&t, 1, SVR, ON);
	wr(&t, 1, LINT1, NMI);
	lapic_lint(&t.l, 1, 1, true);
	assert_int_equal(t.nmi[1], 2);
	lapic_lint(&t.l, 2, 1, true); /* no such CPU, no such pin */
	lapic_lint(&t.l, 0, 2, true);
	assert_int_equal(t.nmi[0], 0);
	apic_fini(&t);
}

static void test_lint0_as_a_level_comes_again_until_it_falls(void **s)
{
	struct apic t;
	unsigned i;

	(void)s;
	apic_init_ready(&t, 1);
	lapic_lint(&t.l, 0, 0, true);
	wr(&t, 0, LINT0, 0x8051);
	for (i = 0; i < 3; i++) {
		assert_int_equal(rd(&t, 0, LINT0), 0xc051);
		assert_int_equal(lapic_take(&t.l, 0), 0x51);
		assert_false(t.level[0]);
		wr(&t, 0, EOI, 0);
		assert_true(t.level[0]);
	}
	assert_int_equal(lapic_take(&t.l, 0), 0x51);
	lapic_lint(&t.l, 0, 0, false);
	wr(&t, 0, EOI, 0);
	assert_false(t.level[0]);
	assert_int_equal(rd(&t, 0, LINT0), 0x8051);
	wr(&t, 0, LINT0, 0x51); /* an edge */
	lapic_lint(&t.l, 0, 0, true);
	assert_int_equal(apic_takers(&t, 0x51), 1);
	assert_false(t.level[0]);
	apic_fini(&t);
}

static void load(struct apic *t, const struct state *from, int want)
{
	struct state in;

	state_init_load(&in, from->buf, from->len);
	lapic_state(&t->l, &in);
	assert_int_equal(state_fini(&in, NULL), want);
}

static void test_loaded_apics_give_the_same_answers(void **s)
{
	struct state out;
	struct apic a, b, c;
	unsigned r;

	(void)s;
	apic_init_ready(&a, 2);
	wr(&a, 0, DIVIDE, 3);
	wr(&a, 0, TIMER, PERIODIC | 0xec);
	wr(&a, 0, INITIAL, 1000);
	wr(&a, 0, TPR, 0x31);
	wr(&a, 0, ICR_HIGH, 1 << 24);
	wr(&a, 0, ICR, 0x41);
	wr(&a, 0, ICR, 1);
	wr(&a, 0, LINT1, NMI);
	apic_send(&a, 0, false, APIC_FIXED, 0x71, true);
	assert_int_equal(lapic_take(&a.l, 0), 0x71);
	apic_send(&a, 0, false, APIC_FIXED, 0x81, false);
	apic_go_x2(&a, 1);
	lapic_set_tsc(&a.l, 1, 5000);
	assert_int_equal(msr_wr(&a, 1, 0x800 + TIMER, DEADLINE | 0xec), 0);
	assert_int_equal(msr_wr(&a, 1, MSR_TSC_DEADLINE, 9000), 0);
	state_init_save(&out);
	lapic_state(&a.l, &out);
	assert_int_equal(state_fini(&out, NULL), 0);

	apic_init(&b, 2);
	load(&b, &out, 0);
	assert_true(b.level[0] && b.level[1]);
	a.now = b.now = 2000;
	for (r = 0; r < 0x100; r++) {
		uint64_t va, vb;
		int ra = msr_rd(&a, 1, 0x800 + r, &va);

		assert_int_equal(rd(&a, 0, r), rd(&b, 0, r));
		assert_int_equal(msr_rd(&b, 1, 0x800 + r, &vb), ra);
		assert_int_equal(va, vb);
	}
	assert_int_equal(lapic_deadline(&b.l, 0), lapic_deadline(&a.l, 0));
	assert_int_equal(lapic_deadline(&b.l, 1), 4000);
	assert_int_equal(lapic_take(&b.l, 0), 0x81);
	assert_int_equal(lapic_take(&b.l, 1), 0x41);

	apic_init(&c, 3); /* another machine */
	load(&c, &out, -MICROVM_EBADIMAGE);
	free(out.buf);
	apic_fini(&a);
	apic_fini(&b);
	apic_fini(&c);
}

/* Every byte of a saved state turned round: refused, or harmless. */
static void test_hostile_state_does_no_harm(void **s)
{
	struct state out, in;
	struct apic a, b;
	unsigned n;
	size_t i;

	(void)s;
	apic_init_ready(&a, 2);
	wr(&a, 0, TIMER, PERIODIC | 0xec);
	wr(&a, 0, INITIAL, 1000);
	apic_go_x2(&a, 1);
	state_init_save(&out);
	lapic_state(&a.l, &out);
	assert_int_equal(state_fini(&out, NULL), 0);
	for (i = 0; i < out.len; i++) {
		int rc;

		out.buf[i] ^= 0xff;
		apic_init(&b, 2);
		state_init_load(&in, out.buf, out.len);
		lapic_state(&b.l, &in);
		rc = state_fini(&in, NULL);
		assert_true(rc == 0 || rc == -MICROVM_EBADIMAGE);
		for (n = 0; n < 600; n++) {
			b.now += 1000;
			lapic_tick(&b.l, n % 2);
			assert_true(lapic_deadline(&b.l, n % 2) > b.now);
			if (lapic_take(&b.l, n % 2) >= 0 && n % 2 == 0 &&
			    !(b.l.cpu[0].base & BASE_X2))
				wr(&b, 0, EOI, 0);
		}
		apic_fini(&b);
		out.buf[i] ^= 0xff;
	}
	free(out.buf);
	apic_fini(&a);
}

/* Two CPUs send each other interrupts, each serving its own. */
enum { RACE = 20000 };

struct duel {
	struct lapic l;
	struct mutex mu;
	bool level[2];
	unsigned taken[2];
};

static void duel_line(void *chip, unsigned pin, bool level)
{
	struct duel *d = chip;

	mutex_lock(&d->mu);
	d->level[pin] = level;
	mutex_unlock(&d->mu);
}

static uint64_t duel_now(void *ctx)
{
	(void)ctx;
	return 1000;
}

static void duel_wr(struct duel *d, unsigned cpu, unsigned reg, uint32_t v)
{
	struct access a = { .addr = X86_LAPIC_BASE + 16 * (uint64_t)reg,
			    .size = 4,
			    .write = true,
			    .value = v };

	(void)lapic_access(&d->l, cpu, &a);
}

static void duel_serve(struct duel *d, unsigned cpu)
{
	while (lapic_take(&d->l, cpu) >= 0) {
		d->taken[cpu]++;
		duel_wr(d, cpu, EOI, 0);
	}
}

static void duel_run(struct duel *d, unsigned cpu)
{
	unsigned i;

	for (i = 0; i < RACE; i++) {
		duel_wr(d, cpu, ICR, TO_OTHERS | (0x40 + i % 64));
		duel_serve(d, cpu);
	}
}

static void duel_second(void *arg)
{
	duel_run(arg, 1);
}

static void test_ipis_between_two_threads_leave_the_wires_right(void **s)
{
	struct duel d = { .taken = { 0 } };
	struct clock clk = { .now = duel_now };
	struct irq line[2] = { { duel_line, &d, 0 }, { duel_line, &d, 1 } };
	struct thread t;
	unsigned i;

	(void)s;
	assert_int_equal(mutex_init(&d.mu, NULL), 0);
	assert_int_equal(
		lapic_init(&d.l, 2, line, &clk, &apic_events, &d, NULL), 0);
	duel_wr(&d, 0, SVR, ON);
	duel_wr(&d, 1, SVR, ON);
	assert_int_equal(thread_start(&t, duel_second, &d, NULL), 0);
	duel_run(&d, 0);
	thread_join(&t);
	for (i = 0; i < 2; i++) {
		bool level = d.level[i];
		unsigned before = d.taken[i];

		duel_serve(&d, i);
		assert_int_equal(level, d.taken[i] > before);
		assert_false(d.level[i]);
		assert_in_range(d.taken[i], 1, RACE);
	}
	lapic_fini(&d.l);
	mutex_fini(&d.mu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_it_is_made_for_as_many_cpus_as_it_can_name),
		cmocka_unit_test(
			test_a_message_is_pending_then_in_service_then_over),
		cmocka_unit_test(test_every_vector_from_16_on_arrives),
		cmocka_unit_test(test_higher_classes_nest_and_equal_ones_wait),
		cmocka_unit_test(
			test_the_task_priority_holds_back_its_class_and_below),
		cmocka_unit_test(test_only_a_levels_end_is_told),
		cmocka_unit_test(
			test_vectors_below_16_are_an_error_of_the_receiver),
		cmocka_unit_test(
			test_an_apic_that_is_off_takes_events_but_no_interrupts),
		cmocka_unit_test(
			test_what_is_pending_when_it_is_switched_off_still_comes),
		cmocka_unit_test(test_physical_destinations),
		cmocka_unit_test(test_flat_logical_destinations_are_a_bit_each),
		cmocka_unit_test(
			test_cluster_destinations_are_a_cluster_and_four_bits),
		cmocka_unit_test(test_x2apic_destinations_have_32_bits),
		cmocka_unit_test(
			test_lowest_priority_goes_to_the_one_that_does_least),
		cmocka_unit_test(test_ipis_by_destination_and_by_shorthand),
		cmocka_unit_test(test_shorthands_to_oneself_are_fixed_only),
		cmocka_unit_test(
			test_sending_a_vector_below_16_is_the_senders_error),
		cmocka_unit_test(
			test_init_resets_and_sipi_tells_where_to_start),
		cmocka_unit_test(test_init_leaves_an_x2apic_one),
		cmocka_unit_test(
			test_smi_extint_and_the_reserved_mode_are_nothing),
		cmocka_unit_test(test_lint1_is_an_nmi_once_per_edge),
		cmocka_unit_test(
			test_lint0_as_a_level_comes_again_until_it_falls),
		cmocka_unit_test(test_loaded_apics_give_the_same_answers),
		cmocka_unit_test(test_hostile_state_does_no_harm),
		cmocka_unit_test(
			test_ipis_between_two_threads_leave_the_wires_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
