/* SPDX-License-Identifier: MIT */
/*
 * psci.h - the guest's power management calls, PSCI 1.0 (Arm DEN 0022).
 *
 * Decodes a hypercall and answers it in the caller's registers (SMC Calling
 * Convention 1.1, Arm DEN 0028).  Knows no threads: what concerns other CPUs
 * goes through two callbacks, what concerns this CPU or the machine is
 * returned for the caller to do.
 */
#ifndef ARCH_ARM64_PSCI_H
#define ARCH_ARM64_PSCI_H

#include <stdint.h>

#include "core/regs.h"

/* Return codes, DEN 0022 5.2.2. */
enum psci_rc {
	PSCI_SUCCESS = 0,
	PSCI_NOT_SUPPORTED = -1,
	PSCI_INVALID_PARAMETERS = -2,
	PSCI_DENIED = -3,
	PSCI_ALREADY_ON = -4,
	PSCI_ON_PENDING = -5,
	PSCI_INTERNAL_FAILURE = -6,
	PSCI_INVALID_ADDRESS = -9,
};

/* Answers of AFFINITY_INFO, DEN 0022 5.7.1. */
enum psci_state {
	PSCI_STATE_ON = 0,
	PSCI_STATE_OFF = 1,
	PSCI_STATE_PENDING = 2, /* a CPU_ON is under way */
};

/* Called during psci_call; `cpu` is below psci.cpus. */
struct psci_ops {
	/* Start it at entry, x0 = context_id; it may be the caller itself. */
	enum psci_rc (*cpu_on)(void *ctx, unsigned cpu, uint64_t entry,
			       uint64_t context_id);
	enum psci_state (*state)(void *ctx, unsigned cpu);
};

/* CPU n has the affinity n: MPIDR_EL1.Aff0 = n, all others 0. */
struct psci {
	const struct psci_ops *ops;
	void                  *ctx;
	unsigned               cpus;    /* at most 256 */
};

/* What is to happen to the calling CPU next. */
enum psci_action {
	PSCI_CONTINUE, /* go on; x0 is the answer */
	PSCI_IDLE,     /* as by WFI, then go on; x0 is the answer */
	PSCI_CPU_OFF,  /* stop; only a CPU_ON brings it back */
	PSCI_SHUTDOWN, /* the machine is to power off */
	PSCI_RESET,    /* the machine is to restart */
};

/* Serve the call in `r` (function in w0, arguments in x1-x3). */
enum psci_action psci_call(const struct psci *p, struct regs *r);

#endif
