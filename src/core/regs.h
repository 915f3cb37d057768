/* SPDX-License-Identifier: MIT */
/*
 * regs.h - the general registers of a vCPU as they cross the seam.
 *
 * Enough to start a CPU, to serve a hypercall and to debug; the whole state
 * goes through hv_ops.state.  Which member counts follows from the VM's
 * architecture.
 */
#ifndef CORE_REGS_H
#define CORE_REGS_H

#include <stdint.h>

enum arch { ARCH_ARM64, ARCH_X86_64, ARCH_COUNT };

struct arm64_regs {
	uint64_t x[31];
	uint64_t sp;            /* the one PSTATE selects */
	uint64_t pc;
	uint64_t pstate;        /* as SPSR_EL1 lays it out, DDI 0487 C5.2.18 */
};

struct regs {
	struct arm64_regs arm64;
};

#endif
