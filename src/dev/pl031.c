/* SPDX-License-Identifier: MIT */
/*
 * pl031.c - ARM PrimeCell real-time clock, ARM DDI 0224 chapter 3.
 *
 * The guest reads seconds and may set them; we keep only the difference to
 * the host's clock.  The alarm is compared when somebody looks: it is due if
 * the match value lies in the time passed since the last look.
 */
#include "dev/pl031.h"

enum {
	DR = 0x000,   /* 3.3.1 data: seconds, read only */
	MR = 0x004,   /* 3.3.2 match */
	LR = 0x008,   /* 3.3.3 load: sets the seconds */
	CR = 0x00c,   /* 3.3.4 control: bit 0 reads as running */
	IMSC = 0x010, /* 3.3.5 interrupt mask, 1 lets it through */
	RIS = 0x014,  /* 3.3.6 raw interrupt status */
	MIS = 0x018,  /* 3.3.7 masked interrupt status */
	ICR = 0x01c,  /* 3.3.8 interrupt clear */
	ID = 0xfe0,   /* 3.3.9 eight ids, one byte per word */
};

static uint32_t seconds(const struct pl031 *r)
{
	return (uint32_t)clock_wall(r->clk) + r->skew;
}

/* Compare all the seconds since the last look; returns the time. */
static uint32_t look(struct pl031 *r)
{
	uint32_t now = seconds(r), passed = now - r->seen;

	if (passed > INT32_MAX) /* the host's clock was set back */
		passed = 0;
	if (r->match - r->seen - 1 < passed)
		r->raised = true;
	r->seen = now;
	return now;
}

/* The counter or the match value was written: equal counts at once. */
static void rearm(struct pl031 *r)
{
	r->seen = seconds(r);
	if (r->seen == r->match)
		r->raised = true;
}

static uint32_t get(struct pl031 *r, uint64_t off)
{
	uint32_t now = look(r);

	switch (off) {
	case DR: return now;
	case MR: return r->match;
	case LR: return r->load;
	case CR: return 1;
	case IMSC: return r->unmasked;
	case RIS: return r->raised;
	case MIS: return r->raised && r->unmasked;
	default: return 0;
	}
}

static void set(struct pl031 *r, uint64_t off, uint32_t v)
{
	uint32_t now = look(r);

	switch (off) {
	case MR:
		r->match = v;
		rearm(r);
		break;
	case LR:
		r->load = v;
		r->skew += v - now;
		rearm(r);
		break;
	case IMSC: r->unmasked = v & 1; break;
	case ICR:
		if (v & 1)
			r->raised = false;
		break;
	default: /* CR: it runs, and nothing stops it */ break;
	}
}

static uint64_t pl031_read(void *dev, uint64_t off, unsigned size)
{
	static const uint8_t id[8] = { 0x31, 0x10, 0x04, 0x00,
				       0x0d, 0xf0, 0x05, 0xb1 };
	struct pl031 *r = dev;
	uint32_t v;

	(void)size; /* the bus admits only aligned words */
	if (off >= ID)
		return id[(off - ID) / 4 % 8];
	mutex_lock(&r->mu);
	v = get(r, off);
	mutex_unlock(&r->mu);
	return v;
}

static void pl031_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	struct pl031 *r = dev;

	(void)size;
	mutex_lock(&r->mu);
	set(r, off, (uint32_t)v);
	mutex_unlock(&r->mu);
}

const struct bus_ops pl031_ops = { pl031_read, pl031_write };

int pl031_init(struct pl031 *r, const struct clock *clk, mv_error *err)
{
	*r = (struct pl031){ .clk = clk };
	r->seen = seconds(r);
	return mutex_init(&r->mu, err);
}

void pl031_fini(struct pl031 *r)
{
	mutex_fini(&r->mu);
}

void pl031_state(struct pl031 *r, struct state *s)
{
	mutex_lock(&r->mu);
	state_section(s, "pl031", 1);
	state_u32(s, &r->skew);
	state_u32(s, &r->load);
	state_u32(s, &r->match);
	state_u32(s, &r->seen);
	state_bool(s, &r->raised);
	state_bool(s, &r->unmasked);
	mutex_unlock(&r->mu);
}
