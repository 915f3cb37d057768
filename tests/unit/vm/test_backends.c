/* SPDX-License-Identifier: MIT */
#include "vm/backends.h"

#include <string.h>

#include "backend/script/script.h"

#include "../check.h"

static int probe_yes(struct hv_found *found, mv_error *err)
{
	(void)err;
	(void)strcpy(found->detail, "fine");
	return 0;
}

static int probe_no(struct hv_found *found, mv_error *err)
{
	(void)found;
	return fail_hint(err, fail(err, MICROVM_ENOTSUP, "no such device here"),
			 "buy one");
}

static int probe_poor(struct hv_found *found, mv_error *err)
{
	(void)err;
	(void)strcpy(found->detail, "it crawls");
	found->poor = true;
	return 0;
}

static int probe_busy(struct hv_found *found, mv_error *err)
{
	(void)found;
	return fail(err, MICROVM_EBUSY, "somebody has it");
}

enum { A64 = 1 << ARCH_ARM64, X64 = 1 << ARCH_X86_64 };

static const struct hv_ops fast = { .name = "fast",
				    .arches = A64,
				    .probe = probe_no };
static const struct hv_ops taken = { .name = "taken",
				     .arches = A64,
				     .probe = probe_busy };
static const struct hv_ops slow = { .name = "slow",
				    .arches = A64 | X64,
				    .provides = HV_VIRTUAL_TIME,
				    .probe = probe_yes };
static const struct hv_ops other = { .name = "other",
				     .arches = X64,
				     .probe = probe_yes };

static void test_the_first_usable_one_is_picked(void **s)
{
	const struct hv_ops *const list[] = { &fast, &other, &slow, NULL };
	const struct hv_ops *ops = NULL;

	(void)s;
	assert_int_equal(backend_pick(list, ARCH_ARM64, false, &ops, NULL), 0);
	assert_string_equal(ops->name, "slow");
	assert_int_equal(backend_pick(list, ARCH_X86_64, false, &ops, NULL), 0);
	assert_string_equal(ops->name, "other");
	assert_int_equal(backend_pick(list, ARCH_X86_64, true, &ops, NULL), 0);
	assert_string_equal(ops->name, "slow");
}

static void test_a_poor_one_is_passed_over(void **s)
{
	static const struct hv_ops poor = { .name = "poor",
					    .arches = A64 | X64,
					    .probe = probe_poor };
	const struct hv_ops *const list[] = { &poor, &slow, NULL };
	const struct hv_ops *const alone[] = { &poor, NULL };
	const struct hv_ops *ops = NULL;
	mv_error e = { 0 };

	(void)s;
	assert_int_equal(backend_pick(list, ARCH_ARM64, false, &ops, NULL), 0);
	assert_string_equal(ops->name, "slow");
	assert_int_equal(backend_pick(alone, ARCH_X86_64, false, &ops, &e),
			 -MICROVM_ENOTSUP);
	assert_string_equal(e.msg, "backend poor: it crawls");
	assert_string_equal(e.hint, "to try it all the same, ask for backend "
				    "poor by name");
}

static void test_the_best_one_s_reason_is_told(void **s)
{
	const struct hv_ops *const list[] = { &other, &fast, &taken, NULL };
	const struct hv_ops *ops = &slow;
	mv_error e;

	(void)s;
	assert_int_equal(backend_pick(list, ARCH_ARM64, false, &ops, &e),
			 -MICROVM_ENOTSUP);
	assert_null(ops);
	assert_string_equal(e.msg, "backend fast: no such device here");
	assert_string_equal(e.hint, "buy one");
	assert_int_equal(backend_pick(list, ARCH_ARM64, false, &ops, NULL),
			 -MICROVM_ENOTSUP);
}

static void test_nobody_for_such_a_guest_is_told(void **s)
{
	const struct hv_ops *const list[] = { &fast, NULL };
	const struct hv_ops *ops;
	mv_error e;

	(void)s;
	assert_int_equal(backend_pick(list, ARCH_X86_64, false, &ops, &e),
			 -MICROVM_ENOTSUP);
	assert_string_equal(e.msg,
			    "no backend of this build runs x86_64 guests");
	assert_int_equal(backend_pick(list, ARCH_ARM64, true, &ops, &e),
			 -MICROVM_ENOTSUP);
	assert_string_equal(e.msg, "no backend of this build runs arm64 "
				   "guests on virtual time");
}

static void test_this_build_s_are_listed_and_found_by_name(void **s)
{
	const struct hv_ops *ops;
	unsigned i;

	(void)s;
	for (i = 0; (ops = backend_at(i)); i++) {
		assert_ptr_equal(backend_named(ops->name), ops);
		assert_non_null(strstr(backend_names().s, ops->name));
	}
	assert_true(i > 0);
	assert_null(backend_at(i));
	assert_null(backend_at(1000000));
	assert_null(backend_named("script")); /* for tests only */
	assert_null(backend_named(""));
	/* Whatever the host, the software CPU is there. */
	assert_int_equal(backend_best(ARCH_ARM64, true, &ops, NULL), 0);
	assert_string_equal(ops->name, "soft");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_usable_one_is_picked),
		cmocka_unit_test(test_a_poor_one_is_passed_over),
		cmocka_unit_test(test_the_best_one_s_reason_is_told),
		cmocka_unit_test(test_nobody_for_such_a_guest_is_told),
		cmocka_unit_test(
			test_this_build_s_are_listed_and_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
