/* SPDX-License-Identifier: MIT */
/*
 * system.c - exception generation, hints, barriers, system registers and
 * maintenance, DDI 0487 C4.1.87 and C5.
 */
#include "cpu/arm64/alu.h"
#include "cpu/arm64/decode.h"
#include "cpu/arm64/exception.h"
#include "cpu/arm64/mem.h"
#include "cpu/arm64/mmu.h"
#include "cpu/arm64/sysreg.h"

/*
 * Leave the block behind this instruction; those that follow it in the block
 * have not been retired.
 */
static const struct a64_op *leave(struct a64 *c, const struct a64_op *op)
{
	c->e.pc = a64_op_pc(c, op) + 4;
	a64_unwind(c, op + 1);
	return NULL;
}

/* ---- exception generation --------------------------------------------- */

A64_OP(op_svc)
{
	a64_exception(c, a64_op_pc(c, op) + 4, EC_SVC, op->uimm);
	return NULL;
}

A64_OP(op_hvc)
{
	c->e.pc = a64_op_pc(c, op) + 4;
	c->e.stop = c->env->hvc(c->ctx);
	return NULL;
}

A64_OP(op_brk)
{
	a64_raise(c, op, EC_BRK, op->uimm);
	return NULL;
}

static enum a64_flow decode_exception(uint32_t insn, const struct a64_where *w,
				      struct a64_op *op)
{
	unsigned opc = bits(insn, 23, 21), ll = bits(insn, 1, 0);

	if (bits(insn, 4, 2))
		return A64_UNDEFINED;
	op->uimm = bits(insn, 20, 5);
	if (opc == 0 && ll == 1)
		op->fn = op_svc;
	else if (opc == 0 && ll == 2 && w->el == 1)
		op->fn = op_hvc;
	else if (opc == 1 && ll == 0)
		op->fn = op_brk;
	else
		return A64_UNDEFINED; /* SMC: no EL3; HLT, DCPS: no debugger */
	return A64_ENDS;
}

/* ---- hints and barriers ----------------------------------------------- */

A64_OP(op_nop)
{
	NEXT;
}

/* ISS of a trapped WFI (0) or WFE (1): condition "always", D17.2.37. */
static uint32_t wfx_iss(uint32_t which)
{
	return 1u << 24 | (uint32_t)COND_AL << 20 | which;
}

A64_OP(op_wfi)
{
	if (a64_irq_level(c))
		return leave(c, op);
	if (c->el == 0 && !(c->sys.sctlr & SCTLR_NTWI)) {
		a64_raise(c, op, EC_WFX, wfx_iss(0));
		return NULL;
	}
	c->e.stop = STOP_IDLE;
	return leave(c, op);
}

/* A CPU that waits for another gives way: they share the thread. */
A64_OP(op_yield)
{
	if (c->cluster->count == 1)
		NEXT;
	c->e.stop = STOP_SLICE;
	return leave(c, op);
}

A64_OP(op_isb)
{
	return leave(c, op);
}

A64_OP(op_clrex)
{
	c->excl = false;
	NEXT;
}

static enum a64_flow decode_hint(uint32_t insn, struct a64_op *op)
{
	op->fn = op_nop;
	if (bits(insn, 11, 8))
		return A64_GOES_ON; /* later hints: PACIASP, BTI, ... */
	switch (bits(insn, 7, 5)) {
	case 1: /* YIELD */
	case 2: /* WFE: an event may come at any time, D1.6.1 */
		op->fn = op_yield;
		return A64_GOES_ON;
	case 3: op->fn = op_wfi; return A64_ENDS;
	default: return A64_GOES_ON;
	}
}

static enum a64_flow decode_barrier(uint32_t insn, struct a64_op *op)
{
	switch (bits(insn, 7, 5)) {
	case 2: op->fn = op_clrex; return A64_GOES_ON;
	case 4: /* DSB */
	case 5: /* DMB */ op->fn = op_nop; return A64_GOES_ON;
	case 6: op->fn = op_isb; return A64_ENDS;
	default: return A64_UNDEFINED;
	}
}

/* ---- PSTATE by immediate ---------------------------------------------- */

