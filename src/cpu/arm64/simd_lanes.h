/* SPDX-License-Identifier: MIT */
/*
 * simd_lanes.h - operations on every lane of vectors, out of expressions.
 *
 * A lane type is named by kind and width: u_b, s_h, u_d; the width is also
 * the name of the member of union a64_vreg.  Two families of handlers:
 *
 *  - PURE: the expression has no side effects.  All 16 bytes are computed, in
 *    loops of constant length that compilers turn into vector instructions,
 *    and what op->ra says is not part of the result is cleared.
 *  - EACH: a function called per lane, for as many as there are, as it may
 *    raise flags.
 *
 * The expression or function sees the lanes of rn and rm as a and b, and of
 * the old rd as o.
 */
#ifndef CPU_ARM64_SIMD_LANES_H
#define CPU_ARM64_SIMD_LANES_H

#include "cpu/arm64/fp.h"
#include "cpu/arm64/simd.h"

typedef uint8_t  u_b;
typedef uint16_t u_h;
typedef uint32_t u_s;
typedef uint64_t u_d;
typedef int8_t   s_b;
typedef int16_t  s_h;
typedef int32_t  s_s;
typedef int64_t  s_d;

/* How many lanes of a width there are in 16 bytes, and their bits. */
enum {
	N_b = 16, N_h = 8, N_s = 4, N_d = 2,
	W_b = 8, W_h = 16, W_s = 32, W_d = 64,
};

/* The result of a PURE operation. */
static inline void v_put(struct a64 *c, const struct a64_op *op,
			 union a64_vreg r)
{
	r.d[1] &= -(uint64_t)(op->ra >> 4);
	c->v[op->rd] = r;
}

