/* SPDX-License-Identifier: MIT */
/*
 * fuzz_gicv3.c - any accesses, system registers and wires.  A CPU's line is
 * high exactly when acknowledging would give it an interrupt.
 */
#include "dev/gicv3.h"

#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { INTIDS = 96, NONE = 1023 };

#define GICD UINT64_C(0x08000000)
#define GICR UINT64_C(0x080a0000)
#define IAR1 SYSREG_ID(3, 0, 12, 12, 0)

struct rig {
	struct gicv3 g;
	struct bus bus;
	bool level[GICV3_MAX_CPUS];
	unsigned cpus;
};

static void set(void *chip, unsigned pin, bool level)
{
	struct rig *r = chip;

	CHECK(pin < r->cpus && r->level[pin] != level);
	r->level[pin] = level;
}

static void rig_init(struct rig *r, unsigned cpus)
{
	struct irq line[GICV3_MAX_CPUS];
	unsigned i;

	*r = (struct rig){ .cpus = cpus };
	for (i = 0; i < cpus; i++)
		line[i] = (struct irq){ set, r, i };
	if (gicv3_init(&r->g, cpus, INTIDS, line, NULL) ||
	    bus_add(&r->bus, SPACE_MMIO, GICD, GICV3_DIST_SIZE, &gicv3_dist_ops,
		    &r->g, GICV3_SIZES, NULL) ||
	    bus_add(&r->bus, SPACE_MMIO, GICR,
		    (uint64_t)cpus * GICV3_REDIST_SIZE, &gicv3_redist_ops,
		    &r->g, GICV3_SIZES, NULL))
		abort();
}

static void walk(void *dev, struct state *s)
{
	gicv3_state(dev, s);
}

static void acknowledge(struct rig *r, unsigned cpu)
{
	struct sysreg_access a = { .id = IAR1 };
	bool was = r->level[cpu];

	CHECK(gicv3_sysreg(&r->g, cpu, &a));
	CHECK(was == (a.value != NONE));
	CHECK(a.value < INTIDS || a.value == NONE);
}

static void sysreg(struct rig *r, struct feed *in, unsigned cpu)
{
	uint64_t how = feed_take(in, 2);
	struct sysreg_access a = {
		.id = SYSREG_ID(3, 0, 12, how & 15, how >> 4 & 7),
		.write = how >> 7 & 1,
	};

	if (how & 0x100)
		a.id = SYSREG_ID(3, 0, 4, 6, 0);
	if (a.write)
		a.value = feed_take(in, how & 0x200 ? 8 : 2);
	(void)gicv3_sysreg(&r->g, cpu, &a);
}

/* Mostly the registers that do something, sometimes the whole windows. */
static void mmio(struct rig *r, struct feed *in, uint64_t how)
{
	static const struct {
		uint64_t base, len;
	} where[] = {
		{ GICD, 0x480 },
		{ GICD, GICV3_DIST_SIZE },
		{ GICD + 0xc00, 0x20 },
		{ GICD + 0x6100, 0x200 },
		{ GICR, 0x20 },
		{ GICR + 0x10080, 0x3a0 },
		{ GICR + 0x30080, 0x3a0 },
		{ GICR, 8 * GICV3_REDIST_SIZE },
	};
	struct access a =
		feed_access(in, where[how % 8].base, where[how % 8].len, 8);

	(void)bus_access(&r->bus, &a);
}

static void one(struct rig *r, struct feed *in)
{
	uint64_t what = feed_take(in, 1), n;
	unsigned cpu = (unsigned)(what >> 3) % r->cpus;

	switch (what & 7) {
	case 0: acknowledge(r, cpu); break;
	case 1:
		n = feed_take(in, 1);
		gicv3_spi(&r->g, (unsigned)n & 127, n & 128);
		break;
	case 2:
		n = feed_take(in, 1);
		gicv3_ppi(&r->g, cpu, (unsigned)n & 63, n & 128);
		break;
	case 3:
	case 4:
	case 5: sysreg(r, in, cpu); break;
	default: mmio(r, in, what >> 3); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed in = { data, len };
	uint64_t how = feed_take(&in, 1);
	struct rig a, b;
	unsigned i;

	rig_init(&a, 1 + (how & 7));
	rig_init(&b, 1 + (how & 7));
	if (how & 8) /* as a ready machine, not one after reset */
		gicv3_dist_ops.write(&a.g, 0, 4, 3);
	while (in.len > (how & 16 ? 64 : 0))
		one(&a, &in);
	if (how & 16)
		feed_hostile_load(&in, &a.g, walk);
	feed_round_trip(&a.g, &b.g, walk);
	for (i = 0; i < a.cpus; i++) {
		CHECK(a.level[i] == b.level[i]);
		acknowledge(&a, i);
		acknowledge(&b, i);
	}
	gicv3_fini(&a.g);
	gicv3_fini(&b.g);
	return 0;
}
