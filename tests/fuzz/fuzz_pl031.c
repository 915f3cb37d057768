/* SPDX-License-Identifier: MIT */
/* fuzz_pl031.c - any accesses to the real-time clock while time jumps. */
#include "dev/pl031.h"

#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint64_t wall(void *ctx)
{
	return *(uint64_t *)ctx;
}

static void walk(void *dev, struct state *s)
{
	pl031_state(dev, s);
}

static void one(struct feed *f, struct bus *bus, struct pl031 *r, uint64_t *now)
{
	struct access a;
	uint32_t seconds;

	if (feed_take(f, 1) & 1)
		*now += feed_take(f, 4);
	a = feed_access(f, 0x1000, 0x1000, 8);
	(void)bus_access(bus, &a);
	seconds = (uint32_t)pl031_ops.read(r, 0, 4);
	CHECK(seconds == (uint32_t)*now + r->skew);
	CHECK(!(a.write && a.size == 4 && a.addr == 0x1008) ||
	      seconds == (uint32_t)a.value);
	CHECK(pl031_ops.read(r, 0x18, 4) ==
	      (pl031_ops.read(r, 0x10, 4) & pl031_ops.read(r, 0x14, 4)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed f = { data, len };
	uint64_t now = feed_take(&f, 8);
	const struct clock clk = { .now = wall, .wall = wall, .ctx = &now };
	struct bus bus = { 0 };
	struct pl031 r, other;

	if (pl031_init(&r, &clk, NULL) || pl031_init(&other, &clk, NULL) ||
	    bus_add(&bus, SPACE_MMIO, 0x1000, 0x1000, &pl031_ops, &r,
		    PL031_SIZES, NULL))
		abort();
	while (f.len)
		one(&f, &bus, &r, &now);
	feed_round_trip(&r, &other, walk);
	pl031_fini(&r);
	pl031_fini(&other);
	return 0;
}
