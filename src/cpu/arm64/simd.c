/* SPDX-License-Identifier: MIT */
/*
 * simd.c - which group an encoding belongs to: data processing, scalar FP and
 * Advanced SIMD, DDI 0487 C4.1.96 (C4.1.5 before).
 *
 * ARMv8.0 without cryptography and half-precision arithmetic; what those and
 * later extensions allocate is undefined here.
 */
#include "cpu/arm64/simd.h"

typedef enum a64_flow decode_fn(uint32_t insn, struct a64_op *op);

/* The first row that fits; bits below 10 never matter. */
struct group {
	uint32_t mask, value;
	decode_fn *decode;
};

/* Bit 31, U (29) and Q (30) or the scalar forms are the groups' business. */
static const struct group scalar_fp[] = {
	{ 0x7f200000, 0x1e000000, fp_decode_conversion }, /* fixed point */
	{ 0x7f20fc00, 0x1e200000, fp_decode_conversion }, /* integer */
	{ 0xff200000, 0x1e200000, fp_decode_data },
	{ 0xff000000, 0x1f000000, fp_decode_data },
};

static const struct group vector[] = {
	{ 0x9f200400, 0x0e200400, simd_decode_same },
	{ 0x9f200c00, 0x0e200000, simd_decode_different },
	{ 0x9f3e0c00, 0x0e200800, simd_decode_misc },
	{ 0x9f3e0c00, 0x0e300800, simd_decode_across },
	{ 0x9fe08400, 0x0e000400, simd_decode_copy },
	{ 0xbf208c00, 0x0e000000, simd_decode_permute }, /* TBL */
	{ 0xbf208c00, 0x0e000800, simd_decode_permute },
	{ 0xbf208400, 0x2e000000, simd_decode_permute }, /* EXT */
	{ 0x9ff80400, 0x0f000400, simd_decode_immediate },
	{ 0x9f800400, 0x0f000400, simd_decode_shift },
	{ 0x9f000400, 0x0f000000, simd_decode_element },
};

static const struct group scalar[] = {
	{ 0xdf200400, 0x5e200400, simd_decode_same },
	{ 0xdf200c00, 0x5e200000, simd_decode_different },
	{ 0xdf3e0c00, 0x5e200800, simd_decode_misc },
	{ 0xdf3e0c00, 0x5e300800, simd_decode_pair },
	{ 0xdfe08400, 0x5e000400, simd_decode_copy },
	{ 0xdff80400, 0x5f000400, NULL }, /* no scalar immediates */
	{ 0xdf800400, 0x5f000400, simd_decode_shift },
	{ 0xdf000400, 0x5f000000, simd_decode_element },
};

static enum a64_flow find(const struct group *g, size_t n, uint32_t insn,
			  struct a64_op *op)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((insn & g[i].mask) == g[i].value)
			return g[i].decode ? g[i].decode(insn, op)
					   : A64_UNDEFINED;
	return A64_UNDEFINED;
}

#define FIND(table) find(table, sizeof(table) / sizeof(*(table)), insn, op)

enum a64_flow a64_decode_fp(uint32_t insn, struct a64_op *op)
{
	if (!bits(insn, 28, 28))
		return FIND(vector);
	if (bits(insn, 30, 30))
		return FIND(scalar);
	return FIND(scalar_fp);
}
