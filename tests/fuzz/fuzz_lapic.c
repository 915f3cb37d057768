/* SPDX-License-Identifier: MIT */
/*
 * fuzz_lapic.c - any accesses, MSRs, messages and pins while time passes.  A
 * CPU's wire is high exactly when it can take a vector; that vector is above
 * all that is in service; and the deadline is when the timer interrupts.
 */
#include "dev/lapic.h"

#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define BASE UINT64_C(0xfee00000)

enum { CPUS = 3, MASKED = 1 << 16 };

struct rig {
	struct lapic l;
	uint64_t now;
	struct clock clk;
	bool level[CPUS];
};

static void set(void *chip, unsigned pin, bool level)
{
	struct rig *r = chip;

	CHECK(pin < CPUS && r->level[pin] != level);
	r->level[pin] = level;
}

static uint64_t now(void *ctx)
{
	return ((struct rig *)ctx)->now;
}

static void on_cpu(void *ctx, unsigned cpu)
{
	CHECK(ctx && cpu < CPUS);
}

static void on_sipi(void *ctx, unsigned cpu, uint8_t vector)
{
	(void)vector;
	CHECK(ctx && cpu < CPUS);
}

static void on_eoi(void *ctx, uint8_t vector)
{
	CHECK(ctx && vector >= 16);
}

static const struct lapic_events events = { on_cpu, on_sipi, on_cpu, on_eoi };

static void rig_init(struct rig *r)
{
	struct irq line[CPUS];
	unsigned i;

	*r = (struct rig){ .now = 1 };
	r->clk = (struct clock){ .now = now, .ctx = r };
	for (i = 0; i < CPUS; i++)
		line[i] = (struct irq){ set, r, i };
	if (lapic_init(&r->l, CPUS, line, &r->clk, &events, r, NULL))
		abort();
}

static void walk(void *dev, struct state *s)
{
	lapic_state(dev, s);
}

static int in_service(const struct lapic_cpu *c)
{
	int v;

	for (v = 255; v >= 0 && !(c->isr[v / 32] >> v % 32 & 1); v--)
		;
	return v;
}

static void take(struct rig *r, unsigned cpu)
{
	int before, v;
	bool level;

	lapic_tick(&r->l, cpu); /* the time may have come */
	before = in_service(&r->l.cpu[cpu]);
	level = r->level[cpu];
	v = lapic_take(&r->l, cpu);
	CHECK(level == (v >= 0));
	CHECK(v < 0 || (v >= 16 && v / 16 > before / 16));
	CHECK(v < 0 || in_service(&r->l.cpu[cpu]) == v);
}

static void pass(struct rig *r, unsigned cpu, uint64_t ns)
{
	uint64_t due = lapic_deadline(&r->l, cpu), later;

	CHECK(due == CLOCK_NEVER || !(r->l.cpu[cpu].lvt[0] & MASKED));
	if (ns > UINT64_MAX / 2 - r->now)
		return;
	r->now += ns;
	lapic_tick(&r->l, cpu);
	later = lapic_deadline(&r->l, cpu);
	CHECK(later > r->now);
	CHECK(due <= r->now || later == due);
}

static void msr(struct rig *r, struct feed *in, unsigned cpu)
{
	static const uint32_t odd[4] = { 0x1b, 0x6e0, 0x10, 0x8ff };
	uint64_t how = feed_take(in, 1);
	struct sysreg_access a = { .id = 0x800 + (how & 0x3f),
				   .write = how & 0x80 };

	if (how & 0x40)
		a.id = odd[how & 3];
	if (a.write)
		a.value = feed_take(in, a.id == 0x830 || how & 0x40 ? 8 : 4);
	if (a.id == 0x1b && a.write && how & 0x20) /* a legal place */
		a.value = BASE | (a.value & 0xd00);
	(void)lapic_msr(&r->l, cpu, &a);
}

static void message(struct rig *r, struct feed *in)
{
	uint64_t v = feed_take(in, 4);
	struct apic_message m = {
		.dest = v >> 24 == 0xff ? APIC_ALL : (uint32_t)(v >> 24),
		.vector = (uint8_t)v,
		.mode = v >> 8 & 15,
		.logical = v >> 12 & 1,
		.level = v >> 13 & 1,
	};

	lapic_message(&r->l, &m);
}

static void one(struct rig *r, struct feed *in)
{
	uint64_t what = feed_take(in, 1);
	unsigned cpu = (unsigned)(what >> 4) % CPUS;
	struct access a;

	switch (what & 15) {
	case 0: take(r, cpu); break;
	case 1: pass(r, cpu, feed_take(in, what & 0x80 ? 5 : 2)); break;
	case 2: lapic_lint(&r->l, cpu, what >> 6 & 1, what >> 7); break;
	case 3: lapic_set_cr8(&r->l, cpu, what >> 4); break;
	case 4: lapic_set_tsc(&r->l, cpu, feed_take(in, 8)); break;
	case 5:
	case 6: message(r, in); break;
	case 7:
	case 8:
	case 9: msr(r, in, cpu); break;
	default:
		a = feed_access(in, BASE, what & 0x40 ? 0x400 : 0x1000, 16);
		if (what & 0x80) { /* as a driver does it */
			a.addr &= ~UINT64_C(15);
			a.size = 4;
		}
		(void)lapic_access(&r->l, cpu, &a);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed in = { data, len };
	uint64_t how = feed_take(&in, 1);
	struct rig a, b;
	unsigned i;

	rig_init(&a);
	rig_init(&b);
	for (i = 0; i < CPUS && how & 2; i++) { /* switched on already */
		struct access svr = {
			.addr = BASE + 0xf0,
			.size = 4,
			.write = true,
			.value = 0x1ff,
		};

		CHECK(lapic_access(&a.l, i, &svr));
	}
	while (in.len > (how & 1 ? 64 : 0))
		one(&a, &in);
	if (how & 1)
		feed_hostile_load(&in, &a.l, walk);
	feed_round_trip(&a.l, &b.l, walk);
	b.now = a.now;
	for (i = 0; i < CPUS; i++) {
		CHECK(a.level[i] == b.level[i]);
		CHECK(lapic_deadline(&a.l, i) == lapic_deadline(&b.l, i));
		take(&a, i);
		take(&b, i);
	}
	lapic_fini(&a.l);
	lapic_fini(&b.l);
	return 0;
}
