/* SPDX-License-Identifier: MIT */
/*
 * state.c - saving and loading a software CPU.
 *
 * What the architecture has is saved; what is only remembered for speed (TLB,
 * decoded code, address spaces) is made anew.
 */
#include "backend/soft/private.h"
#include "base/container.h"
#include "cpu/arm64/fp.h"
#include "cpu/arm64/mmu.h"
#include "os/time.h"

static void general(struct a64 *c, struct state *s)
{
	uint64_t pstate = a64_pstate(c);
	unsigned i;

	/* First PSTATE: it decides which stack pointer x[A64_SP] is. */
	state_u64(s, &pstate);
	if (s->loading)
		a64_set_pstate(c, pstate);
	for (i = 0; i <= A64_SP; i++)
		state_u64(s, &c->x[i]);
	state_u64(s, &c->sp_el[0]);
	state_u64(s, &c->sp_el[1]);
	state_u64(s, &c->e.pc);
}

static void simd(struct a64 *c, struct state *s)
{
	unsigned i;

	for (i = 0; i < LEN(c->v); i++) {
		state_u64(s, &c->v[i].d[0]);
		state_u64(s, &c->v[i].d[1]);
	}
	state_u32(s, &c->fpcr);
	state_u32(s, &c->fpsr);
	state_check(s, !(c->fpcr & ~(uint32_t)FPCR_BITS), "FPCR");
	state_check(s, !(c->fpsr & ~(uint32_t)FPSR_BITS), "FPSR");
}

static void system_registers(struct a64_sys *r, struct state *s)
{
	uint64_t *const reg[] = {
		&r->sctlr,       &r->actlr,     &r->cpacr,      &r->ttbr0,
		&r->ttbr1,       &r->tcr,       &r->afsr0,      &r->afsr1,
		&r->esr,         &r->far,       &r->par,        &r->mair,
		&r->amair,       &r->vbar,      &r->contextidr, &r->tpidr_el0,
		&r->tpidrro_el0, &r->tpidr_el1, &r->elr,        &r->spsr,
		&r->cntkctl,     &r->csselr,    &r->mdscr,      &r->osdlr,
		&r->oslock,      &r->cntv_ctl,  &r->cntv_cval,  &r->cntp_ctl,
		&r->cntp_cval,
	};
	size_t i;

	_Static_assert(LEN(reg) * sizeof(uint64_t) == sizeof(*r),
		       "every system register is saved");
	for (i = 0; i < LEN(reg); i++)
		state_u64(s, reg[i]);
}

static void timers(struct a64 *c, struct state *s)
{
	bool irq = a64_irq_level(c);

	state_bool(s, &c->timer_level[0]);
	state_bool(s, &c->timer_level[1]);
	state_bool(s, &irq);
	state_bool(s, &c->user_seen);
	if (s->loading)
		a64_set_irq(c, irq);
}

static void forget(struct a64 *c)
{
	c->excl = false;
	c->timer_check = true;
	a64_tlbi_all(c);
	a64_update_mode(c);
}

/* Guest time goes on from where it was. */
static void vm_time(struct soft_vm *vm, struct state *s)
{
	uint64_t now = vtime_now(&vm->vtime);

	state_u64(s, &vm->vtime.insns);
	state_u64(s, &vm->vtime.skipped);
	state_u64(s, &now);
	if (s->loading && !s->failed)
		vm->host_zero = time_mono_ns() - now;
}

void soft_state(struct hv_vcpu *v, struct state *s)
{
	struct a64 *c = &soft_vcpu_of(v)->cpu;

	state_section(s, "soft-arm64", 1);
	if (v->index == 0)
		vm_time(soft_vm_of(v->vm), s);
	general(c, s);
	simd(c, s);
	system_registers(&c->sys, s);
	timers(c, s);
	if (s->loading)
		forget(c);
}
