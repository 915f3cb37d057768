/* SPDX-License-Identifier: MIT */
#include "guest_arch.h"

#include <string.h>

#include "../check.h"

static void test_names_are_choices_and_choices_are_known(void **state)
{
	(void)state;
	assert_string_equal(guest_arch_choices[0], "auto");
	for (unsigned i = 0; i < ARCHES; i++) {
		enum microvm_arch arch = (enum microvm_arch)i;

		assert_string_equal(guest_arch_name(arch),
				    guest_arch_choices[i + 1]);
		assert_int_equal(guest_arch_chosen(i + 1), arch);
	}
	assert_string_equal(guest_arch_name(MICROVM_ARCH_X86_64), "x86_64");
	assert_string_equal(guest_arch_choices[3], "amd64");
	assert_int_equal(guest_arch_chosen(3), MICROVM_ARCH_X86_64);
	assert_null(guest_arch_choices[4]);
}

/* The software CPU is on every host. */
static void test_arm64_guests_run_everywhere(void **state)
{
	const unsigned arm64 = 1U << MICROVM_ARCH_ARM64;
	enum microvm_arch arch = MICROVM_ARCH_X86_64;

	(void)state;
	assert_true(guest_arch_best("soft", ARCHES_ALL, &arch));
	assert_int_equal(arch, MICROVM_ARCH_ARM64);
	assert_true(guest_arch_best(NULL, arm64, &arch));
	assert_int_equal(arch, MICROVM_ARCH_ARM64);
	assert_true(guest_arch_best("auto", arm64, &arch));
	assert_int_equal(arch, MICROVM_ARCH_ARM64);
	assert_true(guest_arch_best(NULL, ARCHES_ALL, &arch));
}

static void test_nothing_is_best_where_nothing_runs(void **state)
{
	enum microvm_arch arch;

	(void)state;
	assert_false(guest_arch_best("nosuch", ARCHES_ALL, &arch));
	assert_false(guest_arch_best(NULL, 0, &arch));
	assert_false(guest_arch_best("soft", 1U << MICROVM_ARCH_X86_64, &arch));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_choices_and_choices_are_known),
		cmocka_unit_test(test_arm64_guests_run_everywhere),
		cmocka_unit_test(test_nothing_is_best_where_nothing_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
