/* SPDX-License-Identifier: MIT */
/* gen.c - test cases: roles of registers, initial values, code.  See gen.h. */
#include <stdlib.h>
#include <string.h>

#include "gen.h"

#define INSN_NOP UINT32_C(0xd503201f)

enum {
	NEAR_END = 48,  /* bytes around a page's end worth a visit */
	BRANCH_FAR = 8, /* units */
	UNIT_MAX = 5,   /* words of the longest unit */
	LOOP_WORDS = 2,
};

/*
 * Optional in v8.0, and QEMU's Cortex-A53 has them all.  The groups as a whole:
 * what is unallocated in them is left out with the rest.
 */
static bool absent(uint64_t isar0, uint32_t insn)
{
	bool aes = isar0 >> 4 & 15, pmull = (isar0 >> 4 & 15) > 1;
	bool sha1 = isar0 >> 8 & 15, sha2 = isar0 >> 12 & 15;
	bool crc = isar0 >> 16 & 15;

	return (!crc && (insn & 0x7fe0e000) == 0x1ac04000) ||
	       (!aes && (insn & 0xff3e0c00) == 0x4e280800) ||
	       (!pmull && (insn & 0xbfe0fc00) == 0x0ee0e000) ||
	       (!(sha1 && sha2) && ((insn & 0xff208c00) == 0x5e000000 ||
				    (insn & 0xff3e0c00) == 0x5e280800));
}

void gen_put(struct gen *g, uint32_t insn)
{
	g->c->insn[g->c->count++] = absent(g->isar0, insn) ? INSN_NOP : insn;
}

uint32_t gen_any(struct gen *g)
{
	return rng_below(&g->rng, 32);
}

uint32_t gen_data(struct gen *g)
{
	uint32_t r;

	do
		r = rng_below(&g->rng, 31);
	while (!(g->data >> r & 1));
	return r;
}

uint32_t gen_base(struct gen *g)
{
	uint32_t n = rng_below(&g->rng, 8);

	return n == 7 ? 31 : g->base[n % 3];
}

/* What a letter of a pattern stands for; table.c explains them. */
static uint32_t letter_value(struct gen *g, char letter)
{
	switch (letter) {
	case 'd':
	case 'u': return rng_below(&g->rng, 16) ? gen_data(g) : 31;
	case 'e': return gen_data(g);
	case 'b': return gen_base(g);
	case 'i': return g->index;
	case 'j': return g->wide;
	default: return gen_any(g);
	}
}

void gen_pattern(struct gen *g, const char *bits)
{
	uint64_t random = rng_next(&g->rng);
	uint32_t insn = 0, reg = 0;
	unsigned i;
	char last = 0;

	for (i = 0; i < 32; i++) {
		uint32_t bit = random >> i & 1;

		if (bits[i] == '0' || bits[i] == '1') {
			bit = bits[i] == '1';
		} else if (bits[i] != 'x') {
			if (bits[i] != last)
				reg = letter_value(g, bits[i]) << 27;
			bit = reg >> 31;
			reg <<= 1;
		}
		last = bits[i];
		insn = insn << 1 | bit;
	}
	gen_put(g, insn);
}

void gen_branch(struct gen *g, uint32_t insn, unsigned shift, unsigned width)
{
	unsigned unit = g->units + 1 + rng_below(&g->rng, BRANCH_FAR);

	if (g->fixes < FIXES_MAX)
		g->fix[g->fixes++] = (struct fix){
			.at = (uint8_t)g->c->count,
			.unit = (uint8_t)unit,
			.shift = (uint8_t)shift,
			.width = (uint8_t)width,
		};
	gen_put(g, insn);
}

static void branches_fix(struct gen *g)
{
	unsigned i;

	for (i = 0; i < g->fixes; i++) {
		const struct fix *f = &g->fix[i];
		unsigned unit = f->unit < g->units ? f->unit : g->units;
		uint32_t words = (uint32_t)g->unit_at[unit] - f->at;
		uint32_t bytes = 4 * words;

		if (f->width)
			g->c->insn[f->at] |= words << f->shift;
		else
			g->c->insn[f->at] |=
				(bytes & 3) << 29 | bytes >> 2 << 5;
	}
}

