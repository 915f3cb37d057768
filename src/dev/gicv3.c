/* SPDX-License-Identifier: MIT */
/*
 * gicv3.c - wires in, the most urgent interrupt per CPU, wires out.
 *
 * Nothing is remembered that can be computed: after every change the most
 * urgent interrupt of every CPU is found again from the bits of its blocks.
 * A machine of ours has three blocks and a few CPUs.
 */
#include "dev/gicv3.h"

#include "dev/gicv3_priv.h"

static unsigned blocks(const struct gicv3 *g)
{
	return g->intids / 32;
}

struct gicv3_block *gicv3_block_of(struct gicv3 *g, unsigned cpu,
				   uint32_t intid)
{
	if (intid >= g->intids)
		return NULL;
	return intid < 32 ? &g->regs.cpu[cpu].local : &g->regs.spi[intid / 32];
}

uint32_t gicv3_ident(uint64_t off)
{
	/* 12.1.4: PIDR4-7, PIDR0-3 (architecture 3 in PIDR2), CIDR0-3 */
	static const uint8_t id[12] = { 0x44, 0, 0,    0,    0x92, 0xb4,
					0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1 };

	return off >= GICV3_PIDR && off < 0x10000 ? id[(off - GICV3_PIDR) / 4]
						  : 0;
}

void gicv3_route_set(struct gicv3_route *r, unsigned bit, uint32_t v)
{
	uint32_t mask = UINT32_C(1) << bit;
	unsigned i;

	r->router[bit] = v;
	r->any &= ~mask;
	if (v & GICV3_IRM)
		r->any |= mask;
	for (i = 0; i < GICV3_MAX_CPUS; i++) {
		r->to[i] &= ~mask;
		if (v == i)
			r->to[i] |= mask;
	}
}

/* 1 of N goes to the lowest CPU that is awake and takes the group. */
static bool takes_any(const struct gicv3 *g, unsigned cpu, unsigned group)
{
	unsigned i;

	for (i = 0; i < g->cpus; i++) {
		const struct gicv3_cpu *c = &g->regs.cpu[i];

		if (!c->asleep && (c->enabled >> group & 1))
			return i == cpu;
	}
	return false;
}

/* The bits of a block that are pending and whose group reaches the CPU. */
static uint32_t ready(const struct gicv3_block *b, unsigned groups)
{
	uint32_t gate = 0;

	if (groups & 1)
		gate |= ~b->group;
	if (groups & 2)
		gate |= b->group;
	return gicv3_block_pending(b) & b->enable & ~b->active & gate;
}

static void scan(const struct gicv3_block *b, uint32_t bits, unsigned first,
		 struct gicv3_best *best)
{
	unsigned i;

	for (i = 0; bits; i++, bits >>= 1) {
		if (!(bits & 1) ||
		    (best->intid != GICV3_SPURIOUS && b->prio[i] >= best->prio))
			continue;
		best->intid = first + i;
		best->prio = b->prio[i];
		best->group = b->group >> i & 1;
	}
}

struct gicv3_best gicv3_best(const struct gicv3 *g, unsigned cpu)
{
	const struct gicv3_cpu *c = &g->regs.cpu[cpu];
	struct gicv3_best best = { .intid = GICV3_SPURIOUS };
	unsigned groups = g->regs.enabled & c->enabled, i;
	bool any0, any1;

	if (c->asleep || !groups)
		return best;
	any0 = takes_any(g, cpu, 0);
	any1 = takes_any(g, cpu, 1);
	scan(&c->local, ready(&c->local, groups), 0, &best);
	for (i = 1; i < blocks(g); i++) {
		const struct gicv3_block *b = &g->regs.spi[i];
		const struct gicv3_route *r = &g->regs.route[i];
		uint32_t mine = r->to[cpu];

		if (any0)
			mine |= r->any & ~b->group;
		if (any1)
			mine |= r->any & b->group;
		scan(b, ready(b, groups) & mine, i * 32, &best);
	}
	return best;
}

