/* SPDX-License-Identifier: MIT */
/*
 * lapic_regs.c - the registers of a local APIC, in memory and as MSRs: SDM
 * volume 3, tables 11-1 and 11-6.
 *
 * Both ways lead to the same registers, by the same numbers.  What a driver
 * does wrong is an error in ESR in memory, and a fault by MSR.
 */
#include "dev/lapic.h"
#include "dev/lapic_priv.h"

/* Numbers of registers: 16 bytes each in memory. */
enum {
	ID = 0x02,
	VERSION = 0x03,
	TPR = 0x08,
	PPR = 0x0a,
	EOI = 0x0b,
	LDR = 0x0d,
	DFR = 0x0e, /* not in x2APIC */
	SVR = 0x0f,
	ISR = 0x10, /* 8 each */
	TMR = 0x18,
	IRR = 0x20,
	ESR = 0x28,
	ICR = 0x30,
	ICR_HIGH = 0x31, /* not in x2APIC: ICR has 64 bits */
	LVT = 0x32,
	LVT_END = LVT + LAPIC_LVTS,
	INITIAL = 0x38,
	CURRENT = 0x39,
	DIVIDE = 0x3e,
	SELF_IPI = 0x3f, /* x2APIC only */

	MSR_BASE = 0x1b,
	MSR_TSC_DEADLINE = 0x6e0,
	MSR_X2APIC = 0x800,
	MSR_X2APIC_END = 0x900,

	VERSION_VALUE = (LAPIC_LVTS - 1) << 16 | 0x14, /* 11.4.8 */
	SVR_BITS = 0x3ff,
	ICR_BITS = 0xccfff,
	ICR_STATUS = 1 << 12, /* read only: never pending */
	DIVIDE_BITS = 0x0b,
	DFR_FIXED = 0x0fffffff,
	ERROR_BITS = ERR_SEND_VECTOR | ERR_RECEIVE_VECTOR | ERR_REGISTER,
};

#define LDR_BITS UINT32_C(0xff000000)

/* 11.5.1: what can be written of each entry, in the order of lvt[]. */
static const uint32_t lvt_bits[LAPIC_LVTS] = {
	[LVT_TIMER] = 0x700ff, [LVT_THERMAL] = 0x107ff, [LVT_COUNTER] = 0x107ff,
	[LVT_LINT0] = 0x1a7ff, [LVT_LINT1] = 0x1a7ff,   [LVT_ERROR] = 0x100ff,
};

/* What can be read and written; in memory all other numbers are an error. */
static bool exists(unsigned r, bool x2)
{
	switch (r) {
	case DFR:
	case ICR_HIGH: return !x2;
	case SELF_IPI: return x2;
	case ID:
	case VERSION:
	case TPR:
	case PPR:
	case EOI:
	case LDR:
	case SVR:
	case ESR:
	case ICR:
	case INITIAL:
	case CURRENT:
	case DIVIDE: return true;
	default: return (r >= ISR && r < ESR) || (r >= LVT && r < LVT_END);
	}
}

static uint32_t ldr(const struct lapic_cpu *c, unsigned cpu)
{
	if (!lapic_is_x2(c))
		return c->ldr;
	return (uint32_t)(cpu >> 4) << 16 | UINT32_C(1) << (cpu & 15);
}

static uint32_t get(const struct lapic_cpu *c, unsigned cpu, unsigned r,
		    uint64_t now)
{
	if (r >= ISR && r < ESR) {
		const uint32_t *v = r < TMR   ? c->isr
				    : r < IRR ? c->tmr
					      : c->irr;

		return v[r % 8];
	}
	if (r >= LVT && r < LVT_END)
		return c->lvt[r - LVT];
	switch (r) {
	case ID: return lapic_is_x2(c) ? cpu : cpu << 24;
	case VERSION: return VERSION_VALUE;
	case TPR: return c->tpr;
	case PPR: return lapic_ppr(c);
	case LDR: return ldr(c, cpu);
	case DFR: return c->dfr;
	case SVR: return c->svr;
	case ESR: return c->esr;
	case ICR: return c->icr;
	case ICR_HIGH: return c->icr_dest;
	case INITIAL: return c->initial;
	case CURRENT: return lapic_timer_count(c, now);
	case DIVIDE: return c->divide;
	default: return 0; /* write only */
	}
}

