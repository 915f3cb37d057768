/* SPDX-License-Identifier: MIT */
/*
 * uart8250.c - a 16550A UART, National PC16550D chapter 8.
 *
 * How it works.  The line is infinitely fast and loses nothing.  A byte the
 * guest writes is sent before the write ends, so the transmitter is always
 * seen empty and a driver may write 16 bytes per interrupt without asking;
 * when nobody takes the bytes, the writing CPU waits.  Input stays with the
 * chardev until the receive FIFO has room and the guest is listening.
 *
 * Interrupts are computed from the FIFO and the registers.  The one that has
 * a memory is the transmitter's: it tells that the transmitter has become
 * empty, once, and the telling is over when IIR has named it.
 */
#include "dev/uart8250.h"

enum {
	DATA = 0, /* RBR when read, THR when written; DLL with DLAB */
	IER = 1,  /* 8.7 interrupt enable; DLM with DLAB */
	IIR = 2,  /* 8.6 interrupt identification; written: 8.5, FCR */
	LCR = 3,  /* 8.1 line control */
	MCR = 4,  /* 8.8 modem control */
	LSR = 5,  /* 8.4 line status */
	MSR = 6,  /* 8.9 modem status */
	SCR = 7,  /* 8.10 scratchpad */
};

enum {
	ERBFI = 1 << 0, /* IER: received data */
	ETBEI = 1 << 1, /* transmitter empty */
	ELSI = 1 << 2,  /* line status */
	EDSSI = 1 << 3, /* modem status */
	IER_BITS = 0x0f,

	IIR_MODEM = 0x00, /* IIR: what interrupts, 8.6 table III */
	IIR_NONE = 0x01,
	IIR_EMPTY = 0x02,
	IIR_DATA = 0x04,
	IIR_LINE = 0x06,
	IIR_TIMEOUT = 0x0c,
	IIR_FIFO = 0xc0, /* the FIFOs are on */

	FCR_ENABLE = 1 << 0,
	FCR_RX_RESET = 1 << 1,
	FCR_BITS = 0xc9, /* what stays of a write */

	DLAB = 1 << 7, /* LCR: the divisor in place of DATA and IER */

	MCR_DTR = 1 << 0,
	MCR_RTS = 1 << 1,
	MCR_OUT1 = 1 << 2,
	MCR_OUT2 = 1 << 3,
	MCR_LOOP = 1 << 4,
	MCR_BITS = 0x1f,

	LSR_DR = 1 << 0, /* LSR: data, overrun; transmitter and its register */
	LSR_OE = 1 << 1,
	LSR_THRE = 1 << 5,
	LSR_TEMT = 1 << 6,

	MSR_TERI = 1 << 2, /* MSR: RI has ended; 0, 1, 3: the others moved */
	MSR_CTS = 1 << 4,
	MSR_DSR = 1 << 5,
	MSR_RI = 1 << 6,
	MSR_DCD = 1 << 7,
	DELTA_BITS = 0x0f,

	DLL_RESET = 12, /* 9600 baud of 1.8432 MHz: as good as any */
};

/*
 * So many LSR reads and nothing else look like a guest that polls for input.
 * For output and when it opens the port Linux looks once, or twice, at a time.
 */
enum { POLLING = 3 };

/*
 * How often to try a byte.  wait() comes back without room only when another
 * CPU was faster, or for good when the VM ends; then the byte is dropped.
 */
enum { TX_TRIES = 4096 };

static bool fifo_on(const struct uart8250 *u)
{
	return u->regs.fcr & FCR_ENABLE;
}

static bool looped(const struct uart8250 *u)
{
	return u->regs.mcr & MCR_LOOP;
}

static unsigned depth(const struct uart8250 *u)
{
	return fifo_on(u) ? UART8250_FIFO : 1;
}

static unsigned trigger(const struct uart8250 *u)
{
	static const uint8_t level[4] = { 1, 4, 8, 14 };

	return fifo_on(u) ? level[u->regs.fcr >> 6] : 1;
}

/*
 * The most urgent cause, 8.6.  Below the trigger level the timeout comes at
 * once: the line being fast, four characters' time without another is over.
 */
static uint8_t cause(const struct uart8250 *u)
{
	const struct uart8250_regs *r = &u->regs;

	if (r->ier & ELSI && r->overrun)
		return IIR_LINE;
	if (r->ier & ERBFI && r->rx_len)
		return r->rx_len >= trigger(u) ? IIR_DATA : IIR_TIMEOUT;
	if (r->ier & ETBEI && r->thri)
		return IIR_EMPTY;
	if (r->ier & EDSSI && r->delta)
		return IIR_MODEM;
	return IIR_NONE;
}

