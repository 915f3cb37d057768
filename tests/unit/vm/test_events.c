/* SPDX-License-Identifier: MIT */
#include "vm/events.h"

#include "rig.h"

#include "../check.h"

static void test_everything_that_comes_up_is_counted_by_kind(void **s)
{
	struct script_step steps[] = {
		READ(ARM64_UART_BASE + 0x18),
		READ(UINT64_C(0x100)), /* nobody there counts, too */
		{ .op = SCRIPT_SYSREG,
		  .sysreg = { .id = SYSREG_ID(3, 0, 4, 6, 0) } },
		{ .op = SCRIPT_TIMER,
		  .timer = HV_TIMER_VIRTUAL,
		  .level = true },
		{ .op = SCRIPT_TIMER, .timer = HV_TIMER_VIRTUAL },
		CALL(UINT64_C(0x84000000)), /* PSCI_VERSION */
		WFI(100),
		SYSTEM_OFF,
	};
	microvm_stats st;
	struct rig r;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, steps);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	vm_stats(r.vm, &st);
	assert_int_equal(st.exits[MICROVM_XK_MMIO], 2);
	assert_int_equal(st.exits[MICROVM_XK_SYSREG], 1);
	assert_int_equal(st.exits[MICROVM_XK_TIMER], 2);
	assert_int_equal(st.exits[MICROVM_XK_CALL], 2);
	assert_int_equal(st.exits[MICROVM_XK_IDLE], 1);
	assert_int_equal(st.exits[MICROVM_XK_SLICE], 7);
	assert_true(steps[0].claimed);
	assert_false(steps[1].claimed);
	assert_true(steps[2].claimed);
	assert_int_equal(steps[5].x[0], 0x10000); /* PSCI 1.0 */
	rig_fini(&r);
}

static void test_counts_of_all_cpus_are_added(void **s)
{
	struct script_step boot[] = {
		CALL(UINT64_C(0xc4000003), 1, ARM64_RAM_BASE, 0), /* CPU_ON */
		READ(ARM64_UART_BASE + 0x18),
		SLEEP,
	};
	struct script_step second[] = {
		READ(ARM64_UART_BASE + 0x18),
		READ(ARM64_UART_BASE + 0x18),
		SYSTEM_OFF,
	};
	microvm_stats st;
	struct rig r;

	(void)s;
	rig_init(&r);
	r.cfg.cpus = 2;
	FOLLOW(&r, 0, boot);
	FOLLOW(&r, 1, second);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	vm_stats(r.vm, &st);
	assert_int_equal(st.exits[MICROVM_XK_MMIO], 3);
	assert_int_equal(st.exits[MICROVM_XK_CALL], 2);
	rig_fini(&r);
}

static void test_x86_questions_have_harmless_answers(void **s)
{
	struct rig r;

	(void)s;
	rig_init(&r);
	rig_create(&r);
	assert_int_equal(vm_events.pending(&r.vm->vcpu[0].hv), -1);
	vm_events.eoi(&r.vm->vcpu[0].hv, 32);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_everything_that_comes_up_is_counted_by_kind),
		cmocka_unit_test(test_counts_of_all_cpus_are_added),
		cmocka_unit_test(test_x86_questions_have_harmless_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
