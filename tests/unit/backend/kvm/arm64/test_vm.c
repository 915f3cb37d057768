/* SPDX-License-Identifier: MIT */
/* A VM of KVM on arm64: accesses, registers, PSCI, wires, and its ends. */
#include "rig.h"

#include <string.h>
#include <unistd.h>

#include "arch/arm64/layout.h"
#include "base/container.h"
#include "gic.h"
#include "os/thread.h"

#include "../../../check.h"

enum { WIRE = 40 };

/* clang-format off */

GUEST(g_access,
      "ldr w1, [x20, #0x20]\nadd w1, w1, #1\nstrb w1, [x20, #0x24]\n"
      "ldrh w2, [x20, #0x26]\nstr x0, [x20, #0x28]\n"
      SAY(x1) SAY(x2) DONE);
GUEST(g_pause, PAUSE DONE);
GUEST(g_off, "mov w0, #0x8\nmovk w0, #0x8400, lsl #16\nhvc #0\n" DONE);
GUEST(g_reset, "mov w0, #0x9\nmovk w0, #0x8400, lsl #16\nhvc #0\n" DONE);
GUEST(g_loop, "1: b 1b\n");
GUEST(g_writeback, "str w0, [x20], #4\n" DONE);
/* CPU_ON of CPU 1 at 3:, with context 77; it says what it got */
GUEST(g_on,
      "mov x0, #3\nmovk x0, #0xc400, lsl #16\nmov x1, #1\nadr x2, 3f\n"
      "mov x3, #77\nhvc #0\n" SAY(x0) PAUSE DONE
      "3: mov x20, #0x09000000\n" SAY(x0) PAUSE
      "mrs x1, mpidr_el1\nand x1, x1, #0xffffff\n" SAY(x1) PAUSE);
GUEST(g_wire, GIC_ON PAUSE WINDOW SAY(xzr) PAUSE WINDOW SAY(xzr) DONE);
GUEST(g_irq,
      GIC_ACK(10) SAY(x10) "str x10, [x20, #0x18]\n" GIC_END(10) "eret\n");
/* Behind GIC_ON, which has the virtual one's on, PPI 30. */
GUEST(g_timers,
      GIC_ON "cmp x21, #3\nb.ne 3f\nmov x1, #0x080b0000\nb 4f\n"
      "3: mov x1, #0x08000000\n"
      "4: mov w2, #0x40000000\nstr w2, [x1, #0x100]\nmov x2, #1\n"
      "msr cntv_cval_el0, xzr\nmsr cntv_ctl_el0, x2\nisb\n"
      WINDOW SAY(xzr)
      "msr cntp_cval_el0, xzr\nmsr cntp_ctl_el0, x2\nisb\n"
      WINDOW SAY(xzr) DONE);
GUEST(g_timer_irq,
      GIC_ACK(10) SAY(x10) "msr cntv_ctl_el0, xzr\n"
      "msr cntp_ctl_el0, xzr\nisb\n" GIC_END(10) "eret\n");

/* clang-format on */

#define LOAD(r, name, x0) rig_load(r, name, name##_end, x0)

static void test_accesses_come_up_and_are_answered(void **s)
{
	static const struct access want[] = {
		{ RIG_BASE + 0x20, 0x12345678, SPACE_MMIO, 4, false },
		{ RIG_BASE + 0x24, 0x79, SPACE_MMIO, 1, true },
		{ RIG_BASE + 0x26, 0x12345678, SPACE_MMIO, 2, false },
		{ RIG_BASE + 0x28, 0x1122334455667788, SPACE_MMIO, 8, true },
	};
	struct rig r;
	size_t i;

	(void)s;
	rig_make(&r, 1);
	LOAD(&r, g_access, 0x1122334455667788);
	r.answer = 0x12345678;
	rig_finish(&r);
	for (i = 0; i < LEN(want); i++) {
		assert_int_equal(r.log[i].addr, want[i].addr);
		assert_int_equal(r.log[i].value, want[i].value);
		assert_int_equal(r.log[i].size, want[i].size);
		assert_int_equal(r.log[i].write, want[i].write);
	}
	assert_int_equal(r.said[0], 0x12345679);
	assert_int_equal(r.said[1], 0x5678);
	rig_unmake(&r);
}

static void test_registers_come_out_as_they_went_in(void **s)
{
	struct regs in = { 0 }, out;
	struct rig r;
	unsigned i;

	(void)s;
	rig_make(&r, 1);
	rig_put(&r, 0, g_pause, g_pause_end);
	for (i = 0; i < 31; i++)
		in.arm64.x[i] = UINT64_C(0x0101010101010101) * i;
	in.arm64.x[20] = RIG_BASE;
	in.arm64.sp = 0x40001000;
	in.arm64.pc = ARM64_RAM_BASE;
	in.arm64.pstate = 0xa00003c5;
	hv_kvm.set_regs(&r.v[0], &in);
	assert_int_equal(rig_run(&r, 0), HV_AGAIN);
	hv_kvm.get_regs(&r.v[0], &out);
	in.arm64.pc += 4; /* the store that came up has ended */
	assert_memory_equal(&in.arm64, &out.arm64, sizeof(in.arm64));
	rig_unmake(&r);
}