/* Group 0 would be a FIQ: our CPUs have no wire for it. */
static bool wanted(const struct gicv3 *g, unsigned cpu)
{
	struct gicv3_best b = gicv3_best(g, cpu);

	return b.group == 1 && gicv3_cpu_signals(&g->regs.cpu[cpu], b);
}

void gicv3_update(struct gicv3 *g)
{
	unsigned i;

	/* Each one anew: line_drive() lets others change things meanwhile. */
	for (i = 0; i < g->cpus; i++)
		line_drive(&g->line[i], &g->mu, wanted(g, i));
}

static void wire(struct gicv3 *g, unsigned cpu, unsigned intid, bool level)
{
	mutex_lock(&g->mu);
	gicv3_block_wire(gicv3_block_of(g, cpu, intid),
			 UINT32_C(1) << intid % 32, level);
	gicv3_update(g);
	mutex_unlock(&g->mu);
}

void gicv3_spi(void *gic, unsigned intid, bool level)
{
	struct gicv3 *g = gic;

	if (intid >= 32 && intid < g->intids)
		wire(g, 0, intid, level);
}

void gicv3_ppi(struct gicv3 *g, unsigned cpu, unsigned intid, bool level)
{
	if (cpu < g->cpus && intid >= 16 && intid < 32)
		wire(g, cpu, intid, level);
}

static void reset(struct gicv3 *g)
{
	unsigned i, bit;

	g->regs = (struct gicv3_regs){ 0 };
	for (i = 0; i < GICV3_MAX_CPUS; i++)
		gicv3_cpu_reset(&g->regs.cpu[i]);
	for (i = 0; i < GICV3_BLOCKS; i++) {
		for (bit = 0; bit < 32; bit++)
			gicv3_route_set(&g->regs.route[i], bit, 0);
	}
}

int gicv3_init(struct gicv3 *g, unsigned cpus, unsigned intids,
	       const struct irq cpu_line[], mv_error *err)
{
	unsigned i;

	if (cpus < 1 || cpus > GICV3_MAX_CPUS)
		return fail(err, MICROVM_EINVAL,
			    "a GIC for %u CPUs: we have 1 to %d", cpus,
			    GICV3_MAX_CPUS);
	if (intids < 64 || intids > GICV3_MAX_INTIDS || intids % 32)
		return fail(err, MICROVM_EINVAL,
			    "a GIC for %u INTIDs: we have 64 to %d, in 32s",
			    intids, GICV3_MAX_INTIDS);
	*g = (struct gicv3){ .cpus = cpus, .intids = intids };
	for (i = 0; i < cpus; i++)
		g->line[i].irq = cpu_line[i];
	reset(g);
	return mutex_init(&g->mu, err);
}

void gicv3_fini(struct gicv3 *g)
{
	mutex_fini(&g->mu);
}

static void route_state(struct gicv3_route *r, struct state *s)
{
	unsigned i;

	for (i = 0; i < 32; i++) {
		uint32_t v = r->router[i];

		state_u32(s, &v);
		state_check(s, !(v & 0x7f000000), "bad IROUTER");
		if (s->loading && !s->failed)
			gicv3_route_set(r, i, v);
	}
}

static void walk(struct gicv3 *g, struct state *s)
{
	uint32_t cpus = g->cpus, intids = g->intids;
	unsigned i;

	state_section(s, "gicv3", 1);
	state_u32(s, &cpus);
	state_u32(s, &intids);
	state_check(s, cpus == g->cpus, "another number of CPUs");
	state_check(s, intids == g->intids, "another number of INTIDs");
	state_u8(s, &g->regs.enabled);
	state_check(s, g->regs.enabled <= 3, "bad GICD_CTLR");
	for (i = 1; i < blocks(g); i++) {
		gicv3_block_state(&g->regs.spi[i], s);
		route_state(&g->regs.route[i], s);
	}
	for (i = 0; i < g->cpus; i++)
		gicv3_cpu_state(&g->regs.cpu[i], s);
}

void gicv3_state(struct gicv3 *g, struct state *s)
{
	mutex_lock(&g->mu);
	walk(g, s);
	if (s->loading && s->failed) /* half a load is no use */
		reset(g);
	gicv3_update(g);
	mutex_unlock(&g->mu);
}
