/* SPDX-License-Identifier: MIT */
/* sysreg.c - the table of system registers. */
#include "cpu/arm64/sysreg.h"

#include <stddef.h>

#include "base/container.h"
#include "cpu/arm64/fp.h"
#include "cpu/arm64/mmu.h"

/* ---- registers that are more than storage ----------------------------- */

static uint64_t get_mpidr(struct a64 *c)
{
	return UINT64_C(1) << 31 | c->index;
}

static uint64_t get_currentel(struct a64 *c)
{
	return (uint64_t)c->el << 2;
}

static uint64_t get_spsel(struct a64 *c)
{
	return c->spsel;
}

static void set_spsel(struct a64 *c, uint64_t v)
{
	a64_set_el(c, c->el, v & 1);
}

static uint64_t get_nzcv(struct a64 *c)
{
	return a64_nzcv(c);
}

static void set_nzcv(struct a64 *c, uint64_t v)
{
	a64_set_nzcv(c, (uint32_t)v);
}

static uint64_t get_daif(struct a64 *c)
{
	return c->daif;
}

static void set_daif(struct a64 *c, uint64_t v)
{
	c->daif = (uint32_t)v & 0x3c0;
	if (a64_irq_level(c))
		engine_limit(&c->e, 0);
}

static uint64_t get_fpcr(struct a64 *c)
{
	return c->fpcr;
}

static void set_fpcr(struct a64 *c, uint64_t v)
{
	c->fpcr = (uint32_t)v & FPCR_BITS;
}

static uint64_t get_fpsr(struct a64 *c)
{
	return c->fpsr;
}

static void set_fpsr(struct a64 *c, uint64_t v)
{
	c->fpsr = (uint32_t)v & FPSR_BITS;
}

static uint64_t get_isr(struct a64 *c)
{
	return a64_irq_level(c) ? 0x80 : 0;
}

static uint64_t get_oslsr(struct a64 *c)
{
	return 8 | (c->sys.oslock & 1) << 1; /* OSLM: implemented */
}

static void set_oslar(struct a64 *c, uint64_t v)
{
	c->sys.oslock = v & 1;
}

/* What the TLB has rests on these bits. */
static void set_sctlr(struct a64 *c, uint64_t v)
{
	uint64_t changed = c->sys.sctlr ^ v;

	c->sys.sctlr = v;
	if (changed & (SCTLR_M | SCTLR_A | SCTLR_WXN))
		a64_tlbi_all(c);
}

/* Sizes and bases may differ in all ways: nothing cached is kept. */
static void set_tcr(struct a64 *c, uint64_t v)
{
	bool same = c->sys.tcr == v;

	c->sys.tcr = v;
	if (!same)
		a64_tlbi_all(c);
}

static void set_ttbr0(struct a64 *c, uint64_t v)
{
	c->sys.ttbr0 = v;
	a64_space_switch(c);
}

static void set_ttbr1(struct a64 *c, uint64_t v)
{
	c->sys.ttbr1 = v;
	a64_space_switch(c);
}

static void set_cpacr(struct a64 *c, uint64_t v)
{
	c->sys.cpacr = v;
	a64_update_mode(c);
}

static uint64_t get_sp_el0(struct a64 *c)
{
	return c->sp_el[0];
}

static void set_sp_el0(struct a64 *c, uint64_t v)
{
	c->sp_el[0] = v;
}

static uint64_t get_cnt(struct a64 *c)
{
	return vtime_now(c->e.vtime);
}

#define TIMER_ACCESSORS(name, physical)                          \
	static uint64_t get_##name##_ctl(struct a64 *c)          \
	{                                                        \
		return a64_timer_get_ctl(c, physical);           \
	}                                                        \
	static uint64_t get_##name##_tval(struct a64 *c)         \
	{                                                        \
		return a64_timer_get_tval(c, physical);          \
	}                                                        \
	static void set_##name##_ctl(struct a64 *c, uint64_t v)  \
	{                                                        \
		a64_timer_set_ctl(c, physical, v);               \
	}                                                        \
	static void set_##name##_tval(struct a64 *c, uint64_t v) \
	{                                                        \
		a64_timer_set_tval(c, physical, v);              \
	}                                                        \
	static void set_##name##_cval(struct a64 *c, uint64_t v) \
	{                                                        \
		a64_timer_set_cval(c, physical, v);              \
	}

