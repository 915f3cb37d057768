/* SPDX-License-Identifier: MIT */
/*
 * vcpu.c - an x86_64 vCPU of KVM as it comes out of reset: the first one may
 * run, the others wait for a start-up message inside KVM_RUN.
 */
#include <stdlib.h>

#include "backend/kvm/x86_64/x86.h"

int kvm_arch_vcpu_init(struct kvm_vcpu *c, mv_error *err)
{
	struct kvm_x86_vcpu *x = calloc(1, sizeof(*x));
	int rc;

	if (!x)
		return fail(err, MICROVM_ENOMEM, "out of memory");
	rc = kvm_cpuid_make(c, &x->cpuid, err);
	if (!rc && !kvm_cpuid_set(c, &x->cpuid))
		rc = kvm_refused(err, "cannot make a CPU like this");
	if (rc) {
		free(x);
		return rc;
	}
	kvm_msr_boot(c);
	c->arch = x;
	return 0;
}

void kvm_arch_vcpu_fini(struct kvm_vcpu *c)
{
	free(c->arch);
}
