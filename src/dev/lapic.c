/* SPDX-License-Identifier: MIT */
/*
 * lapic.c - messages in, the most urgent vector per CPU, wires and events out.
 *
 * Nothing is remembered that can be computed: after every change each CPU's
 * wire is worked out again from its registers.  No message ever waits: it is
 * in its target's IRR, or an event, before the sender goes on.
 */
#include "dev/lapic.h"

#include "dev/lapic_priv.h"

/* 11.6.1: the low word of the ICR. */
enum {
	ICR_LOGICAL = 1 << 11,
	ICR_ASSERT = 1 << 14,
	ICR_LEVEL = 1 << 15,
	ICR_SHORTHAND_SHIFT = 18,
	TO_DEST = 0,
	TO_SELF = 1,
	TO_ALL = 2,
	TO_OTHERS = 3,
};

enum {
	LEAST_VECTOR = 16, /* 11.5.2: those below are the CPU's own */
	SVR_RESET = 0xff,
	DFR_FLAT = 15, /* 11.6.2.2, in the uppermost bits */
	DFR_CLUSTER = 0,
};

static void bit_set(uint32_t v[static 8], unsigned n)
{
	v[n / 32] |= UINT32_C(1) << n % 32;
}

static void bit_clear(uint32_t v[static 8], unsigned n)
{
	v[n / 32] &= ~(UINT32_C(1) << n % 32);
}

static bool bit_get(const uint32_t v[static 8], unsigned n)
{
	return v[n / 32] >> n % 32 & 1;
}

/* The highest bit that is set, or -1. */
static int highest(const uint32_t v[static 8])
{
	int i, bit;

	for (i = 7; i >= 0; i--) {
		for (bit = 31; v[i] && bit >= 0; bit--) {
			if (v[i] >> bit & 1)
				return i * 32 + bit;
		}
	}
	return -1;
}

/* 11.8.3.1: the priority of what the CPU does now. */
unsigned lapic_ppr(const struct lapic_cpu *c)
{
	int running = highest(c->isr);
	unsigned v = running < 0 ? 0 : (unsigned)running & 0xf0;

	return (c->tpr & 0xf0) >= v ? c->tpr : v;
}

/* The vector that is pending and may interrupt, or -1: 11.8.3. */
static int urgent(const struct lapic_cpu *c)
{
	int v = highest(c->irr);

	return v >= 0 && ((unsigned)v & 0xf0) > (lapic_ppr(c) & 0xf0) ? v : -1;
}

/* 11.4.7.1 and 11.4.7.3: after power-up, and after an INIT. */
void lapic_reset(struct lapic_cpu *c)
{
	unsigned i;

	*c = (struct lapic_cpu){
		.base = c->base,
		.pins = c->pins,
		.tsc_offset = c->tsc_offset,
		.svr = SVR_RESET,
		.dfr = UINT32_MAX,
		.due = CLOCK_NEVER,
	};
	for (i = 0; i < LAPIC_LVTS; i++)
		c->lvt[i] = LVT_MASKED;
}

/* 11.4.7.2: an APIC that is off takes no interrupts. */
static void pend(struct lapic_cpu *c, unsigned vector, bool level)
{
	if (!(c->svr & SVR_ENABLE))
		return;
	bit_set(c->irr, vector);
	if (level)
		bit_set(c->tmr, vector);
	else
		bit_clear(c->tmr, vector);
}

/*
 * 11.5.3: the first since ESR was written interrupts; an entry that is an
 * error itself makes one more, and no interrupt.
 */
void lapic_error(struct lapic_cpu *c, uint32_t error)
{
	uint32_t e = c->lvt[LVT_ERROR];
	bool first = !c->errors;

	c->errors |= error;
	if (!first || e & LVT_MASKED)
		return;
	if ((e & LVT_VECTOR) < LEAST_VECTOR)
		c->errors |= ERR_RECEIVE_VECTOR;
	else
		pend(c, e & LVT_VECTOR, false);
}

/* 11.8.4 */
static void receive(struct lapic_cpu *c, unsigned vector, bool level)
{
	if (vector < LEAST_VECTOR)
		lapic_error(c, ERR_RECEIVE_VECTOR);
	else
		pend(c, vector, level);
}

void lapic_fire(struct lapic_cpu *c, unsigned lvt, struct lapic_news *n,
		unsigned cpu)
{
	uint32_t e = c->lvt[lvt];

	if (e & LVT_MASKED)
		return;
	switch (e >> LVT_MODE_SHIFT & 7) {
	case APIC_FIXED: receive(c, e & LVT_VECTOR, e & LVT_REMOTE_IRR); break;
	case APIC_NMI: n->nmi |= UINT32_C(1) << cpu; break;
	default: /* SMI, ExtINT: no such thing; INIT: for P6 only */ break;
	}
}

