/* SPDX-License-Identifier: MIT */
/* cpu.c - reset, PSTATE, and the front end's side of the engine. */
#include "cpu/arm64/cpu.h"

#include <string.h>

#include "base/container.h"
#include "cpu/arm64/branch.h"
#include "cpu/arm64/decode.h"
#include "cpu/arm64/exception.h"
#include "cpu/arm64/fp_host.h"
#include "cpu/arm64/mmu.h"
#include "cpu/arm64/sysreg.h"

enum {
	PSTATE_IL = 1 << 20,
	PSTATE_DAIF = 0x3c0,
	PSTATE_I = 0x080,
	PSTATE_EL = 0x00c,
	PSTATE_SP = 0x001,
};

static struct a64 *a64_of(struct engine_cpu *e)
{
	return container_of(e, struct a64, e);
}

/* ---- PSTATE ----------------------------------------------------------- */

uint32_t a64_nzcv(const struct a64 *c)
{
	return (uint32_t)(c->nf >> 63) << 31 | (uint32_t)(c->zf == 0) << 30 |
	       (uint32_t)c->cf << 29 | (uint32_t)c->vf << 28;
}

void a64_set_nzcv(struct a64 *c, uint32_t nzcv)
{
	c->nf = (uint64_t)nzcv << 32;
	c->zf = !(nzcv >> 30 & 1);
	c->cf = nzcv >> 29 & 1;
	c->vf = nzcv >> 28 & 1;
}

uint64_t a64_pstate(const struct a64 *c)
{
	return a64_nzcv(c) | (c->illegal ? PSTATE_IL : 0u) | c->daif |
	       c->el << 2 | (c->spsel ? PSTATE_SP : 0u);
}

void a64_set_pstate(struct a64 *c, uint64_t pstate)
{
	a64_set_nzcv(c, (uint32_t)pstate & 0xf0000000);
	c->illegal = pstate & PSTATE_IL;
	c->daif = (uint32_t)pstate & PSTATE_DAIF;
	a64_set_el(c, (unsigned)(pstate & PSTATE_EL) >> 2, pstate & PSTATE_SP);
}

/* At EL0 the stack pointer is always SP_EL0. */
static unsigned sp_bank(const struct a64 *c)
{
	return c->el == 1 && c->spsel;
}

void a64_set_el(struct a64 *c, unsigned el, bool spsel)
{
	c->sp_el[sp_bank(c)] = c->x[A64_SP];
	c->spsel = spsel && el;
	if (el != c->el) {
		c->el = el;
		a64_space_user(c, el == 0);
		a64_update_mode(c);
	}
	c->x[A64_SP] = c->sp_el[sp_bank(c)];
}

void a64_update_mode(struct a64 *c)
{
	unsigned fpen = (unsigned)(c->sys.cpacr >> 20) & 3;
	bool trap = !(fpen & 1) || (fpen == 1 && c->el == 0);

	c->e.mode = (c->el ? A64_MODE_EL1 : 0) | (trap ? A64_MODE_FP_TRAP : 0);
}

/* ---- interrupts and timers -------------------------------------------- */

void a64_set_irq(struct a64 *c, bool level)
{
	/* Pairs with a64_irq_level(): the controller's state is visible. */
	atomic_store_explicit(&c->irq, level, memory_order_release);
}

bool a64_irq_level(const struct a64 *c)
{
	return atomic_load_explicit(&c->irq, memory_order_acquire);
}

uint64_t a64_deadline(struct a64 *c)
{
	a64_timer_update(c);
	return c->deadline;
}

static void poll(struct engine_cpu *e)
{
	struct a64 *c = a64_of(e);

	if (e->vtime->is_virtual) {
		uint64_t now = vtime_now(e->vtime);

		if (c->timer_check || now >= c->deadline)
			a64_timer_update(c);
		/* Time may have been skipped to its very end: no deadline. */
		if (c->deadline > now &&
		    c->deadline - now < (uint64_t)e->budget)
			engine_limit(e, (int64_t)(c->deadline - now));
	} else if (c->timer_check) {
		a64_timer_update(c);
	}
	if (a64_irq_level(c) && !(c->daif & PSTATE_I))
		a64_take_irq(c);
}

