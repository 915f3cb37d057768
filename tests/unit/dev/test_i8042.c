/* SPDX-License-Identifier: MIT */
#include "dev/i8042.h"

#include "arch/x86_64/layout.h"

#include "../check.h"

struct rig {
	unsigned resets;
	struct i8042 k;
	struct bus bus;
};

static void rig_power(void *ctx, enum power what)
{
	struct rig *g = ctx;

	assert_int_equal(what, POWER_RESET);
	g->resets++;
}

static void rig_init(struct rig *g)
{
	*g = (struct rig){ 0 };
	i8042_init(&g->k, (struct power_switch){ rig_power, g });
	assert_int_equal(bus_add(&g->bus, SPACE_PIO, X86_PORT_I8042_DATA, 1,
				 &i8042_data_ops, &g->k, I8042_SIZES, NULL),
			 0);
	assert_int_equal(bus_add(&g->bus, SPACE_PIO, X86_PORT_I8042_CMD, 1,
				 &i8042_cmd_ops, &g->k, I8042_SIZES, NULL),
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

static void test_only_the_reset_pulse_resets(void **s)
{
	struct rig g;
	unsigned v;

	(void)s;
	rig_init(&g);
	for (v = 0; v < 256; v++) {
		out(&g, X86_PORT_I8042_DATA, (uint8_t)v);
		if (v != 0xfe)
			out(&g, X86_PORT_I8042_CMD, (uint8_t)v);
	}
	assert_int_equal(g.resets, 0);
	out(&g, X86_PORT_I8042_CMD, 0xfe);
	assert_int_equal(g.resets, 1);
}

static void test_linux_gives_up_looking_for_a_keyboard_after_16_bytes(void **s)
{
	struct rig g;
	unsigned n;

	(void)s;
	rig_init(&g);
	for (n = 0; n < 16 && in(&g, X86_PORT_I8042_CMD) & 1; n++)
		assert_int_equal(in(&g, X86_PORT_I8042_DATA), 0xff);
	assert_int_equal(n, 16); /* and it still has data: it is none */
	assert_int_equal(in(&g, X86_PORT_I8042_CMD) & 1, 1);
}

static void test_a_command_can_be_given_without_waiting(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	assert_int_equal(in(&g, X86_PORT_I8042_CMD) & 2, 0);
	out(&g, X86_PORT_I8042_CMD, 0xfe);
	assert_int_equal(in(&g, X86_PORT_I8042_CMD) & 2, 0);
}

static void test_wide_accesses_are_open_bus(void **s)
{
	struct access a = { .addr = X86_PORT_I8042_CMD,
			    .size = 2,
			    .space = SPACE_PIO,
			    .write = true,
			    .value = 0xfe };
	struct rig g;

	(void)s;
	rig_init(&g);
	assert_false(bus_access(&g.bus, &a));
	assert_int_equal(g.resets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_reset_pulse_resets),
		cmocka_unit_test(
			test_linux_gives_up_looking_for_a_keyboard_after_16_bytes),
		cmocka_unit_test(test_a_command_can_be_given_without_waiting),
		cmocka_unit_test(test_wide_accesses_are_open_bus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
