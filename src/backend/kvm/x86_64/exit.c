/* SPDX-License-Identifier: MIT */
/* exit.c - exits that only x86_64 has. */
#include "backend/kvm/exit.h"

#include "backend/kvm/arch.h"

/* Refused: the guest gets a general protection fault. */
static enum hv_run msr(struct kvm_vcpu *c, bool write)
{
	struct kvm_run *run = c->run;
	struct sysreg_access a = { .id = run->msr.index, .write = write };

	if (write)
		a.value = run->msr.data;
	run->msr.error = !c->hv->vm->on->sysreg(c->hv, &a);
	if (!write)
		run->msr.data = a.value;
	c->unfinished = true;
	return HV_AGAIN;
}

static enum hv_run eoi(struct kvm_vcpu *c)
{
	c->hv->vm->on->eoi(c->hv, c->run->eoi.vector);
	return HV_AGAIN;
}

enum hv_run kvm_arch_exit(struct kvm_vcpu *c)
{
	switch (c->run->exit_reason) {
	case KVM_EXIT_IOAPIC_EOI: return eoi(c);
	case KVM_EXIT_X86_RDMSR: return msr(c, false);
	case KVM_EXIT_X86_WRMSR: return msr(c, true);
	default: return kvm_exit_unknown(c);
	}
}
