/* SPDX-License-Identifier: MIT */
/*
 * simd_shift.c - shifts by an immediate: Advanced SIMD shift by immediate and
 * scalar shift by immediate of DDI 0487 C4.1.  Fixed point is on its way to
 * simd_misc_fp.c.
 */
#include "cpu/arm64/simd_arith.h"
#include "cpu/arm64/simd_wide.h"

/* op->uimm is the amount: 1 .. width to the right, 0 .. width - 1 left. */
#define N op->uimm

static inline int64_t shr_s(int64_t a, unsigned n)
{
	return a >> (n - 1) >> 1;
}

static inline uint64_t shr_u(uint64_t a, unsigned n)
{
	return a >> (n - 1) >> 1;
}

PURE_BHSD(sshr, s, shr_s(a, N))
PURE_BHSD(ushr, u, shr_u(a, N))
PURE_BHSD(ssra, s, (u_d)o + (u_d)shr_s(a, N))
PURE_BHSD(usra, u, o + shr_u(a, N))
PURE_BHSD(srshr, s, shr_round_s(a, N))
PURE_BHSD(urshr, u, shr_round_u(a, N))
PURE_BHSD(srsra, s, (u_d)o + (u_d)shr_round_s(a, N))
PURE_BHSD(ursra, u, o + shr_round_u(a, N))
PURE_BHSD(shl, u, (u_d)a << N)
PURE_BHSD(sli, u, (o & (((u_d)1 << N) - 1)) | (u_d)a << N)

/* SRI keeps the bits that nothing is shifted into. */
#define SRI(w)                       \
	PURE_LANES(sri_##w, u, w, i, \
		   (o & ~shr_u(UINT64_MAX >> (64 - W_##w), N)) | shr_u(a, N))
SRI(b)
SRI(h)
SRI(s)
SRI(d)

static inline uint64_t sqshlu(struct a64 *c, int64_t a, unsigned n,
			      unsigned width)
{
	if (a >= 0)
		return shl_sat_u(c, (uint64_t)a, n, width);
	c->fpsr |= FPSR_QC;
	return 0;
}

#define SHIFT_SAT(name, k, fn)                         \
	EACH_LANE(name##_b, k, b, i, fn(c, a, N, W_b)) \
	EACH_LANE(name##_h, k, h, i, fn(c, a, N, W_h)) \
	EACH_LANE(name##_s, k, s, i, fn(c, a, N, W_s)) \
	EACH_LANE(name##_d, k, d, i, fn(c, a, N, W_d))

SHIFT_SAT(sqshl, s, shl_sat_s)
SHIFT_SAT(uqshl, u, shl_sat_u)
SHIFT_SAT(sqshlu, s, sqshlu)

#define SHRN(w) (a >> N)
#define RSHRN(w) shr_round_u(a, N)
#define SQSHRN(w) sat_s(c, a >> N, W_##w)
#define SQRSHRN(w) sat_s(c, shr_round_s(a, N), W_##w)
#define UQSHRN(w) sat_u(c, a >> N, W_##w)
#define UQRSHRN(w) sat_u(c, shr_round_u(a, N), W_##w)
#define SQSHRUN(w) sat_su(c, a >> N, W_##w)
#define SQRSHRUN(w) sat_su(c, shr_round_s(a, N), W_##w)

NARROW_BHS(shrn, u, SHRN)
NARROW_BHS(rshrn, u, RSHRN)
EACH_NARROW_BHS(sqshrn, s, SQSHRN)
EACH_NARROW_BHS(sqrshrn, s, SQRSHRN)
EACH_NARROW_BHS(uqshrn, u, UQSHRN)
EACH_NARROW_BHS(uqrshrn, u, UQRSHRN)
EACH_NARROW_BHS(sqshrun, s, SQSHRUN)
EACH_NARROW_BHS(sqrshrun, s, SQRSHRUN)

/* SSHLL and USHLL: b is no operand, the amount shares uimm with the part. */
LONG_BHS(sshll, s, ((void)b, (u_d)a << (N & LONG_LANE)))
LONG_BHS(ushll, u, ((void)b, (u_d)a << (N & LONG_LANE)))

enum kind { RIGHT, LEFT, NARROWS, WIDENS };

/* By U and opcode. */
static const struct row {
	a64_fn *fn[4];
	uint8_t scalar_sizes;
	enum kind kind;
} shift[2][32] = {
	{
		[0x00] = { ROW_BHSD(sshr), 8, RIGHT },
		[0x02] = { ROW_BHSD(ssra), 8, RIGHT },
		[0x04] = { ROW_BHSD(srshr), 8, RIGHT },
		[0x06] = { ROW_BHSD(srsra), 8, RIGHT },
		[0x0a] = { ROW_BHSD(shl), 8, LEFT },
		[0x0e] = { ROW_BHSD(sqshl), 15, LEFT },
		[0x10] = { ROW_BHS(shrn), 0, NARROWS },
		[0x11] = { ROW_BHS(rshrn), 0, NARROWS },
		[0x12] = { ROW_BHS(sqshrn), 7, NARROWS },
		[0x13] = { ROW_BHS(sqrshrn), 7, NARROWS },
		[0x14] = { ROW_BHS(sshll), 0, WIDENS },
	},
	{
		[0x00] = { ROW_BHSD(ushr), 8, RIGHT },
		[0x02] = { ROW_BHSD(usra), 8, RIGHT },
		[0x04] = { ROW_BHSD(urshr), 8, RIGHT },
		[0x06] = { ROW_BHSD(ursra), 8, RIGHT },
		[0x08] = { ROW_BHSD(sri), 8, RIGHT },
		[0x0a] = { ROW_BHSD(sli), 8, LEFT },
		[0x0c] = { ROW_BHSD(sqshlu), 15, LEFT },
		[0x0e] = { ROW_BHSD(uqshl), 15, LEFT },
		[0x10] = { ROW_BHS(sqshrun), 7, NARROWS },
		[0x11] = { ROW_BHS(sqrshrun), 7, NARROWS },
		[0x12] = { ROW_BHS(uqshrn), 7, NARROWS },
		[0x13] = { ROW_BHS(uqrshrn), 7, NARROWS },
		[0x14] = { ROW_BHS(ushll), 0, WIDENS },
	},
};

enum { FIXED_FROM = 0x1c, FIXED_TO = 0x1f };

enum a64_flow simd_decode_shift(uint32_t insn, struct a64_op *op)
{
	unsigned immh = bits(insn, 22, 19), immhb = bits(insn, 22, 16);
	unsigned opcode = bits(insn, 15, 11), size, width;
	const struct row *row = &shift[bits(insn, 29, 29)][opcode];
	enum a64_flow flow;

	if (!immh)
		return A64_UNDEFINED;
	simd_regs(insn, op);
	if (opcode == FIXED_FROM || opcode == FIXED_TO)
		return simd_decode_fixed(insn, op);
	size = 31 - (unsigned)__builtin_clz(immh);
	width = 8u << size;
	if (row->kind == LEFT || row->kind == WIDENS)
		op->uimm = immhb - width;
	else
		op->uimm = 2 * width - immhb;
	flow = simd_emit(insn, op, row->fn[size], size, row->scalar_sizes);
	if (flow == A64_GOES_ON && row->kind == WIDENS) {
		op->rm = 0;
		long_operands(insn, op, size);
	}
	return flow;
}
