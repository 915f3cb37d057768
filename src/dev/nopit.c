/* SPDX-License-Identifier: MIT */
/*
 * nopit.c - where a PC has its interval timer (8254), and this machine none.
 *
 * Linux calibrates its clocks against the timer when nobody tells it their
 * rates.  Open bus, all ones, would make it believe in a counter that stands
 * still: it reads 100,000 times before it gives up.  Zeros end that at once.
 * A second way of it waits for the output of channel 2 at port 0x61: which is
 * always high, or it would wait for ever.
 */
#include "dev/nopit.h"

enum { OUT2 = 1 << 5 }; /* port 0x61: output of the timer's channel 2 */

static uint64_t counter_read(void *dev, uint64_t off, unsigned size)
{
	(void)dev;
	(void)off;
	(void)size;
	return 0;
}

/* No NMI was raised (bits 7 and 6), and the speaker is off. */
static uint64_t gate_read(void *dev, uint64_t off, unsigned size)
{
	(void)dev;
	(void)off;
	(void)size;
	return OUT2;
}

static void ignore(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	(void)dev;
	(void)off;
	(void)size;
	(void)v;
}

const struct bus_ops nopit_ops = { counter_read, ignore };
const struct bus_ops nopit_gate_ops = { gate_read, ignore };
