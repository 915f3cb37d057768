/* SPDX-License-Identifier: MIT */
/*
 * fuzz_a64.c - any instructions, at EL1 or EL0, with any system registers.
 *
 * Two CPUs share a few pages of RAM, each of which is an allocation of its
 * own: one byte beside any of them is a finding of the address sanitizer.
 * Whatever the guest does, a slice must end and the CPU stay what it is.
 */
#include <string.h>

#include "cpu/arm64/cpu.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
	CPUS = 2,
	PAGES = 16, /* of RAM */
	P_VECTORS = 0,
	P_L1 = 1, /* page tables: identity, and some aliases */
	P_L2 = 2,
	P_L3 = 3,
	P_CODE = 4,
	SLICE = 400,
	SLICES = 12,
	ARENA = 128 * 1024,
	BEGIN_EL0 = 1,
	BEGIN_MMU = 2,
	BEGIN_NO_FP = 4,
	BEGIN_WILD = 8,
	BEGIN_ENV = 16,
};

#define RAM UINT64_C(0x40000000)

struct rig {
	struct feed f;
	struct a64_cluster cluster;
	struct block_cache cache;
	struct vtime vtime;
	uint8_t *page[PAGES];
	struct a64 cpu[CPUS];
	unsigned how;
	uint64_t random;
};

static uint64_t next(struct rig *r)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return r->random;
}

static uint8_t *on_ram(void *ctx, uint64_t gpa)
{
	struct rig *r = ctx;

	if (gpa < RAM || (gpa - RAM) / PAGE_SIZE >= PAGES)
		return NULL;
	return r->page[(gpa - RAM) / PAGE_SIZE] + (gpa & (PAGE_SIZE - 1));
}

static bool on_mmio(void *ctx, uint64_t gpa, unsigned size, bool write,
		    uint64_t *value)
{
	struct rig *r = ctx;

	CHECK(size == 1 || size == 2 || size == 4 || size == 8);
	CHECK(!on_ram(r, gpa) && !on_ram(r, gpa + size - 1));
	if (!write)
		*value = next(r);
	return r->how & BEGIN_ENV;
}

static bool on_sysreg(void *ctx, uint32_t id, bool write, uint64_t *value)
{
	struct rig *r = ctx;

	(void)id;
	if (!write)
		*value = next(r);
	return r->how & BEGIN_ENV;
}

static enum engine_stop on_hvc(void *ctx)
{
	struct rig *r = ctx;

	return next(r) & 3 ? STOP_NONE : STOP_SHUTDOWN;
}

static void on_timer(void *ctx, bool physical, bool level)
{
	struct rig *r = ctx;

	a64_set_irq(&r->cpu[physical], level);
}

static void on_user(void *ctx)
{
	(void)ctx;
}

static const struct a64_env env = {
	on_ram, on_mmio, on_sysreg, on_hvc, on_timer, on_user,
};

static void poke(struct rig *r, unsigned page, unsigned offset, const void *p,
		 size_t len)
{
	memcpy(r->page[page] + offset, p, len);
}

/* Every vector skips the instruction that was to blame and returns. */
static void vectors_make(struct rig *r)
{
	static const uint32_t skip[] = {
		0xd538403c, /* mrs x28, elr_el1 */
		0x9100139c, /* add x28, x28, #4 */
		0xd518403c, /* msr elr_el1, x28 */
		0xd69f03e0, /* eret */
	};
	unsigned i;

	for (i = 0; i < 0x800; i += 0x80)
		poke(r, P_VECTORS, i, skip, sizeof(skip));
}

/* RAM where it is, by pages of any attributes; a block; a loop. */
static void tables_make(struct rig *r)
{
	uint64_t desc, page;

	desc = (RAM + P_L2 * PAGE_SIZE) | 3;
	poke(r, P_L1, 8 * (RAM >> 30), &desc, 8);
	desc = RAM | 0x401 | (next(r) & 0xc0);
	poke(r, P_L1, 8 * ((RAM >> 30) + 1), &desc, 8);
	desc = (RAM + P_L3 * PAGE_SIZE) | 3;
	poke(r, P_L2, 0, &desc, 8);
	desc = RAM | 0x401;
	poke(r, P_L2, 8, &desc, 8);
	desc = (RAM + P_L2 * PAGE_SIZE) | 3; /* the table as its own page */
	poke(r, P_L2, 16, &desc, 8);
	for (page = 0; page < PAGES + 2; page++) {
		desc = (RAM + page * PAGE_SIZE) | 0x403;
		if (page > P_CODE)
			desc |= next(r) & UINT64_C(0x00600000000000c0);
		else if (r->how & BEGIN_EL0)
			desc |= page == P_CODE ? 0xc0 : 0;
		poke(r, P_L3, (unsigned)(8 * page), &desc, 8);
	}
}

