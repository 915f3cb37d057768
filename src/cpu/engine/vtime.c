/* SPDX-License-Identifier: MIT */
/* vtime.c - time by the instruction or by the host's clock. */
#include "cpu/engine/vtime.h"

#include <stddef.h>

void vtime_init_virtual(struct vtime *t)
{
	*t = (struct vtime){ .is_virtual = true };
}

void vtime_init_wall(struct vtime *t, uint64_t (*host_now)(void *ctx),
		     void *ctx)
{
	*t = (struct vtime){ .host_now = host_now, .ctx = ctx };
}

void vtime_begin(struct vtime *t, const int64_t *budget)
{
	t->slice = *budget;
	t->budget = budget;
}

void vtime_end(struct vtime *t)
{
	t->insns = vtime_insns(t);
	t->budget = NULL;
}

void vtime_cut(struct vtime *t, int64_t insns)
{
	t->slice -= insns;
}

uint64_t vtime_insns(const struct vtime *t)
{
	if (!t->budget)
		return t->insns;
	return t->insns + (uint64_t)(t->slice - *t->budget);
}

uint64_t vtime_now(const struct vtime *t)
{
	if (!t->is_virtual)
		return t->host_now(t->ctx);
	return vtime_insns(t) + t->skipped;
}

bool vtime_skip(struct vtime *t, uint64_t ns)
{
	uint64_t now;

	if (!t->is_virtual)
		return false;
	now = vtime_now(t);
	if (ns > now)
		t->skipped += ns - now;
	return true;
}
