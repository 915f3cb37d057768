/* SPDX-License-Identifier: MIT */
#include "vm/board_arm64.h"

#include <string.h>

#include "rig.h"

#include "../check.h"

#define CPU_OFF CALL(UINT64_C(0x84000002)) /* PSCI, DEN 0022 5.1 */
#define CPU_ON(cpu, at, arg) CALL(UINT64_C(0xc4000003), cpu, at, arg)
#define AFFINITY_INFO(cpu) CALL(UINT64_C(0xc4000004), cpu, 0)
#define SYSTEM_RESET CALL(UINT64_C(0x84000009))

/* GICv3 registers the tests touch; IHI 0069 12.8 and 12.10. */
#define GICD(off) (ARM64_GICD_BASE + (off))
#define SGI(cpu, off) \
	(ARM64_GICR_BASE + (cpu)*ARM64_GICR_STRIDE + 0x10000 + (off))
#define ICC(op0, op1, crn, crm, op2, v)                           \
	{                                                         \
		.op = SCRIPT_SYSREG, .sysreg = {                  \
			.id = SYSREG_ID(op0, op1, crn, crm, op2), \
			.write = true,                            \
			.value = (v)                              \
		}                                                 \
	}
#define ICC_IAR1                                         \
	{                                                \
		.op = SCRIPT_SYSREG, .sysreg = {         \
			.id = SYSREG_ID(3, 0, 12, 12, 0) \
		}                                        \
	}
#define WAKE_GIC(cpu) WRITE(ARM64_GICR_BASE + (cpu)*ARM64_GICR_STRIDE + 0x14, 0)
#define LET_IRQS_IN(cpu)                                            \
	WAKE_GIC(cpu), WRITE(GICD(0), 2), ICC(3, 0, 4, 6, 0, 0xff), \
		ICC(3, 0, 12, 12, 7, 1)
#define TIMER(which, up)                                            \
	{                                                           \
		.op = SCRIPT_TIMER, .timer = (which), .level = (up) \
	}

/* Run one CPU through steps that end with a power-off. */
static void run(struct script_step *steps, size_t count)
{
	struct rig r;

	rig_init(&r);
	rig_follow(&r, 0, steps, count);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	rig_fini(&r);
}

static void test_devices_are_where_the_layout_says(void **s)
{
	struct script_step steps[] = {
		READ(ARM64_UART_BASE + 0xfe0),  /* DDI 0183 3.3.15 */
		READ(ARM64_RTC_BASE + 0xfe0),   /* DDI 0224 3.3.10 */
		READ(ARM64_GICD_BASE + 0xffe8), /* PIDR2: architecture 3 */
		READ(ARM64_GICR_BASE + 0xffe8),
		READ(ARM64_RTC_BASE + ARM64_RTC_SIZE),     /* nobody */
		READ(ARM64_GICR_BASE + ARM64_GICR_STRIDE), /* no 2nd CPU */
		SYSTEM_OFF,
	};

	(void)s;
	run(steps, LEN(steps));
	assert_int_equal(steps[0].access.value, 0x11);
	assert_int_equal(steps[1].access.value, 0x31);
	assert_int_equal(steps[2].access.value & 0xf0, 0x30);
	assert_int_equal(steps[3].access.value & 0xf0, 0x30);
	assert_true(steps[3].claimed);
	assert_false(steps[4].claimed);
	assert_int_equal(steps[4].access.value, UINT32_MAX);
	assert_false(steps[5].claimed);
}

