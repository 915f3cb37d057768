/* SPDX-License-Identifier: MIT */
/*
 * line.h - a device's end of an interrupt wire, driven with no lock held.
 *
 * A device computes its level under its own lock.  What hangs at the far end
 * takes locks too (the GIC's, a vCPU's), and the threads that hold those call
 * back into the device; so a wire must not be moved under the lock.  Moving
 * it after unlocking would let two threads overtake each other and leave it
 * at the older level.  Hence one thread at a time moves it, and whoever finds
 * it moving leaves the new level behind for the mover to see.
 *
 * The wire ends at the last level wanted, and a fall is never left out: one
 * that fits into a move is made up for, so that a cause which came after it
 * is an edge for those who look for edges.  A rise that is over before it
 * could be driven is left out: its cause has gone.
 */
#ifndef DEV_LINE_H
#define DEV_LINE_H

#include <stdbool.h>

#include "core/irq.h"
#include "os/thread.h"

/* All under the lock of the device it belongs to. */
struct line {
	struct irq irq;
	bool       want;        /* the level the device computed last */
	bool       is;          /* the level driven last */
	bool       fell;        /* since then, and was not driven yet */
	bool       moving;      /* by some thread, which holds no lock */
};

/*
 * Bring the wire to `level`.  `mu` is held on entry and on return, but not
 * in between: what the caller knew about the device may have changed.
 */
void line_drive(struct line *l, struct mutex *mu, bool level);

#endif