/*
 * 11.5.1: NMIs are edges whatever the entry says; for the others a level
 * interrupts again after its end, which Remote IRR waits for.
 */
void lapic_pin(struct lapic_cpu *c, unsigned pin, bool rises,
	       struct lapic_news *n, unsigned cpu)
{
	uint32_t *e = &c->lvt[LVT_LINT0 + pin];
	bool level = *e & LVT_LEVEL && (*e >> LVT_MODE_SHIFT & 7) == APIC_FIXED;

	if (!level) {
		*e &= ~(uint32_t)LVT_REMOTE_IRR;
		if (rises)
			lapic_fire(c, LVT_LINT0 + pin, n, cpu);
	} else if (c->pins >> pin & 1 &&
		   !(*e & (LVT_REMOTE_IRR | LVT_MASKED)) &&
		   c->svr & SVR_ENABLE) {
		*e |= LVT_REMOTE_IRR;
		lapic_fire(c, LVT_LINT0 + pin, n, cpu);
	}
}

/* 11.8.5 */
void lapic_end(struct lapic *l, unsigned cpu, struct lapic_news *n)
{
	struct lapic_cpu *c = &l->cpu[cpu];
	int v = highest(c->isr);
	unsigned pin;

	if (v < 0)
		return;
	bit_clear(c->isr, (unsigned)v);
	if (!bit_get(c->tmr, (unsigned)v))
		return;
	n->ended = true;
	n->ended_vector = (uint8_t)v;
	for (pin = 0; pin < 2; pin++) {
		uint32_t *e = &c->lvt[LVT_LINT0 + pin];

		if (!(*e & LVT_REMOTE_IRR) || (int)(*e & LVT_VECTOR) != v)
			continue;
		*e &= ~(uint32_t)LVT_REMOTE_IRR;
		lapic_pin(c, pin, false, n, cpu);
	}
}

/* 11.6.2.2, and for x2APIC 11.12.10.2: its LDR follows from the id. */
static bool logically(const struct lapic_cpu *c, unsigned cpu, uint32_t dest)
{
	uint32_t ldr = c->ldr >> 24;

	if (lapic_is_x2(c))
		return dest >> 16 == cpu >> 4 && dest >> (cpu & 15) & 1;
	if (dest > 0xff)
		return false;
	switch (c->dfr >> 28) {
	case DFR_FLAT: return ldr & dest;
	case DFR_CLUSTER: return ldr >> 4 == dest >> 4 && ldr & dest & 15;
	default: return false;
	}
}

static uint32_t present(const struct lapic *l)
{
	uint32_t set = 0;
	unsigned i;

	for (i = 0; i < l->cpus; i++) {
		if (l->cpu[i].base & BASE_ENABLE)
			set |= UINT32_C(1) << i;
	}
	return set;
}

static uint32_t addressed(const struct lapic *l, const struct apic_message *m)
{
	uint32_t set = 0;
	unsigned i;

	for (i = 0; i < l->cpus; i++) {
		if (m->dest == APIC_ALL ||
		    (m->logical ? logically(&l->cpu[i], i, m->dest)
				: m->dest == i))
			set |= UINT32_C(1) << i;
	}
	return set & present(l);
}

/* 11.6.2.4: the one that does the least urgent thing. */
static uint32_t least_busy(const struct lapic *l, uint32_t set)
{
	unsigned i, ppr, least = 0;
	uint32_t best = 0;

	for (i = 0; i < l->cpus; i++) {
		if (!(set >> i & 1) || !(l->cpu[i].svr & SVR_ENABLE))
			continue;
		ppr = lapic_ppr(&l->cpu[i]) & 0xf0;
		if (best && ppr >= least)
			continue;
		best = UINT32_C(1) << i;
		least = ppr;
	}
	return best;
}

static void receive_all(struct lapic *l, uint32_t set, uint8_t vector,
			bool level)
{
	unsigned i;

	for (i = 0; i < l->cpus; i++) {
		if (set >> i & 1)
			receive(&l->cpu[i], vector, level);
	}
}

static void reset_all(struct lapic *l, uint32_t set)
{
	unsigned i;

	for (i = 0; i < l->cpus; i++) {
		if (set >> i & 1)
			lapic_reset(&l->cpu[i]);
	}
}

static void deliver(struct lapic *l, uint32_t set, const struct apic_message *m,
		    struct lapic_news *n)
{
	switch (m->mode) {
	case APIC_FIXED: receive_all(l, set, m->vector, m->level); break;
	case APIC_LOWEST:
		receive_all(l, least_busy(l, set), m->vector, m->level);
		break;
	case APIC_NMI: n->nmi |= set; break;
	case APIC_INIT:
		reset_all(l, set);
		n->init |= set;
		break;
	case APIC_SIPI:
		n->sipi |= set;
		n->sipi_vector = m->vector;
		break;
	default: /* SMI, ExtINT: no such thing here; 3: reserved */ break;
	}
}