/* 11.4.7.2: a disabled APIC has all its entries masked, and keeps them so. */
static void set_lvt(struct lapic_cpu *c, unsigned i, uint32_t v,
		    struct lapic_news *n, unsigned cpu)
{
	v &= lvt_bits[i];
	if (!(c->svr & SVR_ENABLE))
		v |= LVT_MASKED;
	if (i == LVT_TIMER) {
		lapic_timer_set_lvt(c, v);
	} else if (i == LVT_LINT0 || i == LVT_LINT1) {
		c->lvt[i] = v | (c->lvt[i] & LVT_REMOTE_IRR);
		lapic_pin(c, i - LVT_LINT0, false, n, cpu);
	} else {
		c->lvt[i] = v;
	}
}

static void set_svr(struct lapic_cpu *c, uint32_t v)
{
	unsigned i;

	c->svr = v & SVR_BITS;
	for (i = 0; i < LAPIC_LVTS && !(v & SVR_ENABLE); i++)
		c->lvt[i] |= LVT_MASKED;
}

static void set(struct lapic *l, unsigned cpu, unsigned r, uint32_t v,
		uint64_t now, struct lapic_news *n)
{
	struct lapic_cpu *c = &l->cpu[cpu];

	if (r >= LVT && r < LVT_END) {
		set_lvt(c, r - LVT, v, n, cpu);
		return;
	}
	switch (r) {
	case TPR: c->tpr = v & 0xff; break;
	case EOI: lapic_end(l, cpu, n); break;
	case LDR: c->ldr = v & LDR_BITS; break;
	case DFR: c->dfr = v | DFR_FIXED; break;
	case SVR: set_svr(c, v); break;
	case ESR:
		c->esr = c->errors;
		c->errors = 0;
		break;
	case ICR:
		c->icr = v & ICR_BITS;
		lapic_send(l, cpu, n);
		break;
	case ICR_HIGH: c->icr_dest = v; break;
	case INITIAL: lapic_timer_set_initial(c, v, now); break;
	case DIVIDE: lapic_timer_set_divide(c, v & DIVIDE_BITS, now); break;
	case SELF_IPI: lapic_self(c, (uint8_t)v); break;
	default: /* read only */ break;
	}
}

bool lapic_access(struct lapic *l, unsigned cpu, struct access *a)
{
	struct lapic_news n = { 0 };
	struct lapic_cpu *c = &l->cpu[cpu];
	uint64_t off = a->addr - LAPIC_BASE, now;
	unsigned r = (unsigned)(off / 16 % 256);
	bool mine;

	/* 11.4.1: others than aligned words are undefined. */
	if (a->space != SPACE_MMIO || off >= LAPIC_SIZE || off % 16 ||
	    a->size != 4)
		return false;
	now = lapic_enter(l, cpu, &n);
	mine = (c->base & BASE_ENABLE) && !lapic_is_x2(c);
	if (mine && !exists(r, false)) {
		lapic_error(c, ERR_REGISTER);
		a->value = 0;
	} else if (mine && a->write) {
		set(l, cpu, r, (uint32_t)a->value, now, &n);
	} else if (mine) {
		a->value = get(c, cpu, r, now);
	}
	lapic_leave(l, &n);
	return mine;
}

/* Bits whose being written is no fault: 11.12.1.3. */
static uint64_t writable(unsigned r)
{
	if (r >= LVT && r < LVT_END)
		return lvt_bits[r - LVT] | LVT_STATUS | LVT_REMOTE_IRR;
	switch (r) {
	case TPR:
	case SELF_IPI: return 0xff;
	case SVR: return SVR_BITS;
	case ICR: return UINT64_C(0xffffffff00000000) | ICR_BITS | ICR_STATUS;
	case INITIAL: return UINT32_MAX;
	case DIVIDE: return DIVIDE_BITS;
	default: return 0; /* EOI and ESR: only 0 */
	}
}

static bool read_only(unsigned r)
{
	return r == ID || r == VERSION || r == PPR || r == LDR ||
	       (r >= ISR && r < ESR) || r == CURRENT;
}

static bool x2_write(struct lapic *l, unsigned cpu, unsigned r, uint64_t v,
		     uint64_t now, struct lapic_news *n)
{
	if (read_only(r) || v & ~writable(r))
		return false;
	if (r == ICR)
		l->cpu[cpu].icr_dest = (uint32_t)(v >> 32);
	set(l, cpu, r, (uint32_t)v, now, n);
	return true;
}

static bool x2_msr(struct lapic *l, unsigned cpu, struct sysreg_access *a,
		   uint64_t now, struct lapic_news *n)
{
	const struct lapic_cpu *c = &l->cpu[cpu];
	unsigned r = a->id - MSR_X2APIC;

	if (!lapic_is_x2(c) || !exists(r, true))
		return false;
	if (a->write)
		return x2_write(l, cpu, r, a->value, now, n);
	if (r == EOI || r == SELF_IPI)
		return false;
	a->value = get(c, cpu, r, now);
	if (r == ICR)
		a->value |= (uint64_t)c->icr_dest << 32;
	return true;
}

