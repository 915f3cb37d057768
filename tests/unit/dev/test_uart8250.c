/* SPDX-License-Identifier: MIT */
#include "dev/uart8250.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

enum {
	DATA = 0,
	IER = 1,
	IIR = 2,
	FCR = 2,
	LCR = 3,
	MCR = 4,
	LSR = 5,
	MSR = 6,
	SCR = 7,

	RDI = 1, /* IER */
	THRI = 2,
	RLSI = 4,
	MSI = 8,

	NO_INT = 0x01, /* IIR, of the lower four bits */
	EMPTY = 0x02,
	READY = 0x04,
	LINE = 0x06,
	TIMEOUT = 0x0c,

	DR = 1, /* LSR */
	OE = 2,
	IDLE = 0x60,

	DLAB = 0x80,
	LOOP = 0x10,
	COM1 = 0x3f8,
};

/* The far end: a string to read, a buffer to write, some stubbornness. */
struct rig {
	const char *in;
	size_t in_len;
	char out[256];
	size_t out_len;
	unsigned deny; /* refuse so many put()s */
	bool deaf;     /* refuse them all */
	unsigned waits;
	bool locked_wait; /* wait() saw the UART's lock held */
	bool level;
	unsigned rises;
	unsigned accesses;
	struct chardev chr;
	struct uart8250 u;
	struct bus bus;
};

static bool rig_put(void *ctx, uint8_t byte)
{
	struct rig *g = ctx;

	if (g->deaf || g->deny) {
		g->deny -= g->deny != 0;
		return false;
	}
	assert_true(g->out_len < sizeof(g->out));
	g->out[g->out_len++] = (char)byte;
	return true;
}

static void rig_wait(void *ctx)
{
	struct rig *g = ctx;

	g->waits++;
	if (uv_mutex_trylock(&g->u.mu.uv) == 0)
		mutex_unlock(&g->u.mu);
	else
		g->locked_wait = true;
}

static int rig_get(void *ctx)
{
	struct rig *g = ctx;

	if (!g->in_len)
		return -1;
	g->in_len--;
	return (uint8_t)*g->in++;
}

static const struct chardev_ops rig_ops = { rig_put, rig_wait, rig_get };

static void rig_set(void *chip, unsigned pin, bool level)
{
	struct rig *g = chip;

	assert_int_equal(pin, 4);
	assert_int_not_equal(g->level, level);
	g->level = level;
	g->rises += level;
}

static void rig_init(struct rig *g)
{
	*g = (struct rig){ .chr = { &rig_ops, g } };
	assert_int_equal(uart8250_init(&g->u, &g->chr,
				       (struct irq){ rig_set, g, 4 }, NULL),
			 0);
	assert_int_equal(bus_add(&g->bus, SPACE_PIO, COM1, UART8250_PORTS,
				 &uart8250_ops, &g->u, UART8250_SIZES, NULL),
			 0);
}

static void rig_fini(struct rig *g)
{
	uart8250_fini(&g->u);
}

static void type(struct rig *g, const char *in, size_t len)
{
	g->in = in;
	g->in_len = len;
	uart8250_input(&g->u);
}

static uint8_t rd(struct rig *g, unsigned reg)
{
	struct access a = { .addr = COM1 + reg, .size = 1, .space = SPACE_PIO };

	g->accesses++;
	assert_true(bus_access(&g->bus, &a));
	return (uint8_t)a.value;
}

static void wr(struct rig *g, unsigned reg, uint8_t v)
{
	struct access a = { .addr = COM1 + reg,
			    .size = 1,
			    .space = SPACE_PIO,
			    .write = true,
			    .value = v };

	g->accesses++;
	assert_true(bus_access(&g->bus, &a));
}

static unsigned iir(struct rig *g)
{
	return rd(g, IIR) & 15;
}

/* FIFOs on, triggering at `level` (0 to 3), receiver listening. */
static void listen_up(struct rig *g, unsigned level)
{
	wr(g, LCR, 3);
	wr(g, FCR, (uint8_t)(level << 6 | 1));
	wr(g, MCR, 0x0b);
	wr(g, IER, RDI | RLSI);
}

static void test_reset_values(void **s)
{
	static const uint8_t want[8] = {
		0, 0, NO_INT, 0, 0, IDLE, 0xb0, 0,
	};
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	for (i = 0; i < 8; i++)
		assert_int_equal(rd(&g, i), want[i]);
	assert_false(g.level);
	rig_fini(&g);
}

