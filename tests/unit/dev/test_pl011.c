/* SPDX-License-Identifier: MIT */
#include "dev/pl011.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

enum {
	DR = 0x00,
	RSR = 0x04,
	FR = 0x18,
	ILPR = 0x20,
	IBRD = 0x24,
	FBRD = 0x28,
	LCRH = 0x2c,
	CR = 0x30,
	IFLS = 0x34,
	IMSC = 0x38,
	RIS = 0x3c,
	MIS = 0x40,
	ICR = 0x44,
	DMACR = 0x48,

	RXFE = 1 << 4,
	RXFF = 1 << 6,
	TXFE = 1 << 7,
	TXFF = 1 << 5,
	BUSY = 1 << 3,

	RX = 1 << 4,
	TX = 1 << 5,
	RT = 1 << 6,

	ON = 0x301, /* CR: UARTEN, TXE, RXE */
	FEN = 0x10,
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
	unsigned moves;
	struct chardev chr;
	struct pl011 u;
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

	assert_int_equal(pin, 33);
	assert_int_not_equal(g->level, level);
	g->level = level;
	g->moves++;
}

static void rig_init(struct rig *g)
{
	*g = (struct rig){ .chr = { &rig_ops, g } };
	assert_int_equal(pl011_init(&g->u, &g->chr,
				    (struct irq){ rig_set, g, 33 }, NULL),
			 0);
	assert_int_equal(bus_add(&g->bus, SPACE_MMIO, 0x1000, 0x1000,
				 &pl011_ops, &g->u, PL011_SIZES, NULL),
			 0);
}

static void type(struct rig *g, const char *in, size_t len)
{
	g->in = in;
	g->in_len = len;
	pl011_input(&g->u);
}

static uint32_t rd(struct rig *g, uint64_t off)
{
	struct access a = { .addr = 0x1000 + off, .size = 4 };

	assert_true(bus_access(&g->bus, &a));
	return (uint32_t)a.value;
}

static void wr(struct rig *g, uint64_t off, uint32_t v)
{
	struct access a = {
		.addr = 0x1000 + off, .size = 4, .write = true, .value = v
	};

	assert_true(bus_access(&g->bus, &a));
}

/* Everything on, as Linux leaves it. */
static void listen_up(struct rig *g)
{
	wr(g, LCRH, 0x60 | FEN);
	wr(g, CR, ON);
	wr(g, IMSC, RX | RT);
}

static void test_reset_values(void **s)
{
	static const struct {
		unsigned off;
		uint32_t want;
	} rows[] = {
		{ DR, 0 },       { RSR, 0 },      { FR, 0x97 },
		{ ILPR, 0 },     { IBRD, 0 },     { FBRD, 0 },
		{ LCRH, 0 },     { CR, 0x300 },   { IFLS, 0x12 },
		{ IMSC, 0 },     { RIS, 0 },      { MIS, 0 },
		{ ICR, 0 },      { DMACR, 0 },    { 0x08, 0 },
		{ 0x80, 0 },     { 0xfdc, 0 },    { 0xfe0, 0x11 },
		{ 0xfe4, 0x10 }, { 0xfe8, 0x14 }, { 0xfec, 0 },
		{ 0xff0, 0x0d }, { 0xff4, 0xf0 }, { 0xff8, 5 },
		{ 0xffc, 0xb1 },
	};
	struct rig g;
	size_t i;

	(void)s;
	rig_init(&g);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(rd(&g, rows[i].off), rows[i].want);
	pl011_fini(&g.u);
}

static void test_registers_keep_the_bits_they_have(void **s)
{
	static const struct {
		unsigned off;
		uint32_t want;
	} rows[] = {
		{ ILPR, 0xff },  { IBRD, 0xffff }, { FBRD, 0x3f },
		{ LCRH, 0xff },  { CR, 0xff87 },   { IFLS, 0x3f },
		{ IMSC, 0x7ff }, { DMACR, 7 },     { RSR, 0 },
		{ FR, 0x97 },    { RIS, 0 },       { MIS, 0 },
		{ 0xfe0, 0x11 }, { 0x80, 0 },
	};
	struct rig g;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_init(&g);
		wr(&g, rows[i].off, UINT32_MAX);
		assert_int_equal(rd(&g, rows[i].off), rows[i].want);
		pl011_fini(&g.u);
	}
}

