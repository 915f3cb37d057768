/* SPDX-License-Identifier: MIT */
/*
 * gicv3_priv.h - what the parts of the GIC share.
 *
 * All of these are called with the GIC's lock held.
 */
#ifndef DEV_GICV3_PRIV_H
#define DEV_GICV3_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "dev/gicv3.h"

enum {
	GICV3_SPURIOUS  = 1023,
	GICV3_PRIO_BITS = 5,
	GICV3_PRIO_MASK = 0xf8, /* of a priority byte, 5 bits count */
	GICV3_IIDR      = 0x43b, /* implementer ARM, product 0, r0p0 */
	GICV3_PIDR      = 0xffd0, /* ids of both windows' frames, 12.11 */
	GICV3_PIDR2     = 0xffe8,
};

#define GICV3_IRM UINT32_C(0x80000000) /* in a route: 1 of N */

/* gicv3_block.c: the registers 32 interrupts have in either window. */

/* Which block a register belongs to, and where it is in a block of its own. */
bool gicv3_block_find(uint64_t off, unsigned *block, unsigned *reg);
uint32_t gicv3_block_read(const struct gicv3_block *b, unsigned reg,
			  unsigned size);
void gicv3_block_write(struct gicv3_block *b, unsigned reg, unsigned size,
		       uint32_t v);
uint32_t gicv3_block_pending(const struct gicv3_block *b);
void gicv3_block_wire(struct gicv3_block *b, uint32_t bit, bool level);
void gicv3_block_state(struct gicv3_block *b, struct state *s);

/* gicv3.c */

/* The block an INTID of this CPU lies in; NULL if there is no such INTID. */
struct gicv3_block *gicv3_block_of(struct gicv3 *g, unsigned cpu,
				   uint32_t intid);
void gicv3_route_set(struct gicv3_route *r, unsigned bit, uint32_t v);

/* The most urgent interrupt that is pending and may go to this CPU. */
struct gicv3_best {
	uint32_t intid;         /* GICV3_SPURIOUS: none */
	uint8_t  prio;
	uint8_t  group;
};

struct gicv3_best gicv3_best(const struct gicv3 *g, unsigned cpu);

/* Something has changed: bring all the CPUs' wires to their new levels. */
void gicv3_update(struct gicv3 *g);

/* The ids that all frames end with, by offset; 0 elsewhere. */
uint32_t gicv3_ident(uint64_t off);

/* gicv3_cpu.c */

/* Would the CPU interface interrupt its CPU for this one? */
bool gicv3_cpu_signals(const struct gicv3_cpu *c, struct gicv3_best b);
void gicv3_cpu_reset(struct gicv3_cpu *c);
void gicv3_cpu_state(struct gicv3_cpu *c, struct state *s);

#endif
