/* SPDX-License-Identifier: MIT */
#include "dev/cmos.h"

#include <stdlib.h>
#include <time.h>

#include "arch/x86_64/layout.h"

#include "../check.h"

enum {
	SECONDS = 0,
	MINUTES = 2,
	HOURS = 4,
	WEEKDAY = 6,
	MDAY = 7,
	MONTH = 8,
	YEAR = 9,
	A = 10,
	B = 11,
	C = 12,
	D = 13,

	UIP = 0x80,
	SET = 0x80,
	BINARY = 4,
	H24 = 2,

	PF = 0x40,
	AF = 0x20,
	UF = 0x10,
	IRQF = 0x80,
};

#define LEAP_DAY UINT64_C(1709251199) /* 2024-02-29 23:59:59, Thursday */

struct rig {
	uint64_t wall, ns;
	struct clock clk;
	struct cmos c;
	struct bus bus;
};

static uint64_t rig_wall(void *ctx)
{
	return ((struct rig *)ctx)->wall;
}

static uint64_t rig_now(void *ctx)
{
	return ((struct rig *)ctx)->ns;
}

static void rig_init(struct rig *g, uint64_t wall)
{
	*g = (struct rig){ .wall = wall };
	g->clk = (struct clock){ .now = rig_now, .wall = rig_wall, .ctx = g };
	assert_int_equal(cmos_init(&g->c, &g->clk, NULL), 0);
	assert_int_equal(bus_add(&g->bus, SPACE_PIO, X86_PORT_CMOS, CMOS_PORTS,
				 &cmos_ops, &g->c, CMOS_SIZES, NULL),
			 0);
}

static void out(struct rig *g, uint16_t port, uint8_t v)
{
	struct access a = { .addr = port,
			    .size = 1,
			    .space = SPACE_PIO,
			    .write = true,
			    .value = v };

	assert_true(bus_access(&g->bus, &a));
}

static uint8_t rd(struct rig *g, unsigned i)
{
	struct access a = { .addr = X86_PORT_CMOS + 1,
			    .size = 1,
			    .space = SPACE_PIO };

	out(g, X86_PORT_CMOS, (uint8_t)i);
	assert_true(bus_access(&g->bus, &a));
	return (uint8_t)a.value;
}

static void wr(struct rig *g, unsigned i, uint8_t v)
{
	out(g, X86_PORT_CMOS, (uint8_t)i);
	out(g, X86_PORT_CMOS + 1, v);
}

/* century, year, month, day, hours, minutes, seconds as they are shown */
static void expect(struct rig *g, const uint8_t want[static 7])
{
	static const uint8_t reg[7] = { CMOS_CENTURY, YEAR,    MONTH,  MDAY,
					HOURS,        MINUTES, SECONDS };
	unsigned i;

	assert_int_equal(rd(g, A) & UIP, 0);
	for (i = 7; i-- > 0;) /* seconds first */
		assert_int_equal(rd(g, reg[i]), want[i]);
}

static void set_time(struct rig *g, const uint8_t t[static 7])
{
	static const uint8_t reg[7] = { CMOS_CENTURY, YEAR,    MONTH,  MDAY,
					HOURS,        MINUTES, SECONDS };
	uint8_t b = rd(g, B);
	unsigned i;

	wr(g, B, b | SET);
	for (i = 0; i < 7; i++)
		wr(g, reg[i], t[i]);
	wr(g, B, b);
}

static void test_the_time_is_shown_in_bcd_and_24_hours(void **s)
{
	static const uint8_t before[7] = { 0x20, 0x24, 0x02, 0x29,
					   0x23, 0x59, 0x59 };
	static const uint8_t after[7] = { 0x20, 0x24, 0x03, 1, 0, 0, 0 };
	struct rig g;

	(void)s;
	rig_init(&g, LEAP_DAY);
	assert_int_equal(rd(&g, A), 0x26);
	assert_int_equal(rd(&g, B), H24);
	assert_int_equal(rd(&g, D), 0x80);
	expect(&g, before);
	assert_int_equal(rd(&g, WEEKDAY), 5);
	g.wall++;
	expect(&g, after);
	assert_int_equal(rd(&g, WEEKDAY), 6);
	cmos_fini(&g.c);
}