/* Groups of encodings: raw words would mostly be undefined or go astray. */
static uint32_t instruction(struct rig *r)
{
	static const struct {
		uint32_t fixed, mask;
	} group[] = {
		{ 0, 0 },
		{ 0x10000000, 0x1c000000 }, /* data, immediate */
		{ 0x0a000000, 0x0e000000 }, /* data, register */
		{ 0x0e000000, 0x0e000000 }, /* FP and SIMD */
		{ 0x08000000, 0x0a000000 }, /* loads and stores */
		{ 0x38000000, 0x3a000000 }, /* of one register */
		{ 0x39000000, 0x3b3f0000 },
		{ 0x28000000, 0x3a000000 }, /* of two */
		{ 0x08000000, 0x3f000000 }, /* exclusive */
		{ 0x0c000000, 0xbe000000 }, /* structures */
		{ 0x14000000, 0x7fffff00 }, /* branches, not too far */
		{ 0x17ffff00, 0x7fffff00 },
		{ 0x54000000, 0xfffff010 },
		{ 0x34000000, 0x7efff800 },
		{ 0x36000000, 0x7e07f800 },
		{ 0x10000000, 0x9ffff000 }, /* ADR */
		{ 0xd61f0000, 0xff9ffc1f }, /* BR, BLR, RET */
		{ 0xd4000000, 0xff00001c }, /* SVC, HVC, BRK... */
		{ 0xd5000000, 0xffc00000 }, /* system */
		{ 0xd5180000, 0xffdf0000 }, /* registers of EL1 */
		{ 0xd518e000, 0xffd8f000 }, /* timers */
		{ 0xd5181000, 0xffdfcf00 }, /* SCTLR, TTBR, TCR... */
		{ 0xd5080000, 0xfff80000 }, /* TLBI, DC, IC, AT */
		{ 0xd50b7420, 0xffffffe0 }, /* DC ZVA */
		{ 0xd503201f, 0xfffff81f }, /* hints: WFI, WFE */
		{ 0xd69f03e0, 0xffffffff }, /* ERET */
	};
	uint32_t insn = (uint32_t)feed_take(&r->f, 4);
	unsigned n = (unsigned)feed_take(&r->f, 1) %
		     (sizeof(group) / sizeof(*group));

	return (insn & ~group[n].mask) | group[n].fixed;
}

static void code_make(struct rig *r)
{
	const uint32_t back = 0x17fffff0; /* b .-64 */
	unsigned at = 0;
	uint32_t insn;

	while (r->f.len && at < 2 * PAGE_SIZE - 4) {
		insn = instruction(r);
		poke(r, P_CODE + at / PAGE_SIZE, at % PAGE_SIZE, &insn, 4);
		at += 4;
	}
	poke(r, P_CODE + at / PAGE_SIZE, at % PAGE_SIZE, &back, 4);
}

/* Addresses that are worth having in a register. */
static uint64_t address(struct rig *r)
{
	uint64_t at = RAM + next(r) % (PAGES * PAGE_SIZE);

	switch (next(r) % 8) {
	case 0: return next(r);
	case 1: return at | next(r) << 56;
	case 2: return (at & PAGE_MASK) - next(r) % 16;
	case 3: return RAM - next(r) % 64;
	case 4: return RAM + PAGES * PAGE_SIZE - next(r) % 64;
	case 5: return at + (UINT64_C(1) << 30);
	case 6: return at & ~UINT64_C(15);
	default: return at + (next(r) % 4 << 21);
	}
}