static void test_bytes_go_out_before_anybody_enabled_it(void **s)
{
	struct access a = {
		.addr = 0x1000, .size = 1, .write = true, .value = 'h'
	};
	struct rig g;

	(void)s;
	rig_init(&g);
	assert_true(bus_access(&g.bus, &a));
	a.size = 2;
	a.value = 'i';
	assert_true(bus_access(&g.bus, &a));
	wr(&g, DR, 0xf00 | '\n');
	assert_int_equal(g.out_len, 3);
	assert_memory_equal(g.out, "hi\n", 3);
	assert_int_equal(rd(&g, FR) & (TXFE | TXFF | BUSY), TXFE);
	pl011_fini(&g.u);
}

static void test_odd_widths_and_places_do_nothing(void **s)
{
	struct access a = {
		.addr = 0x1001, .size = 1, .write = true, .value = 'x'
	};
	struct rig g;

	(void)s;
	rig_init(&g);
	assert_true(bus_access(&g.bus, &a)); /* the data register's 2nd byte */
	assert_int_equal(g.out_len, 0);
	a = (struct access){ .addr = 0x1031, .size = 1, .value = 9 };
	assert_true(bus_access(&g.bus, &a));
	assert_int_equal(a.value, 0);
	a = (struct access){ .addr = 0x1fe0, .size = 1 };
	assert_true(bus_access(&g.bus, &a));
	assert_int_equal(a.value, 0x11);
	a = (struct access){ .addr = 0x1018, .size = 8 };
	assert_false(bus_access(&g.bus, &a));
	a = (struct access){ .addr = 0x1ffe, .size = 4 };
	assert_false(bus_access(&g.bus, &a));
	pl011_fini(&g.u);
}

static void test_a_full_far_end_is_waited_for_without_the_lock(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	g.deny = 3;
	wr(&g, DR, 'a');
	wr(&g, DR, 'b');
	assert_int_equal(g.waits, 3);
	assert_false(g.locked_wait);
	assert_int_equal(g.out_len, 2);
	assert_memory_equal(g.out, "ab", 2);
	pl011_fini(&g.u);
}

static void test_a_byte_is_dropped_when_waiting_never_helps(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	g.deaf = true; /* as when the VM ends */
	wr(&g, DR, 'a');
	assert_in_range(g.waits, 16, 100000);
	g.deaf = false;
	wr(&g, DR, 'b');
	assert_int_equal(g.out_len, 1);
	assert_int_equal(g.out[0], 'b');
	pl011_fini(&g.u);
}

static void test_input_stays_outside_until_the_receiver_is_on(void **s)
{
	static const uint32_t off[] = { 0, 0x300, 0x001, 0x101, 0x200 };
	struct rig g;
	size_t i;

	(void)s;
	rig_init(&g);
	wr(&g, LCRH, FEN);
	wr(&g, IMSC, RX | RT);
	for (i = 0; i < sizeof(off) / sizeof(*off); i++) {
		wr(&g, CR, off[i]);
		type(&g, "abc", 3);
		assert_int_equal(g.in_len, 3);
		assert_true(rd(&g, FR) & RXFE);
	}
	wr(&g, CR, 0x201);
	assert_int_equal(g.in_len, 0);
	assert_int_equal(rd(&g, DR), 'a');
	assert_int_equal(rd(&g, DR), 'b');
	assert_int_equal(rd(&g, DR), 'c');
	assert_int_equal(rd(&g, DR), 0);
	pl011_fini(&g.u);
}

