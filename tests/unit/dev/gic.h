/* SPDX-License-Identifier: MIT */
/* gic.h - a GIC on a bus, with the CPUs' wires in hand, for its tests. */
#ifndef TESTS_DEV_GIC_H
#define TESTS_DEV_GIC_H

#include "dev/gicv3.h"

#include <stdlib.h>

#include "../check.h"

#define ICC(crm, op2) SYSREG_ID(3, 0, 12, crm, op2)

#define PMR     SYSREG_ID(3, 0, 4, 6, 0)
#define IAR0    ICC(8, 0)
#define EOIR0   ICC(8, 1)
#define HPPIR0  ICC(8, 2)
#define BPR0    ICC(8, 3)
#define AP0R0   ICC(8, 4)
#define AP1R0   ICC(9, 0)
#define DIR     ICC(11, 1)
#define RPR     ICC(11, 3)
#define SGI1R   ICC(11, 5)
#define ASGI1R  ICC(11, 6)
#define SGI0R   ICC(11, 7)
#define IAR1    ICC(12, 0)
#define EOIR1   ICC(12, 1)
#define HPPIR1  ICC(12, 2)
#define BPR1    ICC(12, 3)
#define CTLR    ICC(12, 4)
#define SRE     ICC(12, 5)
#define IGRPEN0 ICC(12, 6)
#define IGRPEN1 ICC(12, 7)

#define GICD      UINT64_C(0x08000000)
#define GICR(cpu) (UINT64_C(0x080a0000) + (cpu) * UINT64_C(0x20000))
#define SGI(cpu)  (GICR(cpu) + 0x10000) /* the redistributor's second frame */

enum {
	GICD_CTLR  = 0x0,
	WAKER      = 0x14,
	IGROUPR    = 0x080,
	ISENABLER  = 0x100,
	ICENABLER  = 0x180,
	ISPENDR    = 0x200,
	ICPENDR    = 0x280,
	ISACTIVER  = 0x300,
	ICACTIVER  = 0x380,
	IPRIORITYR = 0x400,
	ICFGR      = 0xc00,
	IROUTER    = 0x6000,

	NONE       = 1023,
	INTIDS     = 96,
};

struct gic {
	struct gicv3 g;
	struct bus   bus;
	bool         level[GICV3_MAX_CPUS];
	unsigned     moves;
};

static inline void gic_line(void *chip, unsigned pin, bool level)
{
	struct gic *t = chip;

	assert_int_not_equal(t->level[pin], level);
	t->level[pin] = level;
	t->moves++;
}

static inline uint64_t gic_rd(struct gic *t, uint64_t addr, unsigned size)
{
	struct access a = { .addr = addr, .size = (uint8_t)size };

	assert_true(bus_access(&t->bus, &a));
	return a.value;
}

static inline uint32_t gic_r4(struct gic *t, uint64_t addr)
{
	return (uint32_t)gic_rd(t, addr, 4);
}

static inline void gic_wr(struct gic *t, uint64_t addr, unsigned size,
			  uint64_t v)
{
	struct access a = { .addr = addr, .size = (uint8_t)size,
			    .write = true, .value = v };

	assert_true(bus_access(&t->bus, &a));
}

static inline void gic_w4(struct gic *t, uint64_t addr, uint32_t v)
{
	gic_wr(t, addr, 4, v);
}

static inline uint64_t gic_get(struct gic *t, unsigned cpu, uint32_t id)
{
	struct sysreg_access a = { .id = id };

	assert_true(gicv3_sysreg(&t->g, cpu, &a));
	return a.value;
}

static inline void gic_set(struct gic *t, unsigned cpu, uint32_t id,
			   uint64_t v)
{
	struct sysreg_access a = { .id = id, .write = true, .value = v };

	assert_true(gicv3_sysreg(&t->g, cpu, &a));
}

/* A GIC as it leaves reset. */
static inline void gic_init(struct gic *t, unsigned cpus)
{
	struct irq line[GICV3_MAX_CPUS];
	unsigned i;

	*t = (struct gic){ 0 };
	for (i = 0; i < cpus; i++)
		line[i] = (struct irq){ gic_line, t, i };
	assert_int_equal(gicv3_init(&t->g, cpus, INTIDS, line, NULL), 0);
	assert_int_equal(bus_add(&t->bus, SPACE_MMIO, GICD, GICV3_DIST_SIZE,
				 &gicv3_dist_ops, &t->g, GICV3_SIZES, NULL),
			 0);
	assert_int_equal(bus_add(&t->bus, SPACE_MMIO, GICR(0),
				 (uint64_t)cpus * GICV3_REDIST_SIZE,
				 &gicv3_redist_ops, &t->g, GICV3_SIZES, NULL),
			 0);
}

/* And one whose CPUs take every group 1 interrupt at priority 0xa0. */
static inline void gic_init_ready(struct gic *t, unsigned cpus)
{
	unsigned i, n;

	gic_init(t, cpus);
	for (n = 1; n < INTIDS / 32; n++) {
		gic_w4(t, GICD + IGROUPR + 4 * n, UINT32_MAX);
		gic_w4(t, GICD + ISENABLER + 4 * n, UINT32_MAX);
	}
	for (n = 32; n < INTIDS; n += 4)
		gic_w4(t, GICD + IPRIORITYR + n, 0xa0a0a0a0);
	for (i = 0; i < cpus; i++) {
		gic_w4(t, GICR(i) + WAKER, 0);
		gic_w4(t, SGI(i) + IGROUPR, UINT32_MAX);
		gic_w4(t, SGI(i) + ISENABLER, UINT32_MAX);
		for (n = 0; n < 32; n += 4)
			gic_w4(t, SGI(i) + IPRIORITYR + n, 0xa0a0a0a0);
		gic_set(t, i, PMR, 0xf0);
		gic_set(t, i, IGRPEN1, 1);
	}
	gic_w4(t, GICD + GICD_CTLR, 3);
}

static inline void gic_fini(struct gic *t)
{
	gicv3_fini(&t->g);
}

#endif
