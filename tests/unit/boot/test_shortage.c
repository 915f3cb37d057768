/* SPDX-License-Identifier: MIT */
#include "boot/shortage.h"

#include "../check.h"

#define MIB (UINT64_C(1) << 20)

static void test_the_hint_leaves_room_for_linux_itself(void **s)
{
	mv_error e = { 0 };

	(void)s;
	assert_int_equal(shortage_hint(&e, -MICROVM_EINVAL, 32 * MIB),
			 -MICROVM_EINVAL);
	assert_string_equal(e.hint, "give the guest more memory (-m 128M)");
	(void)shortage_hint(&e, -1, 32 * MIB + 1);
	assert_string_equal(e.hint, "give the guest more memory (-m 192M)");
}

static void test_a_kernel_is_told_with_both_sizes(void **s)
{
	mv_error e = { 0 };

	(void)s;
	assert_int_equal(
		shortage_of_kernel(&e, "k", 46 * MIB, 62 * MIB, 48 * MIB),
		-MICROVM_EINVAL);
	assert_string_equal(e.msg,
			    "kernel k: 46 MiB do not fit: 48 MiB of RAM");
	assert_string_equal(e.hint, "give the guest more memory (-m 192M)");
}

static void test_no_memory_is_enough_for_a_size_of_rubbish(void **s)
{
	mv_error e = { 0 };

	(void)s;
	(void)shortage_of_kernel(&e, "k", UINT64_MAX, UINT64_MAX, MIB);
	assert_string_equal(e.hint, "");
}

static void test_an_initrd_is_told_with_what_precedes_it(void **s)
{
	const struct initrd rd = { .len = 100 * MIB };
	const struct initrd_part first = { "a", 60 * MIB, 0 };
	const struct initrd_part second = { "b", 40 * MIB, 60 * MIB };
	mv_error e = { 0 };

	(void)s;
	assert_int_equal(shortage_of_initrd(&e, &rd, &first, 10 * MIB, 64 * MIB,
					    1000 * MIB),
			 -MICROVM_EINVAL);
	assert_string_equal(e.msg, "initrd a: 60 MiB do not fit: 64 MiB of "
				   "RAM, 10 MiB taken by the kernel");
	/* 10 and 96, and three times the archive: see shortage.c */
	assert_string_equal(e.hint, "give the guest more memory (-m 448M)");
	(void)shortage_of_initrd(&e, &rd, &second, 10 * MIB, 64 * MIB,
				 99 * MIB);
	assert_string_equal(e.msg, "initrd b: 40 MiB do not fit: 64 MiB of "
				   "RAM, 70 MiB taken by the kernel and what "
				   "precedes it");
	assert_string_equal(e.hint, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_hint_leaves_room_for_linux_itself),
		cmocka_unit_test(test_a_kernel_is_told_with_both_sizes),
		cmocka_unit_test(
			test_no_memory_is_enough_for_a_size_of_rubbish),
		cmocka_unit_test(test_an_initrd_is_told_with_what_precedes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
