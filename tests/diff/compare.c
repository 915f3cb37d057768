/* SPDX-License-Identifier: MIT */
/*
 * compare.c - are two outcomes of a case the same?
 *
 * All of the state must be, with one exception: when an access of several
 * parts faults, the architecture leaves open which parts were done before
 * (DDI 0487 B2.2.1, D1.13.4), and QEMU does some of them.  Ours does none,
 * which diff.c checks without the oracle.
 */
#include <inttypes.h>
#include <string.h>

#include "compare.h"

enum { PARTIAL = 64 }; /* the largest access of several parts, in bytes */

#define ADDRESS_BITS ((UINT64_C(1) << 56) - 1) /* the top byte is ignored */

struct diff {
	FILE *out;
	const char *name[2];
	bool found;
};

static void number(struct diff *d, const char *what, unsigned index, uint64_t a,
		   uint64_t b)
{
	if (a == b)
		return;
	d->found = true;
	if (d->out)
		fprintf(d->out,
			"  %s%.0u: %s %016" PRIx64 ", %s %016" PRIx64 "\n",
			what, index, d->name[0], a, d->name[1], b);
}

static void vector(struct diff *d, unsigned index, const uint64_t a[2],
		   const uint64_t b[2])
{
	if (a[0] == b[0] && a[1] == b[1])
		return;
	d->found = true;
	if (d->out)
		fprintf(d->out,
			"  v%u: %s %016" PRIx64 "_%016" PRIx64
			", %s %016" PRIx64 "_%016" PRIx64 "\n",
			index, d->name[0], a[1], a[0], d->name[1], b[1], b[0]);
}

static const char *end_name(uint32_t end)
{
	static const char *const name[] = {
		[END_DONE] = "the end",
		[END_SEGV] = "a translation or permission fault",
		[END_BUS] = "an alignment fault",
		[END_LOG] = "too many events",
		[END_HANG] = "a hang",
		[END_OTHER] = "an unexpected exception",
	};

	return end <= END_OTHER ? name[end] : "?";
}

static void ends(struct diff *d, const struct dresult *a,
		 const struct dresult *b)
{
	/* Two of these may look alike and still are nobody's wish. */
	bool bad = a->end >= END_HANG;

	if (a->end == b->end && !bad)
		return;
	d->found = true;
	if (d->out)
		fprintf(d->out, "  ends: %s in %s, %s in %s\n", d->name[0],
			end_name(a->end), d->name[1], end_name(b->end));
}

static void events(struct diff *d, const struct dresult *a,
		   const struct dresult *b)
{
	static const char *const name[] = { "none", "undefined", "breakpoint" };
	uint32_t i;

	for (i = 0; i < LOG_MAX; i++) {
		if (a->log[i].event == b->log[i].event &&
		    a->log[i].offset == b->log[i].offset)
			continue;
		d->found = true;
		if (d->out)
			fprintf(d->out,
				"  event: %s %s at +%#x, %s %s at "
				"+%#x\n",
				d->name[0], name[a->log[i].event % 3],
				a->log[i].offset, d->name[1],
				name[b->log[i].event % 3], b->log[i].offset);
		return; /* what follows, follows from it */
	}
}

/*
 * A store-exclusive that will fail may look at the memory first, and then it
 * faults, or not look at all (B2.9.5).  We look, QEMU does not.
 */
static bool ended_in_stxr(const struct dcase *c, const struct dresult *r)
{
	uint64_t at = r->pc - slot_va(c->slot);

	return (r->end == END_SEGV || r->end == END_BUS) &&
	       at < 4 * (uint64_t)c->count && !(at & 3) &&
	       (c->insn[at / 4] & 0x3fc00000) == 0x08000000;
}

/* The instruction that ended the case with a fault, or 0. */
static uint32_t faulting(const struct dcase *c, const struct dresult *r)
{
	uint64_t at = r->pc - slot_va(c->slot);

	if (r->end != END_SEGV || at >= 4 * (uint64_t)c->count)
		return 0;
	return c->insn[at / 4];
}

/* Loads and stores of several SIMD registers, or of a structure. */
static bool is_several(uint32_t insn)
{
	return (insn & 0xbe000000) == 0x0c000000 ||
	       (insn & 0x3e000000) == 0x2c000000;
}

/* Those, other pairs, and what QEMU makes two accesses of: a whole Q. */
static bool is_in_parts(uint32_t insn)
{
	return is_several(insn) || (insn & 0x3a000000) == 0x28000000 ||
	       (insn & 0xfe800000) == 0x3c800000;
}

/* The window as a whole; words that did not change are 0 in all outcomes. */
static void window_of(const struct outcome *o, uint64_t w[RW_BYTES / 8])
{
	uint32_t i;

	memset(w, 0, RW_BYTES);
	for (i = 0; i < o->r.words; i++)
		w[o->words[i].offset / 8 % (RW_BYTES / 8)] = o->words[i].value;
}

/* `parts`: an access of several parts faulted, any of which may be done. */
static void memory(struct diff *d, const struct outcome *a,
		   const struct outcome *b, bool parts)
{
	uint64_t wa[RW_BYTES / 8], wb[RW_BYTES / 8], below, page;
	uint32_t i;

	window_of(a, wa);
	window_of(b, wb);
	page = ((a->r.addr & ADDRESS_BITS) - WINDOW) & ~(uint64_t)(PAGE - 1);
	for (i = 0; i < RW_BYTES / 8; i++) {
		below = page - 8 * (uint64_t)i;
		if (parts && below <= PARTIAL && below > 0)
			continue;
		number(d, "memory at window+8*", i, wa[i], wb[i]);
	}
}

bool outcome_differs(const struct dcase *c, enum pair pair,
		     const struct outcome *a, const struct outcome *b,
		     FILE *out)
{
	static const char *const name[][2] = {
		[ORACLE_AND_OURS] = { "oracle", "ours" },
		[BEFORE_AND_AFTER] = { "before the fault", "after" },
	};
	struct diff d = { out, { name[pair][0], name[pair][1] }, false };
	const struct dresult *ra = &a->r, *rb = &b->r;
	uint32_t insn = pair == ORACLE_AND_OURS ? faulting(c, ra) : 0;
	unsigned i;

	if (ended_in_stxr(c, rb) && ra->pc != rb->pc)
		return false;
	ends(&d, ra, rb);
	events(&d, ra, rb);
	number(&d, "pc", 0, ra->pc, rb->pc);
	if (ra->end == END_SEGV || ra->end == END_BUS)
		number(&d, "fault address", 0, ra->addr & ADDRESS_BITS,
		       rb->addr & ADDRESS_BITS);
	for (i = 0; i < 31; i++)
		number(&d, i ? "x" : "x0", i, ra->x[i], rb->x[i]);
	number(&d, "sp", 0, ra->sp, rb->sp);
	for (i = 0; i < 32 && !is_several(insn); i++)
		vector(&d, i, ra->v[i], rb->v[i]);
	number(&d, "nzcv", 0, ra->nzcv, rb->nzcv);
	number(&d, "fpcr", 0, ra->fpcr, rb->fpcr);
	number(&d, "fpsr", 0, ra->fpsr, rb->fpsr);
	number(&d, "tpidr_el0", 0, ra->tpidr, rb->tpidr);
	memory(&d, a, b, is_in_parts(insn));
	return d.found;
}
