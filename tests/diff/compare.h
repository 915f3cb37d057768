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
 * Which two: what the oracle and we made of a case, where some things are open
 * when it ends in a fault; or our own without and with what faulted.
 */
enum pair { ORACLE_AND_OURS, BEFORE_AND_AFTER };

/* Do they differ?  `out`: print in what; NULL: do not. */
bool outcome_differs(const struct dcase *c, enum pair pair,
		     const struct outcome *a, const struct outcome *b,
		     FILE *out);

#endif
