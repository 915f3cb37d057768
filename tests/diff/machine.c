/* SPDX-License-Identifier: MIT */
/* machine.c - our arm64 CPU with just enough around it.  See machine.h. */
#include <stdlib.h>
#include <string.h>

#include "cpu/arm64/cpu.h"
#include "machine.h"
#include "value.h"

enum {
	/* Guest RAM, in pages. */
	P_L1,
	P_L2,
	P_L3,
	P_L2_BOOT,
	P_L3_BOOT,
	P_VECTORS,
	P_RO,
	P_RW,
	P_CODE = P_RW + RW_BYTES / PAGE,
	RAM_PAGES = P_CODE + CODE_PAGES,

	ARENA = 16 << 20,
	RUNS_MAX = 10000, /* slices before a case counts as hung */
	VECTORS = 0x800,  /* bytes of a vector table */
};

#define RAM_BASE UINT64_C(0x40000000)

/* Descriptors, DDI 0487 D8.3.1. */
#define DESC_TABLE UINT64_C(3)
#define DESC_PAGE (UINT64_C(3) | 1 << 10) /* access flag */
#define DESC_USER (UINT64_C(1) << 6)      /* AP[1] */
#define DESC_RO (UINT64_C(1) << 7)        /* AP[2] */
#define DESC_PXN (UINT64_C(1) << 53)
#define DESC_UXN (UINT64_C(1) << 54)

/* System registers; values as Linux has them, as far as EL0 can tell. */
#define SCTLR_VALUE UINT64_C(0x34d5d985) /* RES1, UCI UCT DZE nTWE nTWI ... */
#define SCTLR_SA0 UINT64_C(0x10)
#define TCR_VALUE (UINT64_C(25) | 1 << 23 | UINT64_C(1) << 37)
#define MAIR_VALUE UINT64_C(0xff)
#define CPACR_VALUE UINT64_C(0x300000)

enum {
	INSN_HVC = (int)0xd4000002,
	INSN_ERET = (int)0xd69f03e0,
	EC_UNKNOWN = 0x00,
	EC_SVC = 0x15,
	EC_SYSREG = 0x18,
	EC_IABT = 0x20,
	EC_PC = 0x22,
	EC_DABT = 0x24,
	EC_SP = 0x26,
	EC_BRK = 0x3c,
	FSC_ALIGN = 0x21,
	ENOSYS_LINUX = 38,
};

struct machine {
	struct a64 cpu;
	struct a64_cluster cluster;
	struct block_cache cache;
	struct vtime vtime;
	bool trapped;   /* reached the vector's HVC */
	uint64_t isar0; /* ID_AA64ISAR0_EL1 */
	uint64_t image[IMAGES][(RW_BYTES + PAGE) / 8];
	_Alignas(PAGE) uint8_t ram[RAM_PAGES * PAGE];
};

static uint8_t *page_at(struct machine *m, unsigned page)
{
	return m->ram + (size_t)page * PAGE;
}

static uint8_t *on_ram(void *ctx, uint64_t gpa)
{
	struct machine *m = ctx;

	if (gpa < RAM_BASE || gpa - RAM_BASE >= sizeof(m->ram))
		return NULL;
	return page_at(m, (unsigned)((gpa - RAM_BASE) / PAGE));
}

static bool on_mmio(void *ctx, uint64_t gpa, unsigned size, bool write,
		    uint64_t *value)
{
	(void)ctx, (void)gpa, (void)size, (void)write, (void)value;
	return false;
}

static bool on_sysreg(void *ctx, uint32_t id, bool write, uint64_t *value)
{
	(void)ctx, (void)id, (void)write, (void)value;
	return false;
}

static enum engine_stop on_hvc(void *ctx)
{
	struct machine *m = ctx;

	m->trapped = true;
	return STOP_SHUTDOWN;
}

static void on_timer(void *ctx, bool physical, bool level)
{
	(void)ctx, (void)physical, (void)level;
}

static void on_user(void *ctx)
{
	(void)ctx;
}

static const struct a64_env env = {
	on_ram, on_mmio, on_sysreg, on_hvc, on_timer, on_user,
};

static uint64_t page_gpa(unsigned page)
{
	return RAM_BASE + (uint64_t)page * PAGE;
}

static void entry_set(struct machine *m, unsigned table, uint64_t va,
		      unsigned shift, uint64_t desc)
{
	memcpy(page_at(m, table) + (va >> shift & 511) * 8, &desc, 8);
}

static void page_map(struct machine *m, uint64_t va, unsigned page,
		     uint64_t flags)
{
	entry_set(m, P_L3, va, 12, page_gpa(page) | DESC_PAGE | flags);
}

