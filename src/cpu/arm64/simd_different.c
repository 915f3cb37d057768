/* SPDX-License-Identifier: MIT */
/*
 * simd_different.c - integers to wider or narrower ones: Advanced SIMD three
 * different and scalar three different of DDI 0487 C4.1.
 */
#include "cpu/arm64/simd_arith.h"
#include "cpu/arm64/simd_wide.h"

LONG_BHS(saddl, s, a + b)
LONG_BHS(uaddl, u, 0u + a + b)
LONG_BHS(ssubl, s, a - b)
LONG_BHS(usubl, u, 0u + a - b)
LONG_BHS(sabdl, s, a > b ? a - b : b - a)
LONG_BHS(uabdl, u, a > b ? a - b : b - a)
LONG_BHS(sabal, s, o + (u_d)(a > b ? a - b : b - a))
LONG_BHS(uabal, u, o + (u_d)(a > b ? a - b : b - a))
LONG_BHS(smull, s, a *b)
LONG_BHS(umull, u, 1u * a * b)
LONG_BHS(smlal, s, o + (u_d)(a * b))
LONG_BHS(umlal, u, o + 1u * a * b)
LONG_BHS(smlsl, s, o - (u_d)(a * b))
LONG_BHS(umlsl, u, o - 1u * a * b)
LONG_HS(sqdmull, SQDMULL)
LONG_HS(sqdmlal, SQDMLAL)
LONG_HS(sqdmlsl, SQDMLSL)

static inline unsigned polynomial(unsigned a, unsigned b)
{
	unsigned r = 0, i;

	for (i = 0; i < 8; i++)
		r ^= (b >> i & 1) * (a << i);
	return r;
}

LONG(pmull_b, u, b, h, i, polynomial(a, b))

/* A wide lane of rn and a narrow one of rm. */
#define WIDE(name, k, w, w2, operator)                                     \
	A64_OP(name)                                                       \
	{                                                                  \
		const union a64_vreg *v_n = &c->v[op->rn];                 \
		const union a64_vreg *v_m = &c->v[op->rm];                 \
		union a64_vreg r;                                          \
		unsigned i, part = LONG_PART(op, w2);                      \
                                                                           \
		for (i = 0; i < N_##w2; i++) {                             \
			const k##_##w2 b = (k##_##w)v_m->w[part + i];      \
                                                                           \
			r.w2[i] = (u_##w2)(v_n->w2[i] operator(u_##w2) b); \
		}                                                          \
		c->v[op->rd] = r;                                          \
		NEXT;                                                      \
	}

#define WIDE_BHS(name, k, operator)       \
	WIDE(name##_b, k, b, h, operator) \
	WIDE(name##_h, k, h, s, operator) \
	WIDE(name##_s, k, s, d, operator)

WIDE_BHS(saddw, s, +)
WIDE_BHS(uaddw, u, +)
WIDE_BHS(ssubw, s, -)
WIDE_BHS(usubw, u, -)

/* The upper halves of wide lanes. */
#define HIGH(name, w, w2, operator, round)                               \
	A64_OP(name)                                                     \
	{                                                                \
		const union a64_vreg *v_n = &c->v[op->rn];               \
		const union a64_vreg *v_m = &c->v[op->rm];               \
		union a64_vreg r = { .d = { 0, 0 } };                    \
		unsigned i;                                              \
                                                                         \
		for (i = 0; i < N_##w2; i++) {                           \
			const u_##w2 a = v_n->w2[i], b = v_m->w2[i];     \
			const u_d sum = (u_d)a operator b;               \
                                                                         \
			r.w[i] = (u_##w)((sum + (u_d)(round)) >> W_##w); \
		}                                                        \
		v_put_half(c, op, r.d[0]);                               \
		NEXT;                                                    \
	}

#define HIGH_BHS(name, operator, round)                     \
	HIGH(name##_b, b, h, operator,(round) << (W_b - 1)) \
	HIGH(name##_h, h, s, operator,(round) << (W_h - 1)) \
	HIGH(name##_s, s, d, operator,(round) << (W_s - 1))

HIGH_BHS(addhn, +, 0u)
HIGH_BHS(raddhn, +, 1u)
HIGH_BHS(subhn, -, 0u)
HIGH_BHS(rsubhn, -, 1u)

/* By U, opcode and size of the narrow lanes. */
static a64_fn *const different[2][16][4] = {
	{
		[0] = ROW_BHS(saddl),
		[1] = ROW_BHS(saddw),
		[2] = ROW_BHS(ssubl),
		[3] = ROW_BHS(ssubw),
		[4] = ROW_BHS(addhn),
		[5] = ROW_BHS(sabal),
		[6] = ROW_BHS(subhn),
		[7] = ROW_BHS(sabdl),
		[8] = ROW_BHS(smlal),
		[9] = ROW_HS(sqdmlal),
		[10] = ROW_BHS(smlsl),
		[11] = ROW_HS(sqdmlsl),
		[12] = ROW_BHS(smull),
		[13] = ROW_HS(sqdmull),
		[14] = ROW_B(pmull),
	},
	{
		[0] = ROW_BHS(uaddl),
		[1] = ROW_BHS(uaddw),
		[2] = ROW_BHS(usubl),
		[3] = ROW_BHS(usubw),
		[4] = ROW_BHS(raddhn),
		[5] = ROW_BHS(uabal),
		[6] = ROW_BHS(rsubhn),
		[7] = ROW_BHS(uabdl),
		[8] = ROW_BHS(umlal),
		[10] = ROW_BHS(umlsl),
		[12] = ROW_BHS(umull),
	},
};

/* Scalars: the saturating ones, from 16 and 32 bits. */
static const uint8_t scalar_sizes[16] = { [9] = 6, [11] = 6, [13] = 6 };

enum a64_flow simd_decode_different(uint32_t insn, struct a64_op *op)
{
	unsigned u = bits(insn, 29, 29), size = bits(insn, 23, 22);
	unsigned opcode = bits(insn, 15, 12);
	enum a64_flow flow;

	simd_regs(insn, op);
	op->uimm = 0;
	flow = simd_emit(insn, op, different[u][opcode][size], size,
			 scalar_sizes[opcode]);
	if (flow == A64_GOES_ON && opcode != 4 && opcode != 6)
		long_operands(insn, op, size);
	return flow;
}
