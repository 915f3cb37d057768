/* SPDX-License-Identifier: MIT */
/* vcpu.c - making an arm64 vCPU, and the exits that only it has. */
#include "arch/arm64/layout.h"
#include "backend/kvm/arm64/arm64.h"
#include "backend/kvm/exit.h"

/*
 * Which interrupt a timer makes.  KVM's own choice is ours; a kernel too old
 * to be told has the same.
 */
static int set_timer(const struct kvm_vcpu *c, uint64_t which, uint32_t ppi,
		     mv_error *err)
{
	struct kvm_device_attr a = { .group = KVM_ARM_VCPU_TIMER_CTRL,
				     .attr = which,
				     .addr = (uintptr_t)&ppi };

	if (kvm_call(c->fd, KVM_HAS_DEVICE_ATTR, &a))
		return 0;
	if (kvm_call(c->fd, KVM_SET_DEVICE_ATTR, &a))
		return kvm_refused(err, "cannot set a timer's interrupt");
	return 0;
}

static int set_timers(const struct kvm_vcpu *c, mv_error *err)
{
	int rc = set_timer(c, KVM_ARM_VCPU_TIMER_IRQ_VTIMER,
			   ARM64_PPI_VIRT_TIMER, err);

	if (rc)
		return rc;
	return set_timer(c, KVM_ARM_VCPU_TIMER_IRQ_PTIMER, ARM64_PPI_PHYS_TIMER,
			 err);
}

/*
 * A CPU like the host's, without what differs most between hosts and what
 * nobody needs here: SVE, pointer authentication, counters.
 */
int kvm_arch_vcpu_init(struct kvm_vcpu *c, mv_error *err)
{
	struct kvm_arm64 *a = kvm_arm64(c->vm);
	struct kvm_vcpu_init cpu = a->cpu;
	int rc;

	if (c->hv->index)
		cpu.features[0] |= UINT32_C(1) << KVM_ARM_VCPU_POWER_OFF;
	if (kvm_call(c->fd, KVM_ARM_VCPU_INIT, &cpu))
		return kvm_refused(err, "cannot make a vCPU like the host's");
	rc = set_timers(c, err);
	if (!rc && c->hv->index == 0)
		a->first = c->fd;
	return rc;
}

void kvm_arch_vcpu_fini(struct kvm_vcpu *c)
{
	if (c->hv->index == 0)
		kvm_arm64(c->vm)->first = -1;
}

/*
 * DDI 0487 D17.2.37, "ISV": for a load or store of several registers, with
 * writeback, of SIMD or the like the CPU does not say what it wanted.
 */
static enum hv_run undecoded(struct kvm_vcpu *c)
{
	struct regs r;

	kvm_arch_get_regs(c, &r);
	(void)fail(&c->hv->err, MICROVM_EHYPERVISOR,
		   "KVM: the guest accesses 0x%llx, where no RAM is, by an "
		   "instruction that the CPU does not describe, at 0x%llx",
		   (unsigned long long)c->run->arm_nisv.fault_ipa,
		   (unsigned long long)r.arm64.pc);
	return HV_FAILED;
}

enum hv_run kvm_arch_exit(struct kvm_vcpu *c)
{
	if (c->run->exit_reason == KVM_EXIT_ARM_NISV)
		return undecoded(c);
	return kvm_exit_unknown(c);
}
