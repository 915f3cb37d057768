/* SPDX-License-Identifier: MIT */
/*
 * simd_misc.c - integers of one vector: Advanced SIMD two-register
 * miscellaneous and the scalar form of DDI 0487 C4.1.  Floating point is in
 * simd_misc_fp.c.
 */
#include "cpu/arm64/simd_arith.h"
#include "cpu/arm64/simd_wide.h"

static inline uint64_t swap_h(uint64_t a)
{
	return a >> 48 | (a >> 16 & 0xffff0000u) | (a & 0xffff0000u) << 16 |
	       a << 48;
}

/* Elements in reverse order within containers, which are the lanes. */
PURE_LANES(rev64_b, u, d, i, __builtin_bswap64(a))
PURE_LANES(rev64_h, u, d, i, swap_h(a))
PURE_LANES(rev64_s, u, d, i, a >> 32 | a << 32)
PURE_LANES(rev32_b, u, s, i, __builtin_bswap32(a))
PURE_LANES(rev32_h, u, s, i, a >> 16 | a << 16)
PURE_LANES(rev16_b, u, h, i, __builtin_bswap16(a))

static inline uint64_t leading_zeros(uint64_t a, unsigned width)
{
	return a ? (unsigned)__builtin_clzll(a) - (64 - width) : width;
}

static inline uint64_t leading_signs(int64_t a, unsigned width)
{
	return leading_zeros((uint64_t)(a < 0 ? ~a : a), width) - 1;
}