static void test_fifo_takes_16_with_fen_and_1_without(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	listen_up(&g);
	type(&g, "0123456789abcdefXYZ", 19);
	assert_int_equal(g.in_len, 3);
	assert_int_equal(rd(&g, FR) & (RXFE | RXFF), RXFF);
	assert_int_equal(rd(&g, DR), '0'); /* makes room for one */
	assert_int_equal(g.in_len, 2);
	pl011_fini(&g.u);

	rig_init(&g);
	wr(&g, CR, ON);
	wr(&g, IMSC, RX);
	type(&g, "ab", 2);
	assert_int_equal(g.in_len, 1);
	assert_int_equal(rd(&g, FR) & (RXFE | RXFF), RXFF);
	assert_int_equal(rd(&g, RIS) & RX, RX);
	assert_int_equal(rd(&g, DR), 'a');
	assert_int_equal(rd(&g, DR), 'b');
	assert_int_equal(rd(&g, FR) & (RXFE | RXFF), RXFE);
	pl011_fini(&g.u);
}

static void test_switching_the_fifo_off_keeps_what_is_in_it(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	listen_up(&g);
	type(&g, "abcdef", 6);
	wr(&g, LCRH, 0);
	assert_int_equal(rd(&g, FR) & (RXFE | RXFF), RXFF);
	assert_int_equal(rd(&g, DR), 'a');
	assert_int_equal(rd(&g, DR), 'b');
	wr(&g, LCRH, FEN);
	assert_int_equal(rd(&g, DR), 'c');
	assert_int_equal(rd(&g, FR) & (RXFE | RXFF), 0);
	pl011_fini(&g.u);
}

static void test_receive_interrupt_follows_the_trigger_level(void **s)
{
	static const uint8_t level[8] = { 2, 4, 8, 12, 14, 14, 14, 14 };
	unsigned i, n;

	(void)s;
	for (i = 0; i < 8; i++) {
		struct rig g;

		rig_init(&g);
		listen_up(&g);
		wr(&g, IFLS, i << 3);
		for (n = 1; n <= 16; n++) {
			type(&g, "x", 1);
			assert_int_equal(rd(&g, RIS),
					 n < level[i] ? RT : RT | RX);
			assert_true(g.level); /* by the timeout already */
		}
		for (; n > 1; n--) {
			assert_int_equal(rd(&g, DR), 'x');
			if (n - 2 < level[i])
				assert_false(rd(&g, RIS) & RX);
		}
		assert_false(g.level);
		pl011_fini(&g.u);
	}
}

static void test_wire_is_the_masked_status(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	listen_up(&g);
	type(&g, "x", 1);
	assert_true(g.level);
	assert_int_equal(rd(&g, MIS), RT);
	wr(&g, IMSC, RX);
	assert_false(g.level);
	assert_int_equal(rd(&g, MIS), 0);
	assert_int_equal(rd(&g, RIS), RT);
	wr(&g, IMSC, RT);
	assert_true(g.level);
	rd(&g, DR);
	assert_false(g.level);
	assert_int_equal(g.moves, 4);
	pl011_fini(&g.u);
}

static void test_cleared_interrupts_come_back_with_new_input(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	listen_up(&g);
	wr(&g, IFLS, 0);
	type(&g, "abc", 3);
	assert_int_equal(rd(&g, RIS), RX | RT);
	wr(&g, ICR, RX | RT);
	assert_int_equal(rd(&g, RIS), 0);
	assert_false(g.level);
	type(&g, "d", 1);
	assert_int_equal(rd(&g, RIS), RX | RT);
	assert_true(g.level);
	pl011_fini(&g.u);
}

static void test_transmit_interrupt_follows_each_byte(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	wr(&g, LCRH, FEN);
	wr(&g, CR, ON);
	wr(&g, IMSC, TX);
	assert_false(g.level); /* 2.8: nothing has drained yet */
	wr(&g, DR, 'a');
	assert_true(g.level);
	assert_int_equal(rd(&g, MIS), TX);
	wr(&g, ICR, TX);
	assert_false(g.level);
	wr(&g, DR, 'b');
	assert_true(g.level);
	wr(&g, IMSC, 0); /* Linux: nothing more to send */
	assert_false(g.level);
	wr(&g, IMSC, TX); /* and something again */
	assert_true(g.level);
	pl011_fini(&g.u);
}

