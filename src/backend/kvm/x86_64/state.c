/* SPDX-License-Identifier: MIT */
/*
 * state.c - saving and loading all of an x86_64 vCPU that KVM keeps.
 *
 * Structures of KVM's interface are stored as they are: their layout is fixed,
 * and only an x86_64 KVM loads them.  MSRs go by number, so that kernels with
 * different lists understand each other.
 *
 * The order matters.  Saving asks for what KVM changes by being asked first:
 * the MP state takes INIT and start-up messages that wait, and the events let
 * a half delivered exception set CR2 and DR6.  Loading goes
 *
 *	CPUID, TSC rate		what all else is checked against, or scaled by
 *	SREGS			the APIC's mode; CR4 and EFER, which others need
 *	REGS, XCRS, XSAVE, DEBUGREGS
 *	MSRs			the TSC among them, but for its deadline
 *	LAPIC			starts its timer, by the TSC
 *	TSC deadline		dropped while the timer is in another mode
 *	events, MP state	what SREGS and LAPIC would reset
 */
#include <stdlib.h>

#include "backend/kvm/x86_64/x86.h"
#include "base/container.h"

enum { MSRS_MAX = 1024, TSC_DEADLINE = 0x6e0 };

/* One vCPU, but for its CPUID and MSRs. */
struct cpu {
	uint32_t tsc_khz;
	struct kvm_mp_state mp;
	struct kvm_vcpu_events events;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debug;
	struct kvm_lapic_state lapic;
	struct kvm_xsave *xsave;
	size_t xsave_size;
};

/* All that has no allocation of its own, in the order of saving. */
struct part {
	unsigned long get, set;
	size_t off, len;
};

#define PART(get, set, member)                            \
	{                                                 \
		get, set, offsetof(struct cpu, member),   \
			sizeof(((struct cpu *)0)->member) \
	}

enum {
	PART_MP,
	PART_EVENTS,
	PART_REGS,
	PART_SREGS,
	PART_XCRS,
	PART_DEBUG,
	PART_LAPIC,
	PARTS,
};

static const struct part part[PARTS] = {
	[PART_MP] = PART(KVM_GET_MP_STATE, KVM_SET_MP_STATE, mp),
	[PART_EVENTS] = PART(KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, events),
	[PART_REGS] = PART(KVM_GET_REGS, KVM_SET_REGS, regs),
	[PART_SREGS] = PART(KVM_GET_SREGS, KVM_SET_SREGS, sregs),
	[PART_XCRS] = PART(KVM_GET_XCRS, KVM_SET_XCRS, xcrs),
	[PART_DEBUG] = PART(KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, debug),
	[PART_LAPIC] = PART(KVM_GET_LAPIC, KVM_SET_LAPIC, lapic),
};

/* KVM says no: also when it is asked, and not only when it is told. */
static bool check(struct state *s, bool ok, const char *why)
{
	if (!ok && !s->failed) {
		s->failed = true;
		s->why = why;
	}
	return ok;
}

static void *part_of(struct cpu *p, unsigned i)
{
	return (char *)p + part[i].off;
}

static bool get_xsave(const struct kvm_vcpu *c, struct cpu *p)
{
	bool big = p->xsave_size > sizeof(struct kvm_xsave);

	return kvm_call(c->fd, big ? KVM_GET_XSAVE2 : KVM_GET_XSAVE,
			p->xsave) == 0;
}

static void get(const struct kvm_vcpu *c, struct cpu *p, struct state *s)
{
	unsigned i;

	p->tsc_khz = kvm_tsc_khz(c);
	for (i = 0; i < PARTS; i++) {
		if (!check(s, kvm_call(c->fd, part[i].get, part_of(p, i)) == 0,
			   "KVM does not tell all of a CPU's state"))
			return;
	}
	(void)check(s, get_xsave(c, p), "KVM does not tell vector registers");
}

static bool set(const struct kvm_vcpu *c, struct cpu *p, unsigned i,
		struct state *s)
{
	static const char *const why[PARTS] = {
		[PART_MP] = "KVM does not take the MP state",
		[PART_EVENTS] = "KVM does not take the pending events",
		[PART_REGS] = "KVM does not take the general registers",
		[PART_SREGS] = "KVM does not take the system registers",
		[PART_XCRS] = "KVM does not take XCR0",
		[PART_DEBUG] = "KVM does not take the debug registers",
		[PART_LAPIC] = "KVM does not take the local APIC",
	};

