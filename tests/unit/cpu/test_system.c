/* SPDX-License-Identifier: MIT */
/*
 * Exceptions, system registers, hints, timers: exception.c, system.c,
 * sysreg.c, timer.c, cpu.c.
 */
#include <fenv.h>

#include "../check.h"
#include "a64_box.h"
#include "base/container.h"
#include "cpu/arm64/sysreg.h"

/* Run the instructions at EL0, MMU off, until something leaves it. */
static void run_user(struct box *b, const uint32_t *insn, size_t n)
{
	box_code(b, BOX_RAM, insn, n);
	a64_set_pstate(&b->cpu, 0);
	b->cpu.e.pc = BOX_RAM;
	box_go(b, 100);
}

#define RUN_USER(b, ...)                                      \
	do {                                                  \
		const uint32_t user_insn[] = { __VA_ARGS__ }; \
		run_user((b), user_insn, LEN(user_insn));     \
	} while (0)

static void test_exceptions_save_state_and_say_why(void **s)
{
	static const struct {
		uint32_t insn, esr;
		unsigned elr;
	} rows[] = {
		{ /* svc #0x123 */ 0xd4002461, 0x15u << 26 | 1 << 25 | 0x123,
		  4 },
		{ /* brk #7 */ 0xd42000e0, 0x3cu << 26 | 1 << 25 | 7, 0 },
		{ /* udf #0 */ 0x00000000, 1 << 25, 0 },
		{ /* smc #0 */ 0xd4000003, 1 << 25, 0 },
		{ /* hlt #1 */ 0xd4400020, 1 << 25, 0 },
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		struct box *b = box_new();

		a64_set_pstate(&b->cpu, 0x60000305);
		box_run(b, &rows[i].insn, 1);
		assert_int_equal(box_vector(b), 0x200);
		assert_int_equal(b->cpu.sys.esr, rows[i].esr);
		assert_int_equal(b->cpu.sys.elr, BOX_RAM + rows[i].elr);
		assert_int_equal(b->cpu.sys.spsr, 0x60000305);
		assert_int_equal(a64_pstate(&b->cpu), 0x600003c5);
		box_free(b);
	}
}

static void test_el0_goes_to_the_lower_vectors_and_back(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[A64_SP] = 0x1111;
	b->cpu.sp_el[0] = 0x2222;
	RUN_USER(b, /* mov x0, sp */ 0x910003e0, /* svc #0 */ 0xd4000001);
	assert_int_equal(box_vector(b), 0x400);
	assert_int_equal(b->cpu.x[0], 0x2222);
	assert_int_equal(b->cpu.x[A64_SP], 0x1111);
	assert_true(b->user);
	/* Back by ERET: EL0 again, its stack pointer again. */
	box_poke(b, BOX_VBAR + 0x400, /* eret */ 0xd69f03e0, 4);
	box_poke(b, BOX_RAM + 8, /* mov x1, sp */ 0x910003e1, 4);
	box_poke(b, BOX_RAM + 12, /* hvc #0 */ 0xd4000002, 4);
	RUN_USER(b, /* mov x0, sp */ 0x910003e0, /* svc #0 */ 0xd4000001);
	assert_int_equal(b->cpu.x[1], 0x2222);
	box_free(b);
}

static void test_what_el0_must_not_do(void **s)
{
	static const struct {
		uint32_t insn, ec;
	} rows[] = {
		{ /* mrs x0, midr_el1 */ 0xd5380000, 0 },
		{ /* msr vbar_el1, x0 */ 0xd518c000, 0 },
		{ /* eret */ 0xd69f03e0, 0 },
		{ /* hvc #0 */ 0xd4000002, 0 },
		{ /* tlbi vmalle1 */ 0xd508871f, 0 },
		{ /* mrs x0, sctlr_el1 */ 0xd5381000, 0 },
		{ /* msr spsel, #1 */ 0xd50041bf, 0 },
		{ /* msr daifset, #2 */ 0xd50342df, 0x18 },
		{ /* mrs x0, ctr_el0 */ 0xd53b0020, 0x18 },
		{ /* mrs x0, cntvct_el0 */ 0xd53be040, 0x18 },
		{ /* dc zva, x0 */ 0xd50b7420, 0x18 },
		{ /* ic ivau, x0 */ 0xd50b7520, 0x18 },
		{ /* wfi */ 0xd503207f, 1 },
		{ /* msr tpidrro_el0, x0 */ 0xd51bd060, 0 },
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		struct box *b = box_new();

		RUN_USER(b, rows[i].insn);
		assert_int_equal(box_vector(b), 0x400);
		assert_int_equal(b->cpu.sys.esr >> 26, rows[i].ec);
		assert_int_equal(b->cpu.sys.elr, BOX_RAM);
		box_free(b);
	}
}

