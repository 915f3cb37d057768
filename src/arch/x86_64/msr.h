/* SPDX-License-Identifier: MIT */
/*
 * msr.h - model-specific registers that nobody emulates and Linux touches all
 * the same, without having asked CPUID.  Knows no hypervisor.
 */
#ifndef ARCH_X86_64_MSR_H
#define ARCH_X86_64_MSR_H

#include <stdbool.h>

#include "core/hv.h"

/*
 * For a register that neither the hypervisor nor the CPU knows: reads have a
 * fixed answer, writes vanish.  False: not one of these, the guest is to get
 * a general protection fault.
 */
bool x86_msr(struct sysreg_access *a);

#endif
