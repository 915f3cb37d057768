/* SPDX-License-Identifier: MIT */
/* host_clock.c - guest time that is the host's. */
#include "vm/host_clock.h"

#include "os/time.h"

static uint64_t now(void *ctx)
{
	const struct host_clock *h = ctx;

	return time_mono_ns() - h->zero;
}

static uint64_t wall(void *ctx)
{
	(void)ctx;
	return time_wall_s();
}

/* Real time does not jump: the caller has to wait. */
static bool skip(void *ctx, uint64_t ns)
{
	(void)ctx;
	(void)ns;
	return false;
}

void host_clock_init(struct host_clock *h, struct clock *out)
{
	h->zero = time_mono_ns();
	*out = (struct clock){ now, wall, skip, h };
}

void host_clock_state(struct host_clock *h, struct state *s)
{
	uint64_t at = now(h);

	state_section(s, "clock", 1);
	state_u64(s, &at);
	/* May wrap below zero: the host may be younger than the guest. */
	if (s->loading && !s->failed)
		h->zero = time_mono_ns() - at;
}