static void test_every_format_shows_every_hour(void **s)
{
	struct rig g;
	unsigned h, mode;

	(void)s;
	for (mode = 0; mode < 4; mode++) {
		rig_init(&g, 0);
		wr(&g, B, (mode & 1 ? H24 : 0) | (mode & 2 ? BINARY : 0));
		for (h = 0; h < 24; h++) {
			unsigned v = mode & 1 ? h : (h + 11) % 12 + 1;

			g.wall = h * 3600 + 59 * 60;
			if (!(mode & 2))
				v = v / 10 * 16 + v % 10;
			if (!(mode & 1) && h >= 12)
				v |= 0x80;
			rd(&g, SECONDS);
			assert_int_equal(rd(&g, HOURS), v);
			assert_int_equal(rd(&g, MINUTES), mode & 2 ? 59 : 0x59);
		}
		cmos_fini(&g.c);
	}
}

/* Against the C library, a few times a day for 400 years. */
static void test_dates_are_those_of_the_calendar(void **s)
{
	struct rig g;
	uint64_t t;

	(void)s;
	rig_init(&g, 0);
	wr(&g, B, H24 | BINARY);
	for (t = 0; t < UINT64_C(400) * 366 * 86400; t += 86399 * 3) {
		time_t at = (time_t)t;
		struct tm tm;

		g.wall = t;
		assert_non_null(gmtime_r(&at, &tm));
		assert_int_equal(rd(&g, SECONDS), tm.tm_sec);
		assert_int_equal(rd(&g, MDAY), tm.tm_mday);
		assert_int_equal(rd(&g, MONTH), tm.tm_mon + 1);
		assert_int_equal(rd(&g, WEEKDAY), tm.tm_wday + 1);
		assert_int_equal(rd(&g, CMOS_CENTURY) * 100 + rd(&g, YEAR),
				 tm.tm_year + 1900);
	}
	cmos_fini(&g.c);
}

static void test_a_reading_does_not_tear_when_a_second_ends_within(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, LEAP_DAY);
	assert_int_equal(rd(&g, A) & UIP, 0);
	assert_int_equal(rd(&g, SECONDS), 0x59);
	g.wall++;
	assert_int_equal(rd(&g, MINUTES), 0x59);
	assert_int_equal(rd(&g, HOURS), 0x23);
	assert_int_equal(rd(&g, MDAY), 0x29);
	assert_int_equal(rd(&g, MONTH), 0x02);
	/* Linux looks again, sees that it must start over, and does */
	assert_int_equal(rd(&g, SECONDS), 0x00);
	assert_int_equal(rd(&g, MINUTES), 0x00);
	assert_int_equal(rd(&g, MONTH), 0x03);
	cmos_fini(&g.c);
}

static void test_a_guest_that_never_asks_for_seconds_sees_time_pass(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, 0);
	assert_int_equal(rd(&g, MINUTES), 0);
	g.wall = 120;
	assert_int_equal(rd(&g, MINUTES), 2);
	cmos_fini(&g.c);
}

static void test_the_guest_sets_the_clock_and_it_runs_on(void **s)
{
	static const uint8_t set[7] = {
		0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x58
	};
	static const uint8_t later[7] = { 0x20, 0, 1, 1, 0, 0, 0x03 };
	struct rig g;

	(void)s;
	rig_init(&g, LEAP_DAY);
	set_time(&g, set);
	expect(&g, set);
	g.wall += 5;
	expect(&g, later);
	cmos_fini(&g.c);
}

static void test_time_stands_still_while_it_is_being_set(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, 0);
	wr(&g, B, SET | H24);
	g.wall = 1000;
	assert_int_equal(rd(&g, SECONDS), 0);
	assert_int_equal(rd(&g, C), 0);
	wr(&g, SECONDS, 0x30);
	wr(&g, B, H24);
	assert_int_equal(rd(&g, MINUTES), 0);
	assert_int_equal(rd(&g, SECONDS), 0x30);
	cmos_fini(&g.c);
}

static void test_one_register_can_be_set_without_stopping(void **s)
{
	static const uint8_t want[7] = { 0x19, 0x70, 1, 1, 0x17, 0, 0x05 };
	struct rig g;

	(void)s;
	rig_init(&g, 5);
	wr(&g, HOURS, 0x17);
	expect(&g, want);
	cmos_fini(&g.c);
}

static void test_nonsense_is_no_time_and_changes_nothing(void **s)
{
	static const uint8_t was[7] = { 0x19, 0x70, 1, 1, 0, 0, 0x05 };
	static const uint8_t bad[][7] = {
		{ 0x19, 0x70, 0x00, 1, 0, 0, 0 },
		{ 0x19, 0x70, 0x13, 1, 0, 0, 0 },
		{ 0x19, 0x70, 1, 0x32, 0, 0, 0 },
		{ 0x19, 0x70, 1, 0, 0, 0, 0 },
		{ 0x19, 0x70, 1, 1, 0x24, 0, 0 },
		{ 0x19, 0x70, 1, 1, 0, 0x60, 0 },
		{ 0x19, 0x70, 1, 1, 0, 0, 0x1a },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	struct rig g;
	size_t i;

	(void)s;
	rig_init(&g, 5);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		set_time(&g, bad[i]);
		expect(&g, was);
	}
	cmos_fini(&g.c);
}