void lapic_self(struct lapic_cpu *c, uint8_t vector)
{
	if (vector < LEAST_VECTOR)
		lapic_error(c, ERR_SEND_VECTOR);
	else
		pend(c, vector, false);
}

/* 11.6.1, table 11-3: to oneself, too, only fixed ones go by shorthand. */
static uint32_t targets(const struct lapic *l, unsigned from, unsigned how,
			const struct apic_message *m)
{
	uint32_t self = UINT32_C(1) << from;

	switch (how) {
	case TO_DEST: return addressed(l, m);
	case TO_SELF: return m->mode == APIC_FIXED ? self : 0;
	case TO_ALL: return m->mode == APIC_FIXED ? present(l) : 0;
	default: return present(l) & ~self;
	}
}

/* 11.6.1: 8 bits; 11.12.9: 32 bits.  All ones are everybody. */
static uint32_t icr_dest(const struct lapic_cpu *c)
{
	uint32_t dest = c->icr_dest >> 24;

	if (lapic_is_x2(c))
		return c->icr_dest;
	return dest == 0xff ? APIC_ALL : dest;
}

/* An IPI is an edge; the end of an INIT's level was for the bus of the P6. */
void lapic_send(struct lapic *l, unsigned from, struct lapic_news *n)
{
	struct lapic_cpu *c = &l->cpu[from];
	uint32_t icr = c->icr;
	struct apic_message m = {
		.dest = icr_dest(c),
		.vector = (uint8_t)icr,
		.mode = icr >> 8 & 7,
		.logical = icr & ICR_LOGICAL,
	};

	if (m.mode == APIC_EXTINT ||
	    (m.mode == APIC_INIT &&
	     (icr & (ICR_LEVEL | ICR_ASSERT)) == ICR_LEVEL))
		return;
	if (m.mode <= APIC_LOWEST && m.vector < LEAST_VECTOR) {
		lapic_error(c, ERR_SEND_VECTOR);
		return;
	}
	deliver(l, targets(l, from, icr >> ICR_SHORTHAND_SHIFT & 3, &m), &m, n);
}

/* A call on a CPU's own thread begins: its timer is looked at. */
uint64_t lapic_enter(struct lapic *l, unsigned cpu, struct lapic_news *n)
{
	uint64_t now = clock_now(l->clk);

	mutex_lock(&l->mu);
	if (lapic_timer_expire(&l->cpu[cpu], now))
		lapic_fire(&l->cpu[cpu], LVT_TIMER, n, cpu);
	return now;
}

static void wires(struct lapic *l)
{
	unsigned i;

	/* Each one anew: line_drive() lets others change things meanwhile. */
	for (i = 0; i < l->cpus; i++)
		line_drive(&l->line[i], &l->mu, urgent(&l->cpu[i]) >= 0);
}

void lapic_leave(struct lapic *l, const struct lapic_news *n)
{
	unsigned i;

	wires(l);
	mutex_unlock(&l->mu);
	for (i = 0; i < l->cpus; i++) {
		if (n->init >> i & 1)
			l->on->init(l->ctx, i);
		if (n->sipi >> i & 1)
			l->on->sipi(l->ctx, i, n->sipi_vector);
		if (n->nmi >> i & 1)
			l->on->nmi(l->ctx, i);
	}
	if (n->ended)
		l->on->eoi(l->ctx, n->ended_vector);
}

int lapic_take(struct lapic *l, unsigned cpu)
{
	struct lapic_news n = { 0 };
	struct lapic_cpu *c = &l->cpu[cpu];
	int v;

	(void)lapic_enter(l, cpu, &n);
	v = urgent(c);
	if (v >= 0) {
		bit_clear(c->irr, (unsigned)v);
		bit_set(c->isr, (unsigned)v);
	}
	lapic_leave(l, &n);
	return v;
}

uint64_t lapic_deadline(struct lapic *l, unsigned cpu)
{
	const struct lapic_cpu *c = &l->cpu[cpu];
	uint64_t now = clock_now(l->clk), due = CLOCK_NEVER;

	mutex_lock(&l->mu);
	if (!(c->lvt[LVT_TIMER] & LVT_MASKED))
		due = lapic_timer_due(c, now);
	mutex_unlock(&l->mu);
	return due;
}

void lapic_tick(struct lapic *l, unsigned cpu)
{
	struct lapic_news n = { 0 };

	(void)lapic_enter(l, cpu, &n);
	lapic_leave(l, &n);
}

