/* SPDX-License-Identifier: MIT */
/*
 * gicv3.h - ARM Generic Interrupt Controller, version 3 (IHI 0069).
 *
 * Distributor, redistributors and the CPU interfaces in system registers, as
 * a machine without security states has them: GICD_CTLR.DS is 1, affinity
 * routing is always on, there are no LPIs and no ITS.  CPU n has affinity
 * 0.0.0.n.  Only IRQs reach the CPUs: group 0 has registers but no FIQ wire.
 *
 * Every call is safe from any thread.  The CPUs' wires are moved with no lock
 * held (dev/line.h), so that what they end at may take the lock of a vCPU
 * whose thread is just calling in here.  The price: while another thread is
 * moving a CPU's wire, that CPU may still be told of an interrupt it has just
 * masked, and reads 1023 (spurious) from IAR.
 */
#ifndef DEV_GICV3_H
#define DEV_GICV3_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bus.h"
#include "core/hv.h"
#include "core/irq.h"
#include "core/state.h"
#include "dev/line.h"
#include "os/thread.h"

enum {
	GICV3_MAX_CPUS    = 8,
	GICV3_MAX_INTIDS  = 992, /* whole blocks of 32 below the special 1020 */
	GICV3_BLOCKS      = GICV3_MAX_INTIDS / 32,
	GICV3_SIZES       = 1 | 2 | 4 | 8, /* for bus_add(), both windows */
	GICV3_DIST_SIZE   = 0x10000,
	GICV3_REDIST_SIZE = 0x20000,    /* of one CPU; they are contiguous */
};

/* 32 interrupts, one bit each: SPIs, or the SGIs and PPIs of one CPU. */
struct gicv3_block {
	uint32_t group;         /* 1: group 1 */
	uint32_t enable;
	uint32_t latch;         /* pending by an edge, an SGI or a register */
	uint32_t active;
	uint32_t line;          /* the wires' levels */
	uint32_t edge;          /* 1: edge-triggered */
	uint8_t  prio[32];
};

/* Where the 32 SPIs of a block go. */
struct gicv3_route {
	uint32_t router[32];    /* IROUTER: bit 31 and the affinity */
	uint32_t any;           /* 1 of N; from router */
	uint32_t to[GICV3_MAX_CPUS]; /* this CPU alone; from router */
};

/* One CPU: its redistributor and its CPU interface. */
struct gicv3_cpu {
	struct gicv3_block local; /* SGIs and PPIs */
	bool     asleep;        /* GICR_WAKER.ProcessorSleep */
	uint8_t  pmr;
	uint8_t  ctlr;          /* ICC_CTLR_EL1: CBPR, EOImode */
	uint8_t  enabled;       /* ICC_IGRPENn_EL1: bit n */
	uint8_t  bpr[2];        /* [group] */
	uint32_t apr[2];        /* [group]: one bit per group priority */
};

/* What a save holds. */
struct gicv3_regs {
	uint8_t            enabled; /* GICD_CTLR: bit n for group n */
	struct gicv3_block spi[GICV3_BLOCKS];   /* [0] is unused */
	struct gicv3_route route[GICV3_BLOCKS]; /* [0] is unused */
	struct gicv3_cpu   cpu[GICV3_MAX_CPUS];
};

struct gicv3 {
	unsigned          cpus, intids; /* constant */
	struct mutex      mu;

	/* under mu */
	struct line       line[GICV3_MAX_CPUS];
	struct gicv3_regs regs;
};

/* dev is the struct gicv3. */
extern const struct bus_ops gicv3_dist_ops, gicv3_redist_ops;

/*
 * `cpu_line[cpus]` are the CPUs' IRQ inputs.  `intids` counts SGIs and PPIs:
 * a multiple of 32, from 64.
 */
int  gicv3_init(struct gicv3 *g, unsigned cpus, unsigned intids,
		const struct irq cpu_line[], mv_error *err) MUST_CHECK;
void gicv3_fini(struct gicv3 *g);

/* A shared interrupt's wire; a struct irq's set().  Unknown ones are nobody. */
void gicv3_spi(void *gic, unsigned intid, bool level);

/* A private interrupt's wire, INTID 16 to 31. */
void gicv3_ppi(struct gicv3 *g, unsigned cpu, unsigned intid, bool level);

/*
 * ICC_*_EL1 of this CPU; false: not one of them, or not in this direction.
 * Reads move no wire, but for IAR.
 */
bool gicv3_sysreg(struct gicv3 *g, unsigned cpu, struct sysreg_access *a);

void gicv3_state(struct gicv3 *g, struct state *s);

#endif
