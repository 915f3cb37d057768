/* SPDX-License-Identifier: MIT */
/*
 * fp_host.h - the host's floating-point environment, borrowed by a run.
 *
 * Whoever runs operations calls fp_host_enter() before and fp_host_leave()
 * behind: in between the thread rounds to nearest, flushes nothing and traps
 * nothing; afterwards its modes and flags are again what they were.
 */
#ifndef CPU_ARM64_FP_HOST_H
#define CPU_ARM64_FP_HOST_H

#include <fenv.h>

static inline void fp_host_enter(fenv_t *saved)
{
	(void)fegetenv(saved); /* fails nowhere */
	(void)fesetenv(FE_DFL_ENV);
}

static inline void fp_host_leave(const fenv_t *saved)
{
	(void)fesetenv(saved);
}

#endif
