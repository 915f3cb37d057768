/* SPDX-License-Identifier: MIT */
/*
 * uart8250.h - a 16550A UART (National PC16550D), to a struct chardev.
 *
 * Knows neither who reads the characters nor where its wire ends; the pin
 * there may look for levels or, as on the ISA bus, for edges.
 */
#ifndef DEV_UART8250_H
#define DEV_UART8250_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bus.h"
#include "core/chardev.h"
#include "core/irq.h"
#include "core/state.h"
#include "dev/line.h"
#include "os/thread.h"

enum {
	UART8250_SIZES = 1,     /* for bus_add(): its bus is 8 bits wide */
	UART8250_PORTS = 8,
	UART8250_FIFO  = 16,
};

struct uart8250_regs {
	uint8_t  rx[UART8250_FIFO];
	uint8_t  rx_head, rx_len;
	uint8_t  looks;         /* LSR reads in a row: see receiving() */
	bool     thri;          /* transmitter empty, not yet told by IIR */
	bool     overrun;       /* LSR.OE; in loopback only */
	uint8_t  delta;         /* MSR 0-3 */
	uint8_t  ier, fcr, lcr, mcr, scr, dll, dlm;
};

struct uart8250 {
	const struct chardev *chr;
	struct mutex          mu;

	/* under mu */
	struct line           line;
	struct uart8250_regs  regs;
};

extern const struct bus_ops uart8250_ops;

/*
 * Holds chr until the fini.  chr's put and wait are called with no lock held,
 * its get under the UART's lock: it must not call back.  The wire is moved
 * with no lock held.
 */
int  uart8250_init(struct uart8250 *u, const struct chardev *chr,
		   struct irq irq, mv_error *err) MUST_CHECK;
void uart8250_fini(struct uart8250 *u);

/* The chardev has new input.  Any thread, holding no lock get() takes. */
void uart8250_input(struct uart8250 *u);

void uart8250_state(struct uart8250 *u, struct state *s);

#endif
