/* SPDX-License-Identifier: MIT */
/*
 * gicv3_redist.c - the redistributors' registers, IHI 0069 12.10 and 12.11.
 *
 * Two frames of 64 KiB per CPU: the redistributor's own, then its SGIs' and
 * PPIs'.
 */
#include "dev/gicv3.h"

#include "dev/gicv3_priv.h"

enum {
	FRAME = 0x10000,

	CTLR = 0x0000, /* no LPIs: nothing in it */
	IIDR = 0x0004,
	TYPER = 0x0008, /* 64 bits */
	WAKER = 0x0014,

	ICFGR0 = 0xc00, /* SGIs are edge-triggered, for good */

	TYPER_LAST = 1 << 4,
	WAKER_SLEEP = 1 << 1,  /* ProcessorSleep: asked for */
	WAKER_ASLEEP = 1 << 2, /* ChildrenAsleep: done, at once */
};

/* 12.11.35: affinity 0.0.0.n in the upper half, the CPU's number below. */
static uint64_t typer(const struct gicv3 *g, unsigned cpu)
{
	uint64_t v = (uint64_t)cpu << 32 | cpu << 8;

	return cpu == g->cpus - 1 ? v | TYPER_LAST : v;
}

static uint64_t own_read(const struct gicv3 *g, unsigned cpu, uint64_t off,
			 unsigned size)
{
	if (off == TYPER && size == 8)
		return typer(g, cpu);
	if (size != 4)
		return 0;
	switch (off) {
	case IIDR: return GICV3_IIDR;
	case TYPER: return (uint32_t)typer(g, cpu);
	case TYPER + 4: return typer(g, cpu) >> 32;
	case WAKER:
		return g->regs.cpu[cpu].asleep ? WAKER_SLEEP | WAKER_ASLEEP : 0;
	default: return gicv3_ident(off); /* CTLR: zero */
	}
}

static uint64_t get(struct gicv3 *g, unsigned cpu, uint64_t off, unsigned size)
{
	unsigned n, reg;

	if (off < FRAME)
		return own_read(g, cpu, off, size);
	if (gicv3_block_find(off - FRAME, &n, &reg) && n == 0)
		return gicv3_block_read(&g->regs.cpu[cpu].local, reg, size);
	return 0;
}

static void set(struct gicv3 *g, unsigned cpu, uint64_t off, unsigned size,
		uint64_t v)
{
	struct gicv3_cpu *c = &g->regs.cpu[cpu];
	unsigned n, reg;

	if (off == WAKER && size == 4)
		c->asleep = v & WAKER_SLEEP;
	else if (off >= FRAME && gicv3_block_find(off - FRAME, &n, &reg) &&
		 n == 0 && reg != ICFGR0)
		gicv3_block_write(&c->local, reg, size, (uint32_t)v);
}

static uint64_t redist_read(void *dev, uint64_t off, unsigned size)
{
	struct gicv3 *g = dev;
	uint64_t cpu = off / GICV3_REDIST_SIZE, v;

	if (cpu >= g->cpus)
		return 0;
	mutex_lock(&g->mu);
	v = get(g, (unsigned)cpu, off % GICV3_REDIST_SIZE, size);
	mutex_unlock(&g->mu);
	return v;
}

static void redist_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	struct gicv3 *g = dev;
	uint64_t cpu = off / GICV3_REDIST_SIZE;

	if (cpu >= g->cpus)
		return;
	mutex_lock(&g->mu);
	set(g, (unsigned)cpu, off % GICV3_REDIST_SIZE, size, v);
	gicv3_update(g);
	mutex_unlock(&g->mu);
}

const struct bus_ops gicv3_redist_ops = { redist_read, redist_write };
