/* SPDX-License-Identifier: MIT */
/*
 * cpu.h - an ARMv8.0-A CPU in software: its state and its world.
 *
 * EL0 and EL1, AArch64 only, little-endian; Arm ARM is DDI 0487.  The CPU is
 * pure: RAM, devices, system registers of others, hypercalls and time come in
 * through struct a64_env.
 */
#ifndef CPU_ARM64_CPU_H
#define CPU_ARM64_CPU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpu/engine/engine.h"

struct a64;

/* The world around the CPU.  Called on its thread, in the middle of run. */
struct a64_env {
	/* Host address of the page of guest RAM at gpa, or NULL. */
	uint8_t *(*ram)(void *ctx, uint64_t gpa);

	/* A device access of 1, 2, 4 or 8 bytes; false: nobody there. */
	bool (*mmio)(void *ctx, uint64_t gpa, unsigned size, bool write,
		     uint64_t *value);

	/* A system register the CPU does not have; false: undefined. */
	bool (*sysreg)(void *ctx, uint32_t id, bool write, uint64_t *value);

	/* HVC #0 from EL1; pc is already behind it. */
	enum engine_stop (*hvc)(void *ctx);

	/* A timer's output has changed. */
	void (*timer)(void *ctx, bool physical, bool level);

	/* The first instruction at EL0 is about to run. */
	void (*user)(void *ctx);
};

/* Bits of engine_cpu.mode: what decoding depends on. */
enum {
	A64_MODE_EL1 = 1,
	A64_MODE_FP_TRAP = 2, /* CPACR_EL1.FPEN traps FP and SIMD here */
};

/*
 * General registers as operations number them.  Register 31 of an encoding
 * means SP or "zero" by context; the decoder picks one of these instead, so
 * that no operation has to look.
 */
enum {
	A64_SP = 31,   /* the current stack pointer */
	A64_ZERO = 32, /* always 0: never written */
	A64_SINK = 33, /* written, never read */
	A64_XREGS = 34,
};

enum { A64_MAX_CPUS = 8 };

/* One SIMD and FP register; lanes are in host order (little-endian hosts). */
union a64_vreg {
	uint64_t d[2];
	uint32_t s[4];
	uint16_t h[8];
	uint8_t b[16];
	double f64[2];
	float f32[4];
};

/* The CPUs of one VM, for maintenance operations that are broadcast. */
struct a64_cluster {
	unsigned count;
	struct a64 *cpu[A64_MAX_CPUS];
};

/* System registers that are plain storage; DDI 0487 D17. */
struct a64_sys {
	uint64_t sctlr, actlr, cpacr, ttbr0, ttbr1, tcr;
	uint64_t afsr0, afsr1, esr, far, par, mair, amair, vbar;
	uint64_t contextidr, tpidr_el0, tpidrro_el0, tpidr_el1;
	uint64_t elr, spsr, cntkctl, csselr, mdscr, osdlr, oslock;
	uint64_t cntv_ctl, cntv_cval, cntp_ctl, cntp_cval;
};

/* Address spaces seen lately, so that their TLB entries are found again. */
enum { A64_SPACES = 32 };

struct a64_space {
	uint32_t asid;    /* UINT32_MAX: none */
	uint32_t context; /* of the TLB */
	uint32_t epoch;   /* of the TLB when the context was taken */
};

struct a64 {
	uint64_t x[A64_XREGS]; /* first: short displacements */
	/*
	 * The condition flags, kept as what they are computed from: N is bit
	 * 63 of nf, Z is zf == 0, C and V are 0 or 1.
	 */
	uint64_t nf, zf, cf, vf;

	struct engine_cpu e; /* the engine's view of us */

	/* What a slow load found, or a slow store is to write; and where. */
	union a64_vreg mem;
	uint64_t access_gpa;

	union a64_vreg v[32];
	uint32_t fpcr; /* as written, bits that exist */
	uint32_t fpsr; /* QC and the exceptions collected */

	uint32_t daif;     /* D, A, I, F in bits 9..6 */
	unsigned el;       /* 0 or 1 */
	bool spsel;        /* SP is SP_EL1 (at EL1) */
	bool illegal;      /* PSTATE.IL */
	uint64_t sp_el[2]; /* the one not in x[A64_SP] counts */
	struct a64_sys sys;

	/*
	 * The exclusive monitor.  It is cleared whenever another CPU may have
	 * run, so that no CPU has to look at the others' stores.
	 */
	bool excl;
	unsigned excl_size; /* bytes */
	uint64_t excl_gpa;

	atomic_bool irq;     /* any thread: the IRQ input */
	bool timer_check;    /* timers are to be looked at */
	bool timer_level[2]; /* outputs: virtual, physical */
	uint64_t deadline;   /* ns: when a timer changes next */
	bool user_seen;
	bool upper_private; /* non-global pages in upper half */
	struct a64_space space[A64_SPACES];

	unsigned index;                    /* affinity, MPIDR */
	const struct a64_cluster *cluster; /* whom broadcasts reach */
	const struct a64_env *env;
	void *ctx;
};

/*
 * All registers as at a cold reset.  `index` gives MPIDR_EL1.Aff0; cluster,
 * env, cache and vtime are borrowed for the CPU's life.
 */
void a64_init(struct a64 *c, unsigned index, const struct a64_cluster *cluster,
	      const struct a64_env *env, void *ctx, struct block_cache *cache,
	      struct vtime *vtime);

/* PSTATE in the layout of SPSR_EL1 (C5.2.18), and its NZCV alone. */
uint64_t a64_pstate(const struct a64 *c);
void a64_set_pstate(struct a64 *c, uint64_t pstate);
uint32_t a64_nzcv(const struct a64 *c); /* in bits 31..28 */
void a64_set_nzcv(struct a64 *c, uint32_t nzcv);

/* Change exception level and stack pointer: PSTATE.EL and PSTATE.SP. */
void a64_set_el(struct a64 *c, unsigned el, bool spsel);

/* CPACR_EL1 or the exception level has changed: who may use FP and SIMD. */
void a64_update_mode(struct a64 *c);

/* Run up to `slice` instructions. */
enum engine_stop a64_run(struct a64 *c, int64_t slice);

/* The IRQ input.  Any thread. */
void a64_set_irq(struct a64 *c, bool level);
bool a64_irq_level(const struct a64 *c);

/* Guest time at which a timer of this CPU will want to interrupt. */
uint64_t a64_deadline(struct a64 *c);

#endif
