/* SPDX-License-Identifier: MIT */
#include "vm/board_x86_64.h"

#include "rig.h"

#include "../check.h"

/* IOAPIC registers by index and window, 82093AA 3.1. */
#define IOAPIC(reg, v) \
	WRITE(X86_IOAPIC_BASE, (reg)), WRITE(X86_IOAPIC_BASE + 0x10, (v))
#define REDIRECT(pin, low) \
	IOAPIC(0x11 + 2 * (pin), 0), IOAPIC(0x10 + 2 * (pin), (low))
#define LEVEL (1 << 15)

/* Local APIC registers, SDM volume 3 table 11-1. */
#define LAPIC(reg) (X86_LAPIC_BASE + (reg))
#define LAPIC_ON WRITE(LAPIC(0xf0), 0x1ff)
#define END WRITE(LAPIC(0xb0), 0)
#define SEND(cpu, what) \
	WRITE(LAPIC(0x310), (uint32_t)(cpu) << 24), WRITE(LAPIC(0x300), (what))
enum { INIT = 0x4500, START_AT = 0x4600 };

#define UART_THRE OUT(X86_PORT_COM1 + 1, 2) /* IER: transmitter empty */

static void init(struct rig *r)
{
	rig_init(r);
	r->cfg.arch = ARCH_X86_64;
	r->cfg.ram = 4 * MIB;
}

static enum microvm_reason run(struct script_step *steps, size_t count)
{
	enum microvm_reason why;
	struct rig r;

	init(&r);
	rig_follow(&r, 0, steps, count);
	rig_start(&r);
	why = rig_end(&r);
	rig_fini(&r);
	return why;
}

static void test_devices_are_where_the_layout_says(void **s)
{
	struct script_step steps[] = {
		IN(X86_PORT_COM1 + 5),    /* LSR: all sent */
		OUT(X86_PORT_CMOS, 0x0d), /* register D: valid */
		IN(X86_PORT_CMOS + 1),
		IN(X86_PORT_I8042_CMD),
		WRITE(X86_IOAPIC_BASE, 1), /* version, pins */
		READ(X86_IOAPIC_BASE + 0x10),
		READ(LAPIC(0x30)),
		IN(X86_PORT_PIT + 2),
		IN(X86_PORT_GATE),
		IN(0x21),                   /* no PIC */
		READ(X86_HOLE_BASE - 4096), /* above RAM: nobody */
		ACPI_OFF,
	};

	(void)s;
	assert_int_equal(run(steps, LEN(steps)), MICROVM_EXIT_POWEROFF);
	assert_int_equal(steps[0].access.value & 0x60, 0x60);
	assert_int_equal(steps[2].access.value & 0x80, 0x80);
	assert_int_equal(steps[3].access.value, 0xfd);
	assert_int_equal(steps[5].access.value, 0x170020);
	assert_int_equal(steps[6].access.value & 0xf0, 0x10);
	assert_int_equal(steps[7].access.value, 0);
	assert_int_equal(steps[8].access.value & 0x20, 0x20);
	assert_int_equal(steps[9].access.value, 0xff);
	assert_false(steps[9].claimed);
	assert_false(steps[10].claimed);
	assert_int_equal(steps[10].access.value, UINT32_MAX);
}

static void test_each_way_to_reset_resets(void **s)
{
	struct script_step acpi[] = { OUT(X86_PORT_RESET, X86_RESET), SPIN };
	struct script_step i8042[] = { OUT(X86_PORT_I8042_CMD, 0xfe), SPIN };
	struct script_step self[] = { LAPIC_ON, SEND(0, INIT), SPIN };

	(void)s;
	assert_int_equal(run(acpi, LEN(acpi)), MICROVM_EXIT_RESET);
	assert_int_equal(run(i8042, LEN(i8042)), MICROVM_EXIT_RESET);
	assert_int_equal(run(self, LEN(self)), MICROVM_EXIT_RESET);
}

