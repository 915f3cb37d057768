/* SPDX-License-Identifier: MIT */
/*
 * simd_same.c - integers, lane by lane: Advanced SIMD three same and scalar
 * three same of DDI 0487 C4.1.  Floating point is in simd_same_fp.c.
 */
#include "cpu/arm64/simd_arith.h"

/* Sums and differences of lanes below 64 bits, without overflow. */
#define SUM ((int64_t)a + (int64_t)b)
#define DIFF ((int64_t)a - (int64_t)b)

PURE_BHS(shadd, s, SUM >> 1)
PURE_BHS(uhadd, u, SUM >> 1)
PURE_BHS(srhadd, s, (SUM + 1) >> 1)
PURE_BHS(urhadd, u, (SUM + 1) >> 1)
PURE_BHS(shsub, s, DIFF >> 1)
PURE_BHS(uhsub, u, DIFF >> 1)
PURE_BHS(smax, s, a > b ? a : b)
PURE_BHS(smin, s, a < b ? a : b)
PURE_BHS(umax, u, a > b ? a : b)
PURE_BHS(umin, u, a < b ? a : b)
PURE_BHS(sabd, s, a > b ? DIFF : -DIFF)
PURE_BHS(uabd, u, a > b ? DIFF : -DIFF)
PURE_BHS(saba, s, o + (a > b ? DIFF : -DIFF))
PURE_BHS(uaba, u, o + (a > b ? DIFF : -DIFF))
PURE_BHS(mul, u, 1u * a * b)
PURE_BHS(mla, u, o + 1u * a * b)
PURE_BHS(mls, u, o - 1u * a * b)

PURE_BHSD(add, u, a + b)
PURE_BHSD(sub, u, a - b)
PURE_BHSD(cmgt, s, a > b ? -1 : 0)
PURE_BHSD(cmge, s, a >= b ? -1 : 0)
PURE_BHSD(cmhi, s, (uint64_t)a > (uint64_t)b ? -1 : 0)
PURE_BHSD(cmhs, s, (uint64_t)a >= (uint64_t)b ? -1 : 0)
PURE_BHSD(cmeq, s, a == b ? -1 : 0)
PURE_BHSD(cmtst, s, (a & b) != 0 ? -1 : 0)

PURE_LANES(and, u, d, i, a &b)
PURE_LANES(bic, u, d, i, a & ~b)
PURE_LANES(orr, u, d, i, a | b)
PURE_LANES(orn, u, d, i, a | ~b)
PURE_LANES(eor, u, d, i, a ^ b)
PURE_LANES(bsl, u, d, i, (o & a) | (~o & b))
PURE_LANES(bit, u, d, i, (o & ~b) | (a & b))
PURE_LANES(bif, u, d, i, (o & b) | (a & ~b))

EACH_BHSD(sqadd, s, lane_sqadd)
EACH_BHSD(uqadd, u, lane_uqadd)
EACH_BHSD(sqsub, s, lane_sqsub)
EACH_BHSD(uqsub, u, lane_uqsub)
EACH_BHSD(sshl, s, lane_sshl)
EACH_BHSD(ushl, u, lane_ushl)
EACH_BHSD(srshl, s, lane_srshl)
EACH_BHSD(urshl, u, lane_urshl)
EACH_BHSD(sqshl, s, lane_sqshl)
EACH_BHSD(uqshl, u, lane_uqshl)
EACH_BHSD(sqrshl, s, lane_sqrshl)
EACH_BHSD(uqrshl, u, lane_uqrshl)
EACH_LANE(sqdmulh_h, s, h, i, lane_sqdmulh(c, a, b, W_h))
EACH_LANE(sqdmulh_s, s, s, i, lane_sqdmulh(c, a, b, W_s))
EACH_LANE(sqrdmulh_h, s, h, i, lane_sqrdmulh(c, a, b, W_h))
EACH_LANE(sqrdmulh_s, s, s, i, lane_sqrdmulh(c, a, b, W_s))

/* Polynomials over {0, 1}: multiplication without carries. */
static inline unsigned polynomial(unsigned a, unsigned b)
{
	unsigned r = 0, i;

	for (i = 0; i < 8; i++)
		r ^= (b >> i & 1) * (a << i);
	return r;
}

PURE_LANES(pmul_b, u, b, i, polynomial(a, b))

/*
 * Neighbours of rn, then of rm.  A pair is a lane of twice the width: taken
 * apart by shifts, which compilers can do for many at once.
 */
