/* SPDX-License-Identifier: MIT */
/*
 * pl011.c - ARM PrimeCell UART, ARM DDI 0183 chapter 3.
 *
 * How it works.  The line is infinitely fast and loses nothing.  A byte the
 * guest writes is sent before the write ends, so the transmit FIFO is always
 * seen empty; when nobody takes the bytes, the writing CPU waits.  Input
 * stays with the chardev until the receive FIFO has room and the guest is
 * listening, so the overrun error of the hardware cannot happen.
 *
 * Interrupts are computed from the state of the FIFOs; the only memory is
 * which of them the guest has cleared since they last came true.
 */
#include "dev/pl011.h"

#include <stdbool.h>

enum {
	DR = 0x000,    /* 3.3.1 data */
	RSR = 0x004,   /* 3.3.2 receive errors: we make none */
	FR = 0x018,    /* 3.3.3 flags */
	ILPR = 0x020,  /* 3.3.4 IrDA low power */
	IBRD = 0x024,  /* 3.3.5 baud rate, integer part */
	FBRD = 0x028,  /* 3.3.6 baud rate, fraction */
	LCRH = 0x02c,  /* 3.3.7 line control */
	CR = 0x030,    /* 3.3.8 control */
	IFLS = 0x034,  /* 3.3.9 FIFO levels that interrupt */
	IMSC = 0x038,  /* 3.3.10 interrupt mask, 1 lets it through */
	RIS = 0x03c,   /* 3.3.11 raw interrupt status */
	MIS = 0x040,   /* 3.3.12 masked interrupt status */
	ICR = 0x044,   /* 3.3.13 interrupt clear */
	DMACR = 0x048, /* 3.3.14 DMA control: kept, without effect */
	ID = 0xfe0,    /* 3.3.15 eight ids, one byte per word */
};

enum {
	FR_CTS = 1 << 0, /* FR: a terminal is at the other end */
	FR_DSR = 1 << 1,
	FR_DCD = 1 << 2,
	FR_RXFE = 1 << 4, /* FIFO empty, full */
	FR_RXFF = 1 << 6,
	FR_TXFE = 1 << 7,
	LCRH_FEN = 1 << 4,  /* LCRH: FIFOs on */
	CR_UARTEN = 1 << 0, /* CR: everything, receiver on */
	CR_TXE = 1 << 8,
	CR_RXE = 1 << 9,
	RXI = 1 << 4, /* IMSC ...: receive, transmit, timeout */
	TXI = 1 << 5,
	RTI = 1 << 6,

	LCRH_BITS = 0xff, /* what can be written, 3.3.5 .. 3.3.14 */
	CR_BITS = 0xff87,
	FBRD_BITS = 0x3f,
	IFLS_BITS = 0x3f,
	IMSC_BITS = 0x7ff,
	DMA_BITS = 0x07,

	CR_RESET = CR_TXE | CR_RXE,
	IFLS_RESET = 0x12, /* both at one half */
};

/* Two status reads in a row look like a guest that polls for input. */
enum { POLLING = 2 };

/*
 * How often to try a byte.  wait() comes back without room only when another
 * CPU was faster, or for good when the VM ends; then the byte is dropped.
 */
enum { TX_TRIES = 4096 };

static unsigned depth(const struct pl011 *u)
{
	return u->regs.lcrh & LCRH_FEN ? PL011_FIFO : 1;
}

static unsigned rx_trigger(const struct pl011 *u)
{
	static const uint8_t level[8] = { 2, 4, 8, 12, 14, 14, 14, 14 };

	return u->regs.lcrh & LCRH_FEN ? level[u->regs.ifls >> 3 & 7] : 1;
}

/*
 * 2.8: the transmit interrupt comes when the FIFO has drained, which it does
 * with every byte; the receive timeout comes at once, the line being fast.
 */
static uint32_t raw(const struct pl011 *u)
{
	uint32_t on = TXI;

	if (u->regs.rx_len)
		on |= RTI;
	if (u->regs.rx_len >= rx_trigger(u))
		on |= RXI;
	return on & ~(uint32_t)u->regs.cleared;
}