void lapic_set_tsc(struct lapic *l, unsigned cpu, uint64_t offset)
{
	struct lapic_news n = { 0 };

	(void)lapic_enter(l, cpu, &n);
	l->cpu[cpu].tsc_offset = offset;
	lapic_leave(l, &n);
	lapic_tick(l, cpu); /* a deadline may have passed */
}

/* 11.8.6: CR8 is the task priority's class. */
uint64_t lapic_cr8(struct lapic *l, unsigned cpu)
{
	uint64_t v;

	mutex_lock(&l->mu);
	v = l->cpu[cpu].tpr >> 4;
	mutex_unlock(&l->mu);
	return v;
}

void lapic_set_cr8(struct lapic *l, unsigned cpu, uint64_t v)
{
	struct lapic_news n = { 0 };

	mutex_lock(&l->mu);
	l->cpu[cpu].tpr = (uint32_t)(v & 15) << 4;
	lapic_leave(l, &n);
}

void lapic_message(struct lapic *l, const struct apic_message *m)
{
	struct lapic_news n = { 0 };

	mutex_lock(&l->mu);
	deliver(l, addressed(l, m), m, &n);
	lapic_leave(l, &n);
}

void lapic_lint(struct lapic *l, unsigned cpu, unsigned pin, bool level)
{
	struct lapic_news n = { 0 };
	struct lapic_cpu *c;
	uint8_t bit;
	bool rises;

	if (cpu >= l->cpus || pin > 1)
		return;
	c = &l->cpu[cpu];
	bit = (uint8_t)(1 << pin);
	mutex_lock(&l->mu);
	rises = level && !(c->pins & bit);
	c->pins = level ? c->pins | bit : c->pins & (uint8_t)~bit;
	lapic_pin(c, pin, rises, &n, cpu);
	lapic_leave(l, &n);
}

static void power_up(struct lapic *l)
{
	unsigned i;

	for (i = 0; i < l->cpus; i++) {
		l->cpu[i] = (struct lapic_cpu){
			.base = LAPIC_BASE | BASE_ENABLE | (i ? 0 : BASE_BSP),
		};
		lapic_reset(&l->cpu[i]);
	}
}

int lapic_init(struct lapic *l, unsigned cpus, const struct irq cpu_line[],
	       const struct clock *clk, const struct lapic_events *on,
	       void *ctx, mv_error *err)
{
	unsigned i;

	if (cpus < 1 || cpus > LAPIC_MAX_CPUS)
		return fail(err, MICROVM_EINVAL,
			    "local APICs for %u CPUs: we have 1 to %d", cpus,
			    LAPIC_MAX_CPUS);
	*l = (struct lapic){ .cpus = cpus, .clk = clk, .on = on, .ctx = ctx };
	for (i = 0; i < cpus; i++)
		l->line[i].irq = cpu_line[i];
	power_up(l);
	return mutex_init(&l->mu, err);
}

void lapic_fini(struct lapic *l)
{
	mutex_fini(&l->mu);
}

static void state_words(struct state *s, uint32_t *v, unsigned n)
{
	while (n--)
		state_u32(s, v++);
}

static void cpu_state(struct lapic_cpu *c, struct state *s)
{
	state_u64(s, &c->base);
	state_words(s, c->irr, 8);
	state_words(s, c->isr, 8);
	state_words(s, c->tmr, 8);
	state_u32(s, &c->tpr);
	state_u32(s, &c->svr);
	state_u32(s, &c->ldr);
	state_u32(s, &c->dfr);
	state_u32(s, &c->esr);
	state_u32(s, &c->errors);
	state_u32(s, &c->icr);
	state_u32(s, &c->icr_dest);
	state_words(s, c->lvt, LAPIC_LVTS);
	state_u32(s, &c->divide);
	state_u32(s, &c->initial);
	state_u64(s, &c->due);
	state_u64(s, &c->tsc_deadline);
	state_u64(s, &c->tsc_offset);
	state_u8(s, &c->pins);
	lapic_regs_check(c, s);
}

static void walk(struct lapic *l, struct state *s)
{
	uint32_t cpus = l->cpus;
	unsigned i;

	state_section(s, "lapic", 1);
	state_u32(s, &cpus);
	state_check(s, cpus == l->cpus, "another number of CPUs");
	for (i = 0; i < l->cpus; i++)
		cpu_state(&l->cpu[i], s);
}

void lapic_state(struct lapic *l, struct state *s)
{
	mutex_lock(&l->mu);
	walk(l, s);
	if (s->loading && s->failed) /* half a load is no use */
		power_up(l);
	wires(l);
	mutex_unlock(&l->mu);
}