static void test_an_edge_reaches_the_cpu_once(void **s)
{
	struct script_step steps[] = {
		LAPIC_ON,  REDIRECT(X86_GSI_COM1, 0x31),
		UART_THRE, SLEEP,
		TAKE, /* 8 */
		TAKE,      END,
		ACPI_OFF,
	};

	(void)s;
	assert_int_equal(run(steps, LEN(steps)), MICROVM_EXIT_POWEROFF);
	assert_int_equal(steps[7].vector, 0x31);
	assert_int_equal(steps[8].vector, -1);
}

static void test_a_level_comes_again_until_it_falls(void **s)
{
	struct script_step steps[] = {
		LAPIC_ON,
		REDIRECT(X86_GSI_COM1, 0x31 | LEVEL),
		UART_THRE,
		SLEEP,
		TAKE, /* 7 */
		END,
		SLEEP,
		TAKE,                  /* 10 */
		IN(X86_PORT_COM1 + 2), /* IIR: takes THRE back */
		END,
		TAKE, /* 13 */
		ACPI_OFF,
	};

	(void)s;
	assert_int_equal(run(steps, LEN(steps)), MICROVM_EXIT_POWEROFF);
	assert_int_equal(steps[7].vector, 0x31);
	assert_int_equal(steps[10].vector, 0x31);
	assert_int_equal(steps[13].vector, -1);
}

static void test_the_apic_s_timer_ends_a_sleep(void **s)
{
	struct script_step steps[] = {
		LAPIC_ON,
		WRITE(LAPIC(0x3e0), 0xb),     /* divide by 1 */
		WRITE(LAPIC(0x320), 0x41),    /* one shot, vector 41 */
		WRITE(LAPIC(0x380), 5000000), /* 5 ms at 1 GHz */
		SLEEP,
		TAKE,
		READ(LAPIC(0x390)),
		ACPI_OFF,
	};
	struct rig r;

	(void)s;
	init(&r);
	FOLLOW(&r, 0, steps);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(steps[5].vector, 0x41);
	assert_int_equal(steps[6].access.value, 0);
	assert_true(r.script.now >= 5000000);
	rig_fini(&r);
}

static void test_a_start_up_message_starts_a_cpu(void **s)
{
	struct script_step boot[] = {
		LAPIC_ON,
		SEND(1, INIT),
		SEND(1, START_AT | 0x9b),
		SEND(1, START_AT | 0x44), /* it runs: nothing happens */
		WFI(1000000),
		ACPI_OFF,
	};
	struct script_step other[] = { LAPIC_ON, SLEEP };
	struct rig r;

	(void)s;
	init(&r);
	r.cfg.cpus = 2;
	FOLLOW(&r, 0, boot);
	FOLLOW(&r, 1, other);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(r.script.cpu[1].pos, 1);
	assert_int_equal(r.script.cpu[1].resets, 1);
	assert_int_equal(r.script.cpu[1].regs.x86.rip, 0);
	assert_int_equal(r.script.cpu[1].regs.x86.segment[X86_CS].base,
			 0x9b000);
	rig_fini(&r);
}

/* Slices of CPU 1 that began in [from, to). */
static unsigned slices(const struct rig *r, uint64_t from, uint64_t to)
{
	unsigned i, n = 0;

	for (i = 0; i < r->script.traces; i++) {
		const struct script_trace *t = &r->script.trace[i];

		n += t->cpu == 1 && t->now >= from && t->now < to;
	}
	return n;
}

static void test_init_stops_a_cpu_until_it_is_started_again(void **s)
{
	struct script_step boot[] = {
		LAPIC_ON,
		SEND(1, START_AT | 0x9b), /* it waits since reset */
		WFI(1000000),
		SEND(1, INIT),
		WFI(2000000),
		SEND(1, START_AT | 0x20),
		WFI(3000000),
		ACPI_OFF,
	};
	struct script_step other[] = { TICK(100000), GOTO(0) };
	struct rig r;

	(void)s;
	init(&r);
	r.cfg.cpus = 2;
	FOLLOW(&r, 0, boot);
	FOLLOW(&r, 1, other);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_true(slices(&r, 0, 1000000) > 10);
	assert_int_equal(slices(&r, 1200000, 2000000), 0);
	assert_true(slices(&r, 2000000, 3000000) > 10);
	assert_int_equal(r.script.cpu[1].resets, 2);
	assert_int_equal(r.script.cpu[1].regs.x86.segment[X86_CS].base,
			 0x20000);
	rig_fini(&r);
}