static void drive(struct uart8250 *u)
{
	line_drive(&u->line, &u->mu, cause(u) != IIR_NONE);
}

static void push(struct uart8250 *u, uint8_t c)
{
	struct uart8250_regs *r = &u->regs;

	r->rx[(r->rx_head + r->rx_len++) % UART8250_FIFO] = c;
}

/*
 * Is the guest listening?  When Linux opens the port it throws away what is
 * in the FIFO before it enables the interrupt, and input typed early would be
 * lost there.  Nor does it listen when it enables all there is: that is how it
 * looks which bits IER has.  In loopback the line is cut off, 8.8.
 */
static bool receiving(const struct uart8250 *u)
{
	uint8_t ier = u->regs.ier;

	if (looped(u))
		return false;
	return (ier & ERBFI && ier != IER_BITS) || u->regs.looks >= POLLING;
}

static void pull(struct uart8250 *u)
{
	int c;

	while (receiving(u) && u->regs.rx_len < depth(u)) {
		c = u->chr->ops->get(u->chr->ctx);
		if (c < 0)
			break;
		push(u, (uint8_t)c);
	}
}

/* A guest that takes data goes on as if it polled; an empty read is a probe. */
static uint8_t read_data(struct uart8250 *u)
{
	struct uart8250_regs *r = &u->regs;
	uint8_t c;

	if (!r->rx_len) {
		r->looks = 0;
		return 0;
	}
	c = r->rx[r->rx_head];
	r->rx_head = (uint8_t)((r->rx_head + 1) % UART8250_FIFO);
	r->rx_len--;
	r->looks = POLLING;
	pull(u);
	return c;
}

static uint8_t read_iir(struct uart8250 *u)
{
	uint8_t v = cause(u);

	if (v == IIR_EMPTY)
		u->regs.thri = false;
	return fifo_on(u) ? v | IIR_FIFO : v;
}

static uint8_t read_lsr(struct uart8250 *u)
{
	uint8_t v = LSR_THRE | LSR_TEMT;

	if (u->regs.looks < POLLING)
		u->regs.looks++;
	pull(u);
	if (u->regs.rx_len)
		v |= LSR_DR;
	if (u->regs.overrun)
		v |= LSR_OE;
	u->regs.overrun = false;
	return v;
}

/* 8.8: in loopback our own outputs; else somebody is there, and ready. */
static uint8_t modem(const struct uart8250 *u)
{
	uint8_t v = 0;

	if (!looped(u))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	if (u->regs.mcr & MCR_RTS)
		v |= MSR_CTS;
	if (u->regs.mcr & MCR_DTR)
		v |= MSR_DSR;
	if (u->regs.mcr & MCR_OUT1)
		v |= MSR_RI;
	if (u->regs.mcr & MCR_OUT2)
		v |= MSR_DCD;
	return v;
}

static uint8_t read_msr(struct uart8250 *u)
{
	uint8_t v = modem(u) | u->regs.delta;

	u->regs.delta = 0;
	return v;
}

static void set_mcr(struct uart8250 *u, uint8_t v)
{
	uint8_t was = modem(u), moved;

	u->regs.mcr = v & MCR_BITS;
	moved = (uint8_t)(was ^ modem(u));
	if (!(was & MSR_RI)) /* RI counts only when it ends */
		moved &= (uint8_t)~MSR_RI;
	u->regs.delta |= moved >> 4;
}

/*
 * 8.5 would also empty the FIFOs when they are switched on or off.  Linux
 * does that right after it has enabled the interrupt: what has come since
 * would be lost, so the data stays unless its end is asked for.
 */
static void set_fcr(struct uart8250 *u, uint8_t v)
{
	if (v & FCR_RX_RESET) {
		u->regs.rx_len = 0;
		u->regs.rx_head = 0;
	}
	u->regs.fcr = v & FCR_ENABLE ? v & FCR_BITS : 0;
}

/*
 * 8.7 and 8.11: enabling the interrupt of an empty transmitter raises it.
 * Linux tests for this, and for a second time, before it trusts a UART.
 */
static void set_ier(struct uart8250 *u, uint8_t v)
{
	if (v & ETBEI && !(u->regs.ier & ETBEI))
		u->regs.thri = true;
	u->regs.ier = v & IER_BITS;
}

/* The byte has left (or come round), and the transmitter is empty again. */
static void sent(struct uart8250 *u, uint8_t v)
{
	u->regs.thri = true;
	if (!looped(u))
		return;
	if (u->regs.rx_len < depth(u))
		push(u, v);
	else
		u->regs.overrun = true;
}

