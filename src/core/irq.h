/* SPDX-License-Identifier: MIT */
/*
 * irq.h - an interrupt wire.
 *
 * A device owns one end and can only drive its own wire; which controller
 * and which pin sit at the other end is the board's business.
 */
#ifndef CORE_IRQ_H
#define CORE_IRQ_H

#include <stdbool.h>

struct irq {
	void   (*set)(void *chip, unsigned pin, bool level);
	void    *chip;
	unsigned pin;
};

/* Drive the wire; an unconnected one (all zero) is fine. */
static inline void irq_set(const struct irq *irq, bool level)
{
	if (irq->set)
		irq->set(irq->chip, irq->pin, level);
}

#endif