static uint32_t trap_iss(uint32_t insn)
{
	return bits(insn, 20, 19) << 20 | bits(insn, 7, 5) << 17 |
	       bits(insn, 18, 16) << 14 | bits(insn, 15, 12) << 10 |
	       bits(insn, 4, 0) << 5 | bits(insn, 11, 8) << 1 |
	       bits(insn, 21, 21);
}

/* An access that SCTLR_EL1 or CNTKCTL_EL1 denies EL0; uimm: the encoding. */
static const struct a64_op *trap(struct a64 *c, const struct a64_op *op)
{
	a64_raise(c, op, EC_MSR, trap_iss(op->uimm));
	return NULL;
}

A64_OP(op_daif_set)
{
	if (c->el == 0 && !(c->sys.sctlr & SCTLR_UMA))
		return trap(c, op);
	c->daif |= (uint32_t)op->ra << 6;
	NEXT;
}

A64_OP(op_daif_clear)
{
	if (c->el == 0 && !(c->sys.sctlr & SCTLR_UMA))
		return trap(c, op);
	c->daif &= ~((uint32_t)op->ra << 6);
	if (unlikely(a64_irq_level(c)))
		return leave(c, op);
	NEXT;
}

A64_OP(op_spsel)
{
	a64_set_el(c, 1, op->ra & 1);
	NEXT;
}

static enum a64_flow decode_pstate(uint32_t insn, const struct a64_where *w,
				   struct a64_op *op)
{
	unsigned field = bits(insn, 18, 16) << 3 | bits(insn, 7, 5);

	op->ra = (uint8_t)bits(insn, 11, 8);
	op->uimm = insn;
	switch (field) {
	case 0 << 3 | 5:
		if (w->el == 0)
			return A64_UNDEFINED;
		op->fn = op_spsel;
		return A64_GOES_ON;
	case 3 << 3 | 6: op->fn = op_daif_set; return A64_GOES_ON;
	case 3 << 3 | 7: op->fn = op_daif_clear; return A64_GOES_ON;
	default: return A64_UNDEFINED; /* PAN, UAO, SSBS, DIT: later */
	}
}

/* ---- system registers ------------------------------------------------- */

static uint32_t reg_id(uint32_t insn)
{
	return A64_REG(bits(insn, 20, 19), bits(insn, 18, 16),
		       bits(insn, 15, 12), bits(insn, 11, 8), bits(insn, 7, 5));
}

/* uimm: the encoding; the table is searched again, these are not hot. */
A64_OP(op_mrs)
{
	const struct a64_sysreg *r = a64_sysreg_find(reg_id(op->uimm));

	if (c->el == 0 && !a64_sysreg_open(c, r))
		return trap(c, op);
	c->x[op->rd] = a64_sysreg_get(c, r);
	NEXT;
}

/* Storage at offset uimm, EL1 or always open. */
A64_OP(op_mrs_plain)
{
	c->x[op->rd] = a64_ld((const unsigned char *)c + op->uimm, 8);
	NEXT;
}

A64_OP(op_msr_plain)
{
	a64_st((unsigned char *)c + op->uimm, 8, c->x[op->rd]);
	NEXT;
}

A64_OP(op_mrs_nzcv)
{
	c->x[op->rd] = a64_nzcv(c);
	NEXT;
}

A64_OP(op_mrs_daif)
{
	c->x[op->rd] = c->daif;
	NEXT;
}

A64_OP(op_msr_daif)
{
	c->daif = (uint32_t)c->x[op->rd] & 0x3c0;
	if (unlikely(a64_irq_level(c)))
		return leave(c, op);
	NEXT;
}

A64_OP(op_msr)
{
	const struct a64_sysreg *r = a64_sysreg_find(reg_id(op->uimm));

	if (c->el == 0 && !a64_sysreg_open(c, r))
		return trap(c, op);
	a64_sysreg_set(c, r, c->x[op->rd]);
	NEXT;
}

A64_OP(op_msr_barrier)
{
	const struct a64_sysreg *r = a64_sysreg_find(reg_id(op->uimm));

	if (c->el == 0 && !a64_sysreg_open(c, r))
		return trap(c, op);
	a64_sysreg_set(c, r, c->x[op->rd]);
	return leave(c, op);
}