#define COUNT(w)                                              \
	PURE_LANES(clz_##w, u, w, i, leading_zeros(a, W_##w)) \
	PURE_LANES(cls_##w, s, w, i, leading_signs(a, W_##w))
COUNT(b)
COUNT(h)
COUNT(s)

static inline unsigned reverse8(unsigned a)
{
	a = (a & 0x55) << 1 | (a >> 1 & 0x55);
	a = (a & 0x33) << 2 | (a >> 2 & 0x33);
	return a << 4 | a >> 4;
}

static inline unsigned ones8(unsigned a)
{
	a -= a >> 1 & 0x55;
	a = (a & 0x33) + (a >> 2 & 0x33);
	return (a + (a >> 4)) & 0x0f;
}

PURE_LANES(cnt_b, u, b, i, ones8(a))
PURE_LANES(rbit_b, u, b, i, reverse8(a))
PURE_LANES(not, u, d, i, ~a)

PURE_BHSD(cmgt0, s, a > 0 ? -1 : 0)
PURE_BHSD(cmge0, s, a >= 0 ? -1 : 0)
PURE_BHSD(cmeq0, s, a == 0 ? -1 : 0)
PURE_BHSD(cmle0, s, a <= 0 ? -1 : 0)
PURE_BHSD(cmlt0, s, a < 0 ? -1 : 0)
PURE_BHSD(abs, s, a < 0 ? -(u_d)a : (u_d)a)
PURE_BHSD(neg, u, -(u_d)a)

static inline int64_t lane_sqneg(struct a64 *c, int64_t a, unsigned width)
{
	return lane_sqsub(c, 0, a, width);
}

static inline int64_t lane_sqabs(struct a64 *c, int64_t a, unsigned width)
{
	return a < 0 ? lane_sqneg(c, a, width) : a;
}

/* Signed o plus unsigned a, and unsigned o plus signed a. */
static inline int64_t lane_suqadd(struct a64 *c, int64_t o, uint64_t a,
				  unsigned width)
{
	int64_t max = sat_limit_s(false, width);

	if (a <= (uint64_t)max - (uint64_t)o)
		return (int64_t)((uint64_t)o + a);
	c->fpsr |= FPSR_QC;
	return max;
}

static inline uint64_t lane_usqadd(struct a64 *c, uint64_t o, int64_t a,
				   unsigned width)
{
	if (a < 0)
		return lane_uqsub(c, o, -(uint64_t)a, width);
	return lane_uqadd(c, o, (uint64_t)a, width);
}

#define SATURATING(w)                                                      \
	EACH_LANE(sqabs_##w, s, w, i, lane_sqabs(c, a, W_##w))             \
	EACH_LANE(sqneg_##w, s, w, i, lane_sqneg(c, a, W_##w))             \
	EACH_LANE(suqadd_##w, s, w, i, lane_suqadd(c, o, (u_##w)a, W_##w)) \
	EACH_LANE(usqadd_##w, u, w, i, lane_usqadd(c, o, (s_##w)a, W_##w))
SATURATING(b)
SATURATING(h)
SATURATING(s)
SATURATING(d)

/* Sums of neighbours, twice as wide. */
#define PAIRS(name, k, w, w2, sum)                                     \
	A64_OP(name##_##w)                                             \
	{                                                              \
		const union a64_vreg *v_n = &c->v[op->rn];             \
		const union a64_vreg *v_o = &c->v[op->rd];             \
		union a64_vreg r;                                      \
		unsigned i;                                            \
                                                                       \
		for (i = 0; i < N_##w2; i++) {                         \
			const k##_##w2 a = (k##_##w)v_n->w[2 * i];     \
			const k##_##w2 b = (k##_##w)v_n->w[2 * i + 1]; \
			const u_##w2 o = v_o->w2[i];                   \
                                                                       \
			(void)o;                                       \
			r.w2[i] = (u_##w2)(sum);                       \
		}                                                      \
		v_put(c, op, r);                                       \
		NEXT;                                                  \
	}

#define PAIRS_BHS(name, k, sum)   \
	PAIRS(name, k, b, h, sum) \
	PAIRS(name, k, h, s, sum) \
	PAIRS(name, k, s, d, sum)

PAIRS_BHS(saddlp, s, a + b)
PAIRS_BHS(uaddlp, u, 0u + a + b)
PAIRS_BHS(sadalp, s, o + (u_d)(a + b))
PAIRS_BHS(uadalp, u, 0u + o + a + b)

#define XTN(w) a
#define SQXTN(w) sat_s(c, a, W_##w)
#define UQXTN(w) sat_u(c, a, W_##w)
#define SQXTUN(w) sat_su(c, a, W_##w)

NARROW_BHS(xtn, u, XTN)
EACH_NARROW_BHS(sqxtn, s, SQXTN)
EACH_NARROW_BHS(uqxtn, u, UQXTN)
EACH_NARROW_BHS(sqxtun, s, SQXTUN)

LONG(shll_b, u, b, h, i, ((void)b, (u_d)a << W_b))
LONG(shll_h, u, h, s, i, ((void)b, (u_d)a << W_h))
LONG(shll_s, u, s, d, i, ((void)b, (u_d)a << W_s))

enum { SHLL = 0x13 };

/* By U and opcode. */
static const struct row {
	a64_fn *fn[4];
	uint8_t scalar_sizes;
} misc[2][21] = {
	{
		[0x00] = { ROW_BHS(rev64), 0 },
		[0x01] = { ROW_B(rev16), 0 },
		[0x02] = { ROW_BHS(saddlp), 0 },
		[0x03] = { ROW_BHSD(suqadd), 15 },
		[0x04] = { ROW_BHS(cls), 0 },
		[0x05] = { ROW_B(cnt), 0 },
		[0x06] = { ROW_BHS(sadalp), 0 },
		[0x07] = { ROW_BHSD(sqabs), 15 },
		[0x08] = { ROW_BHSD(cmgt0), 8 },
		[0x09] = { ROW_BHSD(cmeq0), 8 },
		[0x0a] = { ROW_BHSD(cmlt0), 8 },
		[0x0b] = { ROW_BHSD(abs), 8 },
		[0x12] = { ROW_BHS(xtn), 0 },
		[0x14] = { ROW_BHS(sqxtn), 7 },
	},
	{
		[0x00] = { ROW_BH(rev32), 0 },
		[0x02] = { ROW_BHS(uaddlp), 0 },
		[0x03] = { ROW_BHSD(usqadd), 15 },
		[0x04] = { ROW_BHS(clz), 0 },
		[0x05] = { { not, rbit_b }, 0 },
		[0x06] = { ROW_BHS(uadalp), 0 },
		[0x07] = { ROW_BHSD(sqneg), 15 },
		[0x08] = { ROW_BHSD(cmge0), 8 },
		[0x09] = { ROW_BHSD(cmle0), 8 },
		[0x0b] = { ROW_BHSD(neg), 8 },
		[0x12] = { ROW_BHS(sqxtun), 7 },
		[SHLL] = { ROW_BHS(shll), 0 },
		[0x14] = { ROW_BHS(uqxtn), 7 },
	},
};

enum a64_flow simd_decode_misc(uint32_t insn, struct a64_op *op)
{
	unsigned u = bits(insn, 29, 29), size = bits(insn, 23, 22);
	unsigned opcode = bits(insn, 16, 12);
	enum a64_flow flow;

	simd_regs(insn, op);
	op->uimm = 0;
	op->rm = 0;
	if (opcode > 0x14 || (opcode >= 0x0c && opcode <= 0x0f))
		return simd_decode_misc_fp(insn, op);
	flow = simd_emit(insn, op, misc[u][opcode].fn[size], size,
			 misc[u][opcode].scalar_sizes);
	if (flow == A64_GOES_ON && opcode == SHLL)
		long_operands(insn, op, size);
	return flow;
}