static void test_timers_raise_their_private_interrupts(void **s)
{
	struct script_step steps[] = {
		LET_IRQS_IN(0),
		WRITE(SGI(0, 0x80), UINT32_MAX),         /* group 1 */
		WRITE(SGI(0, 0x100), 1 << 27 | 1 << 30), /* enable */
		TIMER(HV_TIMER_VIRTUAL, true),
		SLEEP, /* does not: the line is high */
		ICC_IAR1,
		TIMER(HV_TIMER_VIRTUAL, false),
		ICC(3, 0, 12, 12, 1, 27), /* EOI */
		TIMER(HV_TIMER_PHYSICAL, true),
		SLEEP,
		ICC_IAR1,
		SYSTEM_OFF,
	};

	(void)s;
	run(steps, LEN(steps));
	assert_int_equal(steps[8].sysreg.value, 27);
	assert_int_equal(steps[13].sysreg.value, 30);
}

static void test_the_uart_interrupts_an_idle_cpu(void **s)
{
	struct script_step steps[] = {
		LET_IRQS_IN(0),
		WRITE(GICD(0x84), UINT32_MAX), /* group 1, block 1 */
		WRITE(GICD(0x104), 1 << (ARM64_SPI_UART - 32)),
		WRITE(ARM64_UART_BASE + 0x30, 0x301), /* enable, receive */
		WRITE(ARM64_UART_BASE + 0x38, 0x50),  /* let it interrupt */
		SLEEP,
		ICC_IAR1,
		READ(ARM64_UART_BASE),
		SYSTEM_OFF,
	};
	struct rig r;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, steps);
	rig_start(&r);
	rig_slices(&r, 9); /* it sleeps, or is about to */
	assert_int_equal(console_write(&r.vm->console, "!", 1), 1);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(steps[9].sysreg.value, ARM64_SPI_UART);
	assert_int_equal(steps[10].access.value, '!');
	rig_fini(&r);
}

static void test_unknown_system_registers_are_undefined(void **s)
{
	struct script_step steps[] = { ICC(3, 3, 15, 15, 7, 1), SYSTEM_OFF };

	(void)s;
	run(steps, LEN(steps));
	assert_false(steps[0].claimed);
}

static void test_a_second_cpu_is_switched_on_where_it_was_told(void **s)
{
	unsigned threads;

	(void)s;
	for (threads = 0; threads < 2; threads++) {
		struct script_step boot[] = {
			AFFINITY_INFO(1),
			CPU_ON(2, ARM64_RAM_BASE, 0),   /* no such CPU */
			CPU_ON(1, UINT64_C(0x1000), 0), /* no RAM */
			CPU_ON(0, ARM64_RAM_BASE, 0),   /* itself */
			CPU_ON(1, ARM64_RAM_BASE + 64, 99),
			SPIN,
		};
		struct script_step second[] = { SYSTEM_RESET };
		struct rig r;

		rig_init(&r);
		r.cfg.cpus = 2;
		r.cfg.virtual_time = false;
		r.script.ops.provides = threads ? 0 : HV_ONE_THREAD;
		FOLLOW(&r, 0, boot);
		FOLLOW(&r, 1, second);
		rig_start(&r);
		assert_int_equal(rig_end(&r), MICROVM_EXIT_RESET);
		assert_int_equal(boot[0].x[0], 1);           /* off */
		assert_int_equal((int64_t)boot[1].x[0], -2); /* invalid */
		assert_int_equal((int64_t)boot[2].x[0], -9); /* address */
		assert_int_equal((int64_t)boot[3].x[0], -4); /* is on */
		assert_int_equal(boot[4].x[0], 0);
		assert_int_equal(r.script.cpu[1].regs.arm64.pc,
				 ARM64_RAM_BASE + 64);
		rig_fini(&r);
	}
}

