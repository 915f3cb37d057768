/* SPDX-License-Identifier: MIT */
/* alu.h - flags, conditions, shifts and extensions of the integer unit. */
#ifndef CPU_ARM64_ALU_H
#define CPU_ARM64_ALU_H

#include "cpu/arm64/op.h"

/* Condition codes, C1.2.4. */
enum a64_cond {
	COND_EQ,
	COND_NE,
	COND_HS,
	COND_LO,
	COND_MI,
	COND_PL,
	COND_VS,
	COND_VC,
	COND_HI,
	COND_LS,
	COND_GE,
	COND_LT,
	COND_GT,
	COND_LE,
	COND_AL,
	COND_NV,
};

static inline bool a64_holds(const struct a64 *c, enum a64_cond cond)
{
	bool n = c->nf >> 63, z = c->zf == 0, v = c->vf, cy = c->cf;

	switch (cond) {
	case COND_EQ: return z;
	case COND_NE: return !z;
	case COND_HS: return cy;
	case COND_LO: return !cy;
	case COND_MI: return n;
	case COND_PL: return !n;
	case COND_VS: return v;
	case COND_VC: return !v;
	case COND_HI: return cy && !z;
	case COND_LS: return !cy || z;
	case COND_GE: return n == v;
	case COND_LT: return n != v;
	case COND_GT: return !z && n == v;
	case COND_LE: return z || n != v;
	case COND_AL:
	case COND_NV: return true;
	}
	return true;
}

/* The flags of a logical result; 32-bit ones are moved up to bit 63. */
static inline void flags_logic64(struct a64 *c, uint64_t r)
{
	c->nf = c->zf = r;
	c->cf = c->vf = 0;
}

static inline void flags_logic32(struct a64 *c, uint32_t r)
{
	flags_logic64(c, (uint64_t)r << 32);
}

/* AddWithCarry() with flags, J1.3.1. */
static inline uint64_t adc64(struct a64 *c, uint64_t a, uint64_t b, uint64_t ci)
{
	uint64_t r = a + b + ci;

	c->nf = c->zf = r;
	c->cf = ci ? r <= a : r < a;
	c->vf = (~(a ^ b) & (a ^ r)) >> 63;
	return r;
}

static inline uint32_t adc32(struct a64 *c, uint32_t a, uint32_t b, uint32_t ci)
{
	uint64_t wide = (uint64_t)a + b + ci;
	uint32_t r = (uint32_t)wide;

	c->nf = c->zf = (uint64_t)r << 32;
	c->cf = wide >> 32;
	c->vf = (~(a ^ b) & (a ^ r)) >> 31;
	return r;
}

static inline uint64_t add64(struct a64 *c, uint64_t a, uint64_t b)
{
	return adc64(c, a, b, 0);
}

static inline uint32_t add32(struct a64 *c, uint32_t a, uint32_t b)
{
	return adc32(c, a, b, 0);
}

static inline uint64_t sub64(struct a64 *c, uint64_t a, uint64_t b)
{
	uint64_t r = a - b;

	c->nf = c->zf = r;
	c->cf = a >= b;
	c->vf = ((a ^ b) & (a ^ r)) >> 63;
	return r;
}

static inline uint32_t sub32(struct a64 *c, uint32_t a, uint32_t b)
{
	uint32_t r = a - b;

	c->nf = c->zf = (uint64_t)r << 32;
	c->cf = a >= b;
	c->vf = ((a ^ b) & (a ^ r)) >> 31;
	return r;
}

static inline uint64_t ror64(uint64_t v, unsigned n)
{
	return v >> (n & 63) | v << (-n & 63);
}

static inline uint32_t ror32(uint32_t v, unsigned n)
{
	return v >> (n & 31) | v << (-n & 31);
}

static inline uint64_t asr64(uint64_t v, unsigned n)
{
	return (uint64_t)((int64_t)v >> n);
}

static inline uint32_t asr32(uint32_t v, unsigned n)
{
	return (uint32_t)((int32_t)v >> n);
}

static inline uint64_t sext(uint64_t v, unsigned bits)
{
	return (uint64_t)((int64_t)(v << (64 - bits)) >> (64 - bits));
}

/* ExtendReg(), J1.3.3: UXTB..UXTX, SXTB..SXTX by number. */
static inline uint64_t extend(uint64_t v, unsigned how)
{
	switch (how) {
	case 0: return (uint8_t)v;
	case 1: return (uint16_t)v;
	case 2: return (uint32_t)v;
	case 4: return sext(v, 8);
	case 5: return sext(v, 16);
	case 6: return sext(v, 32);
	default: return v;
	}
}

#endif
