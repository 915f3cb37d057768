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

#include "core/state.h"

enum arch { ARCH_ARM64, ARCH_X86_64, ARCH_COUNT };

struct arm64_regs {
	uint64_t x[31];
	uint64_t sp; /* the one PSTATE selects */
	uint64_t pc;
	uint64_t pstate; /* as SPSR_EL1 lays it out, DDI 0487 C5.2.18 */
};

/* A segment register with its hidden part: SDM volume 3, 3.4.3. */
struct x86_segment {
	uint64_t base;
	uint32_t limit;
	uint16_t selector;
	uint16_t attributes; /* bits 8-15 and 20-23 of a descriptor's high word,
				 as bits 0-7 and 12-15 */
};

enum { X86_CS, X86_SS, X86_DS, X86_ES, X86_FS, X86_GS, X86_SEGMENTS };

/* In the order of their numbers in instructions. */
enum {
	X86_RAX,
	X86_RCX,
	X86_RDX,
	X86_RBX,
	X86_RSP,
	X86_RBP,
	X86_RSI,
	X86_RDI,
	X86_R8,
	X86_R9,
	X86_R10,
	X86_R11,
	X86_R12,
	X86_R13,
	X86_R14,
	X86_R15,
	X86_GPRS,
};

struct x86_regs {
	uint64_t gpr[X86_GPRS];
	uint64_t rip, rflags;
	struct x86_segment segment[X86_SEGMENTS];
	struct x86_segment tr, ldt;
	struct {
		uint64_t base;
		uint16_t limit;
	} gdt, idt;
	uint64_t cr0, cr2, cr3, cr4, efer;
};

struct regs {
	union {
		struct arm64_regs arm64;
		struct x86_regs x86;
	};
};

void regs_state(struct regs *r, enum arch arch, struct state *s);

#endif
