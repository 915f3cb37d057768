/* SPDX-License-Identifier: MIT */
/*
 * vm.c - an x86_64 VM of KVM: local APICs and their timers in the kernel, the
 * IOAPIC above the seam, neither PIC nor PIT.
 */
#include <stdlib.h>

#include "backend/kvm/x86_64/x86.h"
#include "base/container.h"

/*
 * Intel CPUs without "unrestricted guest" run real mode in a task of KVM's
 * making, which wants four pages that are nobody's: in the hole, above the
 * local APIC.
 */
#define IDENTITY_MAP UINT64_C(0xfffbc000) /* a page */
#define TSS_ADDR 0xfffbd000ul             /* three */

int kvm_arch_check(int fd, mv_error *err)
{
	static const struct kvm_need need[] = {
		{ KVM_CAP_SPLIT_IRQCHIP, "local APIC without an IOAPIC" },
		{ KVM_CAP_SIGNAL_MSI, "interrupts by messages" },
		{ KVM_CAP_IRQ_ROUTING, "routes of interrupts" },
		{ KVM_CAP_SET_TSS_ADDR, "place for real mode's task" },
		{ KVM_CAP_SET_IDENTITY_MAP_ADDR, "place for real mode's map" },
		{ KVM_CAP_EXT_CPUID, "list of CPU features" },
		{ KVM_CAP_MP_STATE, "state of CPUs that wait" },
		{ KVM_CAP_VCPU_EVENTS, "state of pending events" },
		{ KVM_CAP_DEBUGREGS, "debug registers" },
		{ KVM_CAP_XSAVE, "state of vector registers" },
		{ KVM_CAP_XCRS, "extended control registers" },
		{ KVM_CAP_ADJUST_CLOCK, "clock that can be set" },
	};

	return kvm_needs(fd, need, LEN(need), err);
}

unsigned long kvm_arch_vm_type(int fd)
{
	(void)fd;
	return 0; /* the only one for machines like this */
}

/*
 * MSRs that KVM does not know come up.  Older kernels have no such thing:
 * there the guest gets its fault, which is what Linux is prepared for.
 */
static int set_up(struct kvm_vm *k, mv_error *err)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP,
					.args = { KVM_PINS } };
	struct kvm_enable_cap msrs = { .cap = KVM_CAP_X86_USER_SPACE_MSR,
				       .args = {
					       KVM_MSR_EXIT_REASON_UNKNOWN } };
	uint64_t identity = IDENTITY_MAP;

	if (kvm_call(k->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity))
		return kvm_refused(err, "cannot place real mode's map");
	if (kvm_call_n(k->fd, KVM_SET_TSS_ADDR, TSS_ADDR))
		return kvm_refused(err, "cannot place real mode's task");
	if (kvm_call(k->fd, KVM_ENABLE_CAP, &split))
		return kvm_refused(err, "cannot make local APICs alone");
	if (kvm_has(k->sys, KVM_CAP_X86_USER_SPACE_MSR) &&
	    kvm_call(k->fd, KVM_ENABLE_CAP, &msrs))
		return kvm_refused(err, "cannot have unknown MSRs sent up");
	return 0;
}

/* Before KVM_CAP_XSAVE2 there was one size. */
static size_t xsave_size(const struct kvm_vm *k)
{
	size_t n = (size_t)kvm_has(k->fd, KVM_CAP_XSAVE2);

	return n > sizeof(struct kvm_xsave) ? n : sizeof(struct kvm_xsave);
}

int kvm_arch_vm_init(struct kvm_vm *k, mv_error *err)
{
	struct kvm_x86_vm *x;
	int rc = set_up(k, err);

	if (rc)
		return rc;
	x = calloc(1, sizeof(*x));
	if (!x)
		return fail(err, MICROVM_ENOMEM, "out of memory");
	x->xsave_size = xsave_size(k);
	rc = kvm_msr_list(k->sys, &x->msrs, err);
	if (rc)
		goto out;
	rc = mutex_init(&x->mu, err);
	if (rc)
		goto out_msrs;
	k->arch = x;
	return 0;

out_msrs:
	free(x->msrs);
out:
	free(x);
	return rc;
}

void kvm_arch_vm_fini(struct kvm_vm *k)
{
	struct kvm_x86_vm *x = kvm_x86(k);

	mutex_fini(&x->mu);
	free(x->msrs);
	free(x);
}

int kvm_arch_ready(struct kvm_vm *k, mv_error *err)
{
	(void)k; /* nothing waits for the last vCPU */
	(void)err;
	return 0;
}
