/* SPDX-License-Identifier: MIT */
/* time.c - the host's clocks, as libuv reads them on every OS. */
#include "os/time.h"

#include <uv.h>

uint64_t time_mono_ns(void)
{
	return uv_hrtime();
}

uint64_t time_wall_s(void)
{
	uv_timeval64_t tv = { 0 };

	(void)uv_gettimeofday(&tv); /* fails only for a NULL argument */
	return tv.tv_sec > 0 ? (uint64_t)tv.tv_sec : 0;
}
