/* SPDX-License-Identifier: MIT */
#include "arch/arm64/psci.h"

#include <string.h>

#include "../../check.h"

/* What the callbacks were asked, and what they answer. */
struct cpus {
	unsigned calls, cpu;
	uint64_t entry, context_id;
	enum psci_rc rc;
	enum psci_state state;
};

static enum psci_rc cpu_on(void *ctx, unsigned cpu, uint64_t entry,
			   uint64_t context_id)
{
	struct cpus *c = ctx;

	c->calls++;
	c->cpu = cpu;
	c->entry = entry;
	c->context_id = context_id;
	return c->rc;
}

static enum psci_state state(void *ctx, unsigned cpu)
{
	struct cpus *c = ctx;

	c->calls++;
	c->cpu = cpu;
	return c->state;
}

static const struct psci_ops ops = { cpu_on, state };

static enum psci_action call(struct cpus *c, struct regs *r, uint64_t fn,
			     uint64_t a, uint64_t b, uint64_t d)
{
	const struct psci p = { &ops, c, 4 };

	memset(r, 0x5a, sizeof(*r));
	r->arm64.x[0] = fn;
	r->arm64.x[1] = a;
	r->arm64.x[2] = b;
	r->arm64.x[3] = d;
	return psci_call(&p, r);
}

struct row {
	uint64_t fn, arg;
	enum psci_action action;
	int64_t answer;
};

static const struct row rows[] = {
	{ 0x84000000, 0, PSCI_CONTINUE, 0x10000 }, /* VERSION 1.0 */
	{ 0x84000006, 0, PSCI_CONTINUE, 2 },       /* no migration */
	{ 0x80000000, 0, PSCI_CONTINUE, 0x10001 }, /* SMCCC 1.1 */
	{ 0x80000001, 0x80000000, PSCI_CONTINUE, 0 },
	{ 0x80000001, 0x80000001, PSCI_CONTINUE, 0 },
	{ 0x80000001, 0x80008000, PSCI_CONTINUE, -1 }, /* WORKAROUND_1 */
	{ 0x80000001, 0x84000000, PSCI_CONTINUE, -1 },
	/* FEATURES of what is there */
	{ 0x8400000a, 0x80000000, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0x84000000, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0x84000001, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0xc4000001, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0x84000002, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0x84000003, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0xc4000003, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0x84000004, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0xc4000004, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0x84000006, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0x84000008, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0x84000009, PSCI_CONTINUE, 0 },
	{ 0x8400000a, 0x8400000a, PSCI_CONTINUE, 0 },
	/* and of what is not */
	{ 0x8400000a, 0x84000005, PSCI_CONTINUE, -1 }, /* MIGRATE */
	{ 0x8400000a, 0x84000007, PSCI_CONTINUE, -1 }, /* ..._UP_CPU */
	{ 0x8400000a, 0xc4000002, PSCI_CONTINUE, -1 }, /* CPU_OFF is 32 */
	{ 0x8400000a, 0xc400000e, PSCI_CONTINUE, -1 }, /* SYSTEM_SUSPEND */
	{ 0x8400000a, 0xc4000012, PSCI_CONTINUE, -1 }, /* SYSTEM_RESET2 */
	{ 0x8400000a, 0, PSCI_CONTINUE, -1 },
	/* sleeping: any state is a standby */
	{ 0x84000001, 0, PSCI_IDLE, 0 },
	{ 0xc4000001, 0x00010000, PSCI_IDLE, 0 },
	{ 0xc4000001, 0x0301ffff, PSCI_IDLE, 0 },
	{ 0xc4000001, 0x00020000, PSCI_CONTINUE, -2 },
	{ 0xc4000001, 0x80000000, PSCI_CONTINUE, -2 },
	{ 0xc4000001, 0x100000000, PSCI_CONTINUE, -2 },
	{ 0x84000001, 0x100000000, PSCI_IDLE, 0 }, /* w1 is 0 */
	/* unknown */
	{ 0x84000005, 0, PSCI_CONTINUE, -1 },
	{ 0x84000007, 0, PSCI_CONTINUE, -1 },
	{ 0xc4000000, 0, PSCI_CONTINUE, -1 },
	{ 0xc4000008, 0, PSCI_CONTINUE, -1 },
	{ 0xc400000e, 0, PSCI_CONTINUE, -1 },
	{ 0xc4000012, 0, PSCI_CONTINUE, -1 },
	{ 0x84000050, 0, PSCI_CONTINUE, -1 }, /* TRNG_VERSION */
	{ 0x8600ff01, 0, PSCI_CONTINUE, -1 }, /* hypervisor UID */
	{ 0, 0, PSCI_CONTINUE, -1 },
	{ UINT64_MAX, UINT64_MAX, PSCI_CONTINUE, -1 },
	/* the function is w0: x0's upper half does not count */
	{ 0x100000000 | 0x84000000, 0, PSCI_CONTINUE, 0x10000 },
};