/* ---- decoding --------------------------------------------------------- */

static const uint8_t *fetch(struct engine_cpu *e)
{
	return a64_fetch(a64_of(e));
}

/*
 * Instructions from `host` on until one that ends the block, the page or the
 * room: their number.  `w` moves along.
 */
static unsigned decode_run(struct a64_where *w, const uint8_t *host,
			   struct a64_op *op, bool *ended)
{
	enum a64_flow flow = A64_GOES_ON;
	uint32_t insn, before = 0;
	unsigned n = 0;

	while (flow == A64_GOES_ON && n < BLOCK_MAX_INSNS &&
	       w->offset < PAGE_SIZE) {
		memcpy(&insn, host + 4 * (size_t)n, sizeof(insn));
		op[n] = (struct a64_op){ 0 };
		flow = a64_decode(insn, w, &op[n]);
		if (n && flow == A64_ENDS)
			a64_fuse(before, insn, &op[n - 1]);
		before = insn;
		w->offset += 4;
		n++;
	}
	*ended = flow == A64_ENDS;
	return n;
}

static void decode(struct engine_cpu *e, struct block *b, const uint8_t *host)
{
	const struct a64 *c = a64_of(e);
	struct a64_op *op = (struct a64_op *)(void *)b->op;
	struct a64_where w = {
		.el = c->el,
		.fp_trapped = e->mode & A64_MODE_FP_TRAP,
		.offset = (unsigned)((uintptr_t)host & ~PAGE_MASK),
	};
	bool ended;
	unsigned n;

	b->offset = (uint16_t)w.offset;
	n = decode_run(&w, host, op, &ended);
	b->insns = (uint16_t)n;
	b->bytes = (uint16_t)(n * 4);
	if (!ended)
		op[n++] = (struct a64_op){ .fn = a64_op_fall_through,
					   .imm = (int32_t)w.offset };
	b->ops = (uint16_t)n;
}

/* ---- running ---------------------------------------------------------- */

static void execute(struct engine_cpu *e, struct block *b)
{
	struct a64 *c = a64_of(e);
	const struct a64_op *op = (const struct a64_op *)(const void *)b->op;

	if (unlikely(c->illegal)) {
		a64_exception(c, e->pc, EC_ILLEGAL, 0);
		return;
	}
	if (unlikely(!c->user_seen) && c->el == 0) {
		c->user_seen = true;
		c->env->user(c->ctx);
	}
	e->block = b;
	e->page_va = e->pc & PAGE_MASK;
	e->budget -= b->insns;
	while (op)
		op = op->fn(c, op);
}

static const struct engine_front front = {
	.op_size = sizeof(struct a64_op),
	.poll = poll,
	.fetch = fetch,
	.decode = decode,
	.execute = execute,
};

enum engine_stop a64_run(struct a64 *c, int64_t slice)
{
	enum engine_stop stop;
	fenv_t saved;

	c->excl = false; /* another CPU may have run: see struct a64 */
	c->timer_check = true;
	fp_host_enter(&saved);
	stop = engine_run(&c->e, slice);
	fp_host_leave(&saved);
	return stop;
}

void a64_init(struct a64 *c, unsigned index, const struct a64_cluster *cluster,
	      const struct a64_env *env, void *ctx, struct block_cache *cache,
	      struct vtime *vtime)
{
	unsigned i;

	memset(c, 0, sizeof(*c));
	engine_init(&c->e, &front, cache, vtime);
	c->index = index;
	c->cluster = cluster;
	c->env = env;
	c->ctx = ctx;
	c->zf = 1;
	c->el = 1;
	c->spsel = true;
	c->daif = PSTATE_DAIF;
	c->deadline = UINT64_MAX;
	c->sys.oslock = 1;
	c->sys.sctlr = A64_SCTLR_RESET;
	for (i = 0; i < A64_SPACES; i++)
		c->space[i].asid = UINT32_MAX;
	a64_tlbi_all(c);
	a64_update_mode(c);
}
