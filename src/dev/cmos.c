/* SPDX-License-Identifier: MIT */
/*
 * cmos.c - a PC's MC146818 real-time clock and its 128 bytes of memory
 * (Motorola MC146818A, "Address map" to "Register D").
 *
 * The guest's seconds are the host's plus a difference it may set.  On the
 * chip a driver that has seen "no update in progress" in register A has 244
 * microseconds to read a time that does not change.  Here an update takes no
 * time and happens when the guest looks: at A, or at the seconds, which a
 * driver reads first and, like Linux, once more at the end.  So what is read
 * in between belongs together, however slow the reader is.
 */
#include "dev/cmos.h"

#include <stdbool.h>

enum {
	SECONDS = 0x00,
	SECONDS_ALARM = 0x01,
	MINUTES = 0x02,
	MINUTES_ALARM = 0x03,
	HOURS = 0x04,
	HOURS_ALARM = 0x05,
	WEEKDAY = 0x06, /* 1 is Sunday */
	MDAY = 0x07,
	MONTH = 0x08,
	YEAR = 0x09,
	REG_A = 0x0a,
	REG_B = 0x0b,
	REG_C = 0x0c,
	REG_D = 0x0d,
};

enum {
	A_UIP = 1 << 7, /* A: update in progress: never seen */
	A_RATE = 0x0f,
	A_RESET = 0x26, /* 32.768 kHz crystal, 1024 Hz periodic */

	B_SET = 1 << 7,    /* B: the guest is setting the time */
	B_BINARY = 1 << 2, /* not BCD */
	B_24H = 1 << 1,
	B_ENABLES = 0x70, /* of C's flags, at the same places */
	B_RESET = B_24H,

	C_IRQF = 1 << 7, /* C: any flag that is enabled */
	C_PF = 1 << 6,   /* periodic, alarm, update ended */
	C_AF = 1 << 5,
	C_UF = 1 << 4,
	C_FLAGS = 0x70,

	D_VALID = 1 << 7, /* D: the battery has not failed */

	PM = 0x80,  /* 12 hour mode: of the hours */
	ANY = 0xc0, /* alarm: matches always */
	ALARM_BYTES = 3,
};

#define MINUTE UINT64_C(60)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NS_PER_S UINT64_C(1000000000)

/* Seconds of ours are since the year 0, and the clock shows 10000 years. */
#define DAYS_400_YEARS UINT64_C(146097)
#define DAYS_TO_1970 UINT64_C(719528)
#define RANGE (25 * DAYS_400_YEARS * DAY)

struct date {
	unsigned year, month, mday; /* from 0, 1, 1 */
};

static bool leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in(unsigned year, unsigned month)
{
	static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30,
					  31, 31, 30, 31, 30, 31 };

	return month == 2 && leap(year) ? 29 : days[month - 1];
}

/* Days from the first of year 0, which is a leap year, to that of `year`. */
static uint64_t days_to(unsigned year)
{
	unsigned y = year - 1;

	return year ? 365 * (uint64_t)year + y / 4 - y / 100 + y / 400 + 1 : 0;
}

static struct date date_of(uint64_t day)
{
	struct date d = { .year = (unsigned)(day * 400 / DAYS_400_YEARS),
			  .month = 1 };

	/* The guess is off by one at most. */
	if (days_to(d.year) > day)
		d.year--;
	else if (days_to(d.year + 1) <= day)
		d.year++;
	day -= days_to(d.year);
	while (day >= days_in(d.year, d.month))
		day -= days_in(d.year, d.month++);
	d.mday = (unsigned)day + 1;
	return d;
}

static uint64_t day_of(struct date d)
{
	uint64_t day = days_to(d.year) + d.mday - 1;
	unsigned m;

	for (m = 1; m < d.month; m++)
		day += days_in(d.year, m);
	return day;
}

static uint64_t wall(const struct cmos *c)
{
	return clock_wall(c->clk) % RANGE + DAYS_TO_1970 * DAY;
}

static uint64_t seconds(const struct cmos *c)
{
	return (wall(c) + c->skew) % RANGE;
}

static uint8_t encode(const struct cmos *c, uint64_t v)
{
	return (uint8_t)(c->byte[REG_B] & B_BINARY ? v : v / 10 << 4 | v % 10);
}

/* False: no number, or not in [least, most]. */
static bool decode(const struct cmos *c, uint8_t raw, unsigned least,
		   unsigned most, unsigned *v)
{
	*v = raw;
	if (!(c->byte[REG_B] & B_BINARY)) {
		if (raw >> 4 > 9 || (raw & 15) > 9)
			return false;
		*v = raw / 16u * 10 + raw % 16u;
	}
	return *v >= least && *v <= most;
}

