/* SPDX-License-Identifier: MIT */
/*
 * test_serial.c - serial lines and kernel loaders: what went wrong in others.
 *
 * Public reports: CVE-2020-27174 and firecracker #5764 and #1875 (serial
 * input without a bound, a transmitter stuck after a restore, a closed input
 * that spins); linux-loader GHSA-52h2-m2cf-9jh6 (an image that never ends).
 */
#include <stdlib.h>
#include <string.h>

#include "boot/image.h"
#include "dev/pl011.h"
#include "vm/console.h"

#include "../unit/check.h"

enum { DR = 0x00, CR = 0x30, IMSC = 0x38, ON = 0x301, TX = 1 << 5 };

static void nobody(void *ctx)
{
	(void)ctx;
}

/* Whatever the host writes: what does not fit is told, and not kept. */
static void test_input_that_nobody_reads_is_bounded(void **s)
{
	static const uint8_t much[1 << 20];
	const struct console_user user = { nobody, nobody, NULL, NULL };
	struct console *c = calloc(1, sizeof(*c));
	struct loop loop;
	size_t took = 0;
	unsigned i;

	(void)s;
	assert_non_null(c);
	assert_int_equal(loop_init(&loop, NULL), 0);
	assert_int_equal(console_init(c, true, &loop, &user, NULL), 0);
	for (i = 0; i < 100; i++)
		took += console_write(c, much, sizeof(much));
	assert_int_equal(took, CONSOLE_ROOM);
	loop_stop(&loop);
	console_fini(c);
	loop_fini(&loop);
	free(c);
}

/* A line whose far end has nothing, and one that counts what it is sent. */
struct far_end {
	unsigned asked, sent;
};

static bool take(void *ctx, uint8_t byte)
{
	struct far_end *f = ctx;

	(void)byte;
	f->sent++;
	return true;
}

static int give(void *ctx)
{
	struct far_end *f = ctx;

	f->asked++;
	return -1;
}

static const struct chardev_ops ends = { take, nobody, give };

static void level(void *ctx, unsigned pin, bool high)
{
	(void)pin;
	*(bool *)ctx = high;
}

/* A guest saved while it waits to send is told after the load that it may. */
static void test_a_restored_transmitter_goes_on(void **s)
{
	struct far_end f = { 0 };
	struct chardev chr = { &ends, &f };
	bool before = false, after = false;
	struct pl011 u, v;
	struct state out, in;

	(void)s;
	assert_int_equal(
		pl011_init(&u, &chr, (struct irq){ level, &before, 0 }, NULL),
		0);
	pl011_ops.write(&u, CR, 4, ON);
	pl011_ops.write(&u, IMSC, 4, TX);
	pl011_ops.write(&u, DR, 4, 'a');
	assert_true(before);
	state_init_save(&out);
	pl011_state(&u, &out);
	assert_int_equal(state_fini(&out, NULL), 0);

	assert_int_equal(
		pl011_init(&v, &chr, (struct irq){ level, &after, 0 }, NULL),
		0);
	state_init_load(&in, out.buf, out.len);
	pl011_state(&v, &in);
	assert_int_equal(state_fini(&in, NULL), 0);
	assert_true(after);
	pl011_ops.write(&v, DR, 4, 'b');
	assert_int_equal(f.sent, 2);
	free(out.buf);
	pl011_fini(&v);
	pl011_fini(&u);
}

/* An input that has ended is looked at once, at most, for each word of it. */
static void test_an_ended_input_does_not_spin(void **s)
{
	struct far_end f = { 0 };
	struct chardev chr = { &ends, &f };
	struct pl011 u;

	(void)s;
	assert_int_equal(pl011_init(&u, &chr, (struct irq){ 0 }, NULL), 0);
	pl011_ops.write(&u, CR, 4, ON);
	f.asked = 0;
	pl011_input(&u);
	assert_true(f.asked <= 1);
	pl011_fini(&u);
}

/*
 * Images cut short at any byte, and with each byte of their head changed: they
 * are refused or opened, and in any case that ends.
 */
static void test_a_malformed_kernel_ends_in_an_error(void **s)
{
	uint8_t raw[4096] = { 0 };
	size_t i;

	(void)s;
	memcpy(raw, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10); /* RFC 1952 */
	for (i = 0; i < 64; i++) {
		unsigned v;

		for (v = 0; v < 256; v += 5) {
			const uint8_t was = raw[i];
			const struct boot_blob blob = { .name = "k",
							.p = raw,
							.len = 4096 - i };
			struct image image = { 0 };
			mv_error err = { 0 };

			raw[i] = (uint8_t)v;
			if (!image_open(&blob, 1 << 20, NULL, &image, &err))
				image_close(&image);
			else
				assert_string_not_equal(err.msg, "");
			raw[i] = was;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input_that_nobody_reads_is_bounded),
		cmocka_unit_test(test_a_restored_transmitter_goes_on),
		cmocka_unit_test(test_an_ended_input_does_not_spin),
		cmocka_unit_test(test_a_malformed_kernel_ends_in_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