static void test_a_backend_with_local_apics_gets_messages(void **s)
{
	struct script_step steps[] = {
		IOAPIC(0x11 + 2 * X86_GSI_COM1, 2u << 24), /* to CPU 2 */
		IOAPIC(0x10 + 2 * X86_GSI_COM1, 0x31),
		UART_THRE,
		READ(LAPIC(0x30)), /* its APIC is not ours */
		ACPI_OFF,
	};
	struct rig r;

	(void)s;
	init(&r);
	r.script.ops.provides |= HV_LOCAL | HV_TIMER;
	FOLLOW(&r, 0, steps);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(r.script.messages, 1);
	assert_int_equal(r.script.message[0].addr, X86_LAPIC_BASE | 2 << 12);
	assert_int_equal(r.script.message[0].data, 0x4031);
	assert_false(steps[5].claimed);
	rig_fini(&r);
}

static void test_the_end_of_a_level_comes_up_from_such_a_backend(void **s)
{
	struct script_step steps[] = {
		IOAPIC(0x10 + 2 * X86_GSI_COM1,
		       0x31 | LEVEL | 1 << 8 | 1 << 11),
		UART_THRE,
		{ .op = SCRIPT_EOI, .vector = 0x31 },
		IN(X86_PORT_COM1 + 2),
		{ .op = SCRIPT_EOI, .vector = 0x31 },
		ACPI_OFF,
	};
	struct rig r;

	(void)s;
	init(&r);
	r.script.ops.provides |= HV_LOCAL | HV_TIMER;
	FOLLOW(&r, 0, steps);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(r.script.messages, 2);
	/* logical, the one with least to do; level, asserted */
	assert_int_equal(r.script.message[1].addr, X86_LAPIC_BASE | 0xc);
	assert_int_equal(r.script.message[1].data, 0xc131);
	rig_fini(&r);
}

static void test_cpus_a_backend_switches_on_run_from_the_start(void **s)
{
	struct script_step boot[] = { SLEEP };
	struct script_step other[] = { ACPI_OFF, SLEEP };
	struct rig r;

	(void)s;
	init(&r);
	r.script.ops.provides |= HV_LOCAL | HV_TIMER | HV_POWER;
	r.cfg.cpus = 2;
	FOLLOW(&r, 0, boot);
	FOLLOW(&r, 1, other);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(r.script.cpu[1].resets, 0);
	rig_fini(&r);
}

static void test_ram_that_does_not_fit_below_the_hole_lies_above(void **s)
{
	struct board_ram piece[BOARD_RAMS];

	(void)s;
	assert_int_equal(board_x86_64_ops.ram(X86_HOLE_BASE, piece), 1);
	assert_int_equal(piece[0].gpa, 0);
	assert_int_equal(piece[0].size, X86_HOLE_BASE);
	assert_int_equal(board_x86_64_ops.ram(X86_HOLE_BASE + MIB, piece), 2);
	assert_int_equal(piece[0].size, X86_HOLE_BASE);
	assert_int_equal(piece[1].gpa, X86_HIGH_BASE);
	assert_int_equal(piece[1].size, MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices_are_where_the_layout_says),
		cmocka_unit_test(test_each_way_to_reset_resets),
		cmocka_unit_test(test_an_edge_reaches_the_cpu_once),
		cmocka_unit_test(test_a_level_comes_again_until_it_falls),
		cmocka_unit_test(test_the_apic_s_timer_ends_a_sleep),
		cmocka_unit_test(test_a_start_up_message_starts_a_cpu),
		cmocka_unit_test(
			test_init_stops_a_cpu_until_it_is_started_again),
		cmocka_unit_test(test_a_backend_with_local_apics_gets_messages),
		cmocka_unit_test(
			test_the_end_of_a_level_comes_up_from_such_a_backend),
		cmocka_unit_test(
			test_cpus_a_backend_switches_on_run_from_the_start),
		cmocka_unit_test(
			test_ram_that_does_not_fit_below_the_hole_lies_above),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
