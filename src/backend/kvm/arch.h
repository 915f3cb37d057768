/* SPDX-License-Identifier: MIT */
/*
 * arch.h - what differs between architectures in KVM's interface.
 *
 * The host's is compiled: x86_64/ or arm64/.  The common part calls these at
 * the same points of a life as hv.h calls it, with its own work done before an
 * init and undone after a fini; on failure an init holds nothing.
 */
#ifndef BACKEND_KVM_ARCH_H
#define BACKEND_KVM_ARCH_H

#include "backend/kvm/private.h"

/* Sums of 1 << enum arch, and of enum hv_provides; where the guest is. */
#if defined(__x86_64__)
enum {
	KVM_ARCH_GUESTS = 1 << ARCH_X86_64,
	KVM_ARCH_PROVIDES = HV_LOCAL | HV_TIMER | HV_POWER,
};

static inline uint64_t kvm_arch_pc(const struct regs *r)
{
	return r->x86.rip;
}
#elif defined(__aarch64__)
enum {
	KVM_ARCH_GUESTS = 1 << ARCH_ARM64,
	KVM_ARCH_PROVIDES = HV_WIRES | HV_LOCAL | HV_TIMER | HV_POWER,
};

static inline uint64_t kvm_arch_pc(const struct regs *r)
{
	return r->arm64.pc;
}
#endif

/* What a host must have beyond what every KVM has; fd is /dev/kvm's. */
int kvm_arch_check(int fd, mv_error *err) MUST_CHECK;

/* The type for KVM_CREATE_VM, for a host like this one. */
unsigned long kvm_arch_vm_type(int fd);

int kvm_arch_vm_init(struct kvm_vm *k, mv_error *err) MUST_CHECK;
void kvm_arch_vm_fini(struct kvm_vm *k);
int kvm_arch_ready(struct kvm_vm *k, mv_error *err) MUST_CHECK;
void kvm_arch_vm_state(struct kvm_vm *k, struct state *s);

int kvm_arch_vcpu_init(struct kvm_vcpu *c, mv_error *err) MUST_CHECK;
void kvm_arch_vcpu_fini(struct kvm_vcpu *c);

/* The instruction of the last exit has ended, see kvm_vcpu_finish(). */
void kvm_arch_get_regs(struct kvm_vcpu *c, struct regs *r);
void kvm_arch_set_regs(struct kvm_vcpu *c, const struct regs *r);
void kvm_arch_vcpu_state(struct kvm_vcpu *c, struct state *s);

/*
 * An exit the common part does not know: what run() is to return, HV_AGAIN
 * to go on.  One that nobody knows is kvm_exit_unknown() of exit.h.  Where KVM
 * is to finish something at the next entry, c->unfinished is set.
 */
enum hv_run kvm_arch_exit(struct kvm_vcpu *c);

void kvm_arch_wire(struct kvm_vm *k, unsigned pin, bool level);
void kvm_arch_message(struct kvm_vm *k, uint64_t addr, uint32_t data);

#endif