static void test_a_trapped_register_access_is_described(void **s)
{
	struct box *b = box_new();

	(void)s;
	RUN_USER(b, /* mrs x5, cntvct_el0 */ 0xd53be045);
	/* op0 3, op2 2, op1 3, CRn 14, Rt 5, CRm 0, read */
	assert_int_equal(b->cpu.sys.esr & 0x1ffffff,
			 3 << 20 | 2 << 17 | 3 << 14 | 14 << 10 | 5 << 5 | 1);
	box_free(b);
}

static void test_fp_is_trapped_as_cpacr_says(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.sys.cpacr = 1 << 20;
	a64_update_mode(&b->cpu);
	BOX_RUN(b, /* mrs x0, fpcr */ 0xd53b4400);
	assert_int_equal(box_vector(b), -1);
	RUN_USER(b, /* ldr q0, [x1] */ 0x3dc00020);
	assert_int_equal(box_vector(b), 0x400);
	assert_int_equal(b->cpu.sys.esr, 7u << 26 | 1 << 25 | 0x1e00000);
	BOX_RUN(b, /* msr cpacr_el1, xzr */ 0xd518105f, /* isb */ 0xd5033fdf,
		/* mrs x0, fpsr */ 0xd53b4420);
	assert_int_equal(b->cpu.sys.esr >> 26, 7);
	box_free(b);
}

static void test_an_illegal_return_is_caught(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[0] = 0x10; /* AArch32 user mode */
	b->cpu.x[1] = BOX_RAM + 0x100;
	BOX_RUN(b, /* msr spsr_el1, x0 */ 0xd5184000,
		/* msr elr_el1, x1 */ 0xd5184021, /* eret */ 0xd69f03e0);
	assert_int_equal(box_vector(b), 0x200);
	assert_int_equal(b->cpu.sys.esr >> 26, 0x0e);
	assert_int_equal(b->cpu.sys.elr, BOX_RAM + 0x100);
	assert_int_equal(b->cpu.sys.spsr >> 20 & 1, 1);
	box_free(b);
}

static void test_id_registers_tell_what_is_there(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.index = 2;
	BOX_RUN(b, /* mrs x0, id_aa64pfr0_el1 */ 0xd5380400,
		/* mrs x1, id_aa64isar0_el1 */ 0xd5380601,
		/* mrs x2, id_aa64mmfr0_el1 */ 0xd5380702,
		/* mrs x3, mpidr_el1 */ 0xd53800a3,
		/* mrs x4, id_aa64dfr0_el1 */ 0xd5380504,
		/* mrs x5, currentel */ 0xd5384245,
		/* mrs x6, s3_0_c0_c7_7 */ 0xd53807e6,
		/* mrs x7, dczid_el0 */ 0xd53b00e7,
		/* mrs x8, id_aa64pfr1_el1 */ 0xd5380428);
	assert_int_equal(b->cpu.x[0], UINT64_C(0x1100000001000011));
	assert_int_equal(b->cpu.x[1], 0);
	assert_int_equal(b->cpu.x[2], 0x0f000022);
	assert_int_equal(b->cpu.x[3], 0x80000002);
	assert_int_equal(b->cpu.x[4], 0x00101006);
	assert_int_equal(b->cpu.x[5], 4);
	assert_int_equal(b->cpu.x[6], 0);
	assert_int_equal(b->cpu.x[7], 4);
	assert_int_equal(b->cpu.x[8], 0);
	box_free(b);
}

