/* SPDX-License-Identifier: MIT */
/* seam.c - what tests of KVM at the seam share. */
#include "seam.h"

#include <stdio.h>

#include "backend/kvm/kvm.h"

#include "../../check.h"

int rig_missing(void)
{
	struct hv_found found = { 0 };
	mv_error e = { 0 };

	if (hv_kvm.probe(&found, &e) == 0)
		return 0;
	printf("skipped: no usable KVM here: %s\n", e.msg);
	return 77;
}

void rig_ok(int rc, const mv_error *e)
{
	if (rc)
		print_error("%s\n", e->msg);
	assert_int_equal(rc, 0);
}

static void walk(struct hv_vm *vm, struct hv_vcpu *v, unsigned cpus,
		 struct state *s)
{
	unsigned i;

	for (i = 0; i < cpus; i++)
		hv_kvm.state(&v[i], s);
	hv_kvm.vm_state(vm, s);
}

struct state seam_save(struct hv_vm *vm, struct hv_vcpu *v, unsigned cpus)
{
	struct state s;
	mv_error e = { 0 };

	state_init_save(&s);
	walk(vm, v, cpus, &s);
	rig_ok(state_fini(&s, &e), &e);
	assert_non_null(s.buf);
	return s;
}

int seam_load(struct hv_vm *vm, struct hv_vcpu *v, unsigned cpus, const void *p,
	      size_t len, mv_error *e)
{
	struct state s;

	state_init_load(&s, p, len);
	walk(vm, v, cpus, &s);
	return state_fini(&s, e);
}
