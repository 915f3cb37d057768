/* SPDX-License-Identifier: MIT */
/*
 * ioapic.c - Intel 82093AA I/O APIC, 82093AA chapter 3, with the EOI register
 * of its successors (ICH: 13.5.1.5 "EOIR").
 *
 * An edge is a message and is forgotten; one that comes while the pin is
 * masked is lost, as the sheet has it.  A level is a message for as long as
 * it lasts: Remote IRR says that one is under way, and when its end is told
 * the pin is looked at again.
 *
 * Messages are collected under the lock and sent after it.
 */
#include "dev/ioapic.h"

enum {
	IOREGSEL = 0x00, /* 3.1.1 which register */
	IOWIN = 0x10,    /* 3.1.2 ... is seen here */
	EOIR = 0x40,     /* write only: a vector */

	ID = 0x00,      /* 3.2.1 */
	VERSION = 0x01, /* 3.2.2 */
	ARB = 0x02,     /* 3.2.3: the bus it would arbitrate is gone */
	REDTBL = 0x10,  /* 3.2.4, two words per pin */
	REDTBL_END = REDTBL + 2 * IOAPIC_PINS,

	VERSION_VALUE = (IOAPIC_PINS - 1) << 16 | 0x20,
	ID_SHIFT = 24,
	ID_BITS = 15,
};

/* An entry, 3.2.4. */
enum {
	MODE_SHIFT = 8,
	LOGICAL = 1 << 11,
	LOW = 1 << 13, /* kept; our wires know asserted, not high */
	REMOTE_IRR = 1 << 14,
	LEVEL = 1 << 15,
	MASKED = 1 << 16,
	DEST_SHIFT = 56,
};

#define ENTRY_BITS UINT64_C(0xff0000000001afff) /* that a guest writes */

/* 3.2.4: only these two modes know levels, the others are edges always. */
static bool is_level(uint64_t e)
{
	return e & LEVEL && (e >> MODE_SHIFT & 7) <= APIC_LOWEST;
}

/* At most one from each pin. */
struct outbox {
	unsigned count;
	struct apic_message m[IOAPIC_PINS];
};

static void post(const struct ioapic *io, unsigned pin, struct outbox *out)
{
	uint64_t e = io->regs.entry[pin];
	uint8_t dest = (uint8_t)(e >> DEST_SHIFT);

	out->m[out->count++] = (struct apic_message){
		.dest = dest == 0xff ? APIC_ALL : dest,
		.vector = (uint8_t)e,
		.mode = e >> MODE_SHIFT & 7,
		.logical = e & LOGICAL,
		.level = is_level(e),
	};
}

/* A level-triggered pin that is high, and is not being served. */
static void look(struct ioapic *io, unsigned pin, struct outbox *out)
{
	uint64_t *e = &io->regs.entry[pin];

	if (!(io->regs.pins >> pin & 1) || !is_level(*e) ||
	    *e & (MASKED | REMOTE_IRR))
		return;
	*e |= REMOTE_IRR;
	post(io, pin, out);
}

static void end(struct ioapic *io, uint8_t vector, struct outbox *out)
{
	unsigned pin;

	for (pin = 0; pin < IOAPIC_PINS; pin++) {
		uint64_t *e = &io->regs.entry[pin];

		if (is_level(*e) && (uint8_t)*e == vector) {
			*e &= ~(uint64_t)REMOTE_IRR;
			look(io, pin, out);
		}
	}
}

static void release(struct ioapic *io, const struct outbox *out)
{
	unsigned i;

	mutex_unlock(&io->mu);
	for (i = 0; i < out->count; i++)
		io->port.send(io->port.ctx, &out->m[i]);
}

void ioapic_pin(void *ioapic, unsigned pin, bool level)
{
	struct ioapic *io = ioapic;
	struct outbox out = { 0 };
	uint32_t bit;
	bool rises;

	if (pin >= IOAPIC_PINS)
		return;
	bit = UINT32_C(1) << pin;
	mutex_lock(&io->mu);
	rises = level && !(io->regs.pins & bit);
	if (level)
		io->regs.pins |= bit;
	else
		io->regs.pins &= ~bit;
	if (is_level(io->regs.entry[pin]))
		look(io, pin, &out);
	else if (rises && !(io->regs.entry[pin] & MASKED))
		post(io, pin, &out);
	release(io, &out);
}