static void test_registers_of_others_go_up(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->sysreg_known = true;
	b->sysreg_value = 1023;
	BOX_RUN(b, /* mrs x0, s3_0_c12_c12_0 */ 0xd538cc00);
	assert_int_equal(b->sysreg_id, A64_REG(3, 0, 12, 12, 0));
	assert_int_equal(b->cpu.x[0], 1023);
	b->cpu.x[1] = 27;
	BOX_RUN(b, /* msr s3_0_c12_c12_1, x1 */ 0xd518cc21);
	assert_int_equal(b->sysreg_value, 27);
	b->sysreg_known = false;
	BOX_RUN(b, /* mrs x0, s3_0_c11_c0_0 */ 0xd538b000);
	assert_int_equal(box_vector(b), 0x200);
	box_free(b);
}

static void test_irqs_wait_for_the_mask(void **s)
{
	struct box *b = box_new();

	(void)s;
	a64_set_irq(&b->cpu, true);
	BOX_RUN(b, /* nop */ 0xd503201f, /* mrs x0, isr_el1 */ 0xd538c100,
		/* msr daifclr, #2 */ 0xd50342ff, /* nop */ 0xd503201f);
	assert_int_equal(box_vector(b), 0x280);
	assert_int_equal(b->cpu.x[0], 0x80);
	assert_int_equal(b->cpu.sys.elr, BOX_RAM + 12);
	assert_int_equal(b->cpu.daif, 0x3c0);
	box_free(b);
}

static void test_a_block_left_early_counts_what_it_ran(void **s)
{
	struct box *b = box_new();

	(void)s;
	a64_set_irq(&b->cpu, true);
	BOX_RUN(b, /* nop */ 0xd503201f, /* msr daifclr, #2 */ 0xd50342ff,
		/* nop */ 0xd503201f, /* nop */ 0xd503201f,
		/* nop */ 0xd503201f);
	assert_int_equal(box_vector(b), 0x280);
	/* Two of them, and the HVC at the vector. */
	assert_int_equal(vtime_insns(&b->vtime), 3);
	box_free(b);
}

/* The embedder's rounding mode neither changes nor matters. */
static void test_the_hosts_floating_point_is_left_as_it_was(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.v[1].f64[0] = 1;
	b->cpu.v[2].f64[0] = 3;
	assert_int_equal(fesetround(FE_UPWARD), 0);
	assert_int_equal(feclearexcept(FE_ALL_EXCEPT), 0);
	BOX_RUN(b, /* fdiv d0, d1, d2 */ 0x1e621820,
		/* fdiv d0, d1, d2 */ 0x1e621820);
	assert_int_equal(fegetround(), FE_UPWARD);
	assert_int_equal(fetestexcept(FE_ALL_EXCEPT), 0);
	assert_int_equal(fesetround(FE_TONEAREST), 0);
	assert_int_equal(b->cpu.v[0].d[0], 0x3fd5555555555555);
	assert_int_equal(b->cpu.fpsr, 0x10);
	box_free(b);
}

static void test_wfi_sleeps_unless_an_irq_waits(void **s)
{
	struct box *b = box_new();
	static const uint32_t code[] = { /* wfi */ 0xd503207f,
					 /* hvc #0 */ 0xd4000002 };

	(void)s;
	box_code(b, BOX_RAM, code, LEN(code));
	assert_int_equal(a64_run(&b->cpu, 1000), STOP_IDLE);
	assert_int_equal(b->cpu.e.pc, BOX_RAM + 4);
	b->cpu.e.pc = BOX_RAM;
	a64_set_irq(&b->cpu, true); /* masked, but it wakes */
	assert_int_equal(a64_run(&b->cpu, 1000), STOP_SHUTDOWN);
	box_free(b);
}

