/* SPDX-License-Identifier: MIT */
/*
 * machine.h - our arm64 CPU with just enough around it to run test cases.
 *
 * Page tables give EL0 the same region that the oracle has.  Exceptions reach
 * a vector of one HVC, which brings the CPU back here, and one ERET.
 */
#ifndef DIFF_MACHINE_H
#define DIFF_MACHINE_H

#include <stdbool.h>

#include "case.h"

struct machine;

struct machine *machine_new(void);
void machine_free(struct machine *m);

/* ID_AA64ISAR0_EL1: the optional instructions there are. */
uint64_t machine_isar0(const struct machine *m);

/* Put a batch's code in place. */
void machine_load(struct machine *m, const struct dcase *c, uint32_t count);

/* Replace an instruction of a case, and the cached code with it. */
void machine_patch(struct machine *m, uint32_t slot, uint32_t offset,
		   uint32_t insn);

/*
 * Run a case in slices of so many instructions.  `words` has room for
 * RW_BYTES / 8.  Returns how many instructions of the case were run.
 */
uint64_t machine_run(struct machine *m, const struct dcase *c, int64_t slice,
		     struct dresult *r, struct dword *words);

#endif