static void drive(struct pl011 *u)
{
	line_drive(&u->line, &u->mu, raw(u) & u->regs.imsc);
}

/*
 * Is the guest listening?  An enabled receiver is not enough: when Linux opens
 * the port it throws away what is in the FIFO just before it unmasks the
 * interrupts, and input typed early would be lost there.  A guest without
 * interrupts reads the status again and again; one look alone is also what
 * comes before each byte of output.
 */
static bool receiving(const struct pl011 *u)
{
	return (u->regs.cr & CR_UARTEN) && (u->regs.cr & CR_RXE) &&
	       (u->regs.imsc & (RXI | RTI) || u->regs.looks >= POLLING);
}

static void pull(struct pl011 *u)
{
	int c;

	while (receiving(u) && u->regs.rx_len < depth(u)) {
		c = u->chr->ops->get(u->chr->ctx);
		if (c < 0)
			break;
		u->regs.rx[(u->regs.rx_head + u->regs.rx_len++) % PL011_FIFO] =
			(uint8_t)c;
		u->regs.cleared &= (uint16_t) ~(RXI | RTI);
	}
}

static uint8_t pop(struct pl011 *u)
{
	uint8_t c;

	if (!u->regs.rx_len)
		return 0;
	c = u->regs.rx[u->regs.rx_head];
	u->regs.rx_head = (uint8_t)((u->regs.rx_head + 1) % PL011_FIFO);
	u->regs.rx_len--;
	return c;
}

static uint32_t read_dr(struct pl011 *u)
{
	uint8_t c = pop(u);

	u->regs.looks = POLLING;
	pull(u);
	return c;
}

static void look(struct pl011 *u)
{
	if (u->regs.looks < POLLING)
		u->regs.looks++;
	pull(u);
}

static uint32_t flags(const struct pl011 *u)
{
	uint32_t v = FR_TXFE | FR_CTS | FR_DSR | FR_DCD;

	if (!u->regs.rx_len)
		v |= FR_RXFE;
	if (u->regs.rx_len >= depth(u))
		v |= FR_RXFF;
	return v;
}

static uint32_t get(struct pl011 *u, uint64_t off)
{
	if (off == FR || off == RIS || off == MIS)
		look(u);
	switch (off) {
	case DR: return read_dr(u);
	case FR: return flags(u);
	case ILPR: return u->regs.ilpr;
	case IBRD: return u->regs.ibrd;
	case FBRD: return u->regs.fbrd;
	case LCRH: return u->regs.lcrh;
	case CR: return u->regs.cr;
	case IFLS: return u->regs.ifls;
	case IMSC: return u->regs.imsc;
	case RIS: return raw(u);
	case MIS: return raw(u) & u->regs.imsc;
	case DMACR: return u->regs.dmacr;
	default: /* RSR: no errors; the rest: reserved */ return 0;
	}
}

static void set(struct pl011 *u, uint64_t off, uint32_t v)
{
	u->regs.looks = 0;
	switch (off) {
	case DR: /* the byte has left: it may interrupt again */
		u->regs.cleared &= (uint16_t)~TXI;
		break;
	case ILPR: u->regs.ilpr = (uint8_t)v; break;
	case IBRD: u->regs.ibrd = (uint16_t)v; break;
	case FBRD: u->regs.fbrd = v & FBRD_BITS; break;
	case LCRH: u->regs.lcrh = v & LCRH_BITS; break;
	case CR: u->regs.cr = v & CR_BITS; break;
	case IFLS: u->regs.ifls = v & IFLS_BITS; break;
	case IMSC: u->regs.imsc = v & IMSC_BITS; break;
	case ICR: u->regs.cleared |= v & (RXI | TXI | RTI); break;
	case DMACR: u->regs.dmacr = v & DMA_BITS; break;
	default: /* RSR: there are no errors to clear */ break;
	}
	pull(u);
}