/* SP_EL0 is not accessible as a register while it is the stack pointer. */
A64_OP(op_mrs_sp_el0)
{
	if (unlikely(!c->spsel))
		return a64_op_undefined(c, op);
	c->x[op->rd] = c->sp_el[0];
	NEXT;
}

A64_OP(op_msr_sp_el0)
{
	if (unlikely(!c->spsel))
		return a64_op_undefined(c, op);
	c->sp_el[0] = c->x[op->rd];
	NEXT;
}

/* Registers of the world around: the interrupt controller's. */
A64_APART static const struct a64_op *
external(struct a64 *c, const struct a64_op *op, bool write)
{
	uint64_t v = c->x[op->rd];

	if (!c->env->sysreg(c->ctx, reg_id(op->uimm), write, &v))
		return a64_op_undefined(c, op);
	if (!write)
		c->x[op->rd] = v;
	return leave(c, op);
}

A64_OP(op_mrs_external)
{
	return external(c, op, false);
}

A64_OP(op_msr_external)
{
	return external(c, op, true);
}

static bool plain(const struct a64_sysreg *r, const struct a64_where *w)
{
	return r->offset && !r->get && !r->set && r->mask == UINT64_MAX &&
	       (w->el == 1 || !r->gate);
}

static a64_fn *mrs_fn(const struct a64_sysreg *r, const struct a64_where *w)
{
	if (r->id == A64_REG(3, 0, 4, 1, 0))
		return op_mrs_sp_el0;
	if (r->id == A64_REG(3, 3, 4, 2, 0))
		return op_mrs_nzcv;
	if (r->id == A64_REG(3, 3, 4, 2, 1) && w->el == 1)
		return op_mrs_daif;
	return plain(r, w) ? op_mrs_plain : op_mrs;
}

static a64_fn *msr_fn(const struct a64_sysreg *r, const struct a64_where *w)
{
	if (r->id == A64_REG(3, 0, 4, 1, 0))
		return op_msr_sp_el0;
	if (r->id == A64_REG(3, 3, 4, 2, 1) && w->el == 1)
		return op_msr_daif;
	if (r->flags & REG_BARRIER)
		return op_msr_barrier;
	return plain(r, w) ? op_msr_plain : op_msr;
}

static enum a64_flow decode_register(uint32_t insn, const struct a64_where *w,
				     struct a64_op *op)
{
	const struct a64_sysreg *r = a64_sysreg_find(reg_id(insn));
	bool read = bits(insn, 21, 21);
	unsigned need = read ? (w->el ? REG_READ : REG_EL0_READ)
			     : (w->el ? REG_WRITE : REG_EL0_WRITE);

	op->rd = read ? reg_out(insn, 0) : reg_in(insn, 0);
	op->uimm = insn;
	if (!r) {
		if (w->el == 0)
			return A64_UNDEFINED;
		op->fn = read ? op_mrs_external : op_msr_external;
		return A64_ENDS;
	}
	if (!(r->flags & need))
		return A64_UNDEFINED;
	if (r->flags & REG_FP && w->fp_trapped) {
		op->fn = a64_op_fp_trap;
		return A64_ENDS;
	}
	op->fn = read ? mrs_fn(r, w) : msr_fn(r, w);
	if (op->fn == op_mrs_plain || op->fn == op_msr_plain)
		op->uimm = r->offset;
	return op->fn == op_msr_barrier ? A64_ENDS : A64_GOES_ON;
}

/* ---- maintenance: IC, DC, AT, TLBI ------------------------------------ */

/* A cache operation by address faults as a read would, D7.5.9. */
A64_APART static bool reachable(struct a64 *c, const struct a64_op *op,
				uint64_t va, enum a64_use use)
{
	struct a64_walk w;

	if (use == USE_READ && tlb_read(&c->e.tlb, va, 1))
		return true;
	a64_walk(c, va, c->el == 0, use, &w);
	if (w.fault)
		a64_data_abort(c, op, va, w.fsc | ISS_CM | ISS_WNR);
	return !w.fault;
}

