/* SPDX-License-Identifier: MIT */
/* host_clock.h - guest time that is the host's, from when the VM was made. */
#ifndef VM_HOST_CLOCK_H
#define VM_HOST_CLOCK_H

#include "core/clock.h"
#include "core/state.h"

struct host_clock {
	uint64_t zero; /* host ns at which the guest's time is 0 */
};

void host_clock_init(struct host_clock *h, struct clock *out);

/* A loaded guest goes on at the time it was saved at. */
void host_clock_state(struct host_clock *h, struct state *s);

#endif
