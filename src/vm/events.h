/* SPDX-License-Identifier: MIT */
/* events.h - what the VM does for its backend. */
#ifndef VM_EVENTS_H
#define VM_EVENTS_H

#include "core/hv.h"

extern const struct hv_events vm_events;

#endif
