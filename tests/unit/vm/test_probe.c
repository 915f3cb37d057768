/* SPDX-License-Identifier: MIT */
#include "vm/probe.h"

#include <string.h>

#include "backend/soft/soft.h"
#include "rig.h"

#include "../check.h"

static int probe_no(struct hv_found *found, mv_error *err)
{
	(void)found;
	return fail(err, MICROVM_ENOTSUP, "not on this host");
}

/* A scripted backend that does these steps instead of the test guest's. */
static void scripted(struct script_step *steps, size_t count,
		     enum script_fault fault, int code, const char *msg)
{
	struct hv_found found;
	mv_error e = { 0 };
	struct rig r;

	rig_init(&r);
	rig_follow(&r, 0, steps, count);
	r.script.fault = fault;
	assert_int_equal(probe_run(&r.script.ops, 300, &found, &e), -code);
	assert_int_equal(e.code, code);
	assert_string_equal(e.msg, msg);
	rig_fini(&r);
}

static void test_the_software_cpu_runs_the_test_guest(void **s)
{
	struct hv_found found;
	mv_error e = { 0 };

	(void)s;
	if (probe_run(&hv_soft, PROBE_MS, &found, &e))
		print_error("%s\n", e.msg);
	assert_int_equal(e.code, 0);
	assert_int_not_equal(strlen(found.detail), 0);
}

static void test_one_that_does_as_the_guest_would_is_usable(void **s)
{
	struct script_step good[] = { PRINT('!'), SYSTEM_OFF };

	(void)s;
	scripted(good, LEN(good), SCRIPT_NO_FAULT, MICROVM_OK, "");
}

static void test_what_goes_wrong_is_told(void **s)
{
	struct script_step silent[] = { SYSTEM_OFF };
	struct script_step wrong[] = { PRINT('?'), SYSTEM_OFF };
	struct script_step reset[] = { PRINT('!'), RETURN(HV_RESET) };
	struct script_step failed[] = { RETURN(HV_FAILED) };
	struct script_step hung[] = { PRINT('!'), SPIN };
	struct script_step asleep[] = { PRINT('!'), SLEEP };

	(void)s;
	scripted(silent, LEN(silent), SCRIPT_NO_FAULT, MICROVM_EHYPERVISOR,
		 "the test guest's output did not arrive");
	scripted(wrong, LEN(wrong), SCRIPT_NO_FAULT, MICROVM_EHYPERVISOR,
		 "the test guest's output did not arrive");
	scripted(reset, LEN(reset), SCRIPT_NO_FAULT, MICROVM_EHYPERVISOR,
		 "the test guest was reset");
	scripted(failed, LEN(failed), SCRIPT_NO_FAULT, MICROVM_EHYPERVISOR,
		 "vCPU 0: failed, says the script");
	scripted(hung, LEN(hung), SCRIPT_NO_FAULT, MICROVM_ETIMEDOUT,
		 "the test guest did not end within 300 ms");
	scripted(asleep, LEN(asleep), SCRIPT_NO_FAULT, MICROVM_ETIMEDOUT,
		 "the test guest did not end within 300 ms");
	scripted(hung, LEN(hung), SCRIPT_VM_INIT_FAILS, MICROVM_EHYPERVISOR,
		 "backend script: no VM, says the script");
	scripted(hung, LEN(hung), SCRIPT_VCPU_INIT_FAILS, MICROVM_EHYPERVISOR,
		 "backend script: no CPU, says the script");
}

static void test_no_vm_is_made_where_the_backend_says_no(void **s)
{
	struct hv_found found;
	struct rig r;
	mv_error e;

	(void)s;
	rig_init(&r);
	r.script.ops.probe = probe_no;
	assert_int_equal(probe_run(&r.script.ops, PROBE_MS, &found, &e),
			 -MICROVM_ENOTSUP);
	assert_string_equal(e.msg, "not on this host");
	r.script.ops.probe = hv_soft.probe;
	r.script.ops.arches = 1 << ARCH_COUNT;
	assert_int_equal(probe_run(&r.script.ops, PROBE_MS, &found, &e),
			 -MICROVM_ENOTSUP);
	assert_string_equal(e.msg, "this build has no machine for its guests");
	assert_int_equal(r.script.slices, 0);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_software_cpu_runs_the_test_guest),
		cmocka_unit_test(
			test_one_that_does_as_the_guest_would_is_usable),
		cmocka_unit_test(test_what_goes_wrong_is_told),
		cmocka_unit_test(test_no_vm_is_made_where_the_backend_says_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
