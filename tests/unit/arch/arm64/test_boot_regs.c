/* SPDX-License-Identifier: MIT */
#include "arch/arm64/boot_regs.h"

#include <string.h>

#include "../../check.h"

/* EL1h with D, A, I and F masked: the value KVM resets a vCPU to. */
#define RESET_PSTATE 0x3c5

static void expect(const struct regs *r, uint64_t pc, uint64_t x0)
{
	unsigned i;

	assert_int_equal(r->arm64.pc, pc);
	assert_int_equal(r->arm64.x[0], x0);
	for (i = 1; i < 31; i++)
		assert_int_equal(r->arm64.x[i], 0);
	assert_int_equal(r->arm64.sp, 0);
	assert_int_equal(r->arm64.pstate, RESET_PSTATE);
}

static void test_the_boot_cpu_finds_the_device_tree_in_x0(void **s)
{
	struct regs r;

	(void)s;
	memset(&r, 0xff, sizeof(r));
	boot_regs_primary(&r, 0x40080000, 0x42000000);
	expect(&r, 0x40080000, 0x42000000);
}

static void test_other_cpus_find_their_context_in_x0(void **s)
{
	struct regs r;

	(void)s;
	memset(&r, 0xff, sizeof(r));
	boot_regs_secondary(&r, 0x40001000, UINT64_MAX);
	expect(&r, 0x40001000, UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_boot_cpu_finds_the_device_tree_in_x0),
		cmocka_unit_test(test_other_cpus_find_their_context_in_x0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
