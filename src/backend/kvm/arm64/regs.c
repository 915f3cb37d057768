/* SPDX-License-Identifier: MIT */
/* regs.c - a vCPU's registers, by KVM_GET_ONE_REG and KVM_SET_ONE_REG. */
#include "backend/kvm/arm64/arm64.h"

#define CORE(member)                                           \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
	 KVM_REG_ARM_CORE_REG(member))

int kvm_reg_get(int fd, uint64_t id, void *p)
{
	struct kvm_one_reg r = { .id = id, .addr = (uintptr_t)p };

	return kvm_call(fd, KVM_GET_ONE_REG, &r);
}

int kvm_reg_set(int fd, uint64_t id, const void *p)
{
	struct kvm_one_reg r = { .id = id, .addr = (uintptr_t)p };

	return kvm_call(fd, KVM_SET_ONE_REG, &r);
}

/* DDI 0487 C5.2.18: M[0] is SPSel, M[3:2] the exception level. */
static uint64_t sp_id(uint64_t pstate)
{
	return (pstate & 1) && (pstate & 0xc) ? CORE(sp_el1) : CORE(regs.sp);
}

static uint64_t x_id(unsigned i)
{
	return CORE(regs.regs[0]) + (uint64_t)2 * i; /* in words of 32 bits */
}

/* Looking cannot fail on a vCPU that there is. */
void kvm_arch_get_regs(struct kvm_vcpu *c, struct regs *r)
{
	struct arm64_regs *a = &r->arm64;
	unsigned i;

	*r = (struct regs){ 0 };
	for (i = 0; i < 31; i++)
		(void)!kvm_reg_get(c->fd, x_id(i), &a->x[i]);
	(void)!kvm_reg_get(c->fd, CORE(regs.pc), &a->pc);
	(void)!kvm_reg_get(c->fd, CORE(regs.pstate), &a->pstate);
	(void)!kvm_reg_get(c->fd, sp_id(a->pstate), &a->sp);
}

/* KVM refuses a mode that the vCPU does not have. */
void kvm_arch_set_regs(struct kvm_vcpu *c, const struct regs *r)
{
	const struct arm64_regs *a = &r->arm64;
	int rc = kvm_reg_set(c->fd, CORE(regs.pstate), &a->pstate);
	unsigned i;

	for (i = 0; i < 31 && !rc; i++)
		rc = kvm_reg_set(c->fd, x_id(i), &a->x[i]);
	if (!rc)
		rc = kvm_reg_set(c->fd, CORE(regs.pc), &a->pc);
	if (!rc)
		rc = kvm_reg_set(c->fd, sp_id(a->pstate), &a->sp);
	if (!rc)
		return;
	(void)kvm_refused(&c->hv->err, "does not take these registers");
	c->broken = true;
}
