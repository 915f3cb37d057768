/* SPDX-License-Identifier: MIT */
/* fp_immediate.h - VFPExpandImm() of DDI 0487 J1.3: 8 bits of a constant. */
#ifndef CPU_ARM64_FP_IMMEDIATE_H
#define CPU_ARM64_FP_IMMEDIATE_H

#include <stdint.h>

/* abcdefgh: a = sign, NOT(b):bbb..:cd = exponent, efgh = fraction. */
static inline uint32_t fp_immediate_s(uint32_t imm8)
{
	uint32_t exp = (imm8 & 0x40 ? 0x7cu : 0x80u) | (imm8 >> 4 & 3);

	return (imm8 >> 7) << 31 | exp << 23 | (imm8 & 15) << 19;
}

static inline uint64_t fp_immediate_d(uint32_t imm8)
{
	uint64_t exp = (imm8 & 0x40 ? 0x3fcu : 0x400u) | (imm8 >> 4 & 3);

	return (uint64_t)(imm8 >> 7) << 63 | exp << 52 |
	       (uint64_t)(imm8 & 15) << 48;
}

#endif
