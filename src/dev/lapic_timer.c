/* SPDX-License-Identifier: MIT */
/*
 * lapic_timer.c - the timer of one local APIC, SDM volume 3, 11.5.4.
 *
 * The count is not kept but the time at which it reaches 0, in ns.
 */
#include "base/num.h"
#include "dev/lapic_priv.h"

static bool by_tsc(const struct lapic_cpu *c)
{
	return c->lvt[LVT_TIMER] & LVT_TSC_DEADLINE;
}

/* 11.5.4, figure 11-10: bits 3, 1 and 0; 7 is one, 0 is two. */
static uint64_t divisor(const struct lapic_cpu *c)
{
	unsigned v = (c->divide >> 1 & 4) | (c->divide & 3);

	return UINT64_C(1) << ((v + 1) & 7);
}

static uint64_t after(uint64_t now, uint64_t ns)
{
	uint64_t t;

	return add_ok(&t, now, ns) ? t : CLOCK_NEVER;
}

/* 11.5.4.1: the deadline is met when the TSC is at it, or beyond. */
uint64_t lapic_timer_due(const struct lapic_cpu *c, uint64_t now)
{
	uint64_t tsc = now + c->tsc_offset;

	if (!by_tsc(c))
		return c->due;
	if (!c->tsc_deadline)
		return CLOCK_NEVER;
	return c->tsc_deadline <= tsc ? now : after(now, c->tsc_deadline - tsc);
}

/* Periods that have passed unseen are one interrupt, as on the chip. */
bool lapic_timer_expire(struct lapic_cpu *c, uint64_t now)
{
	uint64_t period = c->initial * divisor(c);

	if (lapic_timer_due(c, now) > now)
		return false;
	if (by_tsc(c))
		c->tsc_deadline = 0;
	else if (c->lvt[LVT_TIMER] & LVT_PERIODIC && period)
		c->due = after(now, period - (now - c->due) % period);
	else
		c->due = CLOCK_NEVER;
	return true;
}

uint32_t lapic_timer_count(const struct lapic_cpu *c, uint64_t now)
{
	uint64_t left;

	if (by_tsc(c) || c->due == CLOCK_NEVER || c->due <= now)
		return 0;
	left = (c->due - now - 1) / divisor(c) + 1;
	return (uint32_t)min_u64(left, c->initial);
}

static void start(struct lapic_cpu *c, uint64_t count, uint64_t now)
{
	c->due = count ? after(now, count * divisor(c)) : CLOCK_NEVER;
}

void lapic_timer_set_initial(struct lapic_cpu *c, uint32_t v, uint64_t now)
{
	if (by_tsc(c))
		return;
	c->initial = v;
	start(c, v, now);
}

/* What is left of a count goes on at the new pace. */
void lapic_timer_set_divide(struct lapic_cpu *c, uint32_t v, uint64_t now)
{
	uint32_t left = lapic_timer_count(c, now);

	c->divide = v;
	if (!by_tsc(c))
		start(c, left, now);
}

/* 11.5.4.1: a change to or from the deadline mode disarms the timer. */
void lapic_timer_set_lvt(struct lapic_cpu *c, uint32_t v)
{
	if (v & LVT_TSC_DEADLINE) /* both bits: reserved */
		v &= ~(uint32_t)LVT_PERIODIC;
	if ((v ^ c->lvt[LVT_TIMER]) & LVT_TSC_DEADLINE) {
		c->initial = 0;
		c->due = CLOCK_NEVER;
		c->tsc_deadline = 0;
	}
	c->lvt[LVT_TIMER] = v;
}

uint64_t lapic_timer_tsc_deadline(const struct lapic_cpu *c)
{
	return c->tsc_deadline;
}

void lapic_timer_set_tsc_deadline(struct lapic_cpu *c, uint64_t v)
{
	if (by_tsc(c))
		c->tsc_deadline = v;
}