static void tables_make(struct machine *m)
{
	uint64_t vectors = page_gpa(P_VECTORS);
	unsigned i;

	entry_set(m, P_L1, REGION, 30, page_gpa(P_L2) | DESC_TABLE);
	entry_set(m, P_L2, REGION, 21, page_gpa(P_L3) | DESC_TABLE);
	for (i = 0; i < CODE_PAGES; i++)
		page_map(m, REGION + (uint64_t)i * PAGE, P_CODE + i,
			 DESC_USER | DESC_RO | DESC_PXN);
	for (i = 0; i < RW_BYTES / PAGE; i++)
		page_map(m, WINDOW + (uint64_t)i * PAGE, P_RW + i,
			 DESC_USER | DESC_UXN | DESC_PXN);
	page_map(m, WINDOW + RO_OFFSET, P_RO,
		 DESC_USER | DESC_RO | DESC_UXN | DESC_PXN);
	page_map(m, REGION + VECTOR_OFF, P_VECTORS, DESC_RO | DESC_UXN);
	/* Also where it lies, for the moment when the MMU goes on. */
	entry_set(m, P_L1, vectors, 30, page_gpa(P_L2_BOOT) | DESC_TABLE);
	entry_set(m, P_L2_BOOT, vectors, 21, page_gpa(P_L3_BOOT) | DESC_TABLE);
	entry_set(m, P_L3_BOOT, vectors, 12,
		  vectors | DESC_PAGE | DESC_RO | DESC_UXN);
}

/* Every vector is HVC, ERET; behind them is the code that boots. */
static void vectors_make(struct machine *m)
{
	static const uint32_t boot[] = {
		0xd5380607, /* mrs x7, id_aa64isar0_el1 */
		0xd5182000, /* msr ttbr0_el1, x0 */
		0xd5182041, /* msr tcr_el1, x1 */
		0xd518a202, /* msr mair_el1, x2 */
		0xd5181043, /* msr cpacr_el1, x3 */
		0xd518c004, /* msr vbar_el1, x4 */
		0xd5033fdf, /* isb */
		0xd5181005, /* msr sctlr_el1, x5 */
		0xd5033fdf, /* isb */
		0xd61f00c0, /* br x6: to the vectors */
	};
	static const uint32_t vector[] = { (uint32_t)INSN_HVC,
					   (uint32_t)INSN_ERET };
	unsigned i;

	for (i = 0; i < VECTORS; i += 0x80)
		memcpy(page_at(m, P_VECTORS) + i, vector, sizeof(vector));
	memcpy(page_at(m, P_VECTORS) + VECTORS, boot, sizeof(boot));
}

static bool boot(struct machine *m)
{
	const uint64_t vbar = REGION + VECTOR_OFF;
	struct a64 *c = &m->cpu;

	c->x[0] = page_gpa(P_L1);
	c->x[1] = TCR_VALUE;
	c->x[2] = MAIR_VALUE;
	c->x[3] = CPACR_VALUE;
	c->x[4] = vbar;
	c->x[5] = SCTLR_VALUE & ~SCTLR_SA0;
	c->x[6] = vbar;
	c->x[7] = 0;
	c->e.pc = page_gpa(P_VECTORS) + VECTORS;
	a64_run(c, 100);
	m->isar0 = c->x[7];
	return m->trapped && c->e.pc == vbar + 4;
}

struct machine *machine_new(void)
{
	struct machine *m = aligned_alloc(PAGE, sizeof(*m));
	unsigned i;

	if (!m)
		return NULL;
	memset(m, 0, sizeof(*m));
	for (i = 0; i < IMAGES; i++)
		image_fill(m->image[i], sizeof(m->image[i]) / 8, i);
	memcpy(page_at(m, P_RO), &m->image[0][RW_BYTES / 8], PAGE);
	tables_make(m);
	vectors_make(m);
	vtime_init_virtual(&m->vtime);
	if (block_cache_init(&m->cache, ARENA, NULL)) {
		free(m);
		return NULL;
	}
	m->cluster = (struct a64_cluster){ 1, { &m->cpu } };
	a64_init(&m->cpu, 0, &m->cluster, &env, m, &m->cache, &m->vtime);
	if (!boot(m)) {
		machine_free(m);
		return NULL;
	}
	return m;
}

void machine_free(struct machine *m)
{
	block_cache_fini(&m->cache);
	free(m);
}

uint64_t machine_isar0(const struct machine *m)
{
	return m->isar0;
}

static uint8_t *code(struct machine *m, uint32_t slot, uint32_t offset)
{
	return page_at(m, P_CODE) + (size_t)slot * SLOT_BYTES + offset;
}

void machine_load(struct machine *m, const struct dcase *c, uint32_t count)
{
	const uint32_t sentinel = (uint32_t)SENTINEL;
	size_t i;

	for (i = 0; i < (size_t)BATCH * SLOT_BYTES; i += 4)
		memcpy(code(m, 0, (uint32_t)i), &sentinel, 4);
	for (i = 0; i < count; i++)
		memcpy(code(m, c[i].slot, 0), c[i].insn, 4 * c[i].count);
	block_flush(&m->cache);
}