static void test_registers_keep_the_bits_they_have(void **s)
{
	static const struct {
		unsigned reg;
		uint8_t want;
	} rows[] = {
		{ IER, 0x0f }, { LCR, 0xff }, { MCR, 0x1f },
		{ SCR, 0xff }, { LSR, IDLE }, { MSR, 0xb0 },
	};
	struct rig g;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_init(&g);
		wr(&g, rows[i].reg, 0xff);
		assert_int_equal(rd(&g, rows[i].reg), rows[i].want);
		rig_fini(&g);
	}
}

static void test_the_divisor_hides_behind_dlab(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	wr(&g, LCR, DLAB | 3);
	wr(&g, DATA, 0x34);
	wr(&g, IER, 0x12);
	assert_int_equal(rd(&g, DATA), 0x34);
	assert_int_equal(rd(&g, IER), 0x12);
	wr(&g, LCR, 3);
	assert_int_equal(g.out_len, 0);
	assert_int_equal(rd(&g, DATA), 0);
	assert_int_equal(rd(&g, IER), 0);
	wr(&g, LCR, DLAB);
	assert_int_equal(rd(&g, DATA), 0x34);
	assert_int_equal(rd(&g, IER), 0x12);
	rig_fini(&g);
}

static void test_iir_tells_a_16550a_by_its_fifos(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	assert_int_equal(rd(&g, IIR), 0x01);
	wr(&g, FCR, 0x01);
	assert_int_equal(rd(&g, IIR), 0xc1);
	wr(&g, FCR, 0xe0); /* without bit 0 the others do nothing */
	assert_int_equal(rd(&g, IIR), 0x01);
	rig_fini(&g);
}

static void test_other_widths_and_straddles_are_open_bus(void **s)
{
	static const struct access bad[] = {
		{ .addr = COM1, .size = 2 },
		{ .addr = COM1, .size = 4 },
		{ .addr = COM1 + 7, .size = 2 },
		{ .addr = COM1 - 1, .size = 1 },
		{ .addr = COM1 + 8, .size = 1 },
	};
	struct rig g;
	size_t i;

	(void)s;
	rig_init(&g);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct access a = bad[i];

		a.space = SPACE_PIO;
		assert_false(bus_access(&g.bus, &a));
		a.write = true;
		a.value = UINT64_MAX;
		assert_false(bus_access(&g.bus, &a));
	}
	assert_int_equal(g.out_len, 0);
	rig_fini(&g);
}

static void test_bytes_go_out_at_once_and_room_is_always_seen(void **s)
{
	const char *p;
	struct rig g;

	(void)s;
	rig_init(&g);
	for (p = "hello"; *p; p++) {
		assert_int_equal(rd(&g, LSR), IDLE);
		wr(&g, DATA, (uint8_t)*p);
	}
	assert_int_equal(g.out_len, 5);
	assert_memory_equal(g.out, "hello", 5);
	assert_int_equal(rd(&g, LSR), IDLE);
	rig_fini(&g);
}

static void test_a_full_far_end_is_waited_for_without_the_lock(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	g.deny = 3;
	wr(&g, DATA, 'a');
	wr(&g, DATA, 'b');
	assert_int_equal(g.waits, 3);
	assert_false(g.locked_wait);
	assert_int_equal(g.out_len, 2);
	assert_memory_equal(g.out, "ab", 2);
	rig_fini(&g);
}

static void test_a_byte_is_dropped_when_waiting_never_helps(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	g.deaf = true; /* as when the VM ends */
	wr(&g, DATA, 'a');
	assert_in_range(g.waits, 16, 100000);
	g.deaf = false;
	wr(&g, DATA, 'b');
	assert_int_equal(g.out_len, 1);
	assert_int_equal(g.out[0], 'b');
	rig_fini(&g);
}

static void test_enabling_the_empty_transmitter_interrupts_each_time(void **s)
{
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	for (i = 0; i < 2; i++) { /* Linux: UART_BUG_THRE, if not twice */
		wr(&g, IER, THRI);
		assert_true(g.level);
		assert_int_equal(iir(&g), EMPTY);
		assert_false(g.level); /* told, and that is the end of it */
		assert_int_equal(iir(&g), NO_INT);
		wr(&g, IER, THRI); /* it was enabled: no edge */
		assert_false(g.level);
		wr(&g, IER, 0);
		assert_int_equal(iir(&g), NO_INT);
	}
	rig_fini(&g);
}

