/* SPDX-License-Identifier: MIT */
/*
 * fuzz_pl011.c - any accesses to the UART, between input and a stubborn
 * reader.  No byte is lost, doubled or reordered in either direction, and the
 * wire says what the registers say.
 */
#include "dev/pl011.h"

#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct far {
	uint32_t typed;        /* input made so far */
	uint32_t taken;        /* ... that the UART took: the byte's number */
	uint32_t read;         /* ... that the guest read */
	uint32_t written, got; /* output, at either end */
	unsigned deny;
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
	pl011_state(dev, s);
}

static void read_dr(struct far *f, struct pl011 *u)
{
	bool any = u->regs.rx_len;
	uint64_t c = pl011_ops.read(u, 0, 4);

	CHECK(c == (any ? nth(f->read) : 0));
	f->read += any;
}

static void one(struct feed *in, struct far *f, struct bus *bus,
		struct pl011 *u)
{
	uint64_t what = feed_take(in, 1);
	struct access a;

	switch (what & 7) {
	case 0:
		f->typed += (uint32_t)(what >> 3);
		pl011_input(u);
		break;
	case 1: read_dr(f, u); break;
	case 2:
		f->deny = (unsigned)(what >> 3);
		pl011_ops.write(u, 0, 1, nth(f->written));
		CHECK(f->got == ++f->written);
		break;
	default:
		a = feed_access(in, 0x1000, what & 8 ? 0x50 : 0x1000, 8);
		if (a.addr / 4 == 0x1000 / 4 && a.size <= 4)
			a.addr += 4; /* the data register is ours above */
		(void)bus_access(bus, &a);
		break;
	}
	CHECK(u->regs.rx_len <= PL011_FIFO);
	CHECK(f->taken - f->read == u->regs.rx_len);
	CHECK(f->level == (pl011_ops.read(u, 0x40, 4) != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed in = { data, len };
	struct far f = { 0 }, g = { 0 };
	const struct chardev chr = { &ops, &f }, deaf = { &ops, &g };
	struct bus bus = { 0 };
	struct pl011 u, other;
	bool hostile = feed_take(&in, 1) & 1;

	if (pl011_init(&u, &chr, (struct irq){ set, &f, 0 }, NULL) ||
	    pl011_init(&other, &deaf, (struct irq){ set, &g, 0 }, NULL) ||
	    bus_add(&bus, SPACE_MMIO, 0x1000, 0x1000, &pl011_ops, &u,
		    PL011_SIZES, NULL))
		abort();
	if (hostile)
		feed_hostile_load(&in, &u, walk);
	while (in.len)
		one(&in, &f, &bus, &u);
	feed_round_trip(&u, &other, walk);
	CHECK(hostile || f.level == g.level);
	while (hostile && u.regs.rx_len)
		(void)pl011_ops.read(&u, 0, 4);
	pl011_fini(&u);
	pl011_fini(&other);
	return 0;
}
