/* SPDX-License-Identifier: MIT */
/*
 * fp_conversion.c - between SIMD and FP registers and general ones: FMOV, and
 * conversions between floating point and integer or fixed point, DDI 0487
 * C4.1.
 */
#include "cpu/arm64/fp_fast.h"
#include "cpu/arm64/simd_lanes.h"

#define ENV c->fpcr, &c->fpsr

static inline void put(struct a64 *c, unsigned rd, uint64_t r)
{
	c->v[rd].d[0] = r;
	c->v[rd].d[1] = 0;
}

/* op->ra is the rounding mode, op->uimm the bits of fraction. */
static inline struct fp_int type(const struct a64_op *op, uint8_t width,
				 bool is_signed)
{
	struct fp_int t = { width, is_signed, (uint8_t)op->uimm };

	return t;
}

#define TO_INT(name, f, format, width, is_signed)                     \
	A64_OP(name)                                                  \
	{                                                             \
		c->x[op->rd] = fp_to_int(format, c->v[op->rn].f[0],   \
					 type(op, width, is_signed),  \
					 (enum fp_round)op->ra, ENV); \
		NEXT;                                                 \
	}

TO_INT(fcvt_ws_s, s, &fp_single, 32, true)
TO_INT(fcvt_ws_d, d, &fp_double, 32, true)
TO_INT(fcvt_xs_s, s, &fp_single, 64, true)
TO_INT(fcvt_xs_d, d, &fp_double, 64, true)
TO_INT(fcvt_wu_s, s, &fp_single, 32, false)
TO_INT(fcvt_wu_d, d, &fp_double, 32, false)
TO_INT(fcvt_xu_s, s, &fp_single, 64, false)
TO_INT(fcvt_xu_d, d, &fp_double, 64, false)

/*
 * Toward zero to signed, as C's casts do it: on the host when the number is
 * in range and inexact results do not show (fp_fast.h).
 */
#define TRUNCATE(name, f, slow, width, limit)                            \
	A64_OP(name)                                                     \
	{                                                                \
		const double d = (double)fp_host_##f(c->v[op->rn].f[0]); \
                                                                         \
		if (likely(fp_truncates(c, d, limit))) {                 \
			c->x[op->rd] = (uint64_t)(int64_t)d &            \
				       UINT64_MAX >> (64 - (width));     \
			NEXT;                                            \
		}                                                        \
		return slow(c, op);                                      \
	}

TRUNCATE(fcvtz_ws_s, s, fcvt_ws_s, 32, 0x1p31)
TRUNCATE(fcvtz_ws_d, d, fcvt_ws_d, 32, 0x1p31)
TRUNCATE(fcvtz_xs_s, s, fcvt_xs_s, 64, 0x1p63)
TRUNCATE(fcvtz_xs_d, d, fcvt_xs_d, 64, 0x1p63)

#define FROM_INT(name, format, width, is_signed)                   \
	A64_OP(name)                                               \
	{                                                          \
		put(c, op->rd,                                     \
		    fp_from_int(format, c->x[op->rn],              \
				type(op, width, is_signed), ENV)); \
		NEXT;                                              \
	}

FROM_INT(scvtf_s_w, &fp_single, 32, true)
FROM_INT(scvtf_d_w, &fp_double, 32, true)
FROM_INT(scvtf_s_x, &fp_single, 64, true)
FROM_INT(scvtf_d_x, &fp_double, 64, true)
FROM_INT(ucvtf_s_w, &fp_single, 32, false)
FROM_INT(ucvtf_d_w, &fp_double, 32, false)
FROM_INT(ucvtf_s_x, &fp_single, 64, false)
FROM_INT(ucvtf_d_x, &fp_double, 64, false)

/* An integer, not fixed point, that the host converts without loss. */
A64_OP(scvtf_int_d_w)
{
	put(c, op->rd, fp_bits_d((double)(int32_t)c->x[op->rn]));
	NEXT;
}

A64_OP(ucvtf_int_d_w)
{
	put(c, op->rd, fp_bits_d((double)(uint32_t)c->x[op->rn]));
	NEXT;
}

A64_OP(scvtf_int_d_x)
{
	const int64_t v = (int64_t)c->x[op->rn];

	if (v != (int32_t)v)
		return scvtf_d_x(c, op);
	put(c, op->rd, fp_bits_d((double)(int32_t)v));
	NEXT;
}

/* FMOV; a 32-bit one reads and writes zero above. */
A64_OP(fmov_w_s)
{
	c->x[op->rd] = c->v[op->rn].s[0];
	NEXT;
}

A64_OP(fmov_x_d)
{
	c->x[op->rd] = c->v[op->rn].d[0];
	NEXT;
}

