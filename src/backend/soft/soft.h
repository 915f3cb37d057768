/* SPDX-License-Identifier: MIT */
/*
 * soft.h - the backend without a hypervisor: CPUs in software.
 *
 * Runs everywhere, needs no rights, and can run on virtual time.  It emulates
 * nothing but CPUs; interrupt controller, PSCI and devices come from above.
 */
#ifndef BACKEND_SOFT_SOFT_H
#define BACKEND_SOFT_SOFT_H

#include "core/hv.h"

extern const struct hv_ops hv_soft;

#endif
