/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/msr.h"

#include "../../check.h"

static bool get(uint32_t id, uint64_t *value)
{
	struct sysreg_access a = { .id = id, .value = UINT64_MAX };
	bool known = x86_msr(&a);

	*value = a.value;
	return known;
}

static bool set(uint32_t id, uint64_t value)
{
	struct sysreg_access a = { .id = id, .write = true, .value = value };

	return x86_msr(&a);
}

static void expect(uint32_t id, uint64_t value)
{
	uint64_t v;

	assert_true(get(id, &v));
	assert_int_equal(v, value);
	assert_true(set(id, UINT64_MAX)); /* and vanishes */
	assert_true(get(id, &v));
	assert_int_equal(v, value);
}

static void refused(uint32_t id)
{
	uint64_t v;

	assert_false(get(id, &v));
	assert_int_equal(v, UINT64_MAX); /* untouched */
	assert_false(set(id, 0));
}

static void test_what_linux_reads_unasked_reads_as_nothing(void **s)
{
	uint32_t id;

	(void)s;
	expect(0x17, 0);       /* IA32_PLATFORM_ID */
	expect(0x8b, 0);       /* IA32_BIOS_SIGN_ID */
	expect(0xc0010010, 0); /* SYSCFG */
	for (id = 0xc0010000; id <= 0xc0010007; id++)
		expect(id, 0);
	for (id = 0xc0010200; id <= 0xc001020b; id++)
		expect(id, 0);
}

static void test_string_instructions_are_told_to_be_fast(void **s)
{
	uint64_t v;

	(void)s;
	assert_true(get(0x1a0, &v)); /* IA32_MISC_ENABLE */
	assert_int_equal(v & 1, 1);
	assert_int_equal(v >> 11 & 3, 3); /* no BTS, no PEBS */
}

static void test_amds_tsc_is_told_to_count_at_one_rate(void **s)
{
	(void)s;
	expect(0xc0010015, UINT64_C(1) << 24); /* HWCR, TscFreqSel */
}

static void test_others_fault(void **s)
{
	(void)s;
	refused(0);
	refused(0x16);
	refused(0x18);
	refused(0x3a);       /* IA32_FEATURE_CONTROL: no VMX, no SGX */
	refused(0xc0000080); /* EFER is the CPU's */
	refused(0xc000ffff);
	refused(0xc0010008);
	refused(0xc001020c);
	refused(0xc0011020); /* LS_CFG would be a promise */
	refused(UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_linux_reads_unasked_reads_as_nothing),
		cmocka_unit_test(test_string_instructions_are_told_to_be_fast),
		cmocka_unit_test(test_amds_tsc_is_told_to_count_at_one_rate),
		cmocka_unit_test(test_others_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