#define PAIRWISE(name, k, w, w2, expr)                                 \
	static inline uint64_t name##_half(uint64_t lo, uint64_t hi)   \
	{                                                              \
		const union a64_vreg v = { .d = { lo, hi } };          \
		union a64_vreg r;                                      \
		unsigned i;                                            \
                                                                       \
		for (i = 0; i < N_##w2; i++) {                         \
			const k##_##w a = (k##_##w)v.w2[i];            \
			const k##_##w b = (k##_##w)(v.w2[i] >> W_##w); \
                                                                       \
			r.w[i] = (u_##w)(expr);                        \
		}                                                      \
		return r.d[0];                                         \
	}                                                              \
	A64_OP(name)                                                   \
	{                                                              \
		const union a64_vreg n = c->v[op->rn];                 \
		const union a64_vreg m = c->v[op->rm];                 \
		union a64_vreg r = { .d = { 0, 0 } };                  \
                                                                       \
		if (op->ra == 16) {                                    \
			r.d[0] = name##_half(n.d[0], n.d[1]);          \
			r.d[1] = name##_half(m.d[0], m.d[1]);          \
		} else {                                               \
			r.d[0] = name##_half(n.d[0], m.d[0]);          \
		}                                                      \
		c->v[op->rd] = r;                                      \
		NEXT;                                                  \
	}

#define PAIRWISE_BHS(name, k, expr)       \
	PAIRWISE(name##_b, k, b, h, expr) \
	PAIRWISE(name##_h, k, h, s, expr) \
	PAIRWISE(name##_s, k, s, d, expr)

PAIRWISE_BHS(smaxp, s, a > b ? a : b)
PAIRWISE_BHS(sminp, s, a < b ? a : b)
PAIRWISE_BHS(umaxp, u, a > b ? a : b)
PAIRWISE_BHS(uminp, u, a < b ? a : b)
PAIRWISE_BHS(addp, u, a + b)

A64_OP(addp_d)
{
	const union a64_vreg n = c->v[op->rn], m = c->v[op->rm];

	c->v[op->rd].d[0] = n.d[0] + n.d[1];
	c->v[op->rd].d[1] = m.d[0] + m.d[1];
	NEXT;
}

/* By U, opcode and size. */
static a64_fn *const same[2][24][4] = {
	{
		[0x00] = ROW_BHS(shadd),  [0x01] = ROW_BHSD(sqadd),
		[0x02] = ROW_BHS(srhadd), [0x03] = { and, bic, orr, orn },
		[0x04] = ROW_BHS(shsub),  [0x05] = ROW_BHSD(sqsub),
		[0x06] = ROW_BHSD(cmgt),  [0x07] = ROW_BHSD(cmge),
		[0x08] = ROW_BHSD(sshl),  [0x09] = ROW_BHSD(sqshl),
		[0x0a] = ROW_BHSD(srshl), [0x0b] = ROW_BHSD(sqrshl),
		[0x0c] = ROW_BHS(smax),   [0x0d] = ROW_BHS(smin),
		[0x0e] = ROW_BHS(sabd),   [0x0f] = ROW_BHS(saba),
		[0x10] = ROW_BHSD(add),   [0x11] = ROW_BHSD(cmtst),
		[0x12] = ROW_BHS(mla),    [0x13] = ROW_BHS(mul),
		[0x14] = ROW_BHS(smaxp),  [0x15] = ROW_BHS(sminp),
		[0x16] = ROW_HS(sqdmulh), [0x17] = ROW_BHSD(addp),
	},
	{
		[0x00] = ROW_BHS(uhadd),   [0x01] = ROW_BHSD(uqadd),
		[0x02] = ROW_BHS(urhadd),  [0x03] = { eor, bsl, bit, bif },
		[0x04] = ROW_BHS(uhsub),   [0x05] = ROW_BHSD(uqsub),
		[0x06] = ROW_BHSD(cmhi),   [0x07] = ROW_BHSD(cmhs),
		[0x08] = ROW_BHSD(ushl),   [0x09] = ROW_BHSD(uqshl),
		[0x0a] = ROW_BHSD(urshl),  [0x0b] = ROW_BHSD(uqrshl),
		[0x0c] = ROW_BHS(umax),    [0x0d] = ROW_BHS(umin),
		[0x0e] = ROW_BHS(uabd),    [0x0f] = ROW_BHS(uaba),
		[0x10] = ROW_BHSD(sub),    [0x11] = ROW_BHSD(cmeq),
		[0x12] = ROW_BHS(mls),     [0x13] = ROW_B(pmul),
		[0x14] = ROW_BHS(umaxp),   [0x15] = ROW_BHS(uminp),
		[0x16] = ROW_HS(sqrdmulh),
	},
};

/* Sizes that exist as scalars, the same for both U. */
static const uint8_t scalar_sizes[24] = {
	[0x01] = 15, [0x05] = 15, [0x06] = 8, [0x07] = 8,
	[0x08] = 8,  [0x09] = 15, [0x0a] = 8, [0x0b] = 15,
	[0x10] = 8,  [0x11] = 8,  [0x16] = 6,
};

enum { LOGICAL = 3 };

enum a64_flow simd_decode_same(uint32_t insn, struct a64_op *op)
{
	unsigned u = bits(insn, 29, 29), size = bits(insn, 23, 22);
	unsigned opcode = bits(insn, 15, 11);

	simd_regs(insn, op);
	if (opcode >= 24)
		return simd_decode_same_fp(insn, op);
	if (opcode == LOGICAL && !simd_is_scalar(insn)) {
		op->fn = same[u][opcode][size];
		return A64_GOES_ON;
	}
	return simd_emit(insn, op, same[u][opcode][size], size,
			 scalar_sizes[opcode]);
}