static void test_the_stack_pointer_is_the_one_in_use(void **s)
{
	static const struct {
		uint64_t pstate, sp;
	} row[] = { { 0x3c5, 0x1000 }, { 0x3c4, 0x2000 }, { 0x3c0, 0x3000 } };
	struct regs regs = { 0 };
	struct rig r;
	size_t i;

	(void)s;
	rig_make(&r, 1);
	for (i = 0; i < LEN(row); i++) {
		regs.arm64.pstate = row[i].pstate;
		regs.arm64.sp = row[i].sp;
		hv_kvm.set_regs(&r.v[0], &regs);
		hv_kvm.get_regs(&r.v[0], &regs);
		assert_int_equal(regs.arm64.sp, row[i].sp);
	}
	/* EL1's own was not touched by what EL0 got. */
	regs.arm64.pstate = 0x3c5;
	regs.arm64.sp = 0x1000;
	hv_kvm.set_regs(&r.v[0], &regs);
	hv_kvm.get_regs(&r.v[0], &regs);
	assert_int_equal(regs.arm64.sp, 0x1000);
	rig_unmake(&r);
}

static void test_registers_no_cpu_has_end_it_with_words(void **s)
{
	struct regs regs = { .arm64 = { .pstate = 0x3cd } }; /* EL3 */
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	hv_kvm.set_regs(&r.v[0], &regs);
	assert_int_equal(rig_run(&r, 0), HV_FAILED);
	assert_non_null(strstr(r.v[0].err.msg, "does not take these regi"));
	rig_unmake(&r);
}

static void test_a_guest_switches_itself_off_or_resets(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	LOAD(&r, g_off, 0);
	assert_int_equal(rig_run(&r, 0), HV_SHUTDOWN);
	rig_unmake(&r);
	rig_make(&r, 1);
	LOAD(&r, g_reset, 0);
	assert_int_equal(rig_run(&r, 0), HV_RESET);
	rig_unmake(&r);
}

static void test_a_second_cpu_begins_where_the_first_says(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 2);
	LOAD(&r, g_on, 0);
	assert_int_equal(rig_run(&r, 0), HV_AGAIN);
	assert_int_equal(r.said[0], 0); /* SUCCESS */
	assert_int_equal(rig_run(&r, 1), HV_AGAIN);
	assert_int_equal(r.said[1], 77);
	assert_int_equal(rig_run(&r, 1), HV_AGAIN);
	assert_int_equal(r.said[2], 1); /* affinity */
	rig_unmake(&r);
}

/* One that is off sleeps in run() until it is kicked. */
static void kick_later(void *arg)
{
	(void)usleep(20000);
	hv_kvm.kick(arg);
}

static void test_a_kick_ends_a_loop_and_a_sleep(void **s)
{
	struct thread t;
	struct rig r;
	unsigned i;

	(void)s;
	rig_make(&r, 2);
	LOAD(&r, g_loop, 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(thread_start(&t, kick_later, &r.v[i], NULL),
				 0);
		assert_int_equal(hv_kvm.run(&r.v[i]), HV_AGAIN);
		thread_join(&t);
	}
	rig_unmake(&r);
}

/* High, it interrupts; the handler has it low, so that it does so once. */
static void test_a_wire_interrupts_as_long_as_it_is_high(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	LOAD(&r, g_wire, 0);
	rig_put(&r, RIG_IRQ, g_irq, g_irq_end);
	assert_int_equal(rig_run(&r, 0), HV_AGAIN);
	hv_kvm.wire(&r.vm, WIRE, true);
	assert_int_equal(rig_run(&r, 0), HV_AGAIN);
	assert_int_equal(r.words, 2);
	assert_int_equal(r.said[0], WIRE);
	assert_int_equal(r.said[1], 0);
	rig_finish(&r);
	assert_int_equal(r.words, 3);
	rig_unmake(&r);
}

static void test_the_timers_interrupt_as_the_machine_has_it(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	LOAD(&r, g_timers, 0);
	rig_put(&r, RIG_IRQ, g_timer_irq, g_timer_irq_end);
	rig_finish(&r);
	assert_int_equal(r.words, 4);
	assert_int_equal(r.said[0], ARM64_PPI_VIRT_TIMER);
	assert_int_equal(r.said[1], 0);
	assert_int_equal(r.said[2], ARM64_PPI_PHYS_TIMER);
	assert_int_equal(r.said[3], 0);
	rig_unmake(&r);
}

static void test_an_access_that_is_not_described_ends_it_with_words(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	LOAD(&r, g_writeback, 0);
	assert_int_equal(rig_run(&r, 0), HV_FAILED);
	assert_non_null(
		strstr(r.v[0].err.msg, "accesses 0x9000000, where no RAM is"));
	assert_non_null(strstr(r.v[0].err.msg, "at 0x40000000"));
	rig_unmake(&r);
}

static void test_the_vm_tells_its_gic(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	assert_in_range(r.vm.gic, 2, 3);
	rig_unmake(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accesses_come_up_and_are_answered),
		cmocka_unit_test(test_registers_come_out_as_they_went_in),
		cmocka_unit_test(test_the_stack_pointer_is_the_one_in_use),
		cmocka_unit_test(test_registers_no_cpu_has_end_it_with_words),
		cmocka_unit_test(test_a_guest_switches_itself_off_or_resets),
		cmocka_unit_test(test_a_second_cpu_begins_where_the_first_says),
		cmocka_unit_test(test_a_kick_ends_a_loop_and_a_sleep),
		cmocka_unit_test(test_a_wire_interrupts_as_long_as_it_is_high),
		cmocka_unit_test(
			test_the_timers_interrupt_as_the_machine_has_it),
		cmocka_unit_test(
			test_an_access_that_is_not_described_ends_it_with_words),
		cmocka_unit_test(test_the_vm_tells_its_gic),
	};
	int skip = rig_missing();

	return skip ? skip : cmocka_run_group_tests(tests, NULL, NULL);
}