/* There are no caches: nothing to do but to fault. */
A64_OP(op_dc)
{
	if (c->el == 0 && !(c->sys.sctlr & SCTLR_UCI))
		return trap(c, op);
	if (!reachable(c, op, c->x[op->rd], USE_READ))
		return NULL;
	NEXT;
}

/* To throw data away is to write: D7.5.9. */
A64_OP(op_dc_ivac)
{
	if (!reachable(c, op, c->x[op->rd], USE_WRITE))
		return NULL;
	NEXT;
}

A64_OP(op_dc_zva)
{
	uint64_t va = c->x[op->rd] & ~UINT64_C(63);
	unsigned char *p;

	if (c->el == 0 && !(c->sys.sctlr & SCTLR_DZE))
		return trap(c, op);
	p = tlb_write(&c->e.tlb, va, 64);
	if (unlikely(!p)) {
		if (!a64_probe(c, op, va, 64, true))
			return NULL;
		p = c->env->ram(c->ctx, c->access_gpa & PAGE_MASK);
		if (!p) { /* device memory: D7.5.8 */
			a64_data_abort(c, op, va, FSC_ALIGNMENT | ISS_WNR);
			return NULL;
		}
		p += c->access_gpa & ~PAGE_MASK;
	}
	memset(p, 0, 64);
	NEXT;
}

/*
 * Stores of CPUs are seen by the block cache at once; what a device wrote is
 * not, and must be told.
 */
A64_OP(op_ic_ivau)
{
	uint64_t va = c->x[op->rd] & ~UINT64_C(63);
	const uint8_t *p;

	if (c->el == 0 && !(c->sys.sctlr & SCTLR_UCI))
		return trap(c, op);
	if (!reachable(c, op, c->x[op->rd], USE_READ))
		return NULL;
	p = tlb_read(&c->e.tlb, va, 1);
	if (!p) {
		struct a64_walk w;

		a64_walk(c, va, c->el == 0, USE_READ, &w);
		p = c->env->ram(c->ctx, w.gpa & PAGE_MASK);
		if (p)
			p += w.gpa & ~PAGE_MASK;
	}
	if (p)
		block_written(c->e.cache, p, 64);
	return leave(c, op);
}

/* Blocks must not be freed under our feet: leave first, flush then. */
A64_OP(op_ic_iallu)
{
	const struct a64_op *out = leave(c, op);

	block_flush(c->e.cache);
	return out;
}

static void for_all(struct a64 *c, bool broadcast,
		    void (*what)(struct a64 *cpu, uint64_t arg), uint64_t arg)
{
	unsigned i;

	if (!broadcast) {
		what(c, arg);
		return;
	}
	for (i = 0; i < c->cluster->count; i++)
		what(c->cluster->cpu[i], arg);
}

static void tlbi_all(struct a64 *c, uint64_t arg)
{
	(void)arg;
	a64_tlbi_all(c);
}

static void tlbi_asid(struct a64 *c, uint64_t arg)
{
	a64_tlbi_asid(c, (unsigned)(arg >> 48));
}

static void tlbi_va(struct a64 *c, uint64_t arg)
{
	a64_tlbi_va(c, sext(arg << 12, 56));
}

/* op2: which; ra: for all CPUs. */
A64_OP(op_tlbi)
{
	uint64_t arg = c->x[op->rd];

	switch (op->rm) {
	case 0: for_all(c, op->ra, tlbi_all, arg); break;
	case 2: for_all(c, op->ra, tlbi_asid, arg); break;
	default: for_all(c, op->ra, tlbi_va, arg); break;
	}
	return leave(c, op);
}

/* AT S1E1R, S1E1W, S1E0R, S1E0W: the walk's result to PAR_EL1, D17.2.100. */
A64_OP(op_at)
{
	enum { PAR_F = 1, PAR_RES1 = 1 << 11 };
	bool write = op->rm & 1, user = op->rm & 2;
	struct a64_walk w;

	a64_walk(c, c->x[op->rd], user, write ? USE_WRITE : USE_READ, &w);
	if (w.fault)
		c->sys.par = PAR_RES1 | PAR_F | w.fsc << 1;
	else
		c->sys.par =
			PAR_RES1 | (w.gpa & PAGE_MASK) | UINT64_C(0xff) << 56;
	return leave(c, op);
}

