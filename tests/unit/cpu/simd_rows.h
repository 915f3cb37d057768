/* SPDX-License-Identifier: MIT */
/*
 * simd_rows.h - tables of SIMD and FP instructions with what they compute.
 *
 * Registers are pairs of 64-bit words, the lower one first; instructions are
 * v0 (or s0, d0, ...) = v1, v2.
 */
#ifndef TESTS_CPU_SIMD_ROWS_H
#define TESTS_CPU_SIMD_ROWS_H

#include "a64_box.h"
#include "base/container.h"
#include "cpu/arm64/fp.h"

#define ONES UINT64_MAX
#define TWICE(v) { (v), (v) }

enum {
	IOC = FPSR_IOC,
	DZC = FPSR_DZC,
	OFC = FPSR_OFC,
	UFC = FPSR_UFC,
	IXC = FPSR_IXC,
	IDC = FPSR_IDC,
	QC = FPSR_QC,
	RMODE_UP = FP_UP << FPCR_RMODE_AT,
	RMODE_DOWN = FP_DOWN << FPCR_RMODE_AT,
	RMODE_ZERO = FP_TO_ZERO << FPCR_RMODE_AT,
};

struct row {
	uint32_t insn;
	uint64_t o[2];          /* in v0 before; all ones when left out */
	uint64_t a[2], b[2];    /* in v1 and v2 */
	uint64_t want[2];       /* in v0 behind */
	uint32_t fpsr;          /* the flags raised, no others */
	uint32_t fpcr;
};

/*
 * Each row runs with FPSR clear, and again with IXC set, which lets the
 * host's arithmetic in.
 */
void rows_run(const struct row *rows, size_t n);

#endif