static void cpu_make(struct rig *r, unsigned index)
{
	struct a64 *c = &r->cpu[index];
	unsigned i;

	a64_init(c, index, &r->cluster, &env, r, &r->cache, &r->vtime);
	for (i = 0; i < 31; i++)
		c->x[i] = address(r);
	for (i = 0; i < 64; i++)
		c->v[i / 2].d[i % 2] = next(r);
	c->fpcr = (uint32_t)next(r) & 0x07c00000;
	c->sys.vbar = RAM + P_VECTORS * PAGE_SIZE;
	c->sys.elr = address(r);
	c->sys.spsr = next(r);
	c->sys.mair = next(r);
	c->sys.cntkctl = next(r);
	c->sys.cpacr = r->how & BEGIN_NO_FP ? 0 : 3 << 20;
	/* T0SZ = 25: 39 bits, three levels; both halves. */
	c->sys.tcr = 25 | 25 << 16 | UINT64_C(2) << 30 | UINT64_C(2) << 32;
	c->sys.ttbr0 = c->sys.ttbr1 = RAM + P_L1 * PAGE_SIZE;
	if (r->how & BEGIN_WILD) {
		c->sys.tcr ^= next(r) & next(r) & next(r);
		c->sys.sctlr ^= next(r) & 0x040dd21e;
		c->sys.ttbr1 = next(r);
	}
	if (r->how & BEGIN_MMU)
		c->sys.sctlr |= 1;
	c->sp_el[0] = c->sp_el[1] = c->x[A64_SP] = address(r);
	c->e.pc = RAM + P_CODE * PAGE_SIZE + 4 * (next(r) % 16);
	if (r->how & BEGIN_EL0)
		a64_set_pstate(c, (uint64_t)(next(r) & 0xf0000000));
	else
		a64_set_pstate(c, (next(r) & 0xf00003c0) | 4 | (next(r) & 1));
	a64_update_mode(c);
}

static void cpu_check(const struct a64 *c, enum engine_stop stop, uint64_t ran)
{
	CHECK(stop > STOP_NONE && stop < STOP_FAILED);
	CHECK(ran < SLICE + BLOCK_MAX_INSNS);
	CHECK(c->el < 2 && (c->el || !c->spsel));
	CHECK(c->x[A64_ZERO] == 0);
	CHECK(c->cf < 2 && c->vf < 2);
	CHECK((c->e.mode & A64_MODE_EL1) == c->el);
	CHECK(!(c->daif & ~0x3c0u));
	CHECK(c->e.budget <= 0 || stop != STOP_SLICE);
}

static void run(struct rig *r)
{
	unsigned i;

	for (i = 0; i < SLICES; i++) {
		struct a64 *c = &r->cpu[i % CPUS];
		uint64_t before = vtime_insns(&r->vtime);
		enum engine_stop stop;

		a64_set_irq(c, next(r) % 4 == 0);
		if (next(r) % 8 == 0)
			engine_kick(&c->e);
		stop = a64_run(c, SLICE);
		if (stop == STOP_SLICE && c->e.budget > 0)
			continue; /* kicked */
		cpu_check(c, stop, vtime_insns(&r->vtime) - before);
		if (stop == STOP_IDLE)
			vtime_skip(&r->vtime, a64_deadline(c));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rig *r = calloc(1, sizeof(*r));
	unsigned i;

	CHECK(r);
	r->f = (struct feed){ data, len };
	r->how = (unsigned)feed_take(&r->f, 1);
	r->random = feed_take(&r->f, 4) | UINT64_C(1) << 40;
	for (i = 0; i < PAGES; i++) {
		r->page[i] = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
		CHECK(r->page[i]);
		memset(r->page[i], 0, PAGE_SIZE);
	}
	CHECK(block_cache_init(&r->cache, ARENA, NULL) == 0);
	vtime_init_virtual(&r->vtime);
	r->cluster = (struct a64_cluster){ CPUS, { &r->cpu[0], &r->cpu[1] } };
	vectors_make(r);
	tables_make(r);
	code_make(r);
	for (i = 0; i < CPUS; i++)
		cpu_make(r, i);
	run(r);
	block_cache_fini(&r->cache);
	for (i = 0; i < PAGES; i++)
		free(r->page[i]);
	free(r);
	return 0;
}
