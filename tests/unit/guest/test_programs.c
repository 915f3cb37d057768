/* SPDX-License-Identifier: MIT */
#include "guest/programs.h"

#include <string.h>

#include "../check.h"

enum { LIMIT = 100 * 1024, E_TYPE = 16, E_MACHINE = 18, ET_EXEC = 2 };

static void check(const char *name, enum microvm_arch arch, unsigned machine)
{
	const struct guest_program *p = guest_program_find(name, arch);

	assert_non_null(p);
	assert_true(p->len < LIMIT);
	assert_memory_equal(p->data, "\177ELF\2\1", 6);
	assert_int_equal(p->data[E_TYPE], ET_EXEC);
	assert_int_equal(p->data[E_MACHINE] | p->data[E_MACHINE + 1] << 8,
			 machine);
}

static void test_both_architectures_have_small_programs(void **s)
{
	static const char *const name[] = { "init", "outbound-proxy",
					    "vsock-client" };
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		check(name[i], MICROVM_ARCH_ARM64, 183); /* EM_AARCH64 */
		check(name[i], MICROVM_ARCH_X86_64, 62); /* EM_X86_64 */
	}
}

static void test_an_unknown_program_is_not_found(void **s)
{
	(void)s;
	assert_null(guest_program_find("no-such", MICROVM_ARCH_ARM64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_architectures_have_small_programs),
		cmocka_unit_test(test_an_unknown_program_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