TIMER_ACCESSORS(cntv, false)
TIMER_ACCESSORS(cntp, true)

/* ---- the table -------------------------------------------------------- */

#define SYS(field) (uint32_t) offsetof(struct a64, sys.field)
#define R_ (unsigned)REG_READ
#define RW (unsigned)(REG_READ | REG_WRITE)
#define R0 (unsigned)(REG_READ | REG_EL0_READ)
#define RW0 (unsigned)(RW | REG_EL0_READ | REG_EL0_WRITE)
#define ALL UINT64_MAX

/* Storage, all of it writable. */
#define PLAIN(op1, crn, crm, op2, field)                           \
	{                                                          \
		.id = A64_REG(3, op1, crn, crm, op2), .flags = RW, \
		.offset = SYS(field), .mask = ALL                  \
	}
/* What the CPU is. */
#define FIXED(op1, crn, crm, op2, v)                               \
	{                                                          \
		.id = A64_REG(3, op1, crn, crm, op2), .flags = R_, \
		.value = (v)                                       \
	}

/* ID_AA64PFR0_EL1: AArch64 EL0 and EL1, FP, SIMD, GICv3, CSV2, CSV3. */
#define PFR0 (UINT64_C(1) << 60 | UINT64_C(1) << 56 | 1 << 24 | 0x11)
/* ID_AA64DFR0_EL1: ARMv8 debug, two break- and watchpoints, no PMU. */
#define DFR0 (1 << 20 | 1 << 12 | 6)
/* ID_AA64MMFR0_EL1: 4 KiB granule only, 16-bit ASIDs, 40 address bits. */
#define MMFR0 (UINT64_C(0xf) << 24 | 2 << 4 | 2)
/* CTR_EL0: 64-byte lines, PIPT; IDC: no cleaning for fetches. */
#define CTR UINT64_C(0x9444c004)
/* MIDR_EL1: no implementer; architecture by ID registers. */
#define MIDR UINT64_C(0x000f0010)
/* SCTLR_EL1: bits that are one, and bits that can be written. */
#define SCTLR_ONES A64_SCTLR_RESET
#define SCTLR_MASK UINT64_C(0x040dd21f)

