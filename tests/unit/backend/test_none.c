/* SPDX-License-Identifier: MIT */
#include "backend/none/none.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

static void test_it_is_there_on_every_host_for_every_guest(void **s)
{
	struct hv_found found = { .poor = false };
	unsigned arch;

	(void)s;
	assert_int_equal(hv_none.probe(&found, NULL), 0);
	assert_false(found.poor);
	for (arch = 0; arch < ARCH_COUNT; arch++)
		assert_true(hv_none.arches & 1u << arch);
}

static void test_a_machine_is_made_of_it_but_does_not_run(void **s)
{
	const struct gmem_region ram = { .gpa = 0, .size = 4096 };
	struct hv_vm vm = { .ops = &hv_none };
	struct hv_vcpu v = { .vm = &vm };
	struct regs r;

	(void)s;
	assert_int_equal(hv_none.vm_init(&vm, NULL), 0);
	assert_int_equal(vm.gic, 3);
	assert_int_equal(hv_none.map(&vm, &ram, NULL), 0);
	assert_int_equal(hv_none.vcpu_init(&v, NULL), 0);
	memset(&r, 0xff, sizeof(r));
	hv_none.set_regs(&v, &r);
	hv_none.get_regs(&v, &r);
	assert_int_equal(r.arm64.pc, 0);
	hv_none.wire(&vm, 1, true);
	hv_none.message(&vm, 0xfee00000, 0x41);
	hv_none.kick(&v);
	assert_int_equal(hv_none.run(&v), HV_FAILED);
	assert_int_equal(v.err.code, MICROVM_ENOTSUP);
	assert_non_null(strstr(v.err.msg, "has no CPU"));
	hv_none.vcpu_fini(&v);
	hv_none.vm_fini(&vm);
}

static void test_it_takes_no_cpu_s_state(void **s)
{
	struct hv_vm vm = { .ops = &hv_none };
	struct hv_vcpu v = { .vm = &vm };
	struct state st;
	uint8_t *saved;
	size_t len;

	(void)s;
	state_init_save(&st);
	hv_none.state(&v, &st);
	assert_int_equal(state_fini(&st, NULL), 0);
	saved = st.buf;
	len = st.len;
	state_init_load(&st, saved, len);
	hv_none.state(&v, &st);
	assert_int_equal(state_fini(&st, NULL), 0);
	saved[0] ^= 1;
	state_init_load(&st, saved, len);
	hv_none.state(&v, &st);
	assert_int_equal(state_fini(&st, NULL), -MICROVM_EBADIMAGE);
	free(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_it_is_there_on_every_host_for_every_guest),
		cmocka_unit_test(test_a_machine_is_made_of_it_but_does_not_run),
		cmocka_unit_test(test_it_takes_no_cpu_s_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
