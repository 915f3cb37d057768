/* SPDX-License-Identifier: MIT */
#include "dev/nopit.h"

#include "arch/x86_64/layout.h"

#include "../check.h"

enum { PIT_PORTS = 4, OUT2 = 1 << 5 };

static void wire(struct bus *b)
{
	*b = (struct bus){ 0 };
	assert_int_equal(bus_add(b, SPACE_PIO, X86_PORT_PIT, PIT_PORTS,
				 &nopit_ops, NULL, NOPIT_SIZES, NULL),
			 0);
	assert_int_equal(bus_add(b, SPACE_PIO, X86_PORT_GATE, 1,
				 &nopit_gate_ops, NULL, NOPIT_SIZES, NULL),
			 0);
}

static uint8_t in(const struct bus *b, uint16_t port)
{
	struct access a = { .addr = port, .size = 1, .space = SPACE_PIO };

	assert_true(bus_access(b, &a));
	return (uint8_t)a.value;
}

static void out(const struct bus *b, uint16_t port, uint8_t v)
{
	struct access a = { .addr = port,
			    .size = 1,
			    .space = SPACE_PIO,
			    .write = true,
			    .value = v };

	assert_true(bus_access(b, &a));
}

/* quick_pit_calibrate(): channel 2, mode 0, 0xffff; its high byte counts. */
static void test_no_counter_seems_to_run(void **s)
{
	struct bus b;
	unsigned i;

	(void)s;
	wire(&b);
	out(&b, X86_PORT_PIT + 3, 0xb0);
	out(&b, X86_PORT_PIT + 2, 0xff);
	out(&b, X86_PORT_PIT + 2, 0xff);
	for (i = 0; i < PIT_PORTS; i++)
		assert_int_equal(in(&b, (uint16_t)(X86_PORT_PIT + i)), 0);
}

/* pit_calibrate_tsc() opens the gate and waits for the output. */
static void test_nobody_waits_for_its_output(void **s)
{
	struct bus b;

	(void)s;
	wire(&b);
	out(&b, X86_PORT_GATE, 1);
	assert_int_equal(in(&b, X86_PORT_GATE) & OUT2, OUT2);
}

static void test_no_nmi_was_ever_raised(void **s)
{
	struct bus b;

	(void)s;
	wire(&b);
	assert_int_equal(in(&b, X86_PORT_GATE) & 0xc0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_counter_seems_to_run),
		cmocka_unit_test(test_nobody_waits_for_its_output),
		cmocka_unit_test(test_no_nmi_was_ever_raised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
