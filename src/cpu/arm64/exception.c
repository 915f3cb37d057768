/* SPDX-License-Identifier: MIT */
/* exception.c - exception entry and return. */
#include "cpu/arm64/exception.h"

enum {
	PSTATE_DAIF = 0x3c0,
	PSTATE_IL = 1 << 20,
	VECTOR_SPX = 0x200,   /* from the current EL with its own SP */
	VECTOR_LOWER = 0x400, /* from EL0 */
	VECTOR_IRQ = 0x080,
	ESR_IL = 1 << 25, /* a 32-bit instruction, or none at all */
	ESR_EC_SHIFT = 26,
};

/* D1.3.4: what every exception does, whatever its kind. */
static void enter(struct a64 *c, uint64_t pc, unsigned kind)
{
	unsigned from = c->el == 0 ? VECTOR_LOWER : c->spsel ? VECTOR_SPX : 0;

	c->sys.spsr = a64_pstate(c);
	c->sys.elr = pc;
	c->daif = PSTATE_DAIF;
	c->illegal = false;
	a64_set_el(c, 1, true);
	c->e.pc = c->sys.vbar + from + kind;
	c->e.link = NULL; /* no branch leads here */
}

void a64_exception(struct a64 *c, uint64_t pc, unsigned ec, uint32_t iss)
{
	c->sys.esr = (uint64_t)ec << ESR_EC_SHIFT | ESR_IL | iss;
	enter(c, pc, 0);
}

void a64_take_irq(struct a64 *c)
{
	enter(c, c->e.pc, VECTOR_IRQ);
}

/* D1.4.4: legal targets are EL0t, EL1t and EL1h in AArch64. */
static bool legal(uint64_t spsr)
{
	switch (spsr & 0x1f) {
	case 0x0:
	case 0x4:
	case 0x5: return true;
	default: return false;
	}
}

void a64_return(struct a64 *c)
{
	uint64_t spsr = c->sys.spsr;

	c->excl = false;
	c->e.pc = c->sys.elr;
	if (legal(spsr)) {
		a64_set_pstate(c, spsr);
		return;
	}
	/* Stay where we are, with PSTATE.IL set: D1.4.4. */
	a64_set_nzcv(c, (uint32_t)spsr);
	c->daif = (uint32_t)spsr & PSTATE_DAIF;
	c->illegal = true;
}

void a64_unwind(struct a64 *c, const struct a64_op *op)
{
	const struct block *b = c->e.block;
	const struct a64_op *first = (const struct a64_op *)(const void *)b->op;

	c->e.budget += b->insns - (op - first);
}

void a64_raise(struct a64 *c, const struct a64_op *op, unsigned ec,
	       uint32_t iss)
{
	uint64_t pc = a64_op_pc(c, op);

	a64_unwind(c, op);
	a64_exception(c, pc, ec, iss);
}

void a64_data_abort(struct a64 *c, const struct a64_op *op, uint64_t va,
		    uint32_t iss)
{
	c->sys.far = va;
	a64_raise(c, op, EC_DABT + (c->el ? EC_SAME_EL : 0), iss);
}

const struct a64_op *a64_op_undefined(struct a64 *c, const struct a64_op *op)
{
	a64_raise(c, op, EC_UNKNOWN, 0);
	return NULL;
}

const struct a64_op *a64_op_fp_trap(struct a64 *c, const struct a64_op *op)
{
	/* CV, and the condition "always": D17.2.37. */
	a64_raise(c, op, EC_FP, 1u << 24 | 14u << 20);
	return NULL;
}