static uint8_t encode_hour(const struct cmos *c, uint64_t hour)
{
	uint8_t v;

	if (c->byte[REG_B] & B_24H)
		return encode(c, hour);
	v = encode(c, hour % 12 ? hour % 12 : 12);
	return hour < 12 ? v : v | PM;
}

static bool decode_hour(const struct cmos *c, uint8_t raw, unsigned *hour)
{
	if (c->byte[REG_B] & B_24H)
		return decode(c, raw, 0, 23, hour);
	if (!decode(c, raw & 0x7f, 1, 12, hour))
		return false;
	*hour = *hour % 12 + (raw & PM ? 12 : 0);
	return true;
}

static void show(struct cmos *c, uint64_t now)
{
	struct date d = date_of(now / DAY);

	c->byte[SECONDS] = encode(c, now % MINUTE);
	c->byte[MINUTES] = encode(c, now % HOUR / MINUTE);
	c->byte[HOURS] = encode_hour(c, now % DAY / HOUR);
	c->byte[WEEKDAY] = encode(c, (now / DAY + 6) % 7 + 1);
	c->byte[MDAY] = encode(c, d.mday);
	c->byte[MONTH] = encode(c, d.month);
	c->byte[YEAR] = encode(c, d.year % 100);
	c->byte[CMOS_CENTURY] = encode(c, d.year / 100);
	c->shown = now;
}

/* What the bytes say; false: that is no time. */
static bool told(const struct cmos *c, uint64_t *t)
{
	const uint8_t *b = c->byte;
	unsigned s, m, h, year, century;
	struct date d;

	if (!decode(c, b[SECONDS], 0, 59, &s) ||
	    !decode(c, b[MINUTES], 0, 59, &m) ||
	    !decode_hour(c, b[HOURS], &h) ||
	    !decode(c, b[MDAY], 1, 31, &d.mday) ||
	    !decode(c, b[MONTH], 1, 12, &d.month) ||
	    !decode(c, b[YEAR], 0, 99, &year) ||
	    !decode(c, b[CMOS_CENTURY], 0, 99, &century))
		return false;
	d.year = century * 100 + year;
	*t = (day_of(d) * DAY + h * HOUR + m * MINUTE + s) % RANGE;
	return true;
}

/* The guest has set the time: count on from there. */
static void commit(struct cmos *c)
{
	uint64_t t;

	if (!told(c, &t))
		return; /* the next update shows what it was */
	c->skew = (t + RANGE - wall(c) % RANGE) % RANGE;
	c->shown = c->seen = t;
}

static bool is_time(unsigned i)
{
	return i == SECONDS || i == MINUTES || i == HOURS ||
	       (i >= WEEKDAY && i <= YEAR) || i == CMOS_CENTURY;
}

/* An update, if one is due and this look is one that begins it. */
static void refresh(struct cmos *c, unsigned i)
{
	uint64_t now = seconds(c);

	if (c->byte[REG_B] & B_SET)
		return;
	if (i == REG_A || i == SECONDS ||
	    (is_time(i) && now != c->shown && now != c->shown + 1))
		show(c, now);
}

static bool matches(const struct cmos *c, uint64_t t)
{
	const uint8_t *b = c->byte;

	return (b[SECONDS_ALARM] >= ANY ||
		b[SECONDS_ALARM] == encode(c, t % MINUTE)) &&
	       (b[MINUTES_ALARM] >= ANY ||
		b[MINUTES_ALARM] == encode(c, t % HOUR / MINUTE)) &&
	       (b[HOURS_ALARM] >= ANY ||
		b[HOURS_ALARM] == encode_hour(c, t % DAY / HOUR));
}

/* Has the alarm's time been among the last `passed` seconds, up to now? */
static bool alarm_met(const struct cmos *c, uint64_t now, uint64_t passed)
{
	uint64_t i, n = passed < DAY ? passed : DAY;

	for (i = 0; i < n; i++) {
		if (matches(c, (now + RANGE - i) % RANGE))
			return true;
	}
	return false;
}

/* Table 5: nanoseconds between two periodic interrupts; 0: none come. */
static uint64_t period(const struct cmos *c)
{
	unsigned rate = c->byte[REG_A] & A_RATE;

	if (!rate)
		return 0;
	if (rate < 3)
		rate += 7;
	return (NS_PER_S << (rate - 1)) / 32768;
}

