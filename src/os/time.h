/* SPDX-License-Identifier: MIT */
/*
 * time.h - the host's clocks.
 *
 * Nobody else asks the OS for the time; code above is given a core/clock.h.
 */
#ifndef OS_TIME_H
#define OS_TIME_H

#include <stdint.h>

/* Nanoseconds from some moment in the past; never goes back. */
uint64_t time_mono_ns(void);

/* Seconds since 1970, as the host believes. */
uint64_t time_wall_s(void);

/* The same in nanoseconds. */
uint64_t time_wall_ns(void);

#endif
