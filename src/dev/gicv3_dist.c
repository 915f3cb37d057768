/* SPDX-License-Identifier: MIT */
/* gicv3_dist.c - the distributor's registers, IHI 0069 12.9. */
#include "dev/gicv3.h"

#include "dev/gicv3_priv.h"

enum {
	CTLR = 0x0000,
	TYPER = 0x0004,
	IIDR = 0x0008,
	IROUTER = 0x6000, /* 8 bytes per INTID, the first 32 do not exist */
	IROUTER_END = 0x8000,

	CTLR_GROUPS = 3, /* 12.9.4, with one security state */
	CTLR_ARE = 1 << 4,
	CTLR_DS = 1 << 6,

	TYPER_IDBITS = 9 << 19, /* 12.9.38: 10 bits of INTID */
};

static struct gicv3_route *route_at(struct gicv3 *g, uint64_t off,
				    unsigned *bit)
{
	uint64_t intid = (off - IROUTER) / 8;

	if (off < IROUTER || off >= IROUTER_END || intid < 32 ||
	    intid >= g->intids)
		return NULL;
	*bit = intid % 32;
	return &g->regs.route[intid / 32];
}

static struct gicv3_block *block_at(struct gicv3 *g, uint64_t off,
				    unsigned *reg)
{
	unsigned n;

	if (!gicv3_block_find(off, &n, reg) || n == 0 || n >= g->intids / 32)
		return NULL;
	return &g->regs.spi[n];
}

static uint32_t fixed(const struct gicv3 *g, uint64_t off)
{
	switch (off) {
	case CTLR: return g->regs.enabled | CTLR_ARE | CTLR_DS;
	case TYPER: return (g->intids / 32 - 1) | TYPER_IDBITS;
	case IIDR: return GICV3_IIDR;
	default: return gicv3_ident(off);
	}
}

static uint64_t get(struct gicv3 *g, uint64_t off, unsigned size)
{
	const struct gicv3_block *b;
	const struct gicv3_route *r;
	unsigned n;

	b = block_at(g, off, &n);
	if (b)
		return gicv3_block_read(b, n, size);
	r = route_at(g, off, &n);
	if (r) /* the upper half, Aff3, is zero: TYPER.A3V */
		return size >= 4 && off % 8 == 0 ? r->router[n] : 0;
	return size == 4 ? fixed(g, off) : 0;
}

static void set(struct gicv3 *g, uint64_t off, unsigned size, uint64_t v)
{
	struct gicv3_block *b;
	struct gicv3_route *r;
	unsigned n;

	b = block_at(g, off, &n);
	if (b) {
		gicv3_block_write(b, n, size, (uint32_t)v);
		return;
	}
	r = route_at(g, off, &n);
	if (r && size >= 4 && off % 8 == 0)
		gicv3_route_set(r, n, v & (GICV3_IRM | 0xffffff));
	else if (off == CTLR && size == 4)
		g->regs.enabled = v & CTLR_GROUPS;
}

static uint64_t dist_read(void *dev, uint64_t off, unsigned size)
{
	struct gicv3 *g = dev;
	uint64_t v;

	mutex_lock(&g->mu);
	v = get(g, off, size);
	mutex_unlock(&g->mu);
	return v;
}

static void dist_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	struct gicv3 *g = dev;

	mutex_lock(&g->mu);
	set(g, off, size, v);
	gicv3_update(g);
	mutex_unlock(&g->mu);
}

const struct bus_ops gicv3_dist_ops = { dist_read, dist_write };