static void test_each_function_has_its_answer(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cpus c = { 0 };
		struct regs r, want;

		assert_int_equal(call(&c, &r, rows[i].fn, rows[i].arg, 7, 8),
				 rows[i].action);
		memset(&want, 0x5a, sizeof(want));
		want.arm64.x[0] = (uint64_t)rows[i].answer;
		want.arm64.x[1] = rows[i].arg;
		want.arm64.x[2] = 7;
		want.arm64.x[3] = 8;
		assert_memory_equal(&r, &want, sizeof(r));
		assert_int_equal(c.calls, 0);
	}
}

static void test_calls_that_do_not_return_say_what_to_do(void **s)
{
	struct cpus c = { 0 };
	struct regs r;

	(void)s;
	assert_int_equal(call(&c, &r, 0x84000002, 0, 0, 0), PSCI_CPU_OFF);
	assert_int_equal(call(&c, &r, 0x84000008, 0, 0, 0), PSCI_SHUTDOWN);
	assert_int_equal(call(&c, &r, 0x84000009, 0, 0, 0), PSCI_RESET);
	assert_int_equal(c.calls, 0);
}

static void test_cpu_on_hands_over_entry_and_context(void **s)
{
	struct cpus c = { 0 };
	struct regs r;

	(void)s;
	assert_int_equal(
		call(&c, &r, 0xc4000003, 3, 0x1234567890, 0xfedcba9876543210),
		PSCI_CONTINUE);
	assert_int_equal(r.arm64.x[0], 0);
	assert_int_equal(c.calls, 1);
	assert_int_equal(c.cpu, 3);
	assert_int_equal(c.entry, 0x1234567890);
	assert_int_equal(c.context_id, 0xfedcba9876543210);
	/* the 32-bit call has 32-bit arguments */
	assert_int_equal(call(&c, &r, 0x84000003, 0xffffffff00000002,
			      0x1234567890, 0xfedcba9876543210),
			 PSCI_CONTINUE);
	assert_int_equal(r.arm64.x[0], 0);
	assert_int_equal(c.cpu, 2);
	assert_int_equal(c.entry, 0x34567890);
	assert_int_equal(c.context_id, 0x76543210);
}

static void test_what_cpu_on_answers_reaches_the_guest(void **s)
{
	static const enum psci_rc answers[] = {
		PSCI_ALREADY_ON,       PSCI_ON_PENDING, PSCI_INVALID_ADDRESS,
		PSCI_INTERNAL_FAILURE, PSCI_DENIED,
	};
	struct regs r;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct cpus c = { .rc = answers[i] };

		assert_int_equal(call(&c, &r, 0xc4000003, 1, 0, 0),
				 PSCI_CONTINUE);
		assert_int_equal((int64_t)r.arm64.x[0], answers[i]);
	}
}

static void test_cpus_that_do_not_exist_are_refused(void **s)
{
	static const uint64_t bad[] = {
		4,          0xff,       0x100,       0x10000,
		0x1000000,  0x80000000, 0x100000000, UINT64_C(1) << 40,
		UINT64_MAX,
	};
	struct cpus c = { 0 };
	struct regs r;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(call(&c, &r, 0xc4000003, bad[i], 0, 0),
				 PSCI_CONTINUE);
		assert_int_equal((int64_t)r.arm64.x[0], -2);
		assert_int_equal(call(&c, &r, 0xc4000004, bad[i], 0, 0),
				 PSCI_CONTINUE);
		assert_int_equal((int64_t)r.arm64.x[0], -2);
	}
	assert_int_equal(c.calls, 0);
}

static void test_affinity_info_tells_the_state_of_a_cpu(void **s)
{
	static const enum psci_state states[] = {
		PSCI_STATE_ON,
		PSCI_STATE_OFF,
		PSCI_STATE_PENDING,
	};
	struct regs r;
	unsigned i;

	(void)s;
	for (i = 0; i < 3; i++) {
		struct cpus c = { .state = states[i] };

		assert_int_equal(call(&c, &r, 0xc4000004, i, 0, 0),
				 PSCI_CONTINUE);
		assert_int_equal(r.arm64.x[0], i);
		assert_int_equal(c.cpu, i);
		assert_int_equal(call(&c, &r, 0x84000004, i, 0, 0),
				 PSCI_CONTINUE);
		assert_int_equal(r.arm64.x[0], i);
		assert_int_equal(c.calls, 2);
		/* a level above the CPU */
		assert_int_equal(call(&c, &r, 0xc4000004, i, 1, 0),
				 PSCI_CONTINUE);
		assert_int_equal((int64_t)r.arm64.x[0], -2);
		assert_int_equal(c.calls, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_function_has_its_answer),
		cmocka_unit_test(test_calls_that_do_not_return_say_what_to_do),
		cmocka_unit_test(test_cpu_on_hands_over_entry_and_context),
		cmocka_unit_test(test_what_cpu_on_answers_reaches_the_guest),
		cmocka_unit_test(test_cpus_that_do_not_exist_are_refused),
		cmocka_unit_test(test_affinity_info_tells_the_state_of_a_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