static void test_a_timer_fires_at_its_nanosecond(void **s)
{
	struct box *b = box_new();
	static const uint32_t code[] = { /* movz x0, #500 */ 0xd2803e80,
					 /* msr cntv_tval_el0, x0 */ 0xd51be300,
					 /* movz x1, #1 */ 0xd2800021,
					 /* msr cntv_ctl_el0, x1 */ 0xd51be321,
					 /* b . */ 0x14000000 };

	(void)s;
	box_code(b, BOX_RAM, code, LEN(code));
	assert_int_equal(a64_run(&b->cpu, 400), STOP_SLICE);
	assert_false(b->timer_level[0]);
	/* Inside a block it is as late as at its end, here 5 ns. */
	assert_in_range(b->cpu.sys.cntv_cval, 500, 505);
	assert_int_equal(a64_run(&b->cpu, 110), STOP_SLICE);
	assert_true(b->timer_level[0]);
	assert_int_equal(b->timer_edges[0], 1);
	assert_int_equal(a64_deadline(&b->cpu), UINT64_MAX);
	BOX_RUN(b, /* mrs x0, cntv_ctl_el0 */ 0xd53be320,
		/* movz x1, #3 */ 0xd2800061,
		/* msr cntv_ctl_el0, x1 */ 0xd51be321,
		/* mrs x2, cntv_ctl_el0 */ 0xd53be322,
		/* mrs x3, cntv_tval_el0 */ 0xd53be303);
	assert_int_equal(b->cpu.x[0], 5); /* ISTATUS, level */
	assert_int_equal(b->cpu.x[2], 7); /* masked, still met */
	assert_false(b->timer_level[0]);
	assert_true((int32_t)b->cpu.x[3] < 0);
	box_free(b);
}

static void test_the_deadline_is_the_nearer_timer(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[0] = 5000;
	b->cpu.x[1] = 7000;
	b->cpu.x[2] = 1;
	BOX_RUN(b, /* msr cntp_cval_el0, x0 */ 0xd51be240,
		/* msr cntv_cval_el0, x1 */ 0xd51be341,
		/* msr cntp_ctl_el0, x2 */ 0xd51be222,
		/* msr cntv_ctl_el0, x2 */ 0xd51be322);
	assert_int_equal(a64_deadline(&b->cpu), 5000);
	assert_true(vtime_skip(&b->vtime, 5000));
	assert_int_equal(a64_deadline(&b->cpu), 7000);
	assert_true(b->timer_level[1]);
	box_free(b);
}

static void test_dc_zva_clears_a_line(void **s)
{
	struct box *b = box_new();

	(void)s;
	box_poke(b, BOX_DATA + 56, UINT64_MAX, 8);
	box_poke(b, BOX_DATA + 64, UINT64_MAX, 8);
	b->cpu.x[1] = BOX_DATA + 20;
	BOX_RUN(b, /* dc zva, x1 */ 0xd50b7421);
	assert_int_equal(box_peek(b, BOX_DATA + 56, 8), 0);
	assert_int_equal(box_peek(b, BOX_DATA + 64, 8), UINT64_MAX);
	box_free(b);
}

static void test_hints_of_later_versions_do_nothing(void **s)
{
	struct box *b = box_new();

	(void)s;
	BOX_RUN(b, /* hint #25 */ 0xd503233f, /* hint #34 */ 0xd503245f,
		/* hint #20 */ 0xd503229f, /* sev */ 0xd503209f,
		/* sevl */ 0xd50320bf, /* yield */ 0xd503203f,
		/* dsb sy */ 0xd5033f9f, /* dmb ish */ 0xd5033bbf,
		/* wfe */ 0xd503205f);
	assert_int_equal(box_vector(b), -1);
	assert_int_equal(b->hvcs, 1);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exceptions_save_state_and_say_why),
		cmocka_unit_test(test_el0_goes_to_the_lower_vectors_and_back),
		cmocka_unit_test(test_what_el0_must_not_do),
		cmocka_unit_test(test_a_trapped_register_access_is_described),
		cmocka_unit_test(test_fp_is_trapped_as_cpacr_says),
		cmocka_unit_test(test_an_illegal_return_is_caught),
		cmocka_unit_test(test_id_registers_tell_what_is_there),
		cmocka_unit_test(test_registers_of_others_go_up),
		cmocka_unit_test(test_irqs_wait_for_the_mask),
		cmocka_unit_test(test_a_block_left_early_counts_what_it_ran),
		cmocka_unit_test(
			test_the_hosts_floating_point_is_left_as_it_was),
		cmocka_unit_test(test_wfi_sleeps_unless_an_irq_waits),
		cmocka_unit_test(test_a_timer_fires_at_its_nanosecond),
		cmocka_unit_test(test_the_deadline_is_the_nearer_timer),
		cmocka_unit_test(test_dc_zva_clears_a_line),
		cmocka_unit_test(test_hints_of_later_versions_do_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
