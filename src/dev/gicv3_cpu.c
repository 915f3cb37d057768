/* SPDX-License-Identifier: MIT */
/*
 * gicv3_cpu.c - the CPU interface in system registers, IHI 0069 12.2.
 *
 * A running interrupt is remembered by one bit for its group priority in
 * AP0R0 or AP1R0; 5 bits of priority make 32 of them.
 */
#include "dev/gicv3.h"

#include "dev/gicv3_priv.h"

#define ICC(crm, op2) SYSREG_ID(3, 0, 12, crm, op2)

#define PMR SYSREG_ID(3, 0, 4, 6, 0)
#define IAR0 ICC(8, 0)
#define EOIR0 ICC(8, 1)
#define HPPIR0 ICC(8, 2)
#define BPR0 ICC(8, 3)
#define AP0R0 ICC(8, 4) /* AP0R1-3 and AP1R1-3 need 6 priority bits */
#define AP1R0 ICC(9, 0)
#define DIR ICC(11, 1)
#define RPR ICC(11, 3)
#define SGI1R ICC(11, 5)
#define ASGI1R ICC(11, 6)
#define SGI0R ICC(11, 7)
#define IAR1 ICC(12, 0)
#define EOIR1 ICC(12, 1)
#define HPPIR1 ICC(12, 2)
#define BPR1 ICC(12, 3)
#define CTLR ICC(12, 4)
#define SRE ICC(12, 5)
#define IGRPEN0 ICC(12, 6)
#define IGRPEN1 ICC(12, 7)

enum {
	CBPR = 1 << 0, /* CTLR, 12.2.6: one binary point for both groups */
	EOIMODE = 1 << 1,
	CTLR_BITS = CBPR | EOIMODE,
	CTLR_FIXED = (GICV3_PRIO_BITS - 1) << 8, /* 16 bits of INTID: 0 */

	SRE_FIXED = 7, /* 12.2.20: system registers only, no bypass */

	BPR_MIN = 7 - GICV3_PRIO_BITS, /* group 0's; group 1's is 1 more */
	PRIO_SHIFT = 8 - GICV3_PRIO_BITS,
	IDLE = 0xff, /* RPR: nothing is running */
};

void gicv3_cpu_reset(struct gicv3_cpu *c)
{
	*c = (struct gicv3_cpu){
		.local.edge = 0xffff,
		.asleep = true,
		.bpr = { BPR_MIN, BPR_MIN + 1 },
	};
}

/* The bits of a priority that decide on preemption, 4.8.2. */
static uint8_t group_mask(const struct gicv3_cpu *c, unsigned group)
{
	if (group == 1 && !(c->ctlr & CBPR))
		return (uint8_t)(0xff << c->bpr[1]);
	return (uint8_t)(0xfe << c->bpr[0]);
}

static unsigned lowest(uint32_t bits)
{
	unsigned i;

	for (i = 0; i < 32 && !(bits >> i & 1); i++)
		;
	return i;
}

/* The priority that runs, and whose it is. */
static unsigned running(const struct gicv3_cpu *c, unsigned *group)
{
	unsigned p0 = lowest(c->apr[0]), p1 = lowest(c->apr[1]);
	unsigned p = p0 <= p1 ? p0 : p1;

	*group = p0 > p1;
	return p < 32 ? p << PRIO_SHIFT : IDLE;
}

bool gicv3_cpu_signals(const struct gicv3_cpu *c, struct gicv3_best b)
{
	unsigned group;

	return b.intid != GICV3_SPURIOUS && b.prio < c->pmr &&
	       (unsigned)(b.prio & group_mask(c, b.group)) < running(c, &group);
}

static uint32_t acknowledge(struct gicv3 *g, unsigned cpu, unsigned group)
{
	struct gicv3_cpu *c = &g->regs.cpu[cpu];
	struct gicv3_best b = gicv3_best(g, cpu);
	uint32_t bit = UINT32_C(1) << b.intid % 32;
	struct gicv3_block *blk;

	if (b.group != group || !gicv3_cpu_signals(c, b))
		return GICV3_SPURIOUS;
	blk = gicv3_block_of(g, cpu, b.intid);
	blk->active |= bit;
	blk->latch &= ~bit;
	c->apr[group] |= UINT32_C(1)
			 << ((b.prio & group_mask(c, group)) >> PRIO_SHIFT);
	return b.intid;
}

static uint32_t highest(const struct gicv3 *g, unsigned cpu, unsigned group)
{
	struct gicv3_best b = gicv3_best(g, cpu);

	return b.group == group ? b.intid : GICV3_SPURIOUS;
}

static void deactivate(struct gicv3 *g, unsigned cpu, uint32_t intid)
{
	struct gicv3_block *b = gicv3_block_of(g, cpu, intid);

	if (b)
		b->active &= ~(UINT32_C(1) << intid % 32);
}

/* An end for another group than the running one's is ignored, 12.2.10. */
static void end(struct gicv3 *g, unsigned cpu, unsigned group, uint32_t intid)
{
	struct gicv3_cpu *c = &g->regs.cpu[cpu];
	unsigned whose;

	if (intid >= g->intids || running(c, &whose) == IDLE || whose != group)
		return;
	c->apr[group] &= c->apr[group] - 1;
	if (!(c->ctlr & EOIMODE))
		deactivate(g, cpu, intid);
}

static uint32_t bpr1(const struct gicv3_cpu *c)
{
	if (!(c->ctlr & CBPR))
		return c->bpr[1];
	return c->bpr[0] < 7 ? c->bpr[0] + 1u : 7;
}

