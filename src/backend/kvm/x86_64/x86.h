/* SPDX-License-Identifier: MIT */
/* x86.h - what KVM's interface has for x86_64 alone. */
#ifndef BACKEND_KVM_X86_64_X86_H
#define BACKEND_KVM_X86_64_X86_H

#include "arch/x86_64/cpuid.h"
#include "backend/kvm/arch.h"

/*
 * Pins of the IOAPIC that is above the seam, and so the level-triggered
 * messages that can be on their way at once.
 */
enum { KVM_PINS = 24 };

/* A message whose end KVM is to tell. */
struct kvm_level {
	uint64_t addr;
	uint32_t data;
	uint64_t used; /* when it was sent last; 0: no message */
};

struct kvm_x86_vm {
	struct kvm_msr_list *msrs; /* what KVM keeps of a CPU */
	size_t xsave_size;
	struct mutex mu;

	/* under mu */
	uint64_t sent; /* level-triggered messages so far */
	struct kvm_level level[KVM_PINS];
};

struct kvm_x86_vcpu {
	struct x86_cpuid_list cpuid; /* what the guest sees */
};

static inline struct kvm_x86_vm *kvm_x86(const struct kvm_vm *k)
{
	return k->arch;
}

static inline struct kvm_x86_vcpu *kvm_x86_cpu(const struct kvm_vcpu *c)
{
	return c->arch;
}

/* cpuid.c: what KVM can do on this host, made into what the guest sees. */
int kvm_cpuid_make(struct kvm_vcpu *c, struct x86_cpuid_list *out,
		   mv_error *err) MUST_CHECK;
bool kvm_cpuid_set(struct kvm_vcpu *c,
		   const struct x86_cpuid_list *list) MUST_CHECK;

bool kvm_cpuid_same(const struct x86_cpuid_list *a,
		    const struct x86_cpuid_list *b);

/* Has it every feature, of the same vendor, that the other has? */
bool kvm_cpuid_covers(const struct x86_cpuid_list *has,
		      const struct x86_cpuid_list *wants);

/* 0: not known.  KVM's own unit. */
uint32_t kvm_tsc_khz(const struct kvm_vcpu *c);

/* message.c: k's messages were loaded. */
void kvm_message_load(struct kvm_vm *k);

/* msr.c: one register; false: KVM has none, or does not take the value. */
bool kvm_msr_get(const struct kvm_vcpu *c, uint32_t index,
		 uint64_t *value) MUST_CHECK;
bool kvm_msr_set(const struct kvm_vcpu *c, uint32_t index,
		 uint64_t value) MUST_CHECK;

/* As a PC's firmware leaves them. */
void kvm_msr_boot(const struct kvm_vcpu *c);

/* What KVM lists; freed by free(). */
int kvm_msr_list(int fd, struct kvm_msr_list **out, mv_error *err) MUST_CHECK;

#endif