static const struct a64_sysreg regs[] = {
	FIXED(0, 0, 0, 0, MIDR),
	{ .id = A64_REG(3, 0, 0, 0, 5), .flags = R_, .get = get_mpidr },
	FIXED(0, 0, 0, 6, 0), /* REVIDR_EL1 */
	FIXED(0, 0, 4, 0, PFR0),
	FIXED(0, 0, 5, 0, DFR0),
	FIXED(0, 0, 7, 0, MMFR0),
	{ .id = A64_REG(3, 0, 1, 0, 0),
	  .flags = RW | REG_BARRIER,
	  .offset = SYS(sctlr),
	  .value = SCTLR_ONES,
	  .mask = SCTLR_MASK,
	  .set = set_sctlr },
	PLAIN(0, 1, 0, 1, actlr),
	{ .id = A64_REG(3, 0, 1, 0, 2),
	  .flags = RW | REG_BARRIER,
	  .offset = SYS(cpacr),
	  .mask = 3 << 20,
	  .set = set_cpacr },
	{ .id = A64_REG(3, 0, 2, 0, 0),
	  .flags = RW | REG_BARRIER,
	  .offset = SYS(ttbr0),
	  .mask = ALL,
	  .set = set_ttbr0 },
	{ .id = A64_REG(3, 0, 2, 0, 1),
	  .flags = RW | REG_BARRIER,
	  .offset = SYS(ttbr1),
	  .mask = ALL,
	  .set = set_ttbr1 },
	{ .id = A64_REG(3, 0, 2, 0, 2),
	  .flags = RW | REG_BARRIER,
	  .offset = SYS(tcr),
	  .mask = ALL,
	  .set = set_tcr },
	PLAIN(0, 4, 0, 0, spsr),
	PLAIN(0, 4, 0, 1, elr),
	{ .id = A64_REG(3, 0, 4, 1, 0),
	  .flags = RW,
	  .get = get_sp_el0,
	  .set = set_sp_el0,
	  .mask = ALL },
	{ .id = A64_REG(3, 0, 4, 2, 0),
	  .flags = RW,
	  .get = get_spsel,
	  .set = set_spsel,
	  .mask = 1 },
	{ .id = A64_REG(3, 0, 4, 2, 2), .flags = R_, .get = get_currentel },
	PLAIN(0, 5, 1, 0, afsr0),
	PLAIN(0, 5, 1, 1, afsr1),
	PLAIN(0, 5, 2, 0, esr),
	PLAIN(0, 6, 0, 0, far),
	PLAIN(0, 7, 4, 0, par),
	PLAIN(0, 10, 2, 0, mair),
	PLAIN(0, 10, 3, 0, amair),
	{ .id = A64_REG(3, 0, 12, 0, 0),
	  .flags = RW,
	  .offset = SYS(vbar),
	  .mask = ~UINT64_C(0x7ff) },
	FIXED(0, 12, 0, 1, 0), /* RVBAR_EL1 */
	{ .id = A64_REG(3, 0, 12, 1, 0), .flags = R_, .get = get_isr },
	PLAIN(0, 13, 0, 1, contextidr),
	PLAIN(0, 13, 0, 4, tpidr_el1),
	PLAIN(0, 14, 1, 0, cntkctl),
	FIXED(1, 0, 0, 0, 0), /* CCSIDR_EL1: no caches to set up */
	FIXED(1, 0, 0, 1, 0), /* CLIDR_EL1 */
	FIXED(1, 0, 0, 7, 0), /* AIDR_EL1 */
	PLAIN(2, 0, 0, 0, csselr),
	{ .id = A64_REG(3, 3, 0, 0, 1),
	  .flags = R0,
	  .value = CTR,
	  .gate = SYS(sctlr),
	  .gate_bits = SCTLR_UCT },
	{ .id = A64_REG(3, 3, 0, 0, 7), .flags = R0, .value = 4 }, /* DCZID */
	{ .id = A64_REG(3, 3, 4, 2, 0),
	  .flags = RW0,
	  .get = get_nzcv,
	  .set = set_nzcv,
	  .mask = UINT64_C(0xf0000000) },
	{ .id = A64_REG(3, 3, 4, 2, 1),
	  .flags = RW0,
	  .get = get_daif,
	  .set = set_daif,
	  .mask = 0x3c0,
	  .gate = SYS(sctlr),
	  .gate_bits = SCTLR_UMA },
	{ .id = A64_REG(3, 3, 4, 4, 0),
	  .flags = RW0 | REG_FP,
	  .get = get_fpcr,
	  .set = set_fpcr,
	  .mask = ALL },
	{ .id = A64_REG(3, 3, 4, 4, 1),
	  .flags = RW0 | REG_FP,
	  .get = get_fpsr,
	  .set = set_fpsr,
	  .mask = ALL },
	{ .id = A64_REG(3, 3, 13, 0, 2),
	  .flags = RW0,
	  .offset = SYS(tpidr_el0),
	  .mask = ALL },
	{ .id = A64_REG(3, 3, 13, 0, 3),
	  .flags = RW | REG_EL0_READ,
	  .offset = SYS(tpidrro_el0),
	  .mask = ALL },
	/* The generic timer, D12; CNTKCTL_EL1 lets EL0 in. */
	{ .id = A64_REG(3, 3, 14, 0, 0),
	  .flags = R0,
	  .value = A64_CNTFRQ,
	  .gate = SYS(cntkctl),
	  .gate_bits = 3 },
	{ .id = A64_REG(3, 3, 14, 0, 1),
	  .flags = R0,
	  .get = get_cnt,
	  .gate = SYS(cntkctl),
	  .gate_bits = 1 },
	{ .id = A64_REG(3, 3, 14, 0, 2),
	  .flags = R0,
	  .get = get_cnt,
	  .gate = SYS(cntkctl),
	  .gate_bits = 2 },
	{ .id = A64_REG(3, 3, 14, 2, 0),
	  .flags = RW0 | REG_BARRIER,
	  .get = get_cntp_tval,
	  .set = set_cntp_tval,
	  .mask = ALL,
	  .gate = SYS(cntkctl),
	  .gate_bits = 1 << 9 },
	{ .id = A64_REG(3, 3, 14, 2, 1),
	  .flags = RW0 | REG_BARRIER,
	  .get = get_cntp_ctl,
	  .set = set_cntp_ctl,
	  .mask = 3,
	  .gate = SYS(cntkctl),
	  .gate_bits = 1 << 9 },
	{ .id = A64_REG(3, 3, 14, 2, 2),
	  .flags = RW0 | REG_BARRIER,
	  .offset = SYS(cntp_cval),
	  .set = set_cntp_cval,
	  .mask = ALL,
	  .gate = SYS(cntkctl),
	  .gate_bits = 1 << 9 },
	{ .id = A64_REG(3, 3, 14, 3, 0),
	  .flags = RW0 | REG_BARRIER,
	  .get = get_cntv_tval,
	  .set = set_cntv_tval,
	  .mask = ALL,
	  .gate = SYS(cntkctl),
	  .gate_bits = 1 << 8 },
	{ .id = A64_REG(3, 3, 14, 3, 1),
	  .flags = RW0 | REG_BARRIER,
	  .get = get_cntv_ctl,
	  .set = set_cntv_ctl,
	  .mask = 3,
	  .gate = SYS(cntkctl),
	  .gate_bits = 1 << 8 },
	{ .id = A64_REG(3, 3, 14, 3, 2),
	  .flags = RW0 | REG_BARRIER,
	  .offset = SYS(cntv_cval),
	  .set = set_cntv_cval,
	  .mask = ALL,
	  .gate = SYS(cntkctl),
	  .gate_bits = 1 << 8 },
	/* Debug: locks and status; the rest reads as zero. */
	{ .id = A64_REG(2, 0, 0, 2, 2),
	  .flags = RW,
	  .offset = SYS(mdscr),
	  .mask = ALL },
	{ .id = A64_REG(2, 0, 1, 0, 4),
	  .flags = REG_WRITE,
	  .set = set_oslar,
	  .mask = 1 },
	{ .id = A64_REG(2, 0, 1, 1, 4), .flags = R_, .get = get_oslsr },
	{ .id = A64_REG(2, 0, 1, 3, 4),
	  .flags = RW,
	  .offset = SYS(osdlr),
	  .mask = 1 },
};

