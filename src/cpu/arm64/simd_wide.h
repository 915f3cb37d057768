/* SPDX-License-Identifier: MIT */
/*
 * simd_wide.h - lanes that become twice as wide, or half.
 *
 * For long operations op->ra is the number of bytes of the result, as always;
 * op->uimm is the lane of rm for "by element", and LONG_UPPER asks for the
 * upper half of the sources (the second form: SADDL2).
 *
 * For narrow ones op->ra is 16 when the result goes to the upper half of rd
 * (XTN2), else what is left in the lower half.
 */
#ifndef CPU_ARM64_SIMD_WIDE_H
#define CPU_ARM64_SIMD_WIDE_H

#include "cpu/arm64/simd_lanes.h"

enum { LONG_UPPER = 1 << 8, LONG_LANE = 0xff };

/* The first narrow lane; there are N_##w2 of them to a half. */
#define LONG_PART(op, w2) ((op)->uimm & LONG_UPPER ? N_##w2 : 0u)

/*
 * Lanes a and b are extended to width w2 and o is an unsigned one of that
 * width.  `index` selects the lane of rm, n is how many results there are:
 * LONG is as PURE_LANES, and EACH_LONG as EACH_LANE.
 */
#define LONG_LANES(name, k, w, w2, index, n, expr)                      \
	A64_OP(name)                                                    \
	{                                                               \
		const union a64_vreg *v_n = &c->v[op->rn];              \
		const union a64_vreg *v_m = &c->v[op->rm];              \
		const union a64_vreg *v_o = &c->v[op->rd];              \
		union a64_vreg r = { .d = { 0, 0 } };                   \
		unsigned at;                                            \
		const unsigned part = LONG_PART(op, w2);                \
									\
		for (at = 0; at < (n); at++) {                          \
			const unsigned i = part + at;                   \
			const k##_##w2 a = (k##_##w)v_n->w[i];          \
			const k##_##w2 b = (k##_##w)v_m->w[index];      \
			const u_##w2 o = v_o->w2[at];                   \
									\
			(void)o;                                        \
			r.w2[at] = (u_##w2)(expr);                      \
		}                                                       \
		c->v[op->rd] = r;                                       \
		NEXT;                                                   \
	}

#define LONG(name, k, w, w2, index, expr) \
	LONG_LANES(name, k, w, w2, index, N_##w2, expr)
#define EACH_LONG(name, k, w, w2, index, expr) \
	LONG_LANES(name, k, w, w2, index, op->ra / (W_##w2 / 8u), expr)

#define LONG_BHS(name, k, expr)                \
	LONG(name##_b, k, b, h, i, expr)       \
	LONG(name##_h, k, h, s, i, expr)       \
	LONG(name##_s, k, s, d, i, expr)

/* For the saturating doubling ones: expr(w2). */
#define LONG_HS(name, expr)                      \
	EACH_LONG(name##_h, s, h, s, i, expr(s)) \
	EACH_LONG(name##_s, s, s, d, i, expr(d))

#define SQDMULL(w2) lane_sqdmull(c, a, b, W_##w2)
#define SQDMLAL(w2) \
	lane_sqadd(c, (s_##w2)o, lane_sqdmull(c, a, b, W_##w2), W_##w2)
#define SQDMLSL(w2) \
	lane_sqsub(c, (s_##w2)o, lane_sqdmull(c, a, b, W_##w2), W_##w2)

/* Decoding a long operation of lanes of 1 << size bytes: after simd_emit(). */
static inline void long_operands(uint32_t insn, struct a64_op *op,
				 unsigned size)
{
	if (simd_is_scalar(insn)) {
		op->ra = (uint8_t)(2u << size);
	} else {
		op->uimm |= op->ra == 16 ? LONG_UPPER : 0u;
		op->ra = 16;
	}
}

static inline void v_put_half(struct a64 *c, const struct a64_op *op,
			      uint64_t r)
{
	if (op->ra == 16) {
		c->v[op->rd].d[1] = r;
	} else {
		c->v[op->rd].d[0] = r;
		c->v[op->rd].d[1] = 0;
	}
}

/* Wide lanes a of rn, each made narrow by the expression. */
#define NARROW_LANES(name, k, w, w2, n, expr)                         \
	A64_OP(name)                                                  \
	{                                                             \
		const union a64_vreg *v_n = &c->v[op->rn];            \
		union a64_vreg r = { .d = { 0, 0 } };                 \
		unsigned i;                                           \
								      \
		for (i = 0; i < (n); i++) {                           \
			const k##_##w2 a = (k##_##w2)v_n->w2[i];      \
								      \
			r.w[i] = (u_##w)(expr);                       \
		}                                                     \
		v_put_half(c, op, r.d[0]);                            \
		NEXT;                                                 \
	}

/* As PURE_LANES and EACH_LANE. */
#define NARROW(name, k, w, w2, expr) \
	NARROW_LANES(name, k, w, w2, N_##w2, expr)
#define EACH_NARROW(name, k, w, w2, expr) \
	NARROW_LANES(name, k, w, w2,      \
		     (op->ra < 8 ? op->ra : 8u) / (W_##w / 8u), expr)

/* expr(w) may name the narrow width. */
#define NARROW_BHS(name, k, expr)               \
	NARROW(name##_b, k, b, h, expr(b))      \
	NARROW(name##_h, k, h, s, expr(h))      \
	NARROW(name##_s, k, s, d, expr(s))
#define EACH_NARROW_BHS(name, k, expr)          \
	EACH_NARROW(name##_b, k, b, h, expr(b)) \
	EACH_NARROW(name##_h, k, h, s, expr(h)) \
	EACH_NARROW(name##_s, k, s, d, expr(s))

#endif
