/* SPDX-License-Identifier: MIT */
/* time.c - the host's clocks, as libuv reads them on every OS. */
#include "os/time.h"

#include <uv.h>

uint64_t time_mono_ns(void)
{
	return uv_hrtime();
}

uint64_t time_wall_ns(void)
{
	uv_timeval64_t tv = { 0 };

	(void)uv_gettimeofday(&tv); /* fails only for a NULL argument */
	if (tv.tv_sec < 0)
		return 0;
	return (uint64_t)tv.tv_sec * 1000000000 + (uint64_t)tv.tv_usec * 1000;
}

uint64_t time_wall_s(void)
{
	return time_wall_ns() / 1000000000;
}