static bool legal_base(uint64_t v)
{
	uint64_t bits = BASE_BSP | BASE_X2APIC | BASE_ENABLE;

	return (v & ~bits) == LAPIC_BASE &&
	       (v & BASE_ENABLE || !(v & BASE_X2APIC));
}

/*
 * 11.12.5.1: x2APIC is entered from xAPIC and left by switching off; and off
 * means reset.  The registers stay where they are, and the CPU that boots
 * stays the one: a write to move them is a fault, or ignored.
 */
static bool set_base(struct lapic_cpu *c, uint64_t v)
{
	bool was_on = c->base & BASE_ENABLE, on = v & BASE_ENABLE;
	bool was_x2 = c->base & BASE_X2APIC, x2 = v & BASE_X2APIC;

	if (!legal_base(v) || (x2 && !was_on) || (was_x2 && on && !x2))
		return false;
	c->base = (v & ~(uint64_t)BASE_BSP) | (c->base & BASE_BSP);
	if (was_on && !on)
		lapic_reset(c);
	else if (x2 && !was_x2) /* 11.12.5.1: the ICR's halves are one */
		c->icr_dest = 0;
	return true;
}

static bool msr(struct lapic *l, unsigned cpu, struct sysreg_access *a,
		uint64_t now, struct lapic_news *n)
{
	struct lapic_cpu *c = &l->cpu[cpu];

	if (a->id >= MSR_X2APIC && a->id < MSR_X2APIC_END)
		return x2_msr(l, cpu, a, now, n);
	if (a->id == MSR_BASE && a->write)
		return set_base(c, a->value);
	if (a->id == MSR_BASE)
		a->value = c->base;
	else if (a->write)
		lapic_timer_set_tsc_deadline(c, a->value);
	else
		a->value = lapic_timer_tsc_deadline(c);
	return true;
}

bool lapic_msr(struct lapic *l, unsigned cpu, struct sysreg_access *a)
{
	struct lapic_news n = { 0 };
	uint64_t now;
	bool ok;

	if (a->id != MSR_BASE && a->id != MSR_TSC_DEADLINE &&
	    (a->id < MSR_X2APIC || a->id >= MSR_X2APIC_END))
		return false;
	now = lapic_enter(l, cpu, &n);
	ok = msr(l, cpu, a, now, &n);
	/* a deadline that has passed is met at once */
	if (lapic_timer_expire(&l->cpu[cpu], now))
		lapic_fire(&l->cpu[cpu], LVT_TIMER, &n, cpu);
	lapic_leave(l, &n);
	return ok;
}

static bool known(const uint32_t v[static 8])
{
	return !(v[0] & 0xffff); /* vectors 0 to 15 are no interrupts */
}

static bool good_lvt(const struct lapic_cpu *c)
{
	unsigned i;

	for (i = 0; i < LAPIC_LVTS; i++) {
		uint32_t more =
			i == LVT_LINT0 || i == LVT_LINT1 ? LVT_REMOTE_IRR : 0;

		if (c->lvt[i] & ~(lvt_bits[i] | more))
			return false;
	}
	return (c->lvt[LVT_TIMER] & (LVT_PERIODIC | LVT_TSC_DEADLINE)) !=
	       (LVT_PERIODIC | LVT_TSC_DEADLINE);
}

void lapic_regs_check(const struct lapic_cpu *c, struct state *s)
{
	state_check(s, legal_base(c->base), "bad IA32_APIC_BASE");
	state_check(s, known(c->irr) && known(c->isr) && known(c->tmr),
		    "an interrupt below 16");
	state_check(s, c->tpr <= 0xff, "bad TPR");
	state_check(s, !(c->svr & ~(uint32_t)SVR_BITS), "bad SVR");
	state_check(s, !(c->ldr & ~LDR_BITS), "bad LDR");
	state_check(s, (c->dfr & DFR_FIXED) == DFR_FIXED, "bad DFR");
	state_check(s, !((c->esr | c->errors) & ~(uint32_t)ERROR_BITS),
		    "bad ESR");
	state_check(s, !(c->icr & ~(uint32_t)ICR_BITS), "bad ICR");
	state_check(s, good_lvt(c), "bad local vector table");
	state_check(s, !(c->divide & ~(uint32_t)DIVIDE_BITS),
		    "bad timer divisor");
	state_check(s, c->pins <= 3, "more pins than two");
}
