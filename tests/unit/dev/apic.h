/* SPDX-License-Identifier: MIT */
/* apic.h - local APICs under test: their clock, wires and events. */
#ifndef TESTS_DEV_APIC_H
#define TESTS_DEV_APIC_H

#include "arch/x86_64/layout.h"
#include "dev/lapic.h"

#include "../check.h"

/* Registers, by number. */
enum {
	ID       = 0x02,
	VERSION  = 0x03,
	TPR      = 0x08,
	PPR      = 0x0a,
	EOI      = 0x0b,
	LDR      = 0x0d,
	DFR      = 0x0e,
	SVR      = 0x0f,
	ISR      = 0x10,
	TMR      = 0x18,
	IRR      = 0x20,
	ESR      = 0x28,
	ICR      = 0x30,
	ICR_HIGH = 0x31,
	TIMER    = 0x32,
	THERMAL  = 0x33,
	COUNTER  = 0x34,
	LINT0    = 0x35,
	LINT1    = 0x36,
	ERROR    = 0x37,
	INITIAL  = 0x38,
	CURRENT  = 0x39,
	DIVIDE   = 0x3e,
	SELF     = 0x3f,

	MASKED   = 1 << 16,
	PERIODIC = 1 << 17,
	DEADLINE = 1 << 18,
	ON       = 0x1ff,       /* SVR */

	MSR_BASE = 0x1b,
	MSR_TSC_DEADLINE = 0x6e0,
	BASE_ON  = 1 << 11,
	BASE_X2  = 1 << 10,

	LOGICAL  = 1 << 11,     /* ICR */
	TO_SELF  = 1 << 18,
	TO_ALL   = 2 << 18,
	TO_OTHERS = 3 << 18,
	NMI      = 4 << 8,
	INIT     = 5 << 8,
	SIPI     = 6 << 8,
};

struct apic {
	struct lapic l;
	uint64_t     now;
	struct clock clk;
	bool         level[LAPIC_MAX_CPUS];
	unsigned     init[LAPIC_MAX_CPUS], sipi[LAPIC_MAX_CPUS];
	unsigned     nmi[LAPIC_MAX_CPUS];
	uint8_t      sipi_vector;
	unsigned     eois;
	uint8_t      eoi_vector;
	bool         locked;    /* an event saw the lock held */
};

static inline void apic_look(struct apic *t)
{
	if (uv_mutex_trylock(&t->l.mu.uv) == 0)
		mutex_unlock(&t->l.mu);
	else
		t->locked = true;
}

static inline void apic_on_init(void *ctx, unsigned cpu)
{
	struct apic *t = ctx;

	t->init[cpu]++;
	apic_look(t);
}

static inline void apic_on_sipi(void *ctx, unsigned cpu, uint8_t vector)
{
	struct apic *t = ctx;

	t->sipi[cpu]++;
	t->sipi_vector = vector;
	apic_look(t);
}

static inline void apic_on_nmi(void *ctx, unsigned cpu)
{
	struct apic *t = ctx;

	t->nmi[cpu]++;
	apic_look(t);
}

static inline void apic_on_eoi(void *ctx, uint8_t vector)
{
	struct apic *t = ctx;

	t->eois++;
	t->eoi_vector = vector;
	apic_look(t);
}

static const struct lapic_events apic_events = {
	apic_on_init, apic_on_sipi, apic_on_nmi, apic_on_eoi
};

static inline void apic_line(void *chip, unsigned pin, bool level)
{
	struct apic *t = chip;

	assert_int_not_equal(t->level[pin], level);
	t->level[pin] = level;
	apic_look(t);
}

static inline uint64_t apic_now(void *ctx)
{
	return ((struct apic *)ctx)->now;
}

/* As they leave reset: on, but with SVR's bit clear. */
static inline void apic_init(struct apic *t, unsigned cpus)
{
	struct irq line[LAPIC_MAX_CPUS];
	unsigned i;

	*t = (struct apic){ .now = 1000 };
	t->clk = (struct clock){ .now = apic_now, .ctx = t };
	for (i = 0; i < cpus; i++)
		line[i] = (struct irq){ apic_line, t, i };
	assert_int_equal(lapic_init(&t->l, cpus, line, &t->clk, &apic_events,
				    t, NULL),
			 0);
}

static inline void apic_fini(struct apic *t)
{
	assert_false(t->locked);
	lapic_fini(&t->l);
}

static inline uint32_t rd(struct apic *t, unsigned cpu, unsigned reg)
{
	struct access a = { .addr = X86_LAPIC_BASE + 16 * (uint64_t)reg,
			    .size = 4, .value = 0xdead };

	assert_true(lapic_access(&t->l, cpu, &a));
	return (uint32_t)a.value;
}

static inline void wr(struct apic *t, unsigned cpu, unsigned reg, uint32_t v)
{
	struct access a = { .addr = X86_LAPIC_BASE + 16 * (uint64_t)reg,
			    .size = 4, .write = true, .value = v };

	assert_true(lapic_access(&t->l, cpu, &a));
}

/* MSRs; -1: a fault. */
static inline int msr_rd(struct apic *t, unsigned cpu, uint32_t id,
			 uint64_t *v)
{
	struct sysreg_access a = { .id = id };
	bool ok = lapic_msr(&t->l, cpu, &a);

	*v = a.value;
	return ok ? 0 : -1;
}

static inline int msr_wr(struct apic *t, unsigned cpu, uint32_t id,
			 uint64_t v)
{
	struct sysreg_access a = { .id = id, .write = true, .value = v };

	return lapic_msr(&t->l, cpu, &a) ? 0 : -1;
}

static inline uint64_t msr(struct apic *t, unsigned cpu, uint32_t id)
{
	uint64_t v;

	assert_int_equal(msr_rd(t, cpu, id, &v), 0);
	return v;
}

static inline void apic_go_x2(struct apic *t, unsigned cpu)
{
	assert_int_equal(msr_wr(t, cpu, MSR_BASE,
				msr(t, cpu, MSR_BASE) | BASE_X2),
			 0);
}

/* And switched on, each with its bit in flat logical destinations. */
static inline void apic_init_ready(struct apic *t, unsigned cpus)
{
	unsigned i;

	apic_init(t, cpus);
	for (i = 0; i < cpus; i++) {
		wr(t, i, SVR, ON);
		wr(t, i, LDR, UINT32_C(1) << (24 + i));
	}
}

static inline void apic_send(struct apic *t, uint32_t dest, bool logical,
			     unsigned mode, uint8_t vector, bool level)
{
	struct apic_message m = { .dest = dest, .vector = vector,
				  .mode = (uint8_t)mode, .logical = logical,
				  .level = level };

	lapic_message(&t->l, &m);
}

/* Which CPUs take this vector now?  A bit each; they end it, too. */
static inline unsigned apic_takers(struct apic *t, int vector)
{
	unsigned i, set = 0;

	for (i = 0; i < t->l.cpus; i++) {
		bool level = t->level[i];
		int v = lapic_take(&t->l, i);

		assert_int_equal(level, v >= 0);
		if (v < 0)
			continue;
		assert_int_equal(v, vector);
		set |= 1u << i;
		if (t->l.cpu[i].base & BASE_X2)
			assert_int_equal(msr_wr(t, i, 0x800 + EOI, 0), 0);
		else
			wr(t, i, EOI, 0);
	}
	return set;
}

#endif