static void test_transmitter_interrupts_again_after_each_byte(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	wr(&g, IER, THRI);
	assert_int_equal(iir(&g), EMPTY);
	wr(&g, DATA, 'a');
	assert_true(g.level);
	wr(&g, IER, 0); /* nothing more to send */
	assert_false(g.level);
	wr(&g, IER, THRI);
	assert_true(g.level);
	assert_int_equal(iir(&g), EMPTY);
	assert_false(g.level);
	rig_fini(&g);
}

/* A driver that fills the FIFO per interrupt: the price of a character. */
static void test_output_by_interrupts_costs_little_more_than_its_bytes(void **s)
{
	enum { LEN = 160 };
	struct rig g;
	unsigned n = 0, i;

	(void)s;
	rig_init(&g);
	listen_up(&g, 2);
	wr(&g, IER, RDI | RLSI | THRI);
	g.accesses = 0;
	while (g.level) {
		assert_int_equal(iir(&g), EMPTY);
		assert_int_equal(rd(&g, LSR), IDLE);
		for (i = 0; i < 16 && n < LEN; i++)
			wr(&g, DATA, (uint8_t)n++);
		if (n == LEN)
			wr(&g, IER, RDI | RLSI);
	}
	assert_int_equal(g.out_len, LEN);
	assert_int_equal(g.accesses, LEN + LEN / 16 * 2 + 1);
	assert_int_equal(g.rises, 1 + LEN / 16);
	rig_fini(&g);
}

static void test_receive_interrupt_follows_the_trigger_level(void **s)
{
	static const uint8_t level[4] = { 1, 4, 8, 14 };
	unsigned i, n;

	(void)s;
	for (i = 0; i < 4; i++) {
		struct rig g;

		rig_init(&g);
		listen_up(&g, i);
		for (n = 1; n <= 16; n++) {
			type(&g, "x", 1);
			assert_true(g.level); /* by the timeout already */
			assert_int_equal(iir(&g),
					 n < level[i] ? TIMEOUT : READY);
		}
		for (; n > 1; n--) {
			assert_true(g.level);
			assert_int_equal(rd(&g, LSR), IDLE | DR);
			assert_int_equal(rd(&g, DATA), 'x');
		}
		assert_false(g.level);
		assert_int_equal(iir(&g), NO_INT);
		assert_int_equal(rd(&g, LSR), IDLE);
		rig_fini(&g);
	}
}

static void test_fifo_takes_16_when_on_and_1_when_off(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	listen_up(&g, 0);
	type(&g, "0123456789abcdefXYZ", 19);
	assert_int_equal(g.in_len, 3);
	assert_int_equal(rd(&g, DATA), '0'); /* makes room for one */
	assert_int_equal(g.in_len, 2);
	rig_fini(&g);

	rig_init(&g);
	wr(&g, IER, RDI);
	type(&g, "ab", 2);
	assert_int_equal(g.in_len, 1);
	assert_int_equal(iir(&g), READY);
	assert_int_equal(rd(&g, DATA), 'a');
	assert_int_equal(rd(&g, DATA), 'b');
	assert_int_equal(rd(&g, LSR), IDLE);
	rig_fini(&g);
}

static void test_the_most_urgent_cause_is_named_first(void **s)
{
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	wr(&g, FCR, 1);
	wr(&g, MCR, LOOP);
	for (i = 0; i < 17; i++) /* one more than fits */
		wr(&g, DATA, 'x');
	wr(&g, MCR, LOOP | 1); /* DTR comes round as DSR */
	wr(&g, IER, RDI | THRI | RLSI | MSI);
	assert_int_equal(iir(&g), LINE);
	assert_int_equal(rd(&g, LSR), IDLE | OE | DR);
	assert_int_equal(rd(&g, LSR), IDLE | DR);
	assert_int_equal(iir(&g), READY);
	for (i = 0; i < 16; i++)
		assert_int_equal(rd(&g, DATA), 'x');
	assert_int_equal(iir(&g), EMPTY);
	assert_int_equal(iir(&g), 0); /* the modem's */
	assert_int_equal(iir(&g), 0); /* until it is read */
	assert_true(g.level);
	/* CTS and DCD have gone; DSR came back */
	assert_int_equal(rd(&g, MSR), 0x2b);
	assert_int_equal(rd(&g, MSR), 0x20);
	assert_int_equal(iir(&g), NO_INT);
	assert_false(g.level);
	rig_fini(&g);
}

