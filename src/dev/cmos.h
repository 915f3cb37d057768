/* SPDX-License-Identifier: MIT */
/*
 * cmos.h - a PC's MC146818 real-time clock and its 128 bytes of memory.
 *
 * Its interrupt output is not wired, as that of the PL031 is not: struct clock
 * tells the time but wakes nobody.  The flags of register C, alarm included,
 * are right whenever the guest looks at them.
 */
#ifndef DEV_CMOS_H
#define DEV_CMOS_H

#include <stdint.h>

#include "core/bus.h"
#include "core/clock.h"
#include "core/state.h"
#include "os/thread.h"

enum {
	CMOS_SIZES   = 1,       /* for bus_add() */
	CMOS_PORTS   = 2,       /* index, data */
	CMOS_BYTES   = 128,
	CMOS_CENTURY = 0x32,    /* for ACPI's FADT */
};

struct cmos {
	const struct clock *clk;
	struct mutex        mu;

	/* under mu */
	uint8_t  index;
	uint8_t  byte[CMOS_BYTES]; /* the time as last shown or written, too */
	uint64_t skew;          /* the guest's seconds minus wall's, mod 2^64 */
	uint64_t shown;         /* the guest's second in byte[] */
	uint64_t seen;          /* ... up to which C's flags were worked out */
	uint64_t seen_ns;       /* the same for the periodic one */
};

extern const struct bus_ops cmos_ops;

/* Holds clk until the fini. */
int  cmos_init(struct cmos *c, const struct clock *clk,
	       mv_error *err) MUST_CHECK;
void cmos_fini(struct cmos *c);
void cmos_state(struct cmos *c, struct state *s);

#endif
