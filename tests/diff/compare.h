/* SPDX-License-Identifier: MIT */
/* compare.h - are two outcomes of a case the same, and if not, in what? */
#ifndef DIFF_COMPARE_H
#define DIFF_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

#include "case.h"

/* A result with the words that follow it. */
struct outcome {
	struct dresult r;
	struct dword words[RW_BYTES / 8];
};

/*
 * Do they differ?  `b` is ours; it may have faulted where the architecture
 * lets a CPU choose.
 *
 * `out`: print in what, under these names; NULL: do not.
 */
bool outcome_differs(const struct dcase *c, const struct outcome *a,
		     const struct outcome *b, FILE *out, const char *name_a,
		     const char *name_b);

#endif