void machine_patch(struct machine *m, uint32_t slot, uint32_t offset,
		   uint32_t insn)
{
	uint8_t *p = code(m, slot, offset);

	block_written(&m->cache, p, 4);
	memcpy(p, &insn, 4);
}

static void case_load(struct machine *m, const struct dcase *c)
{
	struct a64 *cpu = &m->cpu;

	memcpy(page_at(m, P_RW), m->image[c->image], RW_BYTES);
	memcpy(cpu->x, c->x, sizeof(c->x));
	memcpy(cpu->v, c->v, sizeof(c->v));
	cpu->sp_el[0] = c->sp;
	cpu->fpcr = c->fpcr;
	cpu->fpsr = c->fpsr;
	cpu->sys.tpidr_el0 = c->tpidr;
	cpu->sys.elr = slot_va(c->slot);
	cpu->sys.spsr = c->nzcv;
	cpu->e.pc = REGION + VECTOR_OFF + 4; /* ERET */
}

static void case_store(struct machine *m, const struct dcase *c,
		       struct dresult *r, struct dword *words)
{
	const struct a64 *cpu = &m->cpu;
	const uint8_t *rw = page_at(m, P_RW);
	uint64_t is;
	uint32_t i;

	memcpy(r->x, cpu->x, sizeof(r->x));
	memcpy(r->v, cpu->v, sizeof(r->v));
	r->sp = cpu->sp_el[0];
	r->pc = cpu->sys.elr;
	r->nzcv = (uint32_t)cpu->sys.spsr & 0xf0000000;
	r->fpcr = cpu->fpcr;
	r->fpsr = cpu->fpsr;
	r->tpidr = cpu->sys.tpidr_el0;
	for (i = 0; i < RW_BYTES / 8; i++) {
		memcpy(&is, rw + 8 * (size_t)i, 8);
		if (is != m->image[c->image][i])
			words[r->words++] = (struct dword){ 8 * i, is };
	}
}

static bool log_event(struct machine *m, struct dresult *r, uint64_t offset,
		      enum devent event)
{
	if (r->events == LOG_MAX) {
		r->end = END_LOG;
		return true;
	}
	r->log[r->events].event = event;
	r->log[r->events++].offset = (uint32_t)offset;
	m->cpu.sys.elr += 4;
	return false;
}

static bool abort_end(struct machine *m, struct dresult *r)
{
	r->addr = m->cpu.sys.far;
	r->end = (m->cpu.sys.esr & 0x3f) == FSC_ALIGN ? END_BUS : END_SEGV;
	return true;
}

/* What Linux does with this exception; true when the case is over. */
static bool case_judge(struct machine *m, const struct dcase *c,
		       struct dresult *r)
{
	const struct a64_sys *s = &m->cpu.sys;
	uint64_t offset = s->elr - slot_va(c->slot);
	bool inside = offset < 4 * (uint64_t)c->count && !(offset & 3);
	uint32_t iss = s->esr & 0x1ffffff;
	uint32_t insn = inside ? c->insn[offset / 4] : (uint32_t)SENTINEL;

	switch (s->esr >> 26) {
	case EC_UNKNOWN:
	case EC_SYSREG:
		if (inside)
			return log_event(m, r, offset, EVENT_ILL);
		break;
	case EC_BRK:
		if (iss != (insn >> 5 & 0xffff))
			break;
		if (inside)
			return log_event(m, r, offset, EVENT_BRK);
		if (offset != 4 * c->count)
			break;
		r->end = END_DONE;
		return true;
	case EC_SVC:
		if (offset < 4 || offset > 4 * c->count ||
		    iss != (c->insn[offset / 4 - 1] >> 5 & 0xffff))
			break;
		m->cpu.x[0] = (uint64_t)-ENOSYS_LINUX;
		return false;
	case EC_IABT:
	case EC_DABT: return abort_end(m, r);
	case EC_PC:
		r->addr = s->far;
		r->end = END_BUS;
		return true;
	default: break;
	}
	r->end = END_OTHER;
	return true;
}

uint64_t machine_run(struct machine *m, const struct dcase *c, int64_t slice,
		     struct dresult *r, struct dword *words)
{
	const uint64_t vector = REGION + VECTOR_OFF + 0x400; /* from EL0 */
	uint64_t before = vtime_insns(&m->vtime), ours = 0;
	unsigned runs;

	memset(r, 0, sizeof(*r));
	case_load(m, c);
	r->end = END_HANG;
	for (runs = 0; runs < RUNS_MAX; runs++) {
		m->trapped = false;
		if (a64_run(&m->cpu, slice) == STOP_SLICE)
			continue;
		ours += 2; /* ERET and HVC */
		if (!m->trapped || m->cpu.e.pc != vector + 4) {
			r->end = END_OTHER;
			break;
		}
		if (case_judge(m, c, r))
			break;
	}
	case_store(m, c, r, words);
	return vtime_insns(&m->vtime) - before - ours;
}
