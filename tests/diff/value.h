/* SPDX-License-Identifier: MIT */
/*
 * value.h - random numbers, and values that are more interesting than those.
 *
 * No expression draws two numbers: which comes first would be the compiler's
 * choice, and a seed would mean different things to different builds.
 *
 * Shared with the oracle: the contents of the data window come from here.
 */
#ifndef DIFF_VALUE_H
#define DIFF_VALUE_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t s;
};

/* splitmix64: any seed is a good one. */
static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0..n-1 */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}

/* true in n of 100 */
static inline int rng_percent(struct rng *r, uint32_t n)
{
	return rng_below(r, 100) < n;
}

static inline uint16_t value16(struct rng *r)
{
	static const uint16_t special[] = {
		0x0000, 0x8000, 0x0001, 0x8001, 0x03ff, 0x0400, 0x3c00, 0xbc00,
		0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e00, 0xfe00, 0x7d01, 0xfd55,
		0x7fff, 0xffff, 0x00ff, 0xff00, 0x0080, 0x007f, 0x7f80, 0x3555,
	};

	if (rng_percent(r, 40))
		return (uint16_t)rng_next(r);
	return special[rng_below(r, sizeof(special) / sizeof(*special))];
}

static inline uint32_t value32(struct rng *r)
{
	static const uint32_t special[] = {
		0x00000000, 0x80000000, 0x00000001, 0x80000001, 0xffffffff,
		0x7fffffff, 0x3f800000, 0xbf800000, 0x3f000000, 0x40490fdb,
		0x00800000, 0x80800000, 0x007fffff, 0x807fffff, 0x00400000,
		0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
		0xffc00000, 0x7f800001, 0xffa12345, 0x4f000000, 0xcf000000,
		0x4effffff, 0x5f000000, 0xdf000000, 0x5effffff, 0x4f800000,
		0x33800000, 0x33000000, 0x38800000, 0x387fe000, 0x477fe000,
		0x477ff000, 0x47800000, 0x3fc00000, 0x40200000, 0xc0200000,
		0x4b000000, 0x4b7fffff, 0x00000080, 0x0000ffff, 0xffff0000,
		0x34000000, 0x01000000, 0x7e800000, 0x7f000000, 0x3f7fffff,
	};
	uint32_t low;

	switch (rng_below(r, 8)) {
	case 0:
	case 1: return (uint32_t)rng_next(r);
	case 2: return 1u << rng_below(r, 32);
	case 3: /* a float of moderate size, so that sums do something */
		low = (uint32_t)rng_next(r) & 0x807fffff;
		return low | (127 - 16 + rng_below(r, 32)) << 23;
	case 4: low = value16(r); return low | (uint32_t)value16(r) << 16;
	default:
		return special[rng_below(r,
					 sizeof(special) / sizeof(*special))];
	}
}

static inline uint64_t value64(struct rng *r)
{
	static const uint64_t special[] = {
		0,
		1,
		2,
		UINT64_MAX,
		INT64_MAX,
		UINT64_C(1) << 63,
		UINT64_C(0x8000000000000001),
		UINT64_C(0x00000000ffffffff),
		UINT64_C(0x0000000080000000),
		UINT64_C(0xffffffff80000000),
		UINT64_C(0x000000007fffffff),
		UINT64_C(0x0000000100000000),
		UINT64_C(0x3ff0000000000000),
		UINT64_C(0xbff0000000000000),
		UINT64_C(0x3fe0000000000000),
		UINT64_C(0x400921fb54442d18),
		UINT64_C(0x0010000000000000),
		UINT64_C(0x8010000000000000),
		UINT64_C(0x000fffffffffffff),
		UINT64_C(0x800fffffffffffff),
		UINT64_C(0x0008000000000000),
		UINT64_C(0x7fefffffffffffff),
		UINT64_C(0xffefffffffffffff),
		UINT64_C(0x7ff0000000000000),
		UINT64_C(0xfff0000000000000),
		UINT64_C(0x7ff8000000000000),
		UINT64_C(0xfff8000000000000),
		UINT64_C(0x7ff0000000000001),
		UINT64_C(0xfff4123456789abc),
		UINT64_C(0x43e0000000000000),
		UINT64_C(0xc3e0000000000000),
		UINT64_C(0x43dfffffffffffff),
		UINT64_C(0x41e0000000000000),
		UINT64_C(0x41dfffffffc00000),
		UINT64_C(0x43f0000000000000),
		UINT64_C(0x41f0000000000000),
		UINT64_C(0x3ff8000000000000),
		UINT64_C(0x4004000000000000),
		UINT64_C(0x3690000000000000),
		UINT64_C(0x36a0000000000000),
		UINT64_C(0x3810000000000000),
		UINT64_C(0x380fffffe0000000),
		UINT64_C(0x47efffffe0000000),
		UINT64_C(0x47effffff0000000),
		UINT64_C(0x47f0000000000000),
		UINT64_C(0x3e60000000000000),
		UINT64_C(0x4330000000000000),
		UINT64_C(0x433fffffffffffff),
		UINT64_C(0x7fd0000000000000),
		UINT64_C(0x7fe0000000000000),
		UINT64_C(0x8080808080808080),
		UINT64_C(0x7f7f7f7f7f7f7f7f),
		UINT64_C(0x0101010101010101),
		UINT64_C(0x5555555555555555),
		UINT64_C(0x00ff00ff00ff00ff),
		UINT64_C(0x8000800080008000),
	};
	uint64_t low;

	switch (rng_below(r, 10)) {
	case 0:
	case 1: return rng_next(r);
	case 2: return UINT64_C(1) << rng_below(r, 64);
	case 3: return ~(UINT64_C(1) << rng_below(r, 64));
	case 4: low = rng_next(r); return low >> rng_below(r, 64);
	case 5: /* a double of moderate size */
		low = rng_next(r) & UINT64_C(0x800fffffffffffff);
		return low | (uint64_t)(1023 - 32 + rng_below(r, 64)) << 52;
	case 6:
	case 7: low = value32(r); return low | (uint64_t)value32(r) << 32;
	default:
		return special[rng_below(r,
					 sizeof(special) / sizeof(*special))];
	}
}

/* The data window's contents: `words` of 8 bytes. */
static inline void image_fill(uint64_t *p, size_t words, uint32_t image)
{
	struct rng r = { image };
	size_t i;

	for (i = 0; i < words; i++)
		p[i] = value64(&r);
}

#endif
