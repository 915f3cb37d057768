/* SPDX-License-Identifier: MIT */
/* fp_compare.c - which number is larger.  Knows no condition flags. */
#include "cpu/arm64/fp_num.h"

static enum fp_order order(struct num a, struct num b)
{
	bool less;

	if (a.kind == NUM_ZERO && b.kind == NUM_ZERO)
		return FP_EQUAL;
	if (a.kind == NUM_ZERO)
		return b.sign ? FP_GREATER : FP_LESS;
	if (b.kind == NUM_ZERO || a.sign != b.sign)
		return a.sign ? FP_LESS : FP_GREATER;
	if (a.kind != b.kind)
		less = a.kind < b.kind;
	else if (a.exp != b.exp)
		less = a.exp < b.exp;
	else if (a.frac != b.frac)
		less = a.frac < b.frac;
	else
		return FP_EQUAL;
	return less != a.sign ? FP_LESS : FP_GREATER;
}

enum fp_order fp_compare(const struct fp_format *f, uint64_t a, uint64_t b,
			 bool signals, uint32_t fpcr, uint32_t *fpsr)
{
	struct num x = num_unpack(f, a, fpcr, fpsr);
	struct num y = num_unpack(f, b, fpcr, fpsr);

	if (num_is_nan(x) || num_is_nan(y)) {
		if (signals || x.kind == NUM_SNAN || y.kind == NUM_SNAN)
			*fpsr |= FPSR_IOC;
		return FP_UNORDERED;
	}
	return order(x, y);
}

/* The one that is larger (or smaller); +0 is larger than -0 here. */
static uint64_t pick(const struct fp_format *f, uint64_t a, uint64_t b,
		     enum fp_order wanted, uint32_t fpcr, uint32_t *fpsr)
{
	struct num x = num_unpack(f, a, fpcr, fpsr);
	struct num y = num_unpack(f, b, fpcr, fpsr);
	enum fp_order is;
	bool first;

	if (num_is_nan(x) || num_is_nan(y))
		return num_nan2(f, a, x, b, y, fpcr, fpsr);
	is = order(x, y);
	if (is == FP_EQUAL)
		first = (wanted == FP_LESS) == x.sign;
	else
		first = is == wanted;
	if ((first ? x : y).kind == NUM_ZERO) /* a flushed one, too */
		return num_zero(f, (first ? x : y).sign);
	return first ? a : b;
}

uint64_t fp_max(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr)
{
	return pick(f, a, b, FP_GREATER, fpcr, fpsr);
}

uint64_t fp_min(const struct fp_format *f, uint64_t a, uint64_t b,
		uint32_t fpcr, uint32_t *fpsr)
{
	return pick(f, a, b, FP_LESS, fpcr, fpsr);
}

static bool is_quiet_nan(const struct fp_format *f, uint64_t a)
{
	return (a & num_default_nan(f)) == num_default_nan(f);
}

/* A quiet NaN becomes `loser` when the other is none. */
static uint64_t number(const struct fp_format *f, uint64_t a, uint64_t other,
		       uint64_t loser)
{
	return is_quiet_nan(f, a) && !is_quiet_nan(f, other) ? loser : a;
}

uint64_t fp_maxnum(const struct fp_format *f, uint64_t a, uint64_t b,
		   uint32_t fpcr, uint32_t *fpsr)
{
	uint64_t x = number(f, a, b, num_inf(f, true));
	uint64_t y = number(f, b, a, num_inf(f, true));

	return fp_max(f, x, y, fpcr, fpsr);
}

uint64_t fp_minnum(const struct fp_format *f, uint64_t a, uint64_t b,
		   uint32_t fpcr, uint32_t *fpsr)
{
	uint64_t x = number(f, a, b, num_inf(f, false));
	uint64_t y = number(f, b, a, num_inf(f, false));

	return fp_min(f, x, y, fpcr, fpsr);
}
