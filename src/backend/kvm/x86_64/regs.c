/* SPDX-License-Identifier: MIT */
/* regs.c - the general registers, between KVM's names and ours. */
#include "backend/kvm/x86_64/x86.h"

/* Where each of ours is in KVM's, both ways the same walk. */
static __u64 *gpr(struct kvm_regs *r, unsigned i)
{
	__u64 *const at[X86_GPRS] = {
		[X86_RAX] = &r->rax, [X86_RCX] = &r->rcx, [X86_RDX] = &r->rdx,
		[X86_RBX] = &r->rbx, [X86_RSP] = &r->rsp, [X86_RBP] = &r->rbp,
		[X86_RSI] = &r->rsi, [X86_RDI] = &r->rdi, [X86_R8] = &r->r8,
		[X86_R9] = &r->r9,   [X86_R10] = &r->r10, [X86_R11] = &r->r11,
		[X86_R12] = &r->r12, [X86_R13] = &r->r13, [X86_R14] = &r->r14,
		[X86_R15] = &r->r15,
	};

	return at[i];
}

static struct kvm_segment *segment(struct kvm_sregs *s, unsigned i)
{
	struct kvm_segment *const at[X86_SEGMENTS] = {
		[X86_CS] = &s->cs, [X86_SS] = &s->ss, [X86_DS] = &s->ds,
		[X86_ES] = &s->es, [X86_FS] = &s->fs, [X86_GS] = &s->gs,
	};

	return at[i];
}

/* Bits of struct x86_segment's attributes: SDM volume 3, 3.4.5. */
enum {
	TYPE = 0xf,
	S_SHIFT = 4,
	DPL_SHIFT = 5,
	PRESENT_SHIFT = 7,
	AVL_SHIFT = 12,
	L_SHIFT = 13,
	DB_SHIFT = 14,
	G_SHIFT = 15,
};

static struct x86_segment from_kvm(const struct kvm_segment *k)
{
	return (struct x86_segment){
		.base = k->base,
		.limit = k->limit,
		.selector = k->selector,
		.attributes =
			(uint16_t)((k->type & TYPE) | (k->s & 1) << S_SHIFT |
				   (k->dpl & 3) << DPL_SHIFT |
				   (k->present & 1) << PRESENT_SHIFT |
				   (k->avl & 1) << AVL_SHIFT |
				   (k->l & 1) << L_SHIFT |
				   (k->db & 1) << DB_SHIFT |
				   (k->g & 1) << G_SHIFT),
	};
}

/* A segment that is not present is one that no instruction can use. */
static struct kvm_segment to_kvm(const struct x86_segment *x)
{
	unsigned a = x->attributes;

	return (struct kvm_segment){
		.base = x->base,
		.limit = x->limit,
		.selector = x->selector,
		.type = a & TYPE,
		.s = a >> S_SHIFT & 1,
		.dpl = a >> DPL_SHIFT & 3,
		.present = a >> PRESENT_SHIFT & 1,
		.avl = a >> AVL_SHIFT & 1,
		.l = a >> L_SHIFT & 1,
		.db = a >> DB_SHIFT & 1,
		.g = a >> G_SHIFT & 1,
		.unusable = !(a >> PRESENT_SHIFT & 1),
	};
}

static void get_system(struct x86_regs *x, struct kvm_sregs *s)
{
	unsigned i;

	for (i = 0; i < X86_SEGMENTS; i++)
		x->segment[i] = from_kvm(segment(s, i));
	x->tr = from_kvm(&s->tr);
	x->ldt = from_kvm(&s->ldt);
	x->gdt.base = s->gdt.base;
	x->gdt.limit = s->gdt.limit;
	x->idt.base = s->idt.base;
	x->idt.limit = s->idt.limit;
	x->cr0 = s->cr0;
	x->cr2 = s->cr2;
	x->cr3 = s->cr3;
	x->cr4 = s->cr4;
	x->efer = s->efer;
}

static void set_system(struct kvm_sregs *s, const struct x86_regs *x)
{
	unsigned i;

	for (i = 0; i < X86_SEGMENTS; i++)
		*segment(s, i) = to_kvm(&x->segment[i]);
	s->tr = to_kvm(&x->tr);
	s->ldt = to_kvm(&x->ldt);
	s->gdt.base = x->gdt.base;
	s->gdt.limit = x->gdt.limit;
	s->idt.base = x->idt.base;
	s->idt.limit = x->idt.limit;
	s->cr0 = x->cr0;
	s->cr2 = x->cr2;
	s->cr3 = x->cr3;
	s->cr4 = x->cr4;
	s->efer = x->efer;
}

/* Looking cannot fail on a vCPU that there is. */
void kvm_arch_get_regs(struct kvm_vcpu *c, struct regs *r)
{
	struct kvm_regs k = { 0 };
	struct kvm_sregs s = { 0 };
	unsigned i;

	*r = (struct regs){ 0 };
	if (kvm_call(c->fd, KVM_GET_REGS, &k) ||
	    kvm_call(c->fd, KVM_GET_SREGS, &s))
		return;
	for (i = 0; i < X86_GPRS; i++)
		r->x86.gpr[i] = *gpr(&k, i);
	r->x86.rip = k.rip;
	r->x86.rflags = k.rflags;
	get_system(&r->x86, &s);
}

/* What is not among ours, the place of the APIC for one, stays as it is. */
void kvm_arch_set_regs(struct kvm_vcpu *c, const struct regs *r)
{
	struct kvm_regs k = { .rip = r->x86.rip, .rflags = r->x86.rflags };
	struct kvm_sregs s;
	unsigned i;

	for (i = 0; i < X86_GPRS; i++)
		*gpr(&k, i) = r->x86.gpr[i];
	if (!kvm_call(c->fd, KVM_GET_SREGS, &s)) {
		set_system(&s, &r->x86);
		if (!kvm_call(c->fd, KVM_SET_SREGS, &s) &&
		    !kvm_call(c->fd, KVM_SET_REGS, &k))
			return;
	}
	(void)kvm_refused(&c->hv->err, "does not take these registers");
	c->broken = true;
}