/* An address in the window, most often away from its ends. */
static uint64_t pointer(struct gen *g)
{
	uint64_t at;

	switch (rng_below(&g->rng, 16)) {
	case 0: /* the end, where the next page is missing */
		at = RW_BYTES - rng_below(&g->rng, NEAR_END);
		break;
	case 1: /* the start, likewise */
		at = (uint64_t)rng_below(&g->rng, NEAR_END) - NEAR_END / 4;
		break;
	case 2: at = RO_OFFSET + PAGE / 2 - rng_below(&g->rng, PAGE / 4); break;
	case 3:
	case 4:
	case 5: /* around a page boundary */
		at = PAGE + NEAR_END / 2 - rng_below(&g->rng, NEAR_END);
		break;
	default: at = RW_BYTES / 4 + rng_below(&g->rng, RW_BYTES / 2); break;
	}
	if (rng_percent(&g->rng, 70))
		at &= ~UINT64_C(15);
	at += WINDOW;
	/* Linux has the top byte of user addresses ignored. */
	if (rng_percent(&g->rng, 6))
		at |= rng_next(&g->rng) << 56;
	return at;
}

static uint8_t role(struct gen *g)
{
	uint32_t r;

	/* x0 and x8 are a system call's, x30 is a call's. */
	do
		r = gen_data(g);
	while (r == 0 || r == 8 || r == 30);
	g->data &= ~(1u << r);
	return (uint8_t)r;
}

static void roles_choose(struct gen *g)
{
	unsigned i;

	g->data = 0x7fffffff;
	for (i = 0; i < 3; i++)
		g->base[i] = role(g);
	g->index = role(g);
	g->wide = role(g);
	g->counter = role(g);
}

/* Both operands special, equal or nearly so: where comparisons turn. */
static uint64_t relative(struct gen *g, uint64_t v)
{
	static const uint64_t lane[] = {
		0,
		UINT64_C(0x8000000000000000),
		UINT64_C(0x7ff0000000000000),
		UINT64_C(0x7ff8000000000000),
		UINT64_C(0x3ff0000000000000),
		UINT64_C(0x0000000000000001),
		UINT64_C(0x7fefffffffffffff),
		UINT64_C(0x7f8000007f800000),
		UINT64_C(0x7fc000007fc00000),
		UINT64_C(0x3f8000003f800000),
		UINT64_C(0x0000000100000001),
		UINT64_C(0x7f7fffff7f7fffff),
		UINT64_C(0x8000000080000000),
	};
	static const uint64_t sign[] = {
		UINT64_C(0x8000000000000000),
		UINT64_C(0x8000000080000000),
		UINT64_C(0x8000800080008000),
		UINT64_C(0x8080808080808080),
	};

	switch (rng_below(&g->rng, 8)) {
	case 0: return v;
	case 1: return v + 1;
	case 2: return v - 1;
	case 3: return ~v;
	case 4: return 0 - v;
	case 5: return v ^ sign[rng_below(&g->rng, 4)];
	default:
		v = lane[rng_below(&g->rng, sizeof(lane) / sizeof(*lane))];
		return rng_percent(&g->rng, 50)
			       ? v
			       : v ^ sign[rng_below(&g->rng, 2)];
	}
}

static void state_choose(struct gen *g)
{
	struct rng *r = &g->rng;
	struct dcase *c = g->c;
	unsigned i;

	for (i = 0; i < 31; i++)
		c->x[i] = i && rng_percent(r, 30) ? relative(g, c->x[i - 1])
						  : value64(r);
	for (i = 0; i < 3; i++)
		c->x[g->base[i]] = pointer(g);
	c->x[g->index] = (uint64_t)rng_below(r, 129) - 64;
	c->x[g->wide] = rng_next(r) << 32;
	c->x[g->wide] |= rng_below(r, 65);
	c->x[g->counter] = rng_below(r, 4);
	c->sp = pointer(g);
	for (i = 0; i < 64; i++)
		c->v[i / 2][i % 2] =
			i > 1 && rng_percent(r, 40)
				? relative(g, c->v[i / 2 - 1][i % 2])
				: value64(r);
	c->tpidr = value64(r);
	c->nzcv = rng_below(r, 16) << 28;
	/* AHP, DN, FZ, RMode; QC and the exceptions: all there is in v8.0. */
	if (rng_percent(r, 50))
		c->fpcr = rng_below(r, 32) << 22;
	if (rng_percent(r, 20))
		c->fpsr = (uint32_t)rng_next(r) & 0x0800009f;
	c->image = rng_below(r, IMAGES);
}

