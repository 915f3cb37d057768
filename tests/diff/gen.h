/* SPDX-License-Identifier: MIT */
/*
 * gen.h - random test cases over the A64 instruction set of ARMv8.0 at EL0.
 *
 * A case follows from a seed and its number alone, so that one case of a long
 * run can be made again.  Knows neither CPU.
 */
#ifndef DIFF_GEN_H
#define DIFF_GEN_H

#include <stdbool.h>

#include "case.h"
#include "value.h"

enum { FIXES_MAX = SLOT_WORDS };

/*
 * A case in the making.  Registers have roles, so that addresses stay in the
 * window and loops end, whatever the instructions compute: loads and stores
 * take their base from base[] or SP and their index from index[] or wide;
 * nothing but write-back changes those.
 */
struct gen {
	struct rng rng;
	uint64_t isar0;
	struct dcase *c;
	uint8_t base[3];
	uint8_t index;   /* a small signed number */
	uint8_t wide;    /* small in its low half, garbage above */
	uint8_t counter; /* of the loop */
	uint32_t data;   /* mask of the registers open to all */
	unsigned units;
	uint8_t unit_at[SLOT_WORDS + 1];
	struct fix {
		uint8_t at;           /* word of a branch */
		uint8_t unit;         /* it goes to */
		uint8_t shift, width; /* of its offset field; 0: ADR */
	} fix[FIXES_MAX];
	unsigned fixes;
};

/* How to make instructions of one kind: a pattern, or a function. */
struct iclass {
	const char *name;
	const char *bits; /* see table.c; NULL: emit */
	void (*emit)(struct gen *g);
	bool reserved; /* undefined in v8.0, maybe not in later CPUs */
};

extern const struct iclass iclasses[];
extern const unsigned iclass_count;

/* Which classes a run draws from, and what they may contain. */
struct choice {
	uint64_t isar0; /* ID_AA64ISAR0_EL1: optional instructions */
	unsigned count;
	unsigned *index; /* into iclasses */
};

/* Those whose name contains one of the comma-separated `names`; "" is all. */
bool choice_make(struct choice *ch, const char *names, bool reserved);
void choice_free(struct choice *ch);

/* Case number n of a run. */
void gen_case(struct dcase *c, uint64_t seed, uint64_t n,
	      const struct choice *ch);

/* For table.c */
void gen_put(struct gen *g, uint32_t insn);
void gen_pattern(struct gen *g, const char *bits);
uint32_t gen_any(struct gen *g);  /* a source: any register */
uint32_t gen_data(struct gen *g); /* a destination: never 31 */
uint32_t gen_base(struct gen *g);
/* A branch whose offset goes to a later unit, at most `far` units on. */
void gen_branch(struct gen *g, uint32_t insn, unsigned shift, unsigned width);

#endif
