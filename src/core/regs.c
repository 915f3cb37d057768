/* SPDX-License-Identifier: MIT */
/* regs.c - saving and loading general registers. */
#include "core/regs.h"

static void arm64_state(struct arm64_regs *r, struct state *s)
{
	unsigned i;

	for (i = 0; i < 31; i++)
		state_u64(s, &r->x[i]);
	state_u64(s, &r->sp);
	state_u64(s, &r->pc);
	state_u64(s, &r->pstate);
}

static void segment_state(struct x86_segment *g, struct state *s)
{
	state_u64(s, &g->base);
	state_u32(s, &g->limit);
	state_u16(s, &g->selector);
	state_u16(s, &g->attributes);
}

static void x86_state(struct x86_regs *r, struct state *s)
{
	unsigned i;

	for (i = 0; i < X86_GPRS; i++)
		state_u64(s, &r->gpr[i]);
	state_u64(s, &r->rip);
	state_u64(s, &r->rflags);
	for (i = 0; i < X86_SEGMENTS; i++)
		segment_state(&r->segment[i], s);
	segment_state(&r->tr, s);
	segment_state(&r->ldt, s);
	state_u64(s, &r->gdt.base);
	state_u16(s, &r->gdt.limit);
	state_u64(s, &r->idt.base);
	state_u16(s, &r->idt.limit);
	state_u64(s, &r->cr0);
	state_u64(s, &r->cr2);
	state_u64(s, &r->cr3);
	state_u64(s, &r->cr4);
	state_u64(s, &r->efer);
}

void regs_state(struct regs *r, enum arch arch, struct state *s)
{
	if (arch == ARCH_ARM64)
		arm64_state(&r->arm64, s);
	else
		x86_state(&r->x86, s);
}