void ioapic_eoi(struct ioapic *io, uint8_t vector)
{
	struct outbox out = { 0 };

	mutex_lock(&io->mu);
	end(io, vector, &out);
	release(io, &out);
}

static uint32_t get(const struct ioapic *io)
{
	unsigned i = io->regs.select;
	uint64_t e;

	if (i == ID || i == ARB)
		return (uint32_t)io->regs.id << ID_SHIFT;
	if (i == VERSION)
		return VERSION_VALUE;
	if (i < REDTBL || i >= REDTBL_END)
		return 0;
	e = io->regs.entry[(i - REDTBL) / 2];
	return (uint32_t)(i % 2 ? e >> 32 : e);
}

/*
 * Remote IRR cannot be written, but an entry made edge-triggered has none:
 * that is how drivers end an interrupt by hand.
 */
static void set_entry(struct ioapic *io, unsigned i, uint32_t v,
		      struct outbox *out)
{
	unsigned pin = (i - REDTBL) / 2;
	uint64_t *e = &io->regs.entry[pin], irr = *e & REMOTE_IRR;

	if (i % 2)
		*e = (uint32_t)*e | (uint64_t)v << 32;
	else
		*e = (*e & ~(uint64_t)UINT32_MAX) | v;
	*e &= ENTRY_BITS;
	if (is_level(*e))
		*e |= irr;
	look(io, pin, out);
}

static void set(struct ioapic *io, uint32_t v, struct outbox *out)
{
	unsigned i = io->regs.select;

	if (i == ID)
		io->regs.id = v >> ID_SHIFT & ID_BITS;
	else if (i >= REDTBL && i < REDTBL_END)
		set_entry(io, i, v, out);
}

static uint64_t ioapic_read(void *dev, uint64_t off, unsigned size)
{
	struct ioapic *io = dev;
	uint32_t v = 0;

	(void)size;
	mutex_lock(&io->mu);
	if (off == IOREGSEL)
		v = io->regs.select;
	else if (off == IOWIN)
		v = get(io);
	mutex_unlock(&io->mu);
	return v;
}

static void ioapic_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	struct ioapic *io = dev;
	struct outbox out = { 0 };

	(void)size;
	mutex_lock(&io->mu);
	switch (off) {
	case IOREGSEL: io->regs.select = (uint8_t)v; break;
	case IOWIN: set(io, (uint32_t)v, &out); break;
	case EOIR: end(io, (uint8_t)v, &out); break;
	default: break;
	}
	release(io, &out);
}

const struct bus_ops ioapic_ops = { ioapic_read, ioapic_write };

static void reset(struct ioapic *io)
{
	unsigned i;

	io->regs = (struct ioapic_regs){ 0 };
	for (i = 0; i < IOAPIC_PINS; i++)
		io->regs.entry[i] = MASKED;
}

int ioapic_init(struct ioapic *io, struct ioapic_port port, mv_error *err)
{
	*io = (struct ioapic){ .port = port };
	reset(io);
	return mutex_init(&io->mu, err);
}

void ioapic_fini(struct ioapic *io)
{
	mutex_fini(&io->mu);
}

static void walk(struct ioapic_regs *r, struct state *s)
{
	unsigned i;

	state_section(s, "ioapic", 1);
	for (i = 0; i < IOAPIC_PINS; i++) {
		uint64_t *e = &r->entry[i];

		state_u64(s, e);
		state_check(s, !(*e & ~(ENTRY_BITS | REMOTE_IRR)),
			    "bad redirection entry");
		state_check(s, !(*e & REMOTE_IRR) || is_level(*e),
			    "Remote IRR of an edge");
	}
	state_u32(s, &r->pins);
	state_u8(s, &r->select);
	state_u8(s, &r->id);
	state_check(s, !(r->pins >> IOAPIC_PINS), "more pins than there are");
	state_check(s, r->id <= ID_BITS, "bad IOAPIC id");
}

/*
 * A save cannot come between a message and its being taken: the CPUs rest.
 * What a load brings is sent when next something happens to the pin.
 */
void ioapic_state(struct ioapic *io, struct state *s)
{
	mutex_lock(&io->mu);
	walk(&io->regs, s);
	if (s->loading && s->failed)
		reset(io);
	mutex_unlock(&io->mu);
}
