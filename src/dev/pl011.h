/* SPDX-License-Identifier: MIT */
/*
 * pl011.h - ARM PrimeCell UART (ARM DDI 0183), to a struct chardev.
 *
 * Knows neither who reads the characters nor where its wire ends.
 */
#ifndef DEV_PL011_H
#define DEV_PL011_H

#include <stdint.h>

#include "core/bus.h"
#include "core/chardev.h"
#include "core/irq.h"
#include "core/state.h"
#include "dev/line.h"
#include "os/thread.h"

enum {
	PL011_SIZES = 1 | 2 | 4, /* for bus_add(): Linux's earlycon uses 1 */
	PL011_FIFO  = 16,
};

struct pl011_regs {
	uint8_t  rx[PL011_FIFO];
	uint8_t  rx_head, rx_len;
	uint8_t  looks;         /* status reads in a row: see receiving() */
	uint16_t cleared;       /* interrupts cleared since they came true */
	uint16_t imsc, cr, ibrd;
	uint8_t  ilpr, fbrd, lcrh, ifls, dmacr;
};

struct pl011 {
	const struct chardev *chr;
	struct mutex          mu;

	/* under mu */
	struct line           line;
	struct pl011_regs     regs;
};

extern const struct bus_ops pl011_ops;

/*
 * Holds chr until the fini.  chr's put and wait are called with no lock held,
 * its get under the UART's lock: it must not call back.  The wire is moved
 * with no lock held.
 */
int  pl011_init(struct pl011 *u, const struct chardev *chr, struct irq irq,
		mv_error *err) MUST_CHECK;
void pl011_fini(struct pl011 *u);

/* The chardev has new input.  Any thread, holding no lock get() takes. */
void pl011_input(struct pl011 *u);

void pl011_state(struct pl011 *u, struct state *s);

#endif