static void test_a_day_too_many_is_the_next_months(void **s)
{
	static const uint8_t set[7] = { 0x20, 0x23, 0x02, 0x30, 0, 0, 0 };
	static const uint8_t want[7] = { 0x20, 0x23, 0x03, 0x02, 0, 0, 0 };
	struct rig g;

	(void)s;
	rig_init(&g, 0);
	set_time(&g, set);
	expect(&g, want);
	cmos_fini(&g.c);
}

static void test_the_clock_covers_ten_thousand_years(void **s)
{
	static const uint8_t first[7] = { 0, 0, 1, 1, 0, 0, 0 };
	static const uint8_t last[7] = { 0x99, 0x99, 0x12, 0x31,
					 0x23, 0x59, 0x59 };
	struct rig g;

	(void)s;
	rig_init(&g, UINT64_MAX); /* a host whose clock is nonsense */
	assert_int_equal(rd(&g, A) & UIP, 0);
	set_time(&g, last);
	expect(&g, last);
	g.wall = 0; /* ... and is corrected */
	rd(&g, SECONDS);
	set_time(&g, last);
	g.wall = 1;
	expect(&g, first);
	set_time(&g, first);
	expect(&g, first);
	cmos_fini(&g.c);
}

static void
test_update_flag_is_set_once_a_second_and_cleared_by_reading(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, 10);
	assert_int_equal(rd(&g, C), 0);
	g.wall++;
	assert_int_equal(rd(&g, C), UF);
	assert_int_equal(rd(&g, C), 0);
	wr(&g, B, H24 | UF);
	g.wall += 3;
	assert_int_equal(rd(&g, C), UF | IRQF);
	g.wall -= 100; /* the host's clock was set back */
	assert_int_equal(rd(&g, C), 0);
	cmos_fini(&g.c);
}

static void test_alarm_is_due_once_its_time_has_passed(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g, 0);
	wr(&g, 1, 0x30);
	wr(&g, 3, 0x01);
	wr(&g, 5, 0x00);
	g.wall = 89;
	assert_int_equal(rd(&g, C), UF);
	g.wall = 95; /* nobody looked at 90 itself */
	assert_int_equal(rd(&g, C), UF | AF);
	g.wall = 86400 + 89;
	assert_int_equal(rd(&g, C), UF);
	g.wall += 86400 * 100;
	assert_int_equal(rd(&g, C), UF | AF);
	wr(&g, 5, 0xff); /* each hour */
	g.wall += 3600;
	assert_int_equal(rd(&g, C), UF | AF);
	wr(&g, 3, 0xc0); /* each minute */
	wr(&g, B, H24 | AF);
	g.wall += 60;
	assert_int_equal(rd(&g, C), UF | AF | IRQF);
	g.wall += 58;
	rd(&g, C);
	cmos_fini(&g.c);
}

static void test_periodic_flag_follows_its_rate(void **s)
{
	static const struct {
		uint8_t rate;
		uint64_t ns;
	} rows[] = {
		{ 1, 3906250 }, { 2, 7812500 },    { 3, 122070 }, { 6, 976562 },
		{ 9, 7812500 }, { 15, 500000000 }, { 0, 0 },
	};
	struct rig g;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_init(&g, 0);
		wr(&g, A, 0x20 | rows[i].rate);
		rd(&g, C);
		g.ns = rows[i].ns ? rows[i].ns - 1 : UINT64_MAX;
		assert_int_equal(rd(&g, C), 0);
		g.ns = rows[i].ns;
		assert_int_equal(rd(&g, C), rows[i].ns ? PF : 0);
		assert_int_equal(rd(&g, C), 0);
		cmos_fini(&g.c);
	}
}

static void test_what_is_read_only_stays_and_the_rest_is_memory(void **s)
{
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g, 0);
	wr(&g, A, 0xff);
	assert_int_equal(rd(&g, A), 0x7f);
	wr(&g, C, 0xff);
	wr(&g, D, 0);
	assert_int_equal(rd(&g, C), 0);
	assert_int_equal(rd(&g, D), 0x80);
	for (i = 14; i < CMOS_BYTES; i++) {
		if (i != CMOS_CENTURY)
			wr(&g, i, (uint8_t)(i ^ 0x5a));
	}
	for (i = 14; i < CMOS_BYTES; i++) {
		if (i == CMOS_CENTURY)
			continue;
		assert_int_equal(rd(&g, i), i ^ 0x5a);
		assert_int_equal(rd(&g, i | 0x80), i ^ 0x5a); /* NMI masked */
	}
	cmos_fini(&g.c);
}

