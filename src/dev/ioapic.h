/* SPDX-License-Identifier: MIT */
/*
 * ioapic.h - Intel 82093AA I/O APIC, version 0x20: it has an EOI register.
 *
 * Turns the level of its pins into messages.  Whom they go to it does not
 * know.
 */
#ifndef DEV_IOAPIC_H
#define DEV_IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bus.h"
#include "core/state.h"
#include "dev/apic.h"
#include "os/thread.h"

enum {
	IOAPIC_SIZES = 4,       /* for bus_add(): 82093AA 3.0 */
	IOAPIC_PINS  = 24,
};

struct ioapic_regs {
	uint64_t entry[IOAPIC_PINS]; /* redirection table */
	uint32_t pins;          /* levels, a bit each */
	uint8_t  select;
	uint8_t  id;
};

/* Who takes the messages; called with no lock held, on any thread. */
struct ioapic_port {
	void (*send)(void *ctx, const struct apic_message *m);
	void *ctx;
};

struct ioapic {
	struct ioapic_port port;
	struct mutex       mu;

	/* under mu */
	struct ioapic_regs regs;
};

extern const struct bus_ops ioapic_ops;

int  ioapic_init(struct ioapic *io, struct ioapic_port port,
		 mv_error *err) MUST_CHECK;
void ioapic_fini(struct ioapic *io);

/* A pin; a struct irq's set().  Pins it does not have are nobody. */
void ioapic_pin(void *ioapic, unsigned pin, bool level);

/*
 * A CPU has ended a level-triggered interrupt: pins of this vector that are
 * still high interrupt again.  Any thread, with no lock send() takes.
 */
void ioapic_eoi(struct ioapic *io, uint8_t vector);

void ioapic_state(struct ioapic *io, struct state *s);

#endif