	return check(s, kvm_call(c->fd, part[i].set, part_of(p, i)) == 0,
		     why[i]);
}

/* ---- bytes ------------------------------------------------------------ */

static void walk_xsave(struct cpu *p, struct state *s)
{
	uint32_t len = (uint32_t)p->xsave_size;

	state_u32(s, &len);
	state_check(s, len <= p->xsave_size,
		    "vector registers this host does not have");
	if (!s->failed)
		state_bytes(s, p->xsave, len); /* the rest is initial */
}

static void walk_cpuid(struct x86_cpuid_list *list, struct state *s)
{
	uint32_t n = list->count, i;

	state_u32(s, &n);
	state_check(s, n <= X86_CPUID_MAX, "too many leaves of CPUID");
	for (i = 0; i < n && !s->failed; i++) {
		struct x86_cpuid *e = &list->entry[i];

		state_u32(s, &e->leaf);
		state_u32(s, &e->subleaf);
		state_bool(s, &e->by_subleaf);
		state_u32(s, &e->eax);
		state_u32(s, &e->ebx);
		state_u32(s, &e->ecx);
		state_u32(s, &e->edx);
	}
	if (!s->failed)
		list->count = n;
}

static void walk(struct cpu *p, struct state *s)
{
	unsigned i;

	state_u32(s, &p->tsc_khz);
	for (i = 0; i < PARTS; i++)
		state_bytes(s, part_of(p, i), part[i].len);
	walk_xsave(p, s);
}

/* ---- MSRs ------------------------------------------------------------- */

struct msrs {
	uint32_t count;
	struct kvm_msr_entry entry[MSRS_MAX];
};

static void add_msr(const struct kvm_vcpu *c, struct msrs *m, uint32_t index)
{
	uint64_t value;

	if (m->count == MSRS_MAX || !kvm_msr_get(c, index, &value))
		return; /* listed, but not for a CPU like this one */
	m->entry[m->count++] =
		(struct kvm_msr_entry){ .index = index, .data = value };
}

/*
 * KVM does not list the memory type range registers: SDM volume 4, 2.1.
 */
static void get_msrs(const struct kvm_vcpu *c, struct msrs *m)
{
	static const struct {
		uint32_t first, last;
	} more[] = {
		{ 0x200, 0x20f }, { 0x250, 0x250 }, { 0x258, 0x259 },
		{ 0x268, 0x26f }, { 0x2ff, 0x2ff },
	};
	const struct kvm_msr_list *list = kvm_x86(c->vm)->msrs;
	uint32_t i, k;

	for (i = 0; i < list->nmsrs; i++)
		add_msr(c, m, list->indices[i]);
	for (i = 0; i < LEN(more); i++) {
		for (k = more[i].first; k <= more[i].last; k++)
			add_msr(c, m, k);
	}
}

static void walk_msrs(struct msrs *m, struct state *s)
{
	uint32_t i;

	state_u32(s, &m->count);
	state_check(s, m->count <= MSRS_MAX, "too many MSRs");
	for (i = 0; i < m->count && !s->failed; i++) {
		uint64_t value = m->entry[i].data;

		state_u32(s, &m->entry[i].index);
		state_u64(s, &value);
		m->entry[i].data = value;
	}
}

/*
 * What cannot be written may be constant, and right; and what is not there
 * has lost nothing if it was 0.
 */
static bool load_msr(const struct kvm_vcpu *c, const struct kvm_msr_entry *e)
{
	uint64_t value = 0;

	if (kvm_msr_set(c, e->index, e->data))
		return true;
	(void)!kvm_msr_get(c, e->index, &value);
	return value == e->data;
}

static bool set_msrs(const struct kvm_vcpu *c, const struct msrs *m,
		     bool deadline, struct state *s)
{
	uint32_t i;

	for (i = 0; i < m->count; i++) {
		if ((m->entry[i].index == TSC_DEADLINE) != deadline)
			continue;
		if (!check(s, load_msr(c, &m->entry[i]),
			   "KVM does not take an MSR of the guest"))
			return false;
	}
	return true;
}

/* ---- all of it -------------------------------------------------------- */

struct walking {
	struct cpu cpu;
	struct x86_cpuid_list cpuid;
	struct msrs msrs;
};

