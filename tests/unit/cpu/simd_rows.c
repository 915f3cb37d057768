/* SPDX-License-Identifier: MIT */
/* simd_rows.c - run tables of SIMD and FP instructions. */
#include "simd_rows.h"

#include <string.h>

#include "../check.h"

static void put(struct box *b, unsigned v, const uint64_t value[static 2])
{
	memcpy(&b->cpu.v[v], value, 16);
}

static void row_run(struct box *b, const struct row *r, uint32_t fpsr)
{
	static const uint64_t ones[2] = { ONES, ONES };
	const uint64_t *got = b->cpu.v[0].d;

	put(b, 0, r->o[0] || r->o[1] ? r->o : ones);
	put(b, 1, r->a);
	put(b, 2, r->b);
	put(b, 31, r->a);
	b->cpu.fpcr = r->fpcr;
	b->cpu.fpsr = fpsr;
	box_run(b, &r->insn, 1);
	if (got[0] != r->want[0] || got[1] != r->want[1] ||
	    b->cpu.fpsr != (r->fpsr | fpsr))
		print_error("%08x, FPSR was %x:\n", r->insn, fpsr);
	assert_int_equal(got[0], r->want[0]);
	assert_int_equal(got[1], r->want[1]);
	assert_int_equal(b->cpu.fpsr, r->fpsr | fpsr);
}

void rows_run(const struct row *rows, size_t n)
{
	struct box *b = box_new();
	size_t i;

	assert_true(n > 0);
	for (i = 0; i < n; i++) {
		row_run(b, &rows[i], 0);
		row_run(b, &rows[i], IXC);
	}
	box_free(b);
}
