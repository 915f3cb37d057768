/* SPDX-License-Identifier: MIT */
/*
 * none.h - no CPU: for a machine that is made to be looked at.
 *
 * Whatever the host can run, it gives what is above it a machine with all of
 * its devices and all of its memory.  Let run, it fails at once.
 */
#ifndef BACKEND_NONE_NONE_H
#define BACKEND_NONE_NONE_H

#include "core/hv.h"

extern const struct hv_ops hv_none;

#endif
