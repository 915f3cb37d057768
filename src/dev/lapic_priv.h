/* SPDX-License-Identifier: MIT */
/*
 * lapic_priv.h - what the parts of the local APICs share.
 *
 * All of these but lapic_enter() are called with the lock held.
 */
#ifndef DEV_LAPIC_PRIV_H
#define DEV_LAPIC_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86_64/layout.h"
#include "dev/lapic.h"

#define LAPIC_BASE X86_LAPIC_BASE
#define LAPIC_SIZE X86_LAPIC_SIZE

enum { LVT_TIMER, LVT_THERMAL, LVT_COUNTER, LVT_LINT0, LVT_LINT1, LVT_ERROR };

/* SDM volume 3, 11.5.1: bits of the local vector table. */
enum {
	LVT_VECTOR       = 0xff,
	LVT_MODE_SHIFT   = 8,
	LVT_STATUS       = 1 << 12, /* never: deliveries are done at once */
	LVT_REMOTE_IRR   = 1 << 14,
	LVT_LEVEL        = 1 << 15,
	LVT_MASKED       = 1 << 16,
	LVT_PERIODIC     = 1 << 17, /* timer */
	LVT_TSC_DEADLINE = 1 << 18, /* timer */
};

enum { SVR_ENABLE = 1 << 8 };    /* 11.9: what turns it on */

/* 11.5.3: errors. */
enum {
	ERR_SEND_VECTOR    = 1 << 5,
	ERR_RECEIVE_VECTOR = 1 << 6,
	ERR_REGISTER       = 1 << 7,
};

/* 11.4.4: IA32_APIC_BASE. */
enum {
	BASE_BSP    = 1 << 8,
	BASE_X2APIC = 1 << 10,
	BASE_ENABLE = 1 << 11,
};

/* Events of one call, told when it is over.  CPUs are a bit each. */
struct lapic_news {
	uint32_t init, sipi, nmi;
	uint8_t  sipi_vector;
	bool     ended;
	uint8_t  ended_vector;
};

/* lapic.c */
static inline bool lapic_is_x2(const struct lapic_cpu *c)
{
	return c->base & BASE_X2APIC;
}

/*
 * A call begins, on the CPU's own thread: takes the lock, looks at the timer
 * and returns the time.  Its end moves the wires, unlocks and tells the news.
 */
uint64_t lapic_enter(struct lapic *l, unsigned cpu, struct lapic_news *n);
void lapic_leave(struct lapic *l, const struct lapic_news *n);

unsigned lapic_ppr(const struct lapic_cpu *c);
void lapic_reset(struct lapic_cpu *c);
void lapic_error(struct lapic_cpu *c, uint32_t error);

/* A local source interrupts: what its entry says. */
void lapic_fire(struct lapic_cpu *c, unsigned lvt, struct lapic_news *n,
		unsigned cpu);
void lapic_end(struct lapic *l, unsigned cpu, struct lapic_news *n);

/* The ICR was written. */
void lapic_send(struct lapic *l, unsigned from, struct lapic_news *n);

/* What x2APIC's SELF IPI does. */
void lapic_self(struct lapic_cpu *c, uint8_t vector);

/* A LINT pin, or its entry, has changed. */
void lapic_pin(struct lapic_cpu *c, unsigned pin, bool rises,
	       struct lapic_news *n, unsigned cpu);

/* lapic_regs.c: register n is at 16 n in memory, and MSR 0x800 + n. */
void lapic_regs_check(const struct lapic_cpu *c, struct state *s);

/* lapic_timer.c: `now` is the clock's ns. */
uint64_t lapic_timer_due(const struct lapic_cpu *c, uint64_t now);
bool lapic_timer_expire(struct lapic_cpu *c, uint64_t now);
uint32_t lapic_timer_count(const struct lapic_cpu *c, uint64_t now);
void lapic_timer_set_initial(struct lapic_cpu *c, uint32_t v, uint64_t now);
void lapic_timer_set_divide(struct lapic_cpu *c, uint32_t v, uint64_t now);
void lapic_timer_set_lvt(struct lapic_cpu *c, uint32_t v);
uint64_t lapic_timer_tsc_deadline(const struct lapic_cpu *c);
void lapic_timer_set_tsc_deadline(struct lapic_cpu *c, uint64_t v);

#endif