static void test_loopback_cuts_off_the_line(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	listen_up(&g, 0);
	wr(&g, MCR, LOOP | 0x0a);
	assert_int_equal(rd(&g, MSR) & 0xf0, 0x90); /* Linux's probe */
	type(&g, "ab", 2);
	wr(&g, DATA, 'z');
	assert_int_equal(g.out_len, 0);
	assert_int_equal(g.in_len, 2);
	assert_int_equal(rd(&g, DATA), 'z');
	assert_int_equal(rd(&g, DATA), 0);
	wr(&g, MCR, 0x0b);
	assert_int_equal(g.in_len, 0);
	assert_int_equal(rd(&g, DATA), 'a');
	assert_int_equal(rd(&g, DATA), 'b');
	assert_int_equal(rd(&g, MSR) & 0xf0, 0xb0);
	rig_fini(&g);
}

static void test_ring_counts_when_it_ends(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	wr(&g, MCR, LOOP);
	rd(&g, MSR);
	wr(&g, MCR, LOOP | 4);
	assert_int_equal(rd(&g, MSR), 0x40);
	wr(&g, MCR, LOOP);
	assert_int_equal(rd(&g, MSR), 0x04);
	rig_fini(&g);
}

static void test_switching_the_fifo_keeps_data_and_resetting_drops_it(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	wr(&g, IER, RDI);
	type(&g, "abcdef", 6);
	wr(&g, FCR, 1); /* as Linux does right after enabling */
	wr(&g, FCR, 0x81);
	assert_int_equal(rd(&g, DATA), 'a');
	wr(&g, FCR, 0);
	assert_int_equal(rd(&g, DATA), 'b');
	wr(&g, FCR, 7);
	assert_int_equal(rd(&g, LSR), IDLE);
	assert_false(g.level);
	rig_fini(&g);
}