/* Read as zero, ignore writes: the rest of the ID and debug spaces. */
static const struct a64_sysreg id_zero = { .flags = R_ };
static const struct a64_sysreg debug_zero = { .flags = RW };
static const struct a64_sysreg debug_el0_zero = { .flags = RW0 };

static const struct a64_sysreg *find_space(uint32_t id)
{
	unsigned op0 = id >> 14, op1 = id >> 11 & 7, crn = id >> 7 & 15;
	unsigned crm = id >> 3 & 15;

	if (op0 == 3 && op1 == 0 && crn == 0 && crm <= 7)
		return crm ? &id_zero : NULL;
	if (op0 == 2 && op1 == 0 && (crn == 0 || crn == 1 || crn == 7))
		return &debug_zero;
	if (op0 == 2 && op1 == 3 && crn == 0 &&
	    (crm == 1 || crm == 4 || crm == 5) && (id & 7) == 0)
		return &debug_el0_zero;
	return NULL;
}

/* Called when an instruction is decoded, not when it runs. */
const struct a64_sysreg *a64_sysreg_find(uint32_t id)
{
	size_t i;

	for (i = 0; i < LEN(regs); i++) {
		if (regs[i].id == id)
			return &regs[i];
	}
	return find_space(id);
}

static uint64_t *storage(struct a64 *c, uint32_t offset)
{
	return (uint64_t *)(void *)((unsigned char *)c + offset);
}

uint64_t a64_sysreg_get(struct a64 *c, const struct a64_sysreg *r)
{
	if (r->get)
		return r->get(c);
	return r->offset ? *storage(c, r->offset) : r->value;
}

void a64_sysreg_set(struct a64 *c, const struct a64_sysreg *r, uint64_t v)
{
	v = (v & r->mask) | (r->value & ~r->mask);
	if (r->set)
		r->set(c, v);
	else if (r->offset)
		*storage(c, r->offset) = v;
}

bool a64_sysreg_open(const struct a64 *c, const struct a64_sysreg *r)
{
	const uint64_t *gate;

	if (!r->gate)
		return true;
	gate = (const uint64_t *)(const void *)((const unsigned char *)c +
						r->gate);
	return *gate & r->gate_bits;
}
