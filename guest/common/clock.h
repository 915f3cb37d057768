/* SPDX-License-Identifier: MIT */
/* clock.h - time that never goes back, in milliseconds. */
#ifndef GUEST_COMMON_CLOCK_H
#define GUEST_COMMON_CLOCK_H

#include <time.h>

static inline long clock_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