static void test_input_typed_early_survives_linux_opening_the_port(void **s)
{
	char got[64];
	size_t n = 0;
	struct rig g;
	unsigned i, j;

	(void)s;
	rig_init(&g);
	type(&g, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
	for (i = 0; i < 20; i++) { /* early console */
		wr(&g, DATA, 'k');
		assert_int_equal(rd(&g, LSR), IDLE);
	}
	wr(&g, IER, 0x0f); /* which bits does it have? */
	assert_int_equal(rd(&g, IER), 0x0f);
	wr(&g, IER, 0);
	wr(&g, MCR, LOOP | 0x0a);
	wr(&g, MCR, 0x0b);
	wr(&g, FCR, 1); /* clear the FIFOs */
	wr(&g, FCR, 7);
	wr(&g, FCR, 0);
	for (i = 0; i < 2; i++) { /* clear the interrupts, twice "for luck" */
		rd(&g, LSR);
		rd(&g, DATA);
		rd(&g, IIR);
		rd(&g, MSR);
		rd(&g, LSR);
	}
	wr(&g, LCR, 3);
	wr(&g, MCR, 0x0b);
	wr(&g, IER, THRI); /* is the transmitter's interrupt any good? */
	rd(&g, LSR);
	assert_int_equal(iir(&g), EMPTY);
	wr(&g, IER, 0);
	assert_int_equal(rd(&g, LSR), IDLE);
	wr(&g, IER, RDI | RLSI);
	wr(&g, LCR, DLAB | 3);
	wr(&g, DATA, 1);
	wr(&g, IER, 0);
	wr(&g, LCR, 3);
	wr(&g, FCR, 1);
	wr(&g, FCR, 0x81);
	/* the interrupt handler */
	for (j = 0; g.level && j < 100; j++) {
		rd(&g, IIR);
		while (rd(&g, LSR) & DR)
			got[n++] = (char)rd(&g, DATA);
	}
	assert_int_equal(n, 36);
	assert_memory_equal(got, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
	rig_fini(&g);
}

static void test_a_guest_that_polls_gets_its_input(void **s)
{
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	type(&g, "abc", 3);
	for (i = 0; i < 3; i++) {
		unsigned tries = 0;

		while (!(rd(&g, LSR) & DR))
			assert_in_range(++tries, 0, 4);
		assert_int_equal(rd(&g, DATA), "abc"[i]);
		wr(&g, DATA, '.'); /* an echo, in between */
	}
	for (i = 0; i < 5; i++)
		assert_int_equal(rd(&g, LSR), IDLE);
	rig_fini(&g);
}

static void test_a_long_paste_loses_nothing(void **s)
{
	enum { LEN = 100 * 1024 };
	char *paste = malloc(LEN);
	struct rig g;
	size_t n = 0, i;

	(void)s;
	assert_non_null(paste);
	for (i = 0; i < LEN; i++)
		paste[i] = (char)(i * 7 + (i >> 8));
	rig_init(&g);
	listen_up(&g, 2);
	type(&g, paste, LEN);
	while (g.level) {
		assert_int_not_equal(iir(&g), NO_INT);
		/* at most 256 per interrupt, as Linux does it */
		for (i = 0; i < 256 && rd(&g, LSR) & DR; i++, n++)
			assert_int_equal((char)rd(&g, DATA), paste[n]);
	}
	assert_int_equal(n, LEN);
	free(paste);
	rig_fini(&g);
}

static void save(struct rig *g, struct state *out)
{
	state_init_save(out);
	uart8250_state(&g->u, out);
	assert_int_equal(state_fini(out, NULL), 0);
}

static void test_a_loaded_uart_gives_the_same_answers(void **s)
{
	struct state out, in;
	struct rig a, b;
	unsigned i;

	(void)s;
	rig_init(&a);
	wr(&a, LCR, DLAB);
	wr(&a, DATA, 13);
	wr(&a, IER, 1);
	listen_up(&a, 3);
	wr(&a, SCR, 0x5a);
	wr(&a, MCR, LOOP | 7);
	wr(&a, MCR, 7);
	wr(&a, IER, RDI | THRI | MSI);
	type(&a, "12345678901234567", 17);
	rd(&a, DATA);
	save(&a, &out);
	rig_init(&b);
	state_init_load(&in, out.buf, out.len);
	uart8250_state(&b.u, &in);
	assert_int_equal(state_fini(&in, NULL), 0);
	assert_true(b.level);
	for (i = 0; i < 17; i++)
		assert_int_equal(rd(&b, DATA), rd(&a, DATA));
	assert_int_equal(iir(&a), EMPTY); /* not stuck after a restore */
	assert_int_equal(iir(&b), EMPTY);
	for (i = 0; i < 8; i++)
		assert_int_equal(rd(&b, i), rd(&a, i));
	wr(&a, LCR, DLAB);
	wr(&b, LCR, DLAB);
	assert_int_equal(rd(&b, DATA), 13);
	assert_int_equal(rd(&b, IER), rd(&a, IER));
	free(out.buf);
	rig_fini(&a);
	rig_fini(&b);
}

/* Every byte of a saved state turned round: refused, or harmless. */
static void test_hostile_state_does_no_harm(void **s)
{
	struct state out, in;
	struct rig a, b;
	size_t i, n;

	(void)s;
	rig_init(&a);
	listen_up(&a, 1);
	type(&a, "abcdef", 6);
	save(&a, &out);
	for (i = 0; i < out.len; i++) {
		mv_error e = { 0 };
		int rc;

		out.buf[i] ^= 0xff;
		rig_init(&b);
		state_init_load(&in, out.buf, out.len);
		uart8250_state(&b.u, &in);
		rc = state_fini(&in, &e);
		assert_true(rc == 0 || rc == -MICROVM_EBADIMAGE);
		wr(&b, LCR, 3);
		wr(&b, MCR, 0);
		wr(&b, IER, RDI);
		type(&b, "0123456789012345678901234567", 28);
		for (n = 0; n < 48; n++)
			rd(&b, DATA);
		assert_int_equal(rd(&b, LSR) & DR, 0);
		assert_int_equal(b.in_len, 0);
		rig_fini(&b);
		out.buf[i] ^= 0xff;
	}
	free(out.buf);
	rig_fini(&a);
}

/* Input from one thread, reads and writes from another. */
struct far {
	struct mutex mu;
	unsigned made, taken, sent;
	bool level;
	struct chardev chr;
	struct uart8250 u;
};

enum { RACE = 20000 };

static bool far_put(void *ctx, uint8_t byte)
{
	struct far *f = ctx;

	(void)byte;
	mutex_lock(&f->mu);
	f->sent++;
	mutex_unlock(&f->mu);
	return true;
}

static void far_wait(void *ctx)
{
	(void)ctx;
}

static int far_get(void *ctx)
{
	struct far *f = ctx;
	int c = -1;

	mutex_lock(&f->mu);
	if (f->taken < f->made)
		c = (int)(f->taken++ & 0xff);
	mutex_unlock(&f->mu);
	return c;
}

static const struct chardev_ops far_ops = { far_put, far_wait, far_get };

static void far_set(void *chip, unsigned pin, bool level)
{
	struct far *f = chip;

	(void)pin;
	mutex_lock(&f->mu);
	f->level = level;
	mutex_unlock(&f->mu);
}

static bool far_level(struct far *f)
{
	bool level;

	mutex_lock(&f->mu);
	level = f->level;
	mutex_unlock(&f->mu);
	return level;
}

static void typist(void *arg)
{
	struct far *f = arg;
	unsigned i;

	for (i = 0; i < RACE; i++) {
		mutex_lock(&f->mu);
		f->made++;
		mutex_unlock(&f->mu);
		uart8250_input(&f->u);
	}
}

static void test_input_and_registers_on_two_threads_lose_nothing(void **s)
{
	const struct bus_ops *io = &uart8250_ops;
	struct far f = { .chr = { &far_ops, &f } };
	unsigned got = 0;
	struct thread t;

	(void)s;
	assert_int_equal(mutex_init(&f.mu, NULL), 0);
	assert_int_equal(uart8250_init(&f.u, &f.chr,
				       (struct irq){ far_set, &f, 4 }, NULL),
			 0);
	io->write(&f.u, FCR, 1, 0x81);
	io->write(&f.u, IER, 1, RDI);
	assert_int_equal(thread_start(&t, typist, &f, NULL), 0);
	while (got < RACE) {
		if (!(io->read(&f.u, LSR, 1) & DR))
			continue;
		assert_int_equal(io->read(&f.u, DATA, 1), got & 0xff);
		if (got++ % 64 == 0)
			io->write(&f.u, DATA, 1, '.');
	}
	thread_join(&t);
	assert_int_equal(f.sent, (RACE + 63) / 64);
	assert_false(far_level(&f));
	io->write(&f.u, IER, 1, THRI);
	assert_true(far_level(&f));
	uart8250_fini(&f.u);
	mutex_fini(&f.mu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset_values),
		cmocka_unit_test(test_registers_keep_the_bits_they_have),
		cmocka_unit_test(test_the_divisor_hides_behind_dlab),
		cmocka_unit_test(test_iir_tells_a_16550a_by_its_fifos),
		cmocka_unit_test(test_other_widths_and_straddles_are_open_bus),
		cmocka_unit_test(
			test_bytes_go_out_at_once_and_room_is_always_seen),
		cmocka_unit_test(
			test_a_full_far_end_is_waited_for_without_the_lock),
		cmocka_unit_test(
			test_a_byte_is_dropped_when_waiting_never_helps),
		cmocka_unit_test(
			test_enabling_the_empty_transmitter_interrupts_each_time),
		cmocka_unit_test(
			test_transmitter_interrupts_again_after_each_byte),
		cmocka_unit_test(
			test_output_by_interrupts_costs_little_more_than_its_bytes),
		cmocka_unit_test(
			test_receive_interrupt_follows_the_trigger_level),
		cmocka_unit_test(test_fifo_takes_16_when_on_and_1_when_off),
		cmocka_unit_test(test_the_most_urgent_cause_is_named_first),
		cmocka_unit_test(test_loopback_cuts_off_the_line),
		cmocka_unit_test(test_ring_counts_when_it_ends),
		cmocka_unit_test(
			test_switching_the_fifo_keeps_data_and_resetting_drops_it),
		cmocka_unit_test(
			test_input_typed_early_survives_linux_opening_the_port),
		cmocka_unit_test(test_a_guest_that_polls_gets_its_input),
		cmocka_unit_test(test_a_long_paste_loses_nothing),
		cmocka_unit_test(test_a_loaded_uart_gives_the_same_answers),
		cmocka_unit_test(test_hostile_state_does_no_harm),
		cmocka_unit_test(
			test_input_and_registers_on_two_threads_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
