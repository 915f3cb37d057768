/* SPDX-License-Identifier: MIT */
/* Which CPUID of another host this one can take. */
#include "backend/kvm/x86_64/x86.h"

#include "base/container.h"

#include "../../check.h"

static struct x86_cpuid_list intel(void)
{
	return (struct x86_cpuid_list){
		.count = 5,
		.entry = {
			{ .leaf = 0, .eax = 7, .ebx = 0x756e6547,
			  .ecx = 0x6c65746e, .edx = 0x49656e69 },
			{ .leaf = 1, .eax = 0x306c3, .ebx = 0x1000000,
			  .ecx = 0xff, .edx = 0xffff },
			{ .leaf = 7, .by_subleaf = true, .ebx = 0xf0 },
			{ .leaf = 7, .subleaf = 1, .by_subleaf = true,
			  .eax = 0x10 },
			{ .leaf = 0x80000001, .ecx = 1, .edx = 0x20000000 },
		},
	};
}

static void test_a_list_is_the_same_as_itself(void **s)
{
	struct x86_cpuid_list a = intel(), b = intel();

	(void)s;
	assert_true(kvm_cpuid_same(&a, &b));
	assert_true(kvm_cpuid_covers(&a, &b));
}

static void test_any_difference_is_one(void **s)
{
	struct x86_cpuid_list a = intel(), b[9];
	size_t i;

	(void)s;
	for (i = 0; i < LEN(b); i++)
		b[i] = a;
	b[0].count--;
	b[1].entry[2].leaf++;
	b[2].entry[2].subleaf++;
	b[3].entry[2].by_subleaf = false;
	b[4].entry[2].eax++;
	b[5].entry[2].ebx++;
	b[6].entry[2].ecx++;
	b[7].entry[2].edx++;
	b[8].count++;
	for (i = 0; i < LEN(b); i++)
		assert_false(kvm_cpuid_same(&a, &b[i]));
}

static void test_more_features_cover_fewer_and_not_the_reverse(void **s)
{
	struct x86_cpuid_list few = intel(), more[9];
	size_t i;

	(void)s;
	for (i = 0; i < LEN(more); i++)
		more[i] = few;
	more[0].entry[1].ecx |= 0x100;
	more[1].entry[1].edx |= 0x10000;
	more[2].entry[2].ebx |= 0x100;
	more[3].entry[3].eax |= 0x100;
	more[4].entry[4].edx |= 0x100;
	more[5].entry[5] =
		(struct x86_cpuid){ .leaf = 0xd, .by_subleaf = true, .eax = 7 };
	more[5].count++;
	more[6].entry[5] = (struct x86_cpuid){
		.leaf = 7, .subleaf = 2, .by_subleaf = true, .edx = 1
	};
	more[6].count++;
	more[7].entry[5] =
		(struct x86_cpuid){ .leaf = 0x80000021, .eax = 0x100 };
	more[7].count++;
	more[8].entry[3].ecx |= 0x20;
	for (i = 0; i < LEN(more); i++) {
		assert_true(kvm_cpuid_covers(&more[i], &few));
		assert_false(kvm_cpuid_covers(&few, &more[i]));
	}
}

/* Model, number of the CPU, sizes of caches: no features. */
static void test_what_is_no_feature_may_differ(void **s)
{
	struct x86_cpuid_list a = intel(), b = intel();

	(void)s;
	b.entry[1].eax = 0x906ea;
	b.entry[1].ebx = 0x3000000;
	b.entry[0].eax = 0x16;
	b.entry[5] = (struct x86_cpuid){ .leaf = 0x15, .eax = 2, .ebx = 3 };
	b.count++;
	assert_true(kvm_cpuid_covers(&a, &b));
}

static void test_another_vendor_does_not_do(void **s)
{
	struct x86_cpuid_list a = intel(), amd = intel();

	(void)s;
	amd.entry[0].ebx = 0x68747541;
	amd.entry[0].edx = 0x69746e65;
	amd.entry[0].ecx = 0x444d4163;
	assert_false(kvm_cpuid_covers(&a, &amd));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_list_is_the_same_as_itself),
		cmocka_unit_test(test_any_difference_is_one),
		cmocka_unit_test(
			test_more_features_cover_fewer_and_not_the_reverse),
		cmocka_unit_test(test_what_is_no_feature_may_differ),
		cmocka_unit_test(test_another_vendor_does_not_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
