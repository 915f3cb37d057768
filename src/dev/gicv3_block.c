/* SPDX-License-Identifier: MIT */
/*
 * gicv3_block.c - the registers of 32 interrupts, IHI 0069 12.9 and 12.11.
 *
 * The distributor has them for SPIs, each redistributor for its CPU's SGIs
 * and PPIs, at the same offsets.
 */
#include "dev/gicv3_priv.h"

enum {
	IGROUPR = 0x080,
	ISENABLER = 0x100,
	ICENABLER = 0x180,
	ISPENDR = 0x200,
	ICPENDR = 0x280,
	ISACTIVER = 0x300,
	ICACTIVER = 0x380,
	IPRIORITYR = 0x400, /* one byte per interrupt */
	ITARGETSR = 0x800,  /* none with affinity routing */
	ICFGR = 0xc00,      /* two bits per interrupt, the upper one counts */
	IGRPMODR = 0xd00,   /* none without security */
};

bool gicv3_block_find(uint64_t off, unsigned *block, unsigned *reg)
{
	unsigned o = (unsigned)off;

	if (off >= IGROUPR && off < IPRIORITYR) {
		*block = o % 0x80 / 4;
		*reg = o - o % 0x80 + o % 4;
	} else if (off >= IPRIORITYR && off < ITARGETSR) {
		*block = (o - IPRIORITYR) / 32;
		*reg = IPRIORITYR + o % 32;
	} else if (off >= ICFGR && off < IGRPMODR) {
		*block = (o - ICFGR) / 8;
		*reg = ICFGR + o % 8;
	} else {
		return false;
	}
	return true;
}

/* Priorities come in bytes too, everything else in words: 12.1.3. */
static bool legal(unsigned reg, unsigned size)
{
	return size == 4 || (size == 1 && reg >= IPRIORITYR && reg < ITARGETSR);
}

uint32_t gicv3_block_pending(const struct gicv3_block *b)
{
	return b->latch | (b->line & ~b->edge);
}

static uint32_t prio_read(const struct gicv3_block *b, unsigned n,
			  unsigned size)
{
	uint32_t v = 0;

	while (size--)
		v = v << 8 | b->prio[n + size];
	return v;
}

static void prio_write(struct gicv3_block *b, unsigned n, unsigned size,
		       uint32_t v)
{
	for (; size--; v >>= 8)
		b->prio[n++] = v & GICV3_PRIO_MASK;
}

/* Bit 2n+1 of the register is bit n of our half of `edge`. */
static uint32_t cfg_read(uint32_t edge, unsigned shift)
{
	uint32_t v = 0;
	unsigned i;

	for (i = 0; i < 16; i++)
		v |= (edge >> (shift + i) & 1) << (2 * i + 1);
	return v;
}

static uint32_t cfg_write(uint32_t edge, unsigned shift, uint32_t v)
{
	unsigned i;

	edge &= ~(UINT32_C(0xffff) << shift);
	for (i = 0; i < 16; i++)
		edge |= (v >> (2 * i + 1) & 1) << (shift + i);
	return edge;
}

uint32_t gicv3_block_read(const struct gicv3_block *b, unsigned reg,
			  unsigned size)
{
	if (!legal(reg, size))
		return 0;
	switch (reg) {
	case IGROUPR: return b->group;
	case ISENABLER:
	case ICENABLER: return b->enable;
	case ISPENDR:
	case ICPENDR: return gicv3_block_pending(b);
	case ISACTIVER:
	case ICACTIVER: return b->active;
	case ICFGR: return cfg_read(b->edge, 0);
	case ICFGR + 4: return cfg_read(b->edge, 16);
	default: return prio_read(b, reg - IPRIORITYR, size);
	}
}

void gicv3_block_write(struct gicv3_block *b, unsigned reg, unsigned size,
		       uint32_t v)
{
	if (!legal(reg, size))
		return;
	switch (reg) {
	case IGROUPR: b->group = v; break;
	case ISENABLER: b->enable |= v; break;
	case ICENABLER: b->enable &= ~v; break;
	case ISPENDR: b->latch |= v; break;
	case ICPENDR: b->latch &= ~v; break;
	case ISACTIVER: b->active |= v; break;
	case ICACTIVER: b->active &= ~v; break;
	case ICFGR: b->edge = cfg_write(b->edge, 0, v); break;
	case ICFGR + 4: b->edge = cfg_write(b->edge, 16, v); break;
	default: prio_write(b, reg - IPRIORITYR, size, v); break;
	}
}

void gicv3_block_wire(struct gicv3_block *b, uint32_t bit, bool level)
{
	if (level) {
		b->latch |= ~b->line & b->edge & bit;
		b->line |= bit;
	} else {
		b->line &= ~bit;
	}
}

void gicv3_block_state(struct gicv3_block *b, struct state *s)
{
	unsigned i;

	state_u32(s, &b->group);
	state_u32(s, &b->enable);
	state_u32(s, &b->latch);
	state_u32(s, &b->active);
	state_u32(s, &b->line);
	state_u32(s, &b->edge);
	state_bytes(s, b->prio, sizeof(b->prio));
	for (i = 0; i < 32; i++)
		state_check(s, !(b->prio[i] & ~GICV3_PRIO_MASK),
			    "bad IPRIORITYR");
}
