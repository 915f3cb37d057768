/* SPDX-License-Identifier: MIT */
/*
 * probe.h - does a backend work here?  Found out by doing.
 *
 * Settings and capabilities can say yes where nothing boots; so a VM is made,
 * and a few instructions are run that touch RAM, a device and PSCI.
 */
#ifndef VM_PROBE_H
#define VM_PROBE_H

#include "core/hv.h"

enum { PROBE_MS = 5000 }; /* for what takes one, on any sane host */

/*
 * 0 and what it is in *found, or the reason why not.  Gives up after `ms`
 * milliseconds.
 */
int probe_run(const struct hv_ops *ops, uint32_t ms, struct hv_found *found,
	      mv_error *err) MUST_CHECK;

#endif
