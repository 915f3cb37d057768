/* SPDX-License-Identifier: MIT */
/* Exits that only x86_64 has, from pages that no KVM wrote. */
#include "../scripted_exit.h"

#include "../../check.h"

static const struct hv_events on = {
	.access = scripted_access,
	.sysreg = scripted_sysreg,
	.eoi = scripted_eoi,
};

enum { MSR = 0x4d565f58 };

static void test_an_msr_that_is_read_gets_its_answer(void **state)
{
	struct scripted s;

	(void)state;
	scripted_init(&s, KVM_EXIT_X86_RDMSR, &on);
	s.run.msr.index = MSR;
	s.run.msr.data = 0x77; /* nobody's, and not to be seen */
	s.answer = 0x1122334455667788;
	assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
	assert_int_equal(s.msr.id, MSR);
	assert_int_equal(s.msr.value, 0);
	assert_false(s.msr.write);
	assert_int_equal(s.run.msr.data, 0x1122334455667788);
	assert_int_equal(s.run.msr.error, 0);
	assert_true(s.c.unfinished);
}

static void test_an_msr_that_is_written_comes_up_with_its_value(void **state)
{
	struct scripted s;

	(void)state;
	scripted_init(&s, KVM_EXIT_X86_WRMSR, &on);
	s.run.msr.index = MSR;
	s.run.msr.data = 0x1234;
	assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
	assert_int_equal(s.msr.id, MSR);
	assert_int_equal(s.msr.value, 0x1234);
	assert_true(s.msr.write);
	assert_int_equal(s.run.msr.error, 0);
	assert_true(s.c.unfinished);
}

static void test_a_refused_msr_is_an_error_for_the_guest_only(void **state)
{
	static const uint32_t reason[] = { KVM_EXIT_X86_RDMSR,
					   KVM_EXIT_X86_WRMSR };
	struct scripted s;
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		scripted_init(&s, reason[i], &on);
		s.refuse = true;
		assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
		assert_int_equal(s.run.msr.error, 1);
		assert_int_equal(s.msrs, 1);
	}
}

static void test_the_end_of_an_interrupt_comes_up(void **state)
{
	struct scripted s;

	(void)state;
	scripted_init(&s, KVM_EXIT_IOAPIC_EOI, &on);
	s.run.eoi.vector = 0x51;
	assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
	assert_int_equal(s.eois, 1);
	assert_int_equal(s.vector, 0x51);
	assert_false(s.c.unfinished);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_msr_that_is_read_gets_its_answer),
		cmocka_unit_test(
			test_an_msr_that_is_written_comes_up_with_its_value),
		cmocka_unit_test(
			test_a_refused_msr_is_an_error_for_the_guest_only),
		cmocka_unit_test(test_the_end_of_an_interrupt_comes_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
