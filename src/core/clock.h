/* SPDX-License-Identifier: MIT */
/*
 * clock.h - where a guest's time comes from.
 *
 * Devices, timers and idle vCPUs see time only through this; the host's clock
 * and a backend's virtual time look the same to them, and tests supply theirs.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NEVER UINT64_MAX  /* a deadline that does not come */

struct clock {
	uint64_t (*now)(void *ctx);     /* ns since the VM began, monotonic */
	uint64_t (*wall)(void *ctx);    /* seconds since 1970 */

	/*
	 * All CPUs sleep until `ns`: a virtual clock jumps there and says
	 * true; a real one says false, and the caller has to wait.
	 */
	bool     (*skip)(void *ctx, uint64_t ns);
	void      *ctx;
};

static inline uint64_t clock_now(const struct clock *c)
{
	return c->now(c->ctx);
}

static inline uint64_t clock_wall(const struct clock *c)
{
	return c->wall(c->ctx);
}

static inline bool clock_skip(const struct clock *c, uint64_t ns)
{
	return c->skip(c->ctx, ns);
}

#endif
