/* SPDX-License-Identifier: MIT */
/*
 * vtime.h - the time of a software CPU, real or counted in instructions.
 *
 * In virtual time a retired instruction takes one nanosecond and idle time is
 * skipped, so that a run depends on nothing but its input.  In wall time the
 * host's clock is passed through.  All CPUs of a VM share one vtime, and one
 * runs at a time.
 */
#ifndef CPU_ENGINE_VTIME_H
#define CPU_ENGINE_VTIME_H

#include <stdbool.h>
#include <stdint.h>

struct vtime {
	bool is_virtual;
	uint64_t insns;                  /* retired, up to the slice's start */
	uint64_t skipped;                /* ns of idle time, when virtual */
	int64_t slice;                   /* budget at the slice's start */
	const int64_t *budget;           /* of the CPU in its slice, or NULL */
	uint64_t (*host_now)(void *ctx); /* ns; NULL when virtual */
	void *ctx;
};

void vtime_init_virtual(struct vtime *t);
void vtime_init_wall(struct vtime *t, uint64_t (*host_now)(void *ctx),
		     void *ctx);

/* A CPU begins and ends its slice; `budget` counts down meanwhile. */
void vtime_begin(struct vtime *t, const int64_t *budget);
void vtime_end(struct vtime *t);

/* `insns` were taken off the budget without being run (or put back: < 0). */
void vtime_cut(struct vtime *t, int64_t insns);

/* Instructions retired so far by all CPUs. */
uint64_t vtime_insns(const struct vtime *t);

/* Guest time in ns. */
uint64_t vtime_now(const struct vtime *t);

/* Everybody sleeps until `ns`: jump there if time is virtual. */
bool vtime_skip(struct vtime *t, uint64_t ns);

#endif