static void test_a_cpu_that_went_off_is_seen_so_and_comes_back(void **s)
{
	struct script_step boot[] = {
		CPU_ON(1, ARM64_RAM_BASE, 0),
		CPU_ON(1, ARM64_RAM_BASE, 0), /* on pending, or on */
		WFI(100),
		AFFINITY_INFO(1),
		CPU_ON(1, ARM64_RAM_BASE, 0),
		WFI(200),
		AFFINITY_INFO(1),
		SYSTEM_OFF,
	};
	struct script_step second[] = { CPU_OFF, SLEEP };
	struct rig r;

	(void)s;
	rig_init(&r);
	r.cfg.cpus = 2;
	FOLLOW(&r, 0, boot);
	FOLLOW(&r, 1, second);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(boot[0].x[0], 0);
	assert_int_equal((int64_t)boot[1].x[0], 0); /* it was off by then */
	assert_int_equal(boot[3].x[0], 0);          /* on: in its SLEEP */
	assert_int_equal((int64_t)boot[4].x[0], -4);
	assert_int_equal(boot[6].x[0], 0);
	rig_fini(&r);
}

/* A backend with its own GIC: our devices' wires end in it. */
struct hv_gic {
	struct rig rig;
	atomic_uint pin, up, down;
};

static void wire(struct hv_vm *vm, unsigned pin, bool level)
{
	struct hv_gic *g = container_of(
		container_of(vm->priv, struct rig, script), struct hv_gic, rig);

	atomic_store(&g->pin, pin);
	atomic_fetch_add(level ? &g->up : &g->down, 1);
}

static void test_a_backend_with_a_gic_gets_the_wires(void **s)
{
	struct script_step steps[] = {
		WRITE(ARM64_UART_BASE + 0x30, 0x301),
		WRITE(ARM64_UART_BASE + 0x38, 0x50),
		READ(ARM64_UART_BASE),
		READ(GICD(0xffe8)),
		ICC_IAR1,
		SYSTEM_OFF,
	};
	struct hv_gic g = { 0 };
	struct rig *r = &g.rig;

	(void)s;
	rig_init(r);
	r->script.ops.provides |= HV_WIRES | HV_LOCAL;
	r->script.ops.wire = wire;
	r->script.ops.line = NULL;
	FOLLOW(r, 0, steps);
	rig_create(r);
	assert_int_equal(console_write(&r->vm->console, "x", 1), 1);
	assert_int_equal(vm_start(r->vm, NULL), 0);
	assert_int_equal(rig_end(r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(g.pin, ARM64_SPI_UART);
	assert_int_equal(g.up, 1);
	assert_int_equal(g.down, 1);
	assert_false(steps[3].claimed); /* ours is not there */
	assert_false(steps[4].claimed);
	rig_fini(r);
}

static void test_the_program_lies_at_the_start_of_ram(void **s)
{
	static const uint8_t code[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct rig r;
	uint8_t got[8];

	(void)s;
	rig_init(&r);
	r.cfg.program = code;
	r.cfg.program_len = sizeof(code);
	rig_create(&r);
	assert_true(gmem_read(&r.vm->mem, ARM64_RAM_BASE, got, 8));
	assert_memory_equal(got, code, 8);
	assert_int_equal(vm_step(r.vm, 1, NULL), 0);
	assert_int_equal(r.script.cpu[0].regs.arm64.pc, ARM64_RAM_BASE);
	rig_fini(&r);
}

static void test_each_architecture_has_its_machine(void **s)
{
	(void)s;
	assert_ptr_equal(board_of(ARCH_ARM64), &board_arm64_ops);
	assert_ptr_equal(board_of(ARCH_X86_64), &board_x86_64_ops);
	assert_null(board_of(ARCH_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices_are_where_the_layout_says),
		cmocka_unit_test(test_timers_raise_their_private_interrupts),
		cmocka_unit_test(test_the_uart_interrupts_an_idle_cpu),
		cmocka_unit_test(test_unknown_system_registers_are_undefined),
		cmocka_unit_test(
			test_a_second_cpu_is_switched_on_where_it_was_told),
		cmocka_unit_test(
			test_a_cpu_that_went_off_is_seen_so_and_comes_back),
		cmocka_unit_test(test_a_backend_with_a_gic_gets_the_wires),
		cmocka_unit_test(test_the_program_lies_at_the_start_of_ram),
		cmocka_unit_test(test_each_architecture_has_its_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
