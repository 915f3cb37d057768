/* SPDX-License-Identifier: MIT */
/* num.h - arithmetic that cannot wrap, and alignment. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

/* True when [off, off+len) lies inside [0, size). */
static inline bool fits(uint64_t off, uint64_t len, uint64_t size)
{
	return off <= size && len <= size - off;
}

/* *sum = a + b, or false when that does not fit 64 bits. */
static inline bool add_ok(uint64_t *sum, uint64_t a, uint64_t b)
{
	*sum = a + b;
	return *sum >= a;
}

/* `align` is a power of two; the caller knows that v is far from 2^64. */
static inline uint64_t align_up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & ~(align - 1);
}

static inline uint64_t align_down(uint64_t v, uint64_t align)
{
	return v & ~(align - 1);
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#endif