/* Within 250 ppm KVM takes any rate, beyond that it must be able to scale. */
static bool set_tsc(const struct kvm_vcpu *c, uint32_t khz, struct state *s)
{
	if (khz == kvm_tsc_khz(c))
		return true;
	return check(s, kvm_call_n(c->fd, KVM_SET_TSC_KHZ, khz) == 0,
		     "this host's TSC has another rate");
}

static bool set_cpuid(struct kvm_vcpu *c, const struct x86_cpuid_list *list,
		      struct state *s)
{
	struct x86_cpuid_list *own = &kvm_x86_cpu(c)->cpuid;

	if (kvm_cpuid_same(list, own))
		return true;
	if (!check(s, kvm_cpuid_covers(own, list),
		   "this host's CPU lacks what the guest's has") ||
	    !check(s, kvm_cpuid_set(c, list),
		   "KVM does not take the guest's CPUID"))
		return false;
	*own = *list;
	return true;
}

static void load(struct kvm_vcpu *c, struct walking *w, struct state *s)
{
	struct cpu *p = &w->cpu;

	if (!set_cpuid(c, &w->cpuid, s) || !set_tsc(c, p->tsc_khz, s) ||
	    !set(c, p, PART_SREGS, s) || !set(c, p, PART_REGS, s) ||
	    !set(c, p, PART_XCRS, s) ||
	    !check(s, kvm_call(c->fd, KVM_SET_XSAVE, p->xsave) == 0,
		   "KVM does not take the vector registers") ||
	    !set(c, p, PART_DEBUG, s) || !set_msrs(c, &w->msrs, false, s) ||
	    !set(c, p, PART_LAPIC, s) || !set_msrs(c, &w->msrs, true, s) ||
	    !set(c, p, PART_EVENTS, s) || !set(c, p, PART_MP, s))
		return;
	/* Time has passed unseen: no reason for a guest's watchdog to bark. */
	(void)!kvm_call_n(c->fd, KVM_KVMCLOCK_CTRL, 0); /* has no such clock */
}

static void walk_all(struct kvm_vcpu *c, struct walking *w, struct state *s)
{
	if (!s->loading) {
		w->cpuid = kvm_x86_cpu(c)->cpuid;
		get(c, &w->cpu, s);
		get_msrs(c, &w->msrs);
	}
	walk_cpuid(&w->cpuid, s);
	walk(&w->cpu, s);
	walk_msrs(&w->msrs, s);
	if (s->loading && !s->failed)
		load(c, w, s);
}

void kvm_arch_vcpu_state(struct kvm_vcpu *c, struct state *s)
{
	struct walking *w = calloc(1, sizeof(*w));
	size_t size = kvm_x86(c->vm)->xsave_size;
	struct kvm_xsave *xsave = calloc(1, size);

	state_section(s, "kvm x86 cpu", 1);
	if (check(s, w && xsave, "out of memory")) {
		w->cpu.xsave = xsave;
		w->cpu.xsave_size = size;
		walk_all(c, w, s);
	}
	free(xsave);
	free(w);
}

/* ---- the VM's --------------------------------------------------------- */

static void walk_levels(struct kvm_x86_vm *x, struct state *s)
{
	unsigned i;

	state_u64(s, &x->sent);
	for (i = 0; i < KVM_PINS; i++) {
		state_u64(s, &x->level[i].addr);
		state_u32(s, &x->level[i].data);
		state_u64(s, &x->level[i].used);
	}
}

/* kvmclock, and the messages whose ends are still to be told. */
void kvm_arch_vm_state(struct kvm_vm *k, struct state *s)
{
	struct kvm_x86_vm *x = kvm_x86(k);
	struct kvm_clock_data clock = { 0 };
	uint64_t now;

	state_section(s, "kvm x86 vm", 1);
	if (!s->loading)
		(void)check(s, kvm_call(k->fd, KVM_GET_CLOCK, &clock) == 0,
			    "KVM does not tell its clock");
	now = clock.clock;
	state_u64(s, &now);
	mutex_lock(&x->mu);
	walk_levels(x, s);
	mutex_unlock(&x->mu);
	if (!s->loading || s->failed)
		return;
	kvm_message_load(k);
	clock = (struct kvm_clock_data){ .clock = now };
	(void)check(s, kvm_call(k->fd, KVM_SET_CLOCK, &clock) == 0,
		    "KVM does not take its clock");
}