static enum a64_flow decode_tlbi(uint32_t insn, const struct a64_where *w,
				 struct a64_op *op)
{
	unsigned crm = bits(insn, 11, 8);

	op->rm = (uint8_t)bits(insn, 7, 5);
	op->ra = crm == 3;
	op->fn = op_tlbi;
	if (w->el == 0 || bits(insn, 18, 16) || (crm != 3 && crm != 7) ||
	    op->rm == 4 || op->rm == 6)
		return A64_UNDEFINED;
	return A64_ENDS;
}

/* By op1:CRm:op2, and whether EL0 has it. */
static const struct {
	uint16_t which;
	bool el0;
	bool ends;
	a64_fn *fn;
} sys_ops[] = {
	{ 0 << 7 | 1 << 3 | 0, false, true, op_ic_iallu }, /* IALLUIS */
	{ 0 << 7 | 5 << 3 | 0, false, true, op_ic_iallu }, /* IALLU */
	{ 3 << 7 | 5 << 3 | 1, true, true, op_ic_ivau },
	{ 0 << 7 | 6 << 3 | 1, false, false, op_dc_ivac },
	{ 0 << 7 | 6 << 3 | 2, false, false, op_nop },  /* ISW */
	{ 0 << 7 | 10 << 3 | 2, false, false, op_nop }, /* CSW */
	{ 0 << 7 | 14 << 3 | 2, false, false, op_nop }, /* CISW */
	{ 3 << 7 | 4 << 3 | 1, true, false, op_dc_zva },
	{ 3 << 7 | 10 << 3 | 1, true, false, op_dc }, /* CVAC */
	{ 3 << 7 | 11 << 3 | 1, true, false, op_dc }, /* CVAU */
	{ 3 << 7 | 14 << 3 | 1, true, false, op_dc }, /* CIVAC */
	{ 0 << 7 | 8 << 3 | 0, false, true, op_at },
	{ 0 << 7 | 8 << 3 | 1, false, true, op_at },
	{ 0 << 7 | 8 << 3 | 2, false, true, op_at },
	{ 0 << 7 | 8 << 3 | 3, false, true, op_at },
};

static enum a64_flow decode_sys(uint32_t insn, const struct a64_where *w,
				struct a64_op *op)
{
	unsigned crn = bits(insn, 15, 12), i;
	unsigned which = bits(insn, 18, 16) << 7 | bits(insn, 11, 8) << 3 |
			 bits(insn, 7, 5);

	op->rd = reg_in(insn, 0);
	op->uimm = insn;
	if (bits(insn, 21, 21))
		return A64_UNDEFINED; /* SYSL */
	if (crn == 8)
		return decode_tlbi(insn, w, op);
	for (i = 0; crn == 7 && i < sizeof(sys_ops) / sizeof(*sys_ops); i++) {
		if (sys_ops[i].which != which ||
		    (w->el == 0 && !sys_ops[i].el0))
			continue;
		op->rm = (uint8_t)bits(insn, 7, 5);
		op->fn = sys_ops[i].fn;
		return sys_ops[i].ends ? A64_ENDS : A64_GOES_ON;
	}
	return A64_UNDEFINED;
}

enum a64_flow a64_decode_system(uint32_t insn, const struct a64_where *w,
				struct a64_op *op)
{
	unsigned op0 = bits(insn, 20, 19), crn = bits(insn, 15, 12);

	if (!bits(insn, 24, 24))
		return decode_exception(insn, w, op);
	if (bits(insn, 23, 22))
		return A64_UNDEFINED;
	if (op0 >= 2)
		return decode_register(insn, w, op);
	if (op0 == 1)
		return decode_sys(insn, w, op);
	if (bits(insn, 21, 21) || bits(insn, 4, 0) != 31)
		return A64_UNDEFINED;
	if (crn == 4)
		return decode_pstate(insn, w, op);
	if (bits(insn, 18, 16) != 3)
		return A64_UNDEFINED;
	if (crn == 2)
		return decode_hint(insn, op);
	return crn == 3 ? decode_barrier(insn, op) : A64_UNDEFINED;
}
