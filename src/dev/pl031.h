/* SPDX-License-Identifier: MIT */
/*
 * pl031.h - ARM PrimeCell real-time clock (ARM DDI 0224).
 *
 * Its interrupt output is not wired.  struct clock tells the time but wakes
 * nobody, so the alarm's status is right whenever the guest looks at it, yet
 * nothing could move a wire at the moment it comes true.  The device tree
 * gives the guest no interrupt for it; Linux sleeps on the arch timer.
 */
#ifndef DEV_PL031_H
#define DEV_PL031_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bus.h"
#include "core/clock.h"
#include "core/state.h"
#include "os/thread.h"

enum { PL031_SIZES = 4 };       /* for bus_add() */

struct pl031 {
	const struct clock *clk;
	struct mutex        mu;

	/* under mu */
	uint32_t skew;          /* the guest's seconds minus wall's */
	uint32_t load;          /* LR as last written */
	uint32_t match;         /* MR */
	uint32_t seen;          /* the time up to which MR was compared */
	bool     raised;        /* RIS */
	bool     unmasked;      /* IMSC */
};

extern const struct bus_ops pl031_ops;

/* Holds clk until the fini. */
int  pl031_init(struct pl031 *r, const struct clock *clk,
		mv_error *err) MUST_CHECK;
void pl031_fini(struct pl031 *r);
void pl031_state(struct pl031 *r, struct state *s);

#endif