static void test_input_typed_early_survives_linux_opening_the_port(void **s)
{
	char got[64];
	size_t n = 0;
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	type(&g, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
	/* earlycon and console: status before each byte, a CR dance around */
	for (i = 0; i < 3; i++) {
		wr(&g, CR, 0x301);
		assert_false(rd(&g, FR) & TXFF);
		wr(&g, DR, 'k');
		assert_false(rd(&g, FR) & BUSY);
		wr(&g, CR, 0x300);
	}
	/* probe, startup: clear, set up, enable, drain, unmask */
	wr(&g, IMSC, 0);
	wr(&g, ICR, 0xffff);
	wr(&g, IMSC, RT | RX);
	wr(&g, IMSC, 0);
	wr(&g, IFLS, 0x12);
	wr(&g, LCRH, 0x70);
	wr(&g, CR, 0x301);
	wr(&g, ICR, RT | RX);
	for (i = 0; i < 32 && !(rd(&g, FR) & RXFE); i++)
		rd(&g, DR);
	assert_int_equal(i, 0);
	assert_false(g.level);
	wr(&g, IMSC, RT | RX);
	assert_true(g.level);
	/* the interrupt handler */
	while (rd(&g, RIS) & (RX | RT)) {
		while (!(rd(&g, FR) & RXFE))
			got[n++] = (char)rd(&g, DR);
	}
	assert_false(g.level);
	assert_int_equal(n, 36);
	assert_memory_equal(got, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
	pl011_fini(&g.u);
}

static void test_a_guest_that_polls_gets_its_input(void **s)
{
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	wr(&g, CR, ON);
	type(&g, "abc", 3);
	for (i = 0; i < 3; i++) {
		unsigned tries = 0;

		while (rd(&g, FR) & RXFE)
			assert_in_range(++tries, 0, 3);
		assert_int_equal(rd(&g, DR), "abc"[i]);
		wr(&g, DR, '.'); /* an echo, in between */
	}
	assert_true(rd(&g, FR) & RXFE);
	assert_true(rd(&g, FR) & RXFE);
	pl011_fini(&g.u);
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
	listen_up(&g);
	type(&g, paste, LEN);
	while (g.level) {
		/* at most 256 per interrupt, as Linux does it */
		for (i = 0; i < 256 && !(rd(&g, FR) & RXFE); i++, n++)
			assert_int_equal((char)rd(&g, DR), paste[n]);
	}
	assert_int_equal(n, LEN);
	free(paste);
	pl011_fini(&g.u);
}

static void save(struct rig *g, struct state *out)
{
	state_init_save(out);
	pl011_state(&g->u, out);
	assert_int_equal(state_fini(out, NULL), 0);
}

static void test_a_loaded_uart_gives_the_same_answers(void **s)
{
	static const uint8_t offs[] = { FR,   ILPR, IBRD, FBRD, LCRH, CR,
					IFLS, IMSC, RIS,  MIS,  DMACR };
	struct state out, in;
	struct rig a, b;
	size_t i;

	(void)s;
	rig_init(&a);
	listen_up(&a);
	wr(&a, IBRD, 13);
	wr(&a, FBRD, 1);
	wr(&a, DR, 'x');
	type(&a, "12345678901234567", 17);
	rd(&a, DR);
	wr(&a, ICR, TX);
	save(&a, &out);
	rig_init(&b);
	state_init_load(&in, out.buf, out.len);
	pl011_state(&b.u, &in);
	assert_int_equal(state_fini(&in, NULL), 0);
	assert_true(b.level);
	for (i = 0; i < sizeof(offs); i++)
		assert_int_equal(rd(&b, offs[i]), rd(&a, offs[i]));
	for (i = 0; i < 17; i++)
		assert_int_equal(rd(&b, DR), rd(&a, DR));
	free(out.buf);
	pl011_fini(&a.u);
	pl011_fini(&b.u);
}

/* Every byte of a saved state turned round: refused, or harmless. */
static void test_hostile_state_does_no_harm(void **s)
{
	struct state out, in;
	struct rig a, b;
	size_t i, n;

	(void)s;
	rig_init(&a);
	listen_up(&a);
	type(&a, "abcdef", 6);
	save(&a, &out);
	for (i = 0; i < out.len; i++) {
		mv_error e = { 0 };
		int rc;

		out.buf[i] ^= 0xff;
		rig_init(&b);
		state_init_load(&in, out.buf, out.len);
		pl011_state(&b.u, &in);
		rc = state_fini(&in, &e);
		assert_true(rc == 0 || rc == -MICROVM_EBADIMAGE);
		wr(&b, CR, ON);
		wr(&b, IMSC, RX);
		type(&b, "0123456789012345678901234567", 28);
		for (n = 0; n < 40; n++)
			rd(&b, DR);
		assert_int_equal(rd(&b, FR) & (RXFE | RXFF), RXFE);
		pl011_fini(&b.u);
		out.buf[i] ^= 0xff;
	}
	free(out.buf);
	pl011_fini(&a.u);
}

/* Input from one thread, reads and writes from another. */
struct far {
	struct mutex mu;
	unsigned made, taken, sent;
	bool level;
	struct chardev chr;
	struct pl011 u;
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
		c = f->taken++ & 0xff;
	mutex_unlock(&f->mu);
	return c;
}

static const struct chardev_ops far_ops = { far_put, far_wait, far_get };

/* Takes the lock a chardev or a vCPU might hold: never under the UART's. */
static void far_set(void *chip, unsigned pin, bool level)
{
	struct far *f = chip;

	(void)pin;
	mutex_lock(&f->mu);
	f->level = level;
	mutex_unlock(&f->mu);
}

static void typist(void *arg)
{
	struct far *f = arg;
	unsigned i;

	for (i = 0; i < RACE; i++) {
		mutex_lock(&f->mu);
		f->made++;
		mutex_unlock(&f->mu);
		pl011_input(&f->u);
	}
}

static void test_input_and_registers_on_two_threads_lose_nothing(void **s)
{
	const struct bus_ops *io = &pl011_ops;
	struct far f = { .chr = { &far_ops, &f } };
	unsigned got = 0;
	struct thread t;

	(void)s;
	assert_int_equal(mutex_init(&f.mu, NULL), 0);
	assert_int_equal(
		pl011_init(&f.u, &f.chr, (struct irq){ far_set, &f, 33 }, NULL),
		0);
	io->write(&f.u, LCRH, 4, FEN);
	io->write(&f.u, CR, 4, ON);
	io->write(&f.u, IMSC, 4, RX | RT);
	assert_int_equal(thread_start(&t, typist, &f, NULL), 0);
	while (got < RACE) {
		if (io->read(&f.u, FR, 4) & RXFE)
			continue;
		assert_int_equal(io->read(&f.u, DR, 4), got & 0xff);
		if (got++ % 64 == 0)
			io->write(&f.u, DR, 4, '.');
	}
	thread_join(&t);
	assert_int_equal(f.sent, (RACE + 63) / 64);
	assert_false(f.level);
	io->write(&f.u, IMSC, 4, TX);
	assert_true(f.level);
	pl011_fini(&f.u);
	mutex_fini(&f.mu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset_values),
		cmocka_unit_test(test_registers_keep_the_bits_they_have),
		cmocka_unit_test(test_bytes_go_out_before_anybody_enabled_it),
		cmocka_unit_test(test_odd_widths_and_places_do_nothing),
		cmocka_unit_test(
			test_a_full_far_end_is_waited_for_without_the_lock),
		cmocka_unit_test(
			test_a_byte_is_dropped_when_waiting_never_helps),
		cmocka_unit_test(
			test_input_stays_outside_until_the_receiver_is_on),
		cmocka_unit_test(test_fifo_takes_16_with_fen_and_1_without),
		cmocka_unit_test(
			test_switching_the_fifo_off_keeps_what_is_in_it),
		cmocka_unit_test(
			test_receive_interrupt_follows_the_trigger_level),
		cmocka_unit_test(test_wire_is_the_masked_status),
		cmocka_unit_test(
			test_cleared_interrupts_come_back_with_new_input),
		cmocka_unit_test(test_transmit_interrupt_follows_each_byte),
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