static void
test_the_index_is_write_only_and_wide_accesses_are_open_bus(void **s)
{
	struct access a = { .addr = X86_PORT_CMOS,
			    .size = 1,
			    .space = SPACE_PIO };
	struct rig g;

	(void)s;
	rig_init(&g, 0);
	assert_true(bus_access(&g.bus, &a));
	assert_int_equal(a.value, 0xff);
	a.size = 2;
	assert_false(bus_access(&g.bus, &a));
	cmos_fini(&g.c);
}

static void test_a_loaded_clock_gives_the_same_answers(void **s)
{
	static const uint8_t set[7] = {
		0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x58
	};
	struct state save, in;
	struct rig a, b;
	unsigned i;

	(void)s;
	rig_init(&a, LEAP_DAY);
	rig_init(&b, LEAP_DAY);
	set_time(&a, set);
	wr(&a, 1, 0);
	wr(&a, 3, 0);
	wr(&a, 5, 0);
	wr(&a, 0x40, 0x77);
	state_init_save(&save);
	cmos_state(&a.c, &save);
	assert_int_equal(state_fini(&save, NULL), 0);
	state_init_load(&in, save.buf, save.len);
	cmos_state(&b.c, &in);
	assert_int_equal(state_fini(&in, NULL), 0);
	a.wall += 2;
	b.wall += 2;
	assert_int_equal(rd(&b, C), UF | AF);
	assert_int_equal(rd(&a, C), UF | AF);
	for (i = 0; i < CMOS_BYTES; i++)
		assert_int_equal(rd(&b, i), rd(&a, i));
	free(save.buf);
	cmos_fini(&a.c);
	cmos_fini(&b.c);
}

/* Every byte of a saved state turned round: refused, or harmless. */
static void test_hostile_state_does_no_harm(void **s)
{
	static const uint8_t set[7] = {
		0x20, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
	};
	struct state save, in;
	struct rig a, b;
	size_t i;

	(void)s;
	rig_init(&a, 1000);
	state_init_save(&save);
	cmos_state(&a.c, &save);
	assert_int_equal(state_fini(&save, NULL), 0);
	for (i = 0; i < save.len; i++) {
		int rc;

		save.buf[i] ^= 0xff;
		rig_init(&b, 1000);
		state_init_load(&in, save.buf, save.len);
		cmos_state(&b.c, &in);
		rc = state_fini(&in, NULL);
		assert_true(rc == 0 || rc == -MICROVM_EBADIMAGE);
		rd(&b, C);
		wr(&b, B, H24);
		set_time(&b, set);
		expect(&b, set);
		cmos_fini(&b.c);
		save.buf[i] ^= 0xff;
	}
	free(save.buf);
	cmos_fini(&a.c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_time_is_shown_in_bcd_and_24_hours),
		cmocka_unit_test(test_every_format_shows_every_hour),
		cmocka_unit_test(test_dates_are_those_of_the_calendar),
		cmocka_unit_test(
			test_a_reading_does_not_tear_when_a_second_ends_within),
		cmocka_unit_test(
			test_a_guest_that_never_asks_for_seconds_sees_time_pass),
		cmocka_unit_test(test_the_guest_sets_the_clock_and_it_runs_on),
		cmocka_unit_test(test_time_stands_still_while_it_is_being_set),
		cmocka_unit_test(test_one_register_can_be_set_without_stopping),
		cmocka_unit_test(test_nonsense_is_no_time_and_changes_nothing),
		cmocka_unit_test(test_a_day_too_many_is_the_next_months),
		cmocka_unit_test(test_the_clock_covers_ten_thousand_years),
		cmocka_unit_test(
			test_update_flag_is_set_once_a_second_and_cleared_by_reading),
		cmocka_unit_test(test_alarm_is_due_once_its_time_has_passed),
		cmocka_unit_test(test_periodic_flag_follows_its_rate),
		cmocka_unit_test(
			test_what_is_read_only_stays_and_the_rest_is_memory),
		cmocka_unit_test(
			test_the_index_is_write_only_and_wide_accesses_are_open_bus),
		cmocka_unit_test(test_a_loaded_clock_gives_the_same_answers),
		cmocka_unit_test(test_hostile_state_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