/*
 * With no lock held: it may wait.  CR is not asked: an early console prints
 * before anybody has enabled the UART, as it may where firmware had.
 */
static void transmit(const struct pl011 *u, uint8_t byte)
{
	const struct chardev *c = u->chr;
	int tries;

	for (tries = 0; tries < TX_TRIES; tries++) {
		if (c->ops->put(c->ctx, byte))
			return;
		c->ops->wait(c->ctx);
	}
}

static uint64_t pl011_read(void *dev, uint64_t off, unsigned size)
{
	static const uint8_t id[8] = { 0x11, 0x10, 0x14, 0x00,
				       0x0d, 0xf0, 0x05, 0xb1 };
	struct pl011 *u = dev;
	uint32_t v;

	(void)size; /* the bus cuts the answer to it */
	if (off % 4)
		return 0; /* the upper bytes hold nothing */
	if (off >= ID)
		return id[(off - ID) / 4 % 8];
	mutex_lock(&u->mu);
	v = get(u, off);
	drive(u);
	mutex_unlock(&u->mu);
	return v;
}

static void pl011_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	struct pl011 *u = dev;

	(void)size;
	if (off == DR)
		transmit(u, (uint8_t)v);
	mutex_lock(&u->mu);
	set(u, off, (uint32_t)v);
	drive(u);
	mutex_unlock(&u->mu);
}

const struct bus_ops pl011_ops = { pl011_read, pl011_write };

static void reset(struct pl011 *u)
{
	u->regs = (struct pl011_regs){
		.cleared = TXI, /* nothing has been sent yet */
		.cr = CR_RESET,
		.ifls = IFLS_RESET,
	};
}

int pl011_init(struct pl011 *u, const struct chardev *chr, struct irq irq,
	       mv_error *err)
{
	*u = (struct pl011){ .chr = chr, .line = { .irq = irq } };
	reset(u);
	return mutex_init(&u->mu, err);
}

void pl011_fini(struct pl011 *u)
{
	mutex_fini(&u->mu);
}

void pl011_input(struct pl011 *u)
{
	mutex_lock(&u->mu);
	pull(u);
	drive(u);
	mutex_unlock(&u->mu);
}

static void check(const struct pl011_regs *r, struct state *s)
{
	state_check(s, r->rx_head < PL011_FIFO, "FIFO head out of range");
	state_check(s, r->rx_len <= PL011_FIFO, "FIFO longer than it is");
	state_check(s, r->looks <= POLLING, "too many status reads");
	state_check(s, !(r->cleared & ~(RXI | TXI | RTI)),
		    "an unknown interrupt is cleared");
	state_check(s, !(r->imsc & ~IMSC_BITS), "bad IMSC");
	state_check(s, !(r->cr & ~CR_BITS), "bad CR");
	state_check(s, !(r->fbrd & ~FBRD_BITS), "bad FBRD");
	state_check(s, !(r->ifls & ~IFLS_BITS), "bad IFLS");
	state_check(s, !(r->dmacr & ~DMA_BITS), "bad DMACR");
}

static void walk(struct pl011_regs *r, struct state *s)
{
	state_section(s, "pl011", 1);
	state_bytes(s, r->rx, sizeof(r->rx));
	state_u8(s, &r->rx_head);
	state_u8(s, &r->rx_len);
	state_u8(s, &r->looks);
	state_u16(s, &r->cleared);
	state_u16(s, &r->imsc);
	state_u16(s, &r->cr);
	state_u16(s, &r->ibrd);
	state_u8(s, &r->ilpr);
	state_u8(s, &r->fbrd);
	state_u8(s, &r->lcrh);
	state_u8(s, &r->ifls);
	state_u8(s, &r->dmacr);
	check(r, s);
}

void pl011_state(struct pl011 *u, struct state *s)
{
	mutex_lock(&u->mu);
	walk(&u->regs, s);
	if (s->loading && s->failed) /* it may have brought bad indices */
		reset(u);
	drive(u);
	mutex_unlock(&u->mu);
}
