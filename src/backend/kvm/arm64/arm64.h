/* SPDX-License-Identifier: MIT */
/* arm64.h - what KVM's interface has for arm64 alone. */
#ifndef BACKEND_KVM_ARM64_ARM64_H
#define BACKEND_KVM_ARM64_ARM64_H

#include "backend/kvm/arch.h"
#include "backend/kvm/arm64/vgic.h"

struct kvm_arm64 {
	struct vgic gic;
	struct kvm_vcpu_init cpu; /* what a vCPU is, the first one */
	int first; /* its descriptor, for the VM's clock; or -1 */
};

static inline struct kvm_arm64 *kvm_arm64(const struct kvm_vm *k)
{
	return k->arch;
}

/* regs.c: one register, in as many bytes as its number says. */
int kvm_reg_get(int fd, uint64_t id, void *p) MUST_CHECK;
int kvm_reg_set(int fd, uint64_t id, const void *p) MUST_CHECK;

/* state.c: fail the walk, also where nothing is loaded; returns ok. */
bool kvm_state_check(struct state *s, bool ok, const char *why);

#endif