/* `index` selects the lane of rm: i, or op->uimm for "by element". */
#define PURE_LANES(name, k, w, index, expr)                        \
	A64_OP(name)                                               \
	{                                                          \
		const union a64_vreg *v_n = &c->v[op->rn];         \
		const union a64_vreg *v_m = &c->v[op->rm];         \
		const union a64_vreg *v_o = &c->v[op->rd];         \
		union a64_vreg r;                                  \
		unsigned i;                                        \
								   \
		for (i = 0; i < N_##w; i++) {                      \
			const k##_##w a = (k##_##w)v_n->w[i];      \
			const k##_##w b = (k##_##w)v_m->w[index];  \
			const k##_##w o = (k##_##w)v_o->w[i];      \
								   \
			(void)a;                                   \
			(void)b;                                   \
			(void)o;                                   \
			r.w[i] = (u_##w)(expr);                    \
		}                                                  \
		v_put(c, op, r);                                   \
		NEXT;                                              \
	}

#define EACH_LANE(name, k, w, index, fn)                                \
	A64_OP(name)                                                    \
	{                                                               \
		const union a64_vreg *v_n = &c->v[op->rn];              \
		const union a64_vreg *v_m = &c->v[op->rm];              \
		const union a64_vreg *v_o = &c->v[op->rd];              \
		union a64_vreg r = { .d = { 0, 0 } };                   \
		unsigned i, n = op->ra / (W_##w / 8);                   \
									\
		for (i = 0; i < n; i++) {                               \
			const k##_##w a = (k##_##w)v_n->w[i];           \
			const k##_##w b = (k##_##w)v_m->w[index];       \
			const k##_##w o = (k##_##w)v_o->w[i];           \
									\
			(void)b;                                        \
			(void)o;                                        \
			r.w[i] = (u_##w)(fn);                           \
		}                                                       \
		c->v[op->rd] = r;                                       \
		NEXT;                                                   \
	}

/*
 * A function of 64-bit values per lane: fn(c, a, b, width).  The handlers of
 * one instruction for all widths are name_b to name_d.
 */
#define EACH_BHSD(name, k, fn)                            \
	EACH_LANE(name##_b, k, b, i, fn(c, a, b, W_b))    \
	EACH_LANE(name##_h, k, h, i, fn(c, a, b, W_h))    \
	EACH_LANE(name##_s, k, s, i, fn(c, a, b, W_s))    \
	EACH_LANE(name##_d, k, d, i, fn(c, a, b, W_d))

#define PURE_BHS(name, k, expr)            \
	PURE_LANES(name##_b, k, b, i, expr) \
	PURE_LANES(name##_h, k, h, i, expr) \
	PURE_LANES(name##_s, k, s, i, expr)

#define PURE_BHSD(name, k, expr)     \
	PURE_BHS(name, k, expr)      \
	PURE_LANES(name##_d, k, d, i, expr)

/* A floating-point function per lane, fn_s(c, a, b) or fn_d(c, a, b). */
#define EACH_FP2(name, fn)                           \
	EACH_LANE(name##_s, u, s, i, fn##_s(c, a, b)) \
	EACH_LANE(name##_d, u, d, i, fn##_d(c, a, b))
#define EACH_FP1(name, fn)                        \
	EACH_LANE(name##_s, u, s, i, fn##_s(c, a)) \
	EACH_LANE(name##_d, u, d, i, fn##_d(c, a))

/* Rows of tables of handlers, by size. */
#define ROW_B(name)    { name##_b }
#define ROW_HS(name)   { 0, name##_h, name##_s }
#define ROW_BH(name)   { name##_b, name##_h }
#define ROW_BHS(name)  { name##_b, name##_h, name##_s }
#define ROW_BHSD(name) { name##_b, name##_h, name##_s, name##_d }
#define ROW_FP(name)   { name##_s, name##_d }

/* Saturation of a value that fits 64 bits, and of one that overflowed. */
static inline int64_t sat_limit_s(bool negative, unsigned width)
{
	int64_t max = INT64_MAX >> (64 - width);

	return negative ? -max - 1 : max;
}

static inline int64_t sat_s(struct a64 *c, int64_t v, unsigned width)
{
	int64_t max = sat_limit_s(false, width);

	if (v >= -max - 1 && v <= max)
		return v;
	c->fpsr |= FPSR_QC;
	return sat_limit_s(v < 0, width);
}

static inline uint64_t sat_u(struct a64 *c, uint64_t v, unsigned width)
{
	uint64_t max = UINT64_MAX >> (64 - width);

	if (v <= max)
		return v;
	c->fpsr |= FPSR_QC;
	return max;
}

/* A signed value to an unsigned lane. */
static inline uint64_t sat_su(struct a64 *c, int64_t v, unsigned width)
{
	if (v >= 0)
		return sat_u(c, (uint64_t)v, width);
	c->fpsr |= FPSR_QC;
	return 0;
}

/* Fields that most encodings share. */
static inline bool simd_is_scalar(uint32_t insn)
{
	return bits(insn, 28, 28);
}

static inline void simd_regs(uint32_t insn, struct a64_op *op)
{
	op->rd = (uint8_t)bits(insn, 4, 0);
	op->rn = (uint8_t)bits(insn, 9, 5);
	op->rm = (uint8_t)bits(insn, 20, 16);
	op->ra = bits(insn, 30, 30) ? 16 : 8;
}

/*
 * The last step of decoding: size (log2 of the bytes of a lane) is right for
 * the vector or scalar form.  Scalars have a set of sizes, bit n for 1 << n.
 */
static inline enum a64_flow simd_emit(uint32_t insn, struct a64_op *op,
				      a64_fn *fn, unsigned size,
				      unsigned scalar_sizes)
{
	if (!fn)
		return A64_UNDEFINED;
	if (simd_is_scalar(insn)) {
		if (!(scalar_sizes >> size & 1))
			return A64_UNDEFINED;
		op->ra = (uint8_t)(1u << size);
	} else if (size == 3 && op->ra == 8) {
		return A64_UNDEFINED;
	}
	op->fn = fn;
	return A64_GOES_ON;
}

#endif