/* Bring C's flags up to now.  The time going back counts as none passed. */
static void flag(struct cmos *c)
{
	uint64_t now = seconds(c), ns = clock_now(c->clk), p = period(c);
	uint64_t passed = (now + RANGE - c->seen) % RANGE;
	uint8_t *flags = &c->byte[REG_C];

	if (p && ns / p != c->seen_ns / p)
		*flags |= C_PF;
	c->seen_ns = ns;
	c->seen = now;
	if (c->byte[REG_B] & B_SET || !passed || passed > RANGE / 2)
		return;
	*flags |= C_UF;
	if (alarm_met(c, now, passed))
		*flags |= C_AF;
}

/* Reading C clears it. */
static uint8_t read_c(struct cmos *c)
{
	uint8_t v = c->byte[REG_C];

	c->byte[REG_C] = 0;
	return v & c->byte[REG_B] & B_ENABLES ? v | C_IRQF : v;
}

static uint8_t get(struct cmos *c, unsigned i)
{
	flag(c);
	refresh(c, i);
	switch (i) {
	case REG_C: return read_c(c);
	case REG_D: return D_VALID;
	default: return c->byte[i];
	}
}

/* SET stops the updates; what was written meanwhile is then the time. */
static void set_b(struct cmos *c, uint8_t v)
{
	bool was = c->byte[REG_B] & B_SET;

	if (v & B_SET && !was)
		show(c, seconds(c));
	c->byte[REG_B] = v;
	if (was && !(v & B_SET))
		commit(c);
}

static void set(struct cmos *c, unsigned i, uint8_t v)
{
	flag(c);
	switch (i) {
	case REG_A: c->byte[REG_A] = v & (uint8_t)~A_UIP; break;
	case REG_B: set_b(c, v); break;
	case REG_C:
	case REG_D: break; /* read only */
	default:
		refresh(c, is_time(i) ? SECONDS : i);
		c->byte[i] = v;
		if (is_time(i) && !(c->byte[REG_B] & B_SET))
			commit(c);
		break;
	}
}

/* Nobody reads the index back: the chip does not give it. */
static uint64_t cmos_read(void *dev, uint64_t off, unsigned size)
{
	struct cmos *c = dev;
	uint8_t v;

	(void)size;
	if (off % CMOS_PORTS == 0)
		return 0xff;
	mutex_lock(&c->mu);
	v = get(c, c->index);
	mutex_unlock(&c->mu);
	return v;
}

/* The index's upper bit is the PC's mask of NMIs, and none of ours. */
static void cmos_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	struct cmos *c = dev;

	(void)size;
	mutex_lock(&c->mu);
	if (off % CMOS_PORTS == 0)
		c->index = v % CMOS_BYTES;
	else
		set(c, c->index, (uint8_t)v);
	mutex_unlock(&c->mu);
}

const struct bus_ops cmos_ops = { cmos_read, cmos_write };

static void reset(struct cmos *c)
{
	unsigned i;

	for (i = 0; i < CMOS_BYTES; i++)
		c->byte[i] = 0;
	c->byte[REG_A] = A_RESET;
	c->byte[REG_B] = B_RESET;
	c->index = 0;
	c->skew = 0;
	c->seen = seconds(c);
	c->seen_ns = clock_now(c->clk);
	show(c, c->seen);
}

int cmos_init(struct cmos *c, const struct clock *clk, mv_error *err)
{
	*c = (struct cmos){ .clk = clk };
	reset(c);
	return mutex_init(&c->mu, err);
}

void cmos_fini(struct cmos *c)
{
	mutex_fini(&c->mu);
}

static void walk(struct cmos *c, struct state *s)
{
	state_section(s, "cmos", 1);
	state_u8(s, &c->index);
	state_bytes(s, c->byte, sizeof(c->byte));
	state_u64(s, &c->skew);
	state_u64(s, &c->shown);
	state_u64(s, &c->seen);
	state_u64(s, &c->seen_ns);
	state_check(s, c->index < CMOS_BYTES, "an index beyond the memory");
	state_check(s, !(c->byte[REG_A] & A_UIP), "an update in progress");
	state_check(s, !(c->byte[REG_C] & ~C_FLAGS), "bad register C");
	state_check(s, !c->byte[REG_D], "register D has no memory");
	state_check(s, c->skew < RANGE && c->shown < RANGE && c->seen < RANGE,
		    "a time beyond the year 9999");
}

void cmos_state(struct cmos *c, struct state *s)
{
	mutex_lock(&c->mu);
	walk(c, s);
	if (s->loading && s->failed)
		reset(c);
	mutex_unlock(&c->mu);
}