static void unit_put(struct gen *g, const struct choice *ch)
{
	const struct iclass *k =
		&iclasses[ch->index[rng_below(&g->rng, ch->count)]];

	g->unit_at[g->units] = (uint8_t)g->c->count;
	if (k->bits)
		gen_pattern(g, k->bits);
	else
		k->emit(g);
	g->units++;
}

/* Close the loop that began at word `top`: the counter ends it. */
static void loop_close(struct gen *g, unsigned top)
{
	uint32_t r = g->counter;
	bool flags = rng_percent(&g->rng, 50);
	int32_t back;

	g->unit_at[g->units++] = (uint8_t)g->c->count;
	g->c->loops = g->c->count + 1;
	/* SUB or SUBS x, x, #1 */
	gen_put(g, (flags ? 0xf1000400 : 0xd1000400) | r << 5 | r);
	back = (int32_t)top - (int32_t)g->c->count;
	/* B.GT, or CBNZ: SUB may have gone below zero, so mask the sign. */
	if (flags) {
		gen_put(g, 0x5400000c | ((uint32_t)back & 0x7ffff) << 5);
	} else {
		/* TBZ x, #63: goes on while it is not negative */
		gen_put(g, 0xb6f80000 | ((uint32_t)back & 0x3fff) << 5 | r);
	}
}

static void code_choose(struct gen *g, const struct choice *ch)
{
	unsigned length = 1 + rng_below(&g->rng, CASE_INSNS);
	bool loop = length > 4 && rng_percent(&g->rng, 20);
	unsigned open = loop ? rng_below(&g->rng, length / 2) : length;
	unsigned close =
		loop ? open + 1 + rng_below(&g->rng, length / 2) : length;
	unsigned top = 0;
	bool opened = false, closed = false;

	while (g->c->count < length) {
		if (!opened && g->c->count >= open) {
			opened = true;
			top = g->c->count;
		}
		unit_put(g, ch);
		if (opened && !closed && g->c->count >= close) {
			closed = true;
			loop_close(g, top);
		}
	}
	g->unit_at[g->units] = (uint8_t)g->c->count;
	branches_fix(g);
}

static_assert(CASE_INSNS + UNIT_MAX + LOOP_WORDS < SLOT_WORDS,
	      "room for the sentinel");

void gen_case(struct dcase *c, uint64_t seed, uint64_t n,
	      const struct choice *ch)
{
	struct gen g = { .c = c, .isar0 = ch->isar0 };
	struct rng mix = { seed };

	g.rng.s = rng_next(&mix) ^ n * UINT64_C(0xd1342543de82ef95);
	memset(c, 0, sizeof(*c));
	c->slot = (uint32_t)(n % BATCH);
	roles_choose(&g);
	state_choose(&g);
	code_choose(&g, ch);
}

/* Does `name` contain one of the comma-separated names? */
static bool name_matches(const char *name, const char *names)
{
	char part[64];
	size_t len;

	if (!*names)
		return true;
	for (; *names; names += len + (names[len] == ',')) {
		len = strcspn(names, ",");
		if (!len || len >= sizeof(part))
			continue;
		memcpy(part, names, len);
		part[len] = 0;
		if (strstr(name, part))
			return true;
	}
	return false;
}

bool choice_make(struct choice *ch, const char *names, bool reserved)
{
	unsigned i;

	ch->count = 0;
	ch->index = calloc(iclass_count, sizeof(*ch->index));
	if (!ch->index)
		return false;
	for (i = 0; i < iclass_count; i++)
		if ((reserved || !iclasses[i].reserved) &&
		    name_matches(iclasses[i].name, names))
			ch->index[ch->count++] = i;
	return ch->count > 0;
}

void choice_free(struct choice *ch)
{
	free(ch->index);
	ch->index = NULL;
}
