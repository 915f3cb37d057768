/* SPDX-License-Identifier: MIT */
/* dp_reg.c - data processing with registers, DDI 0487 C4.1.89. */
#include "cpu/arm64/alu.h"
#include "cpu/arm64/decode.h"

/* ---- logical and add/subtract with a shifted register ----------------- */

#define PLAIN64(v, n) (v)
#define LSL64(v, n) ((v) << (n))
#define LSR64(v, n) ((v) >> (n))
#define ASR64(v, n) asr64((v), (n))
#define ROR64(v, n) ror64((v), (n))
#define PLAIN32(v, n) ((uint32_t)(v))
#define LSL32(v, n) ((uint32_t)(v) << (n))
#define LSR32(v, n) ((uint32_t)(v) >> (n))
#define ASR32(v, n) asr32((uint32_t)(v), (n))
#define ROR32(v, n) ror32((uint32_t)(v), (n))

/* An operation in 64 and 32 bits; `b` is the shifted operand. */
#define BINARY(name, shift, expr64, expr32)                   \
	A64_OP(op_##name##_x_##shift)                         \
	{                                                     \
		uint64_t a = c->x[op->rn];                    \
		uint64_t b = shift##64(c->x[op->rm], op->ra); \
                                                              \
		c->x[op->rd] = expr64;                        \
		NEXT;                                         \
	}                                                     \
	A64_OP(op_##name##_w_##shift)                         \
	{                                                     \
		uint32_t a = (uint32_t)c->x[op->rn];          \
		uint32_t b = shift##32(c->x[op->rm], op->ra); \
                                                              \
		c->x[op->rd] = expr32;                        \
		NEXT;                                         \
	}

/* Operation S also sets the flags of the logical result r. */
#define BINARY_FLAGS(name, shift, expr)                       \
	A64_OP(op_##name##_x_##shift)                         \
	{                                                     \
		uint64_t a = c->x[op->rn];                    \
		uint64_t b = shift##64(c->x[op->rm], op->ra); \
		uint64_t r = expr;                            \
                                                              \
		flags_logic64(c, r);                          \
		c->x[op->rd] = r;                             \
		NEXT;                                         \
	}                                                     \
	A64_OP(op_##name##_w_##shift)                         \
	{                                                     \
		uint32_t a = (uint32_t)c->x[op->rn];          \
		uint32_t b = shift##32(c->x[op->rm], op->ra); \
		uint32_t r = expr;                            \
                                                              \
		flags_logic32(c, r);                          \
		c->x[op->rd] = r;                             \
		NEXT;                                         \
	}

#define EVERY_SHIFT(macro, ...)                                 \
	macro(PLAIN, __VA_ARGS__) macro(LSL, __VA_ARGS__)       \
		macro(LSR, __VA_ARGS__) macro(ASR, __VA_ARGS__) \
			macro(ROR, __VA_ARGS__)

#define B2(shift, name, e) BINARY(name, shift, e, e)
#define B2F(shift, name, e) BINARY_FLAGS(name, shift, e)
#define B3(shift, name, e, f) BINARY(name, shift, e, f)

EVERY_SHIFT(B2, and, a &b)
EVERY_SHIFT(B2, bic, a & ~b)
EVERY_SHIFT(B2, orr, a | b)
EVERY_SHIFT(B2, orn, a | ~b)
EVERY_SHIFT(B2, eor, a ^ b)
EVERY_SHIFT(B2, eon, a ^ ~b)
EVERY_SHIFT(B2F, ands, a &b)
EVERY_SHIFT(B2F, bics, a & ~b)

#define EVERY_ARITH_SHIFT(macro, ...)                     \
	macro(PLAIN, __VA_ARGS__) macro(LSL, __VA_ARGS__) \
		macro(LSR, __VA_ARGS__) macro(ASR, __VA_ARGS__)

EVERY_ARITH_SHIFT(B2, add, a + b)
EVERY_ARITH_SHIFT(B2, sub, a - b)
EVERY_ARITH_SHIFT(B3, adds, add64(c, a, b), add32(c, a, b))
EVERY_ARITH_SHIFT(B3, subs, sub64(c, a, b), sub32(c, a, b))

A64_OP(op_mov_x)
{
	c->x[op->rd] = c->x[op->rm];
	NEXT;
}

A64_OP(op_mov_w)
{
	c->x[op->rd] = (uint32_t)c->x[op->rm];
	NEXT;
}

enum { PLAIN, LSL, LSR, ASR, ROR, SHIFTS };

#define ROW(name, size)                                                     \
	{                                                                   \
		op_##name##_##size##_PLAIN, op_##name##_##size##_LSL,       \
			op_##name##_##size##_LSR, op_##name##_##size##_ASR, \
			op_##name##_##size##_ROR                            \
	}
#define ARITH_ROW(name, size)                                               \
	{                                                                   \
		op_##name##_##size##_PLAIN, op_##name##_##size##_LSL,       \
			op_##name##_##size##_LSR, op_##name##_##size##_ASR, \
			NULL                                                \
	}

/* Registers and shift of both families; the row of the shift. */
static unsigned shifted(uint32_t insn, struct a64_op *op)
{
	op->rd = reg_out(insn, 0);
	op->rn = reg_in(insn, 5);
	op->rm = reg_in(insn, 16);
	op->ra = (uint8_t)bits(insn, 15, 10);
	return op->ra ? LSL + bits(insn, 23, 22) : PLAIN;
}

static enum a64_flow decode_logical(uint32_t insn, struct a64_op *op)
{
	/* By opc:N, then by shift. */
	static a64_fn *const fn_x[8][SHIFTS] = {
		ROW(and, x), ROW(bic, x), ROW(orr, x),  ROW(orn, x),
		ROW(eor, x), ROW(eon, x), ROW(ands, x), ROW(bics, x),
	};
	static a64_fn *const fn_w[8][SHIFTS] = {
		ROW(and, w), ROW(bic, w), ROW(orr, w),  ROW(orn, w),
		ROW(eor, w), ROW(eon, w), ROW(ands, w), ROW(bics, w),
	};
	unsigned sf = bits(insn, 31, 31);
	unsigned which = bits(insn, 30, 29) << 1 | bits(insn, 21, 21);
	unsigned row = shifted(insn, op);

	if (!sf && op->ra > 31)
		return A64_UNDEFINED;
	op->fn = (sf ? fn_x : fn_w)[which][row];
	if (which == 2 && row == PLAIN && op->rn == A64_ZERO)
		op->fn = sf ? op_mov_x : op_mov_w;
	return A64_GOES_ON;
}

static enum a64_flow decode_addsub_shifted(uint32_t insn, struct a64_op *op)
{
	/* By op:S, then by shift. */
	static a64_fn *const fn_x[4][SHIFTS] = {
		ARITH_ROW(add, x),
		ARITH_ROW(adds, x),
		ARITH_ROW(sub, x),
		ARITH_ROW(subs, x),
	};
	static a64_fn *const fn_w[4][SHIFTS] = {
		ARITH_ROW(add, w),
		ARITH_ROW(adds, w),
		ARITH_ROW(sub, w),
		ARITH_ROW(subs, w),
	};
	unsigned sf = bits(insn, 31, 31), row = shifted(insn, op);

	if (bits(insn, 23, 22) == 3 || (!sf && op->ra > 31))
		return A64_UNDEFINED;
	op->fn = (sf ? fn_x : fn_w)[bits(insn, 30, 29)][row];
	return A64_GOES_ON;
}

/* ---- add/subtract with an extended register --------------------------- */

static inline uint64_t extended(const struct a64 *c, const struct a64_op *op)
{
	return extend(c->x[op->rm], op->ra) << op->uimm;
}

A64_OP(op_add_ext_x)
{
	c->x[op->rd] = c->x[op->rn] + extended(c, op);
	NEXT;
}

A64_OP(op_add_ext_w)
{
	c->x[op->rd] = (uint32_t)(c->x[op->rn] + extended(c, op));
	NEXT;
}

A64_OP(op_sub_ext_x)
{
	c->x[op->rd] = c->x[op->rn] - extended(c, op);
	NEXT;
}

A64_OP(op_sub_ext_w)
{
	c->x[op->rd] = (uint32_t)(c->x[op->rn] - extended(c, op));
	NEXT;
}

A64_OP(op_adds_ext_x)
{
	c->x[op->rd] = add64(c, c->x[op->rn], extended(c, op));
	NEXT;
}

A64_OP(op_adds_ext_w)
{
	c->x[op->rd] =
		add32(c, (uint32_t)c->x[op->rn], (uint32_t)extended(c, op));
	NEXT;
}

A64_OP(op_subs_ext_x)
{
	c->x[op->rd] = sub64(c, c->x[op->rn], extended(c, op));
	NEXT;
}

A64_OP(op_subs_ext_w)
{
	c->x[op->rd] =
		sub32(c, (uint32_t)c->x[op->rn], (uint32_t)extended(c, op));
	NEXT;
}

static enum a64_flow decode_addsub_extended(uint32_t insn, struct a64_op *op)
{
	static a64_fn *const fn[4][2] = {
		{ op_add_ext_w, op_add_ext_x },
		{ op_adds_ext_w, op_adds_ext_x },
		{ op_sub_ext_w, op_sub_ext_x },
		{ op_subs_ext_w, op_subs_ext_x },
	};
	unsigned which = bits(insn, 30, 29);

	op->uimm = bits(insn, 12, 10);
	if (bits(insn, 23, 22) || op->uimm > 4)
		return A64_UNDEFINED;
	op->rd = which & 1 ? reg_out(insn, 0) : reg_sp(insn, 0);
	op->rn = reg_sp(insn, 5);
	op->rm = reg_in(insn, 16);
	op->ra = (uint8_t)bits(insn, 15, 13);
	op->fn = fn[which][bits(insn, 31, 31)];
	return A64_GOES_ON;
}

/* ---- with carry ------------------------------------------------------- */

A64_OP(op_adc_x)
{
	c->x[op->rd] = c->x[op->rn] + c->x[op->rm] + c->cf;
	NEXT;
}

A64_OP(op_adc_w)
{
	c->x[op->rd] = (uint32_t)(c->x[op->rn] + c->x[op->rm] + c->cf);
	NEXT;
}

A64_OP(op_adcs_x)
{
	c->x[op->rd] = adc64(c, c->x[op->rn], c->x[op->rm], c->cf);
	NEXT;
}

A64_OP(op_adcs_w)
{
	c->x[op->rd] = adc32(c, (uint32_t)c->x[op->rn], (uint32_t)c->x[op->rm],
			     (uint32_t)c->cf);
	NEXT;
}

A64_OP(op_sbc_x)
{
	c->x[op->rd] = c->x[op->rn] + ~c->x[op->rm] + c->cf;
	NEXT;
}

A64_OP(op_sbc_w)
{
	c->x[op->rd] = (uint32_t)(c->x[op->rn] + ~c->x[op->rm] + c->cf);
	NEXT;
}

A64_OP(op_sbcs_x)
{
	c->x[op->rd] = adc64(c, c->x[op->rn], ~c->x[op->rm], c->cf);
	NEXT;
}

A64_OP(op_sbcs_w)
{
	c->x[op->rd] = adc32(c, (uint32_t)c->x[op->rn], ~(uint32_t)c->x[op->rm],
			     (uint32_t)c->cf);
	NEXT;
}

static enum a64_flow decode_carry(uint32_t insn, struct a64_op *op)
{
	static a64_fn *const fn[4][2] = {
		{ op_adc_w, op_adc_x },
		{ op_adcs_w, op_adcs_x },
		{ op_sbc_w, op_sbc_x },
		{ op_sbcs_w, op_sbcs_x },
	};

	if (bits(insn, 15, 10))
		return A64_UNDEFINED;
	op->rd = reg_out(insn, 0);
	op->rn = reg_in(insn, 5);
	op->rm = reg_in(insn, 16);
	op->fn = fn[bits(insn, 30, 29)][bits(insn, 31, 31)];
	return A64_GOES_ON;
}

/* ---- conditional compare ---------------------------------------------- */

/* ra: condition; uimm: nzcv in bits 31..28, and the immediate in 4..0. */
#define CCMP(name, size, type, operand, compute)                               \
	A64_OP(op_##name##_##size)                                             \
	{                                                                      \
		if (a64_holds(c, op->ra))                                      \
			(void)compute(c, (type)c->x[op->rn], (type)(operand)); \
		else                                                           \
			a64_set_nzcv(c, op->uimm & 0xf0000000);                \
		NEXT;                                                          \
	}

CCMP(ccmp_reg, x, uint64_t, c->x[op->rm], sub64)
CCMP(ccmp_reg, w, uint32_t, c->x[op->rm], sub32)
CCMP(ccmn_reg, x, uint64_t, c->x[op->rm], add64)
CCMP(ccmn_reg, w, uint32_t, c->x[op->rm], add32)
CCMP(ccmp_imm, x, uint64_t, op->uimm & 0x1f, sub64)
CCMP(ccmp_imm, w, uint32_t, op->uimm & 0x1f, sub32)
CCMP(ccmn_imm, x, uint64_t, op->uimm & 0x1f, add64)
CCMP(ccmn_imm, w, uint32_t, op->uimm & 0x1f, add32)

static enum a64_flow decode_ccmp(uint32_t insn, struct a64_op *op)
{
	static a64_fn *const fn[2][2][2] = {
		{ { op_ccmn_reg_w, op_ccmn_reg_x },
		  { op_ccmn_imm_w, op_ccmn_imm_x } },
		{ { op_ccmp_reg_w, op_ccmp_reg_x },
		  { op_ccmp_imm_w, op_ccmp_imm_x } },
	};
	unsigned imm = bits(insn, 11, 11);

	if (bits(insn, 10, 10) || bits(insn, 4, 4) || !bits(insn, 29, 29))
		return A64_UNDEFINED;
	op->rn = reg_in(insn, 5);
	op->rm = reg_in(insn, 16);
	op->ra = (uint8_t)bits(insn, 15, 12);
	op->uimm = bits(insn, 3, 0) << 28 | bits(insn, 20, 16);
	op->fn = fn[bits(insn, 30, 30)][imm][bits(insn, 31, 31)];
	return A64_GOES_ON;
}

/* ---- conditional select ----------------------------------------------- */

#define CSEL(name, expr)                                                      \
	A64_OP(op_##name##_x)                                                 \
	{                                                                     \
		uint64_t n = c->x[op->rn], m = c->x[op->rm];                  \
                                                                              \
		c->x[op->rd] = a64_holds(c, op->ra) ? n : (expr);             \
		NEXT;                                                         \
	}                                                                     \
	A64_OP(op_##name##_w)                                                 \
	{                                                                     \
		uint64_t n = c->x[op->rn], m = c->x[op->rm];                  \
                                                                              \
		c->x[op->rd] = (uint32_t)(a64_holds(c, op->ra) ? n : (expr)); \
		NEXT;                                                         \
	}

CSEL(csel, m)
CSEL(csinc, m + 1)
CSEL(csinv, ~m)
CSEL(csneg, -m)

static enum a64_flow decode_csel(uint32_t insn, struct a64_op *op)
{
	static a64_fn *const fn[4][2] = {
		{ op_csel_w, op_csel_x },
		{ op_csinc_w, op_csinc_x },
		{ op_csinv_w, op_csinv_x },
		{ op_csneg_w, op_csneg_x },
	};
	unsigned which = bits(insn, 30, 30) << 1 | bits(insn, 10, 10);

	if (bits(insn, 11, 11) || bits(insn, 29, 29))
		return A64_UNDEFINED;
	op->rd = reg_out(insn, 0);
	op->rn = reg_in(insn, 5);
	op->rm = reg_in(insn, 16);
	op->ra = (uint8_t)bits(insn, 15, 12);
	op->fn = fn[which][bits(insn, 31, 31)];
	return A64_GOES_ON;
}

/* ---- three sources ---------------------------------------------------- */

A64_OP(op_madd_x)
{
	c->x[op->rd] = c->x[op->ra] + c->x[op->rn] * c->x[op->rm];
	NEXT;
}

A64_OP(op_madd_w)
{
	c->x[op->rd] = (uint32_t)(c->x[op->ra] + c->x[op->rn] * c->x[op->rm]);
	NEXT;
}

A64_OP(op_msub_x)
{
	c->x[op->rd] = c->x[op->ra] - c->x[op->rn] * c->x[op->rm];
	NEXT;
}

A64_OP(op_msub_w)
{
	c->x[op->rd] = (uint32_t)(c->x[op->ra] - c->x[op->rn] * c->x[op->rm]);
	NEXT;
}

static inline uint64_t smull(uint64_t a, uint64_t b)
{
	return sext(a, 32) * sext(b, 32);
}

static inline uint64_t umull(uint64_t a, uint64_t b)
{
	return (uint64_t)(uint32_t)a * (uint32_t)b;
}

A64_OP(op_smaddl)
{
	c->x[op->rd] = c->x[op->ra] + smull(c->x[op->rn], c->x[op->rm]);
	NEXT;
}

A64_OP(op_smsubl)
{
	c->x[op->rd] = c->x[op->ra] - smull(c->x[op->rn], c->x[op->rm]);
	NEXT;
}

A64_OP(op_umaddl)
{
	c->x[op->rd] = c->x[op->ra] + umull(c->x[op->rn], c->x[op->rm]);
	NEXT;
}

A64_OP(op_umsubl)
{
	c->x[op->rd] = c->x[op->ra] - umull(c->x[op->rn], c->x[op->rm]);
	NEXT;
}

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 s128;

A64_OP(op_umulh)
{
	c->x[op->rd] = (uint64_t)((u128)c->x[op->rn] * c->x[op->rm] >> 64);
	NEXT;
}

A64_OP(op_smulh)
{
	s128 p = (s128)(int64_t)c->x[op->rn] * (int64_t)c->x[op->rm];

	c->x[op->rd] = (uint64_t)((u128)p >> 64);
	NEXT;
}

static enum a64_flow decode_three(uint32_t insn, struct a64_op *op)
{
	/* By op31:o0. */
	static a64_fn *const wide[16] = {
		[0] = op_madd_x,  [1] = op_msub_x, [2] = op_smaddl,
		[3] = op_smsubl,  [4] = op_smulh,  [10] = op_umaddl,
		[11] = op_umsubl, [12] = op_umulh,
	};
	unsigned which = bits(insn, 23, 21) << 1 | bits(insn, 15, 15);

	if (bits(insn, 30, 29))
		return A64_UNDEFINED;
	op->rd = reg_out(insn, 0);
	op->rn = reg_in(insn, 5);
	op->ra = reg_in(insn, 10);
	op->rm = reg_in(insn, 16);
	if (bits(insn, 31, 31))
		op->fn = wide[which];
	else
		op->fn = which == 0 ? op_madd_w : which == 1 ? op_msub_w : NULL;
	return op->fn ? A64_GOES_ON : A64_UNDEFINED;
}

/* ---- two sources ------------------------------------------------------ */

static inline uint64_t udiv64(uint64_t a, uint64_t b)
{
	return b ? a / b : 0;
}

static inline uint32_t udiv32(uint32_t a, uint32_t b)
{
	return b ? a / b : 0;
}

/* Negation instead of a division by -1: INT_MIN / -1 overflows in C. */
static inline uint64_t sdiv64(uint64_t a, uint64_t b)
{
	if (b == UINT64_MAX)
		return -a;
	return b ? (uint64_t)((int64_t)a / (int64_t)b) : 0;
}

static inline uint32_t sdiv32(uint32_t a, uint32_t b)
{
	if (b == UINT32_MAX)
		return -a;
	return b ? (uint32_t)((int32_t)a / (int32_t)b) : 0;
}

#define TWO(name, expr64, expr32)                            \
	A64_OP(op_##name##_x)                                \
	{                                                    \
		uint64_t a = c->x[op->rn], b = c->x[op->rm]; \
                                                             \
		c->x[op->rd] = expr64;                       \
		NEXT;                                        \
	}                                                    \
	A64_OP(op_##name##_w)                                \
	{                                                    \
		uint32_t a = (uint32_t)c->x[op->rn];         \
		uint32_t b = (uint32_t)c->x[op->rm];         \
                                                             \
		c->x[op->rd] = expr32;                       \
		NEXT;                                        \
	}

TWO(udiv, udiv64(a, b), udiv32(a, b))
TWO(sdiv, sdiv64(a, b), sdiv32(a, b))
TWO(lslv, a << (b & 63), a << (b & 31))
TWO(lsrv, a >> (b & 63), a >> (b & 31))
TWO(asrv, asr64(a, b & 63), asr32(a, b & 31))
TWO(rorv, ror64(a, b & 63), ror32(a, b & 31))

static enum a64_flow decode_two(uint32_t insn, struct a64_op *op)
{
	static a64_fn *const fn[16][2] = {
		[2] = { op_udiv_w, op_udiv_x },
		[3] = { op_sdiv_w, op_sdiv_x },
		[8] = { op_lslv_w, op_lslv_x },
		[9] = { op_lsrv_w, op_lsrv_x },
		[10] = { op_asrv_w, op_asrv_x },
		[11] = { op_rorv_w, op_rorv_x },
	};
	unsigned opcode = bits(insn, 15, 10);

	if (bits(insn, 29, 29) || opcode >= 16)
		return A64_UNDEFINED;
	op->rd = reg_out(insn, 0);
	op->rn = reg_in(insn, 5);
	op->rm = reg_in(insn, 16);
	op->fn = fn[opcode][bits(insn, 31, 31)];
	return op->fn ? A64_GOES_ON : A64_UNDEFINED;
}

/* ---- one source ------------------------------------------------------- */

static inline uint64_t rev16(uint64_t v)
{
	uint64_t odd = UINT64_C(0x00ff00ff00ff00ff);

	return (v & odd) << 8 | (v >> 8 & odd);
}

static inline uint64_t rbit64(uint64_t v)
{
	v = (v & UINT64_C(0x5555555555555555)) << 1 |
	    (v >> 1 & UINT64_C(0x5555555555555555));
	v = (v & UINT64_C(0x3333333333333333)) << 2 |
	    (v >> 2 & UINT64_C(0x3333333333333333));
	v = (v & UINT64_C(0x0f0f0f0f0f0f0f0f)) << 4 |
	    (v >> 4 & UINT64_C(0x0f0f0f0f0f0f0f0f));
	return __builtin_bswap64(v);
}

static inline uint64_t clz64(uint64_t v)
{
	return v ? (uint64_t)__builtin_clzll(v) : 64;
}

#define ONE(name, expr)                    \
	A64_OP(op_##name)                  \
	{                                  \
		uint64_t v = c->x[op->rn]; \
                                           \
		c->x[op->rd] = expr;       \
		NEXT;                      \
	}

ONE(rbit_x, rbit64(v))
ONE(rbit_w, rbit64(v) >> 32)
ONE(rev16_x, rev16(v))
ONE(rev16_w, (uint32_t)rev16(v))
ONE(rev32_w, __builtin_bswap32((uint32_t)v))
ONE(rev32_x, ror64(__builtin_bswap64(v), 32))
ONE(rev64_x, __builtin_bswap64(v))
ONE(clz_x, clz64(v))
ONE(clz_w, clz64((uint32_t)v) - 32)
/* Leading bits equal to the sign, without it: D, C6.2.72. */
ONE(cls_x, clz64((v ^ asr64(v, 63)) << 1 | 1))
ONE(cls_w, clz64(((uint64_t)((uint32_t)v ^ asr32((uint32_t)v, 31)) << 33) |
		 UINT64_C(1) << 32))

static enum a64_flow decode_one(uint32_t insn, struct a64_op *op)
{
	static a64_fn *const fn[8][2] = {
		{ op_rbit_w, op_rbit_x },   { op_rev16_w, op_rev16_x },
		{ op_rev32_w, op_rev32_x }, { NULL, op_rev64_x },
		{ op_clz_w, op_clz_x },     { op_cls_w, op_cls_x },
	};
	unsigned opcode = bits(insn, 15, 10);

	if (bits(insn, 29, 29) || bits(insn, 20, 16) || opcode >= 8)
		return A64_UNDEFINED;
	op->rd = reg_out(insn, 0);
	op->rn = reg_in(insn, 5);
	op->fn = fn[opcode][bits(insn, 31, 31)];
	return op->fn ? A64_GOES_ON : A64_UNDEFINED;
}

enum a64_flow a64_decode_dp_reg(uint32_t insn, const struct a64_where *w,
				struct a64_op *op)
{
	(void)w;
	if (!bits(insn, 28, 28)) {
		if (!bits(insn, 24, 24))
			return decode_logical(insn, op);
		return bits(insn, 21, 21) ? decode_addsub_extended(insn, op)
					  : decode_addsub_shifted(insn, op);
	}
	switch (bits(insn, 24, 21)) {
	case 0: return decode_carry(insn, op);
	case 2: return decode_ccmp(insn, op);
	case 4: return decode_csel(insn, op);
	case 6:
		return bits(insn, 30, 30) ? decode_one(insn, op)
					  : decode_two(insn, op);
	case 8:
	case 9:
	case 10:
	case 11:
	case 12:
	case 13:
	case 14:
	case 15: return decode_three(insn, op);
	default: return A64_UNDEFINED;
	}
}
