/* SPDX-License-Identifier: MIT */
/*
 * lapic.h - the local APICs of all CPUs: xAPIC and x2APIC (SDM volume 3,
 * chapter 11).
 *
 * One object, for they talk to each other.  CPU n has APIC id n, for good.
 * The timer counts nanoseconds: the crystal and the TSC are both at 1 GHz.
 *
 * A CPU's wire is high while an interrupt is pending that its priority lets
 * through; lapic_take() then gives the vector.  INIT, start-up, NMI and the
 * end of a level-triggered interrupt are events.
 *
 * Calls are safe from any thread, but those that name their own CPU's thread
 * also look at the clock, which others may not.  Wires are moved and events
 * told with no lock held; while another thread is moving a CPU's wire, that
 * CPU may be told of an interrupt it has just masked, and takes -1.
 */
#ifndef DEV_LAPIC_H
#define DEV_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bus.h"
#include "core/clock.h"
#include "core/hv.h"
#include "core/irq.h"
#include "core/state.h"
#include "dev/apic.h"
#include "dev/line.h"
#include "os/thread.h"

enum {
	LAPIC_MAX_CPUS = 8,     /* as many as a flat destination names */
	LAPIC_LVTS     = 6,
};

#define LAPIC_HZ UINT64_C(1000000000) /* of the timer and of the TSC */

/* With no lock held, on the thread of whoever caused it. */
struct lapic_events {
	/*
	 * This CPU is to stop and to wait for a start-up message.  Its APIC
	 * is reset already.  It may be the calling one.
	 */
	void (*init)(void *ctx, unsigned cpu);

	/* If it waits, it is to begin at vector * 4096, in real mode. */
	void (*sipi)(void *ctx, unsigned cpu, uint8_t vector);
	void (*nmi)(void *ctx, unsigned cpu);

	/* For the IOAPIC: a CPU has ended a level-triggered interrupt. */
	void (*eoi)(void *ctx, uint8_t vector);
};

/* One CPU's registers: what a save holds. */
struct lapic_cpu {
	uint64_t base;          /* IA32_APIC_BASE */
	uint32_t irr[8], isr[8], tmr[8];
	uint32_t tpr, svr, ldr, dfr;
	uint32_t esr, errors;   /* as shown; since the last write to it */
	uint32_t icr, icr_dest;
	uint32_t lvt[LAPIC_LVTS]; /* timer thermal counter lint0 lint1 error */
	uint32_t divide, initial;
	uint64_t due;           /* ns: the count is 0; CLOCK_NEVER: stopped */
	uint64_t tsc_deadline;  /* 0: none */
	uint64_t tsc_offset;    /* the TSC minus the clock */
	uint8_t  pins;          /* levels of LINT0, LINT1 */
};

struct lapic {
	unsigned                   cpus; /* constant, all four */
	const struct clock        *clk;
	const struct lapic_events *on;
	void                      *ctx;
	struct mutex               mu;

	/* under mu */
	struct line                line[LAPIC_MAX_CPUS];
	struct lapic_cpu           cpu[LAPIC_MAX_CPUS];
};

/* CPU 0 is the one that boots.  Holds clk and `on` until the fini. */
int  lapic_init(struct lapic *l, unsigned cpus, const struct irq cpu_line[],
		const struct clock *clk, const struct lapic_events *on,
		void *ctx, mv_error *err) MUST_CHECK;
void lapic_fini(struct lapic *l);

/*
 * One access of this CPU, on its own thread; false: not to its APIC, or of a
 * kind it does not take, and then it is open bus.  To be asked before the
 * bus, where the CPUs' APICs cannot be: they are all at the same address.
 */
bool lapic_access(struct lapic *l, unsigned cpu, struct access *a);

/*
 * IA32_APIC_BASE, IA32_TSC_DEADLINE and x2APIC's registers, on the CPU's own
 * thread; false: not one of them, or a fault.
 */
bool lapic_msr(struct lapic *l, unsigned cpu, struct sysreg_access *a);

/* CR8 of this CPU, bits 3-0; on its own thread. */
uint64_t lapic_cr8(struct lapic *l, unsigned cpu);
void lapic_set_cr8(struct lapic *l, unsigned cpu, uint64_t v);

/* This CPU's TSC is the clock's ns plus this; on its own thread. */
void lapic_set_tsc(struct lapic *l, unsigned cpu, uint64_t offset);

/*
 * The CPU takes an interrupt: the vector, which is in service from now on,
 * or -1.  On its own thread.
 */
int lapic_take(struct lapic *l, unsigned cpu);

/*
 * When this CPU's timer interrupts next, or CLOCK_NEVER; on its own thread,
 * which calls lapic_tick() then.  Only accesses, MSRs, lapic_set_tsc() and
 * lapic_tick() itself bring it nearer.
 */
uint64_t lapic_deadline(struct lapic *l, unsigned cpu);
void lapic_tick(struct lapic *l, unsigned cpu);

/* A message from outside: the IOAPIC's or a device's. */
void lapic_message(struct lapic *l, const struct apic_message *m);

/* One of the two pins; LINT1 is where a PC has its NMI. */
void lapic_lint(struct lapic *l, unsigned cpu, unsigned pin, bool level);

void lapic_state(struct lapic *l, struct state *s);

#endif