static uint8_t get(struct uart8250 *u, uint64_t off)
{
	struct uart8250_regs *r = &u->regs;
	bool dlab = r->lcr & DLAB;

	if (off == DATA && !dlab)
		return read_data(u);
	if (off == LSR)
		return read_lsr(u);
	r->looks = 0;
	switch (off) {
	case DATA: return r->dll;
	case IER: return dlab ? r->dlm : r->ier;
	case IIR: return read_iir(u);
	case LCR: return r->lcr;
	case MCR: return r->mcr;
	case MSR: return read_msr(u);
	default: return r->scr;
	}
}

static void set(struct uart8250 *u, uint64_t off, uint8_t v)
{
	struct uart8250_regs *r = &u->regs;
	bool dlab = r->lcr & DLAB;

	r->looks = 0;
	switch (off) {
	case DATA:
		if (dlab)
			r->dll = v;
		else
			sent(u, v);
		break;
	case IER:
		if (dlab)
			r->dlm = v;
		else
			set_ier(u, v);
		break;
	case IIR: set_fcr(u, v); break;
	case LCR: r->lcr = v; break;
	case MCR: set_mcr(u, v); break;
	case SCR: r->scr = v; break;
	default: /* LSR, MSR: for the factory's tests, 8.4 and 8.9 */ break;
	}
	pull(u);
}

/* With no lock held: it may wait. */
static void transmit(const struct uart8250 *u, uint8_t byte)
{
	const struct chardev *c = u->chr;
	int tries;

	for (tries = 0; tries < TX_TRIES; tries++) {
		if (c->ops->put(c->ctx, byte))
			return;
		c->ops->wait(c->ctx);
	}
}

static uint64_t uart8250_read(void *dev, uint64_t off, unsigned size)
{
	struct uart8250 *u = dev;
	uint8_t v;

	(void)size;
	mutex_lock(&u->mu);
	v = get(u, off % UART8250_PORTS);
	drive(u);
	mutex_unlock(&u->mu);
	return v;
}

static void uart8250_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	struct uart8250 *u = dev;

	(void)size;
	off %= UART8250_PORTS;
	mutex_lock(&u->mu);
	if (off == DATA && !(u->regs.lcr & DLAB) && !looped(u)) {
		mutex_unlock(&u->mu);
		transmit(u, (uint8_t)v);
		mutex_lock(&u->mu);
	}
	set(u, off, (uint8_t)v);
	drive(u);
	mutex_unlock(&u->mu);
}

const struct bus_ops uart8250_ops = { uart8250_read, uart8250_write };

static void reset(struct uart8250 *u)
{
	u->regs = (struct uart8250_regs){ .dll = DLL_RESET };
}

int uart8250_init(struct uart8250 *u, const struct chardev *chr, struct irq irq,
		  mv_error *err)
{
	*u = (struct uart8250){ .chr = chr, .line = { .irq = irq } };
	reset(u);
	return mutex_init(&u->mu, err);
}

void uart8250_fini(struct uart8250 *u)
{
	mutex_fini(&u->mu);
}

void uart8250_input(struct uart8250 *u)
{
	mutex_lock(&u->mu);
	pull(u);
	drive(u);
	mutex_unlock(&u->mu);
}

static void check(const struct uart8250_regs *r, struct state *s)
{
	state_check(s, r->rx_head < UART8250_FIFO, "FIFO head out of range");
	state_check(s, r->rx_len <= UART8250_FIFO, "FIFO longer than it is");
	state_check(s, r->looks <= POLLING, "too many status reads");
	state_check(s, !(r->delta & ~DELTA_BITS), "bad MSR");
	state_check(s, !(r->ier & ~IER_BITS), "bad IER");
	state_check(s, !(r->mcr & ~MCR_BITS), "bad MCR");
	state_check(s,
		    r->fcr == 0 ||
			    (r->fcr & (FCR_ENABLE | ~FCR_BITS)) == FCR_ENABLE,
		    "bad FCR");
}

static void walk(struct uart8250_regs *r, struct state *s)
{
	state_section(s, "uart8250", 1);
	state_bytes(s, r->rx, sizeof(r->rx));
	state_u8(s, &r->rx_head);
	state_u8(s, &r->rx_len);
	state_u8(s, &r->looks);
	state_bool(s, &r->thri);
	state_bool(s, &r->overrun);
	state_u8(s, &r->delta);
	state_u8(s, &r->ier);
	state_u8(s, &r->fcr);
	state_u8(s, &r->lcr);
	state_u8(s, &r->mcr);
	state_u8(s, &r->scr);
	state_u8(s, &r->dll);
	state_u8(s, &r->dlm);
	check(r, s);
}

void uart8250_state(struct uart8250 *u, struct state *s)
{
	mutex_lock(&u->mu);
	walk(&u->regs, s);
	if (s->loading && s->failed) /* it may have brought bad indices */
		reset(u);
	drive(u);
	mutex_unlock(&u->mu);
}
