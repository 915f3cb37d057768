/* SPDX-License-Identifier: MIT */
#include "dev/acpi_pm.h"

#include <stdlib.h>

#include "arch/x86_64/layout.h"

#include "../check.h"

enum { SLP_EN = 0x20 };

struct rig {
	unsigned told[2]; /* [enum power] */
	bool locked;      /* the device's lock was held meanwhile */
	struct acpi_pm p;
	struct bus bus;
};

static void rig_power(void *ctx, enum power what)
{
	struct rig *g = ctx;

	g->told[what]++;
	if (uv_mutex_trylock(&g->p.mu.uv) == 0)
		mutex_unlock(&g->p.mu);
	else
		g->locked = true;
}

static void rig_init(struct rig *g)
{
	*g = (struct rig){ 0 };
	assert_int_equal(acpi_pm_init(&g->p,
				      (struct power_switch){ rig_power, g },
				      NULL),
			 0);
	assert_int_equal(bus_add(&g->bus, SPACE_PIO, X86_PORT_SLEEP,
				 ACPI_PM_PORTS, &acpi_pm_ops, &g->p,
				 ACPI_PM_SIZES, NULL),
			 0);
}

static uint8_t in(struct rig *g, uint16_t port)
{
	struct access a = { .addr = port, .size = 1, .space = SPACE_PIO };

	assert_true(bus_access(&g->bus, &a));
	return (uint8_t)a.value;
}

static void out(struct rig *g, uint16_t port, uint8_t v)
{
	struct access a = { .addr = port,
			    .size = 1,
			    .space = SPACE_PIO,
			    .write = true,
			    .value = v };

	assert_true(bus_access(&g->bus, &a));
}

static void test_soft_off_needs_its_type_and_the_enable_bit(void **s)
{
	struct rig g;
	unsigned v, off = 0;

	(void)s;
	rig_init(&g);
	for (v = 0; v < 256; v++) {
		out(&g, X86_PORT_SLEEP, (uint8_t)v);
		off += (v & 0x3c) == (X86_SLEEP_S5 << 2 | SLP_EN);
		assert_int_equal(g.told[POWER_OFF], off);
	}
	assert_int_equal(off, 16); /* four bits do not matter */
	assert_int_equal(g.told[POWER_RESET], 0);
	assert_false(g.locked);
	acpi_pm_fini(&g.p);
}

static void test_linux_powers_off_in_two_writes(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	out(&g, X86_PORT_WAKE, 0x80); /* clear the wake status */
	assert_int_equal(in(&g, X86_PORT_WAKE), 0);
	out(&g, X86_PORT_SLEEP, X86_SLEEP_S5 << 2);
	assert_int_equal(g.told[POWER_OFF], 0);
	out(&g, X86_PORT_SLEEP, X86_SLEEP_S5 << 2 | SLP_EN);
	assert_int_equal(g.told[POWER_OFF], 1);
	acpi_pm_fini(&g.p);
}

static void test_the_reset_register_takes_its_one_value(void **s)
{
	struct rig g;
	unsigned v;

	(void)s;
	rig_init(&g);
	for (v = 0; v < 256; v++) {
		out(&g, X86_PORT_RESET, (uint8_t)v);
		assert_int_equal(g.told[POWER_RESET], v >= X86_RESET);
	}
	assert_int_equal(in(&g, X86_PORT_RESET), 0);
	assert_int_equal(g.told[POWER_OFF], 0);
	assert_false(g.locked);
	acpi_pm_fini(&g.p);
}

static void test_wide_accesses_are_open_bus(void **s)
{
	struct access a = { .addr = X86_PORT_SLEEP,
			    .size = 2,
			    .space = SPACE_PIO,
			    .write = true,
			    .value = 0xffff };
	struct rig g;

	(void)s;
	rig_init(&g);
	assert_false(bus_access(&g.bus, &a));
	a.size = 4;
	assert_false(bus_access(&g.bus, &a));
	assert_int_equal(g.told[POWER_OFF], 0);
	acpi_pm_fini(&g.p);
}

static void test_the_sleep_type_reads_back_and_survives_a_save(void **s)
{
	struct state save, in_;
	struct rig a, b;

	(void)s;
	rig_init(&a);
	rig_init(&b);
	out(&a, X86_PORT_SLEEP, 0xff & ~SLP_EN);
	assert_int_equal(in(&a, X86_PORT_SLEEP), 7 << 2);
	state_init_save(&save);
	acpi_pm_state(&a.p, &save);
	assert_int_equal(state_fini(&save, NULL), 0);
	state_init_load(&in_, save.buf, save.len);
	acpi_pm_state(&b.p, &in_);
	assert_int_equal(state_fini(&in_, NULL), 0);
	assert_int_equal(in(&b, X86_PORT_SLEEP), 7 << 2);

	save.buf[save.len - 1] = SLP_EN;
	state_init_load(&in_, save.buf, save.len);
	acpi_pm_state(&b.p, &in_);
	assert_int_equal(state_fini(&in_, NULL), -MICROVM_EBADIMAGE);
	assert_int_equal(in(&b, X86_PORT_SLEEP), 0);
	assert_int_equal(b.told[POWER_OFF], 0);
	free(save.buf);
	acpi_pm_fini(&a.p);
	acpi_pm_fini(&b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_soft_off_needs_its_type_and_the_enable_bit),
		cmocka_unit_test(test_linux_powers_off_in_two_writes),
		cmocka_unit_test(test_the_reset_register_takes_its_one_value),
		cmocka_unit_test(test_wide_accesses_are_open_bus),
		cmocka_unit_test(
			test_the_sleep_type_reads_back_and_survives_a_save),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