static void set_bpr(struct gicv3_cpu *c, unsigned group, uint64_t v)
{
	unsigned least = BPR_MIN + group;

	if (group == 1 && (c->ctlr & CBPR))
		return;
	c->bpr[group] = (uint8_t)((v & 7) < least ? least : v & 7);
}

static void set_enabled(struct gicv3_cpu *c, unsigned group, uint64_t v)
{
	c->enabled = (uint8_t)((c->enabled & ~(1u << group)) |
			       (unsigned)(v & 1) << group);
}

/* Is CPU `to` among those a write to SGInR means?  12.2.19 */
static bool aimed(uint64_t v, unsigned from, unsigned to)
{
	const uint64_t aff123 = UINT64_C(0x00ff00ff00ff0000);
	unsigned range = (unsigned)(v >> 44 & 15); /* RS: 16 CPUs each */

	if (v >> 40 & 1) /* IRM: all but myself */
		return to != from;
	return !(v & aff123) && range == 0 && (v >> to & 1);
}

/* Without security SGI1R makes either group's; the others group 0's only. */
static void send_sgi(struct gicv3 *g, unsigned from, uint64_t v,
		     bool group1_too)
{
	uint32_t bit = UINT32_C(1) << (v >> 24 & 15);
	unsigned to;

	for (to = 0; to < g->cpus; to++) {
		struct gicv3_block *b = &g->regs.cpu[to].local;

		if (aimed(v, from, to) && (group1_too || !(b->group & bit)))
			b->latch |= bit;
	}
}

static bool get(struct gicv3 *g, unsigned cpu, struct sysreg_access *a)
{
	const struct gicv3_cpu *c = &g->regs.cpu[cpu];
	unsigned group;

	switch (a->id) {
	case PMR: a->value = c->pmr; break;
	case IAR0: a->value = acknowledge(g, cpu, 0); break;
	case IAR1: a->value = acknowledge(g, cpu, 1); break;
	case HPPIR0: a->value = highest(g, cpu, 0); break;
	case HPPIR1: a->value = highest(g, cpu, 1); break;
	case BPR0: a->value = c->bpr[0]; break;
	case BPR1: a->value = bpr1(c); break;
	case AP0R0: a->value = c->apr[0]; break;
	case AP1R0: a->value = c->apr[1]; break;
	case RPR: a->value = running(c, &group); break;
	case CTLR: a->value = c->ctlr | CTLR_FIXED; break;
	case SRE: a->value = SRE_FIXED; break;
	case IGRPEN0: a->value = c->enabled & 1; break;
	case IGRPEN1: a->value = c->enabled >> 1; break;
	default: return false;
	}
	return true;
}

static bool set(struct gicv3 *g, unsigned cpu, const struct sysreg_access *a)
{
	struct gicv3_cpu *c = &g->regs.cpu[cpu];
	uint32_t intid = a->value & 0xffffff;

	switch (a->id) {
	case PMR: c->pmr = a->value & GICV3_PRIO_MASK; break;
	case EOIR0: end(g, cpu, 0, intid); break;
	case EOIR1: end(g, cpu, 1, intid); break;
	case BPR0: set_bpr(c, 0, a->value); break;
	case BPR1: set_bpr(c, 1, a->value); break;
	case AP0R0: c->apr[0] = (uint32_t)a->value; break;
	case AP1R0: c->apr[1] = (uint32_t)a->value; break;
	case DIR:
		if (c->ctlr & EOIMODE)
			deactivate(g, cpu, intid);
		break;
	case SGI1R: send_sgi(g, cpu, a->value, true); break;
	case ASGI1R:
	case SGI0R: send_sgi(g, cpu, a->value, false); break;
	case CTLR: c->ctlr = a->value & CTLR_BITS; break;
	case SRE: break; /* all of it is fixed */
	case IGRPEN0: set_enabled(c, 0, a->value); break;
	case IGRPEN1: set_enabled(c, 1, a->value); break;
	default: return false;
	}
	return true;
}

bool gicv3_sysreg(struct gicv3 *g, unsigned cpu, struct sysreg_access *a)
{
	bool mine;

	if (cpu >= g->cpus)
		return false;
	mutex_lock(&g->mu);
	mine = a->write ? set(g, cpu, a) : get(g, cpu, a);
	if (a->write || a->id == IAR0 || a->id == IAR1)
		gicv3_update(g);
	mutex_unlock(&g->mu);
	return mine;
}

void gicv3_cpu_state(struct gicv3_cpu *c, struct state *s)
{
	unsigned i;

	gicv3_block_state(&c->local, s);
	state_check(s, (c->local.edge & 0xffff) == 0xffff,
		    "an SGI is not edge-triggered");
	state_bool(s, &c->asleep);
	state_u8(s, &c->pmr);
	state_u8(s, &c->ctlr);
	state_u8(s, &c->enabled);
	state_check(s, !(c->pmr & ~GICV3_PRIO_MASK), "bad PMR");
	state_check(s, !(c->ctlr & ~CTLR_BITS), "bad ICC_CTLR");
	state_check(s, c->enabled <= 3, "bad IGRPEN");
	for (i = 0; i < 2; i++) {
		state_u8(s, &c->bpr[i]);
		state_u32(s, &c->apr[i]);
		state_check(s, c->bpr[i] >= BPR_MIN + i && c->bpr[i] <= 7,
			    "bad BPR");
	}
}