A64_OP(fmov_x_top)
{
	c->x[op->rd] = c->v[op->rn].d[1];
	NEXT;
}

A64_OP(fmov_s_w)
{
	put(c, op->rd, (uint32_t)c->x[op->rn]);
	NEXT;
}

A64_OP(fmov_d_x)
{
	put(c, op->rd, c->x[op->rn]);
	NEXT;
}

A64_OP(fmov_top_x)
{
	c->v[op->rd].d[1] = c->x[op->rn];
	NEXT;
}

/* By sf, signedness (unsigned last) and format. */
static a64_fn *const to_int[2][2][2] = {
	{ { fcvt_ws_s, fcvt_ws_d }, { fcvt_wu_s, fcvt_wu_d } },
	{ { fcvt_xs_s, fcvt_xs_d }, { fcvt_xu_s, fcvt_xu_d } },
};
static a64_fn *const truncate[2][2] = {
	{ fcvtz_ws_s, fcvtz_ws_d },
	{ fcvtz_xs_s, fcvtz_xs_d },
};
static a64_fn *const from_fixed[2][2][2] = {
	{ { scvtf_s_w, scvtf_d_w }, { ucvtf_s_w, ucvtf_d_w } },
	{ { scvtf_s_x, scvtf_d_x }, { ucvtf_s_x, ucvtf_d_x } },
};
static a64_fn *const from_int[2][2][2] = {
	{ { scvtf_s_w, scvtf_int_d_w }, { ucvtf_s_w, ucvtf_int_d_w } },
	{ { scvtf_s_x, scvtf_int_d_x }, { ucvtf_s_x, ucvtf_d_x } },
};

/* Opcodes of both tables. */
enum {
	FCVT_S,
	FCVT_U,
	SCVTF,
	UCVTF,
	FCVTA_S,
	FCVTA_U,
	FMOV_TO,
	FMOV_FROM,
};

static a64_fn *decode_fmov(unsigned sf, unsigned type_field, unsigned rmode,
			   bool from)
{
	switch (sf << 4 | type_field << 2 | rmode) {
	case 0: return from ? fmov_s_w : fmov_w_s;
	case 1 << 4 | 1 << 2: return from ? fmov_d_x : fmov_x_d;
	case 1 << 4 | 2 << 2 | 1: return from ? fmov_top_x : fmov_x_top;
	default: return NULL;
	}
}

static a64_fn *decode_fixed(uint32_t insn, struct a64_op *op, unsigned sf,
			    unsigned type_field)
{
	unsigned rmode = bits(insn, 20, 19), opcode = bits(insn, 18, 16);
	unsigned scale = bits(insn, 15, 10);

	if (type_field > 1 || (!sf && scale < 32))
		return NULL;
	op->uimm = 64 - scale;
	op->ra = FP_TO_ZERO;
	if (rmode == 3 && opcode <= FCVT_U) {
		op->rd = reg_out(insn, 0);
		return to_int[sf][opcode][type_field];
	}
	if (rmode == 0 && (opcode == SCVTF || opcode == UCVTF)) {
		op->rn = reg_in(insn, 5);
		return from_fixed[sf][opcode & 1][type_field];
	}
	return NULL;
}

static a64_fn *decode_int(uint32_t insn, struct a64_op *op, unsigned sf,
			  unsigned type_field)
{
	unsigned rmode = bits(insn, 20, 19), opcode = bits(insn, 18, 16);

	op->uimm = 0;
	op->ra = (uint8_t)rmode;
	if (opcode == SCVTF || opcode == UCVTF || opcode == FMOV_FROM)
		op->rn = reg_in(insn, 5);
	else
		op->rd = reg_out(insn, 0);
	if (opcode >= FMOV_TO)
		return decode_fmov(sf, type_field, rmode, opcode == FMOV_FROM);
	if (type_field > 1 || (opcode > FCVT_U && rmode))
		return NULL;
	switch (opcode) {
	case SCVTF:
	case UCVTF: return from_int[sf][opcode & 1][type_field];
	case FCVTA_S:
	case FCVTA_U: op->ra = FP_TIES_AWAY; break;
	case FCVT_S:
		if (rmode == FP_TO_ZERO)
			return truncate[sf][type_field];
		break;
	}
	return to_int[sf][opcode & 1][type_field];
}

enum a64_flow fp_decode_conversion(uint32_t insn, struct a64_op *op)
{
	unsigned sf = bits(insn, 31, 31), type_field = bits(insn, 23, 22);
	a64_fn *fn;

	simd_regs(insn, op);
	if (bits(insn, 21, 21))
		fn = decode_int(insn, op, sf, type_field);
	else
		fn = decode_fixed(insn, op, sf, type_field);
	if (!fn)
		return A64_UNDEFINED;
	op->fn = fn;
	return A64_GOES_ON;
}
