/* SPDX-License-Identifier: MIT */
/*
 * fuzz_uart8250.c - any accesses to the UART, between input and a stubborn
 * reader.  But for a FIFO the guest resets, and for loopback, no byte is lost,
 * doubled or reordered in either direction; the wire says what IIR says.
 */
#include "dev/uart8250.h"

#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { DATA, IER, IIR, LCR, MCR, LSR, FCR = IIR };
enum { RX_RESET = 2, DLAB = 0x80, LOOP = 0x10, NONE = 1, EMPTY = 2 };

struct far {
	uint32_t typed;        /* input made so far */
	uint32_t taken;        /* ... that the UART took: the byte's number */
	uint32_t read;         /* ... that the guest read, or threw away */
	uint32_t written, got; /* output, at either end */
	unsigned deny;
	bool foreign; /* bytes of loopback are about */
	bool level;
};

static uint8_t nth(uint32_t n)
{
	return (uint8_t)(n * 31 + (n >> 8) + 1);
}

static bool put(void *ctx, uint8_t byte)
{
	struct far *f = ctx;

	if (f->deny) {
		f->deny--;
		return false;
	}
	CHECK(byte == nth(f->got));
	f->got++;
	return true;
}

static void wait(void *ctx)
{
	(void)ctx;
}

static int get(void *ctx)
{
	struct far *f = ctx;

	return f->taken < f->typed ? nth(f->taken++) : -1;
}

static const struct chardev_ops ops = { put, wait, get };

static void set(void *chip, unsigned pin, bool level)
{
	(void)pin;
	((struct far *)chip)->level = level;
}

static void walk(void *dev, struct state *s)
{
	uart8250_state(dev, s);
}

static void read_data(struct far *f, struct uart8250 *u)
{
	bool any = u->regs.rx_len;
	uint64_t c = uart8250_ops.read(u, DATA, 1);

	if (u->regs.lcr & DLAB)
		return;
	CHECK(f->foreign || c == (any ? nth(f->read) : 0));
	f->read += any;
}

static void write_data(struct far *f, struct uart8250 *u)
{
	bool out = !(u->regs.lcr & DLAB) && !(u->regs.mcr & LOOP);

	uart8250_ops.write(u, DATA, 1, nth(f->written));
	if (u->regs.mcr & LOOP)
		f->foreign = true;
	f->written += out;
	CHECK(f->got == f->written);
}

/* The other registers, and ports beside them. */
static void other(struct feed *in, struct far *f, struct bus *bus,
		  struct uart8250 *u, bool far_off)
{
	struct access a = feed_access(in, 0x3f8, 8, far_off ? 8 : 0);

	a.space = SPACE_PIO;
	if (a.addr == 0x3f8 && a.size == 1)
		a.addr += LSR; /* the data register is ours above */
	if (a.write && a.addr == 0x3f8 + FCR && a.size == 1 &&
	    a.value & RX_RESET)
		f->read += u->regs.rx_len;
	CHECK(bus_access(bus, &a) ==
	      (a.size == 1 && a.addr >= 0x3f8 && a.addr < 0x400));
}

static void one(struct feed *in, struct far *f, struct bus *bus,
		struct uart8250 *u)
{
	uint64_t what = feed_take(in, 1);

	switch (what & 7) {
	case 0:
		f->typed += (uint32_t)(what >> 3);
		uart8250_input(u);
		break;
	case 1: read_data(f, u); break;
	case 2:
		f->deny = (unsigned)(what >> 3);
		write_data(f, u);
		break;
	default: other(in, f, bus, u, what & 8); break;
	}
	CHECK(u->regs.rx_len <= UART8250_FIFO);
	CHECK(f->foreign || f->taken - f->read == u->regs.rx_len);
}

/* Reading IIR ends what it tells of, if that is the transmitter. */
static void ask(const struct far *f, struct uart8250 *u)
{
	bool level = f->level;
	uint64_t iir = uart8250_ops.read(u, IIR, 1) & 15;

	CHECK(level == (iir != NONE));
	CHECK(iir == EMPTY || f->level == level);
}

/* However it was left: switched on, it gives all that was typed. */
static void drain(struct far *f, struct uart8250 *u)
{
	unsigned i;

	uart8250_ops.write(u, LCR, 1, 3);
	uart8250_ops.write(u, MCR, 1, 0);
	uart8250_ops.write(u, IER, 1, 1);
	uart8250_input(u);
	for (i = 0; f->level; i++) {
		CHECK(i < f->typed + UART8250_FIFO);
		read_data(f, u);
	}
	CHECK(f->taken == f->typed && !u->regs.rx_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed in = { data, len };
	struct far f = { 0 }, g = { 0 };
	const struct chardev chr = { &ops, &f }, deaf = { &ops, &g };
	struct bus bus = { 0 };
	struct uart8250 u, twin;

	if (uart8250_init(&u, &chr, (struct irq){ set, &f, 0 }, NULL) ||
	    uart8250_init(&twin, &deaf, (struct irq){ set, &g, 0 }, NULL) ||
	    bus_add(&bus, SPACE_PIO, 0x3f8, UART8250_PORTS, &uart8250_ops, &u,
		    UART8250_SIZES, NULL))
		abort();
	if (feed_take(&in, 1) & 1) {
		feed_hostile_load(&in, &u, walk);
		f.foreign = true;
	}
	while (in.len) {
		one(&in, &f, &bus, &u);
		if (in.len % 3 == 0)
			ask(&f, &u);
	}
	feed_round_trip(&u, &twin, walk);
	CHECK(f.level == g.level);
	drain(&f, &u);
	uart8250_fini(&u);
	uart8250_fini(&twin);
	return 0;
}
