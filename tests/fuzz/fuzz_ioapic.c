/* SPDX-License-Identifier: MIT */
/*
 * fuzz_ioapic.c - any accesses, pins and ends.  Whatever happened: a level
 * that is high and let through has a message under way, never two, and its
 * end brings the next.
 */
#include "dev/ioapic.h"

#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define BASE UINT64_C(0xfec00000)

enum {
	SEL = 0x00,
	WIN = 0x10,
	EOI = 0x40,
	RIRR = 1 << 14,
	LEVEL = 1 << 15,
	MASKED = 1 << 16,
};

struct rig {
	struct ioapic io;
	struct bus bus;
	unsigned sent; /* in the call that runs */
	unsigned levels;
};

static void arrive(void *ctx, const struct apic_message *m)
{
	struct rig *r = ctx;

	CHECK(m->mode < 8 && (m->dest <= 0xfe || m->dest == APIC_ALL));
	CHECK(!m->level || m->mode <= APIC_LOWEST);
	r->sent++;
	r->levels += m->level;
	CHECK(r->sent <= IOAPIC_PINS);
}

static void rig_init(struct rig *r)
{
	*r = (struct rig){ 0 };
	if (ioapic_init(&r->io, (struct ioapic_port){ arrive, r }, NULL) ||
	    bus_add(&r->bus, SPACE_MMIO, BASE, 0x1000, &ioapic_ops, &r->io,
		    IOAPIC_SIZES, NULL))
		abort();
}

static void walk(void *dev, struct state *s)
{
	ioapic_state(dev, s);
}

static bool is_level(uint64_t e)
{
	return e & LEVEL && (e >> 8 & 7) <= APIC_LOWEST;
}

static void invariants(const struct rig *r)
{
	unsigned i;

	for (i = 0; i < IOAPIC_PINS; i++) {
		uint64_t e = r->io.regs.entry[i];

		CHECK(!(e & RIRR) || is_level(e));
		CHECK(!is_level(e) || e & (MASKED | RIRR) ||
		      !(r->io.regs.pins >> i & 1));
	}
}

/* So many pins are waiting for the end of this vector, and are high. */
static unsigned waiting(const struct rig *r, uint8_t vector)
{
	unsigned i, n = 0;

	for (i = 0; i < IOAPIC_PINS; i++) {
		uint64_t e = r->io.regs.entry[i];

		n += is_level(e) && (uint8_t)e == vector &&
		     (r->io.regs.pins >> i & 1) && !(e & MASKED);
	}
	return n;
}

static void end(struct rig *r, uint8_t vector, bool by_register)
{
	unsigned n = waiting(r, vector);

	r->levels = 0;
	if (by_register)
		ioapic_ops.write(&r->io, EOI, 4, vector);
	else
		ioapic_eoi(&r->io, vector);
	CHECK(r->sent == n && r->levels == n);
}

static void one(struct rig *r, struct feed *in)
{
	uint64_t what = feed_take(in, 1);
	struct access a;

	r->sent = 0;
	switch (what & 7) {
	case 0:
	case 1:
		ioapic_pin(&r->io, (unsigned)(what >> 3), feed_take(in, 1) & 1);
		CHECK(r->sent <= 1);
		break;
	case 2: end(r, (uint8_t)feed_take(in, 1), what & 8); break;
	case 3:
	case 4:
	case 5: /* a register, as a driver has it */
		ioapic_ops.write(&r->io, SEL, 4, 0x10 + (what >> 3));
		ioapic_ops.write(&r->io, WIN, 4, feed_take(in, 4));
		CHECK(r->sent <= 1);
		break;
	default:
		a = feed_access(in, BASE, what & 8 ? 0x48 : 0x1000, 8);
		(void)bus_access(&r->bus, &a);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed in = { data, len };
	bool hostile = feed_take(&in, 1) & 1;
	struct rig a, b;

	rig_init(&a);
	rig_init(&b);
	while (in.len > (hostile ? 32 : 0)) {
		one(&a, &in);
		invariants(&a);
	}
	if (hostile)
		feed_hostile_load(&in, &a.io, walk);
	feed_round_trip(&a.io, &b.io, walk);
	ioapic_fini(&a.io);
	ioapic_fini(&b.io);
	return 0;
}
