/* SPDX-License-Identifier: MIT */
/* Branches, and compares fused with them: branch.c and fuse.c. */
#include "../check.h"
#include "a64_box.h"
#include "base/container.h"
#include "cpu/arm64/alu.h"

/* Each leaves 1 in x0 when it branched. */
static uint64_t taken(struct box *b, uint32_t insn)
{
	const uint32_t code[] = { /* movz x0, #1 */ 0xd2800020, insn,
				  /* movz x0, #0 */ 0xd2800000 };

	/* The branches under test lead two instructions ahead. */
	box_run(b, code, LEN(code));
	return b->cpu.x[0];
}

static void test_conditions_follow_the_flags(void **s)
{
	static const uint32_t b_cond = 0x54000040; /* B.EQ .+8 */
	struct box *b = box_new();
	uint32_t nzcv;
	unsigned cond;

	(void)s;
	for (nzcv = 0; nzcv < 16; nzcv++) {
		for (cond = 0; cond < 16; cond++) {
			bool want;

			a64_set_nzcv(&b->cpu, nzcv << 28);
			want = a64_holds(&b->cpu, cond);
			assert_int_equal(taken(b, b_cond | cond), want);
		}
	}
	box_free(b);
}

static void test_compare_and_test_branches(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[1] = UINT64_C(1) << 32;
	assert_int_equal(taken(b, /* cbz w1, .+8 */ 0x34000041), 1);
	assert_int_equal(taken(b, /* cbz x1, .+8 */ 0xb4000041), 0);
	assert_int_equal(taken(b, /* cbnz w1, .+8 */ 0x35000041), 0);
	assert_int_equal(taken(b, /* cbnz x1, .+8 */ 0xb5000041), 1);
	assert_int_equal(taken(b, /* tbz x1, #32, .+8 */ 0xb6000041), 0);
	assert_int_equal(taken(b, /* tbnz x1, #32, .+8 */ 0xb7000041), 1);
	assert_int_equal(taken(b, /* tbz w1, #31, .+8 */ 0x36f80041), 1);
	box_free(b);
}

/* A fused pair must do what its halves do one by one. */
static void test_a_fused_compare_agrees_with_its_flags(void **s)
{
	static const uint64_t value[] = {
		0,
		1,
		2,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		UINT64_MAX,
		UINT64_C(1) << 63,
		(UINT64_C(1) << 63) - 1,
		UINT64_C(0x100000000),
	};
	static const uint32_t compare[] = {
		/* cmp x1, x2 */ 0xeb02003f,
		/* cmp w1, w2 */ 0x6b02003f,
		/* cmp x1, #1 */ 0xf100043f,
		/* cmp w1, #1 */ 0x7100043f,
		/* subs x1, x1, x2 */ 0xeb020021,
		/* subs w2, w1, #1 */ 0x71000422,
	};
	struct box *b = box_new();
	unsigned i, j, k, cond;

	(void)s;
	for (i = 0; i < LEN(value) * LEN(value) * LEN(compare); i++) {
		j = i / LEN(compare) % LEN(value);
		k = i / LEN(compare) / LEN(value);
		for (cond = 0; cond < 14; cond++) {
			const uint32_t code[] = {
				/* movz x0, #1 */ 0xd2800020,
				compare[i % LEN(compare)],
				0x54000040 | cond,
				/* movz x0, #0 */ 0xd2800000,
			};

			b->cpu.x[1] = value[j];
			b->cpu.x[2] = value[k];
			box_run(b, code, LEN(code));
			assert_int_equal(b->cpu.x[0], a64_holds(&b->cpu, cond));
		}
	}
	box_free(b);
}

static void test_calls_and_returns(void **s)
{
	struct box *b = box_new();
	static const uint32_t leaf[] = { /* add x0, x0, #1 */ 0x91000400,
					 /* ret */ 0xd65f03c0 };

	(void)s;
	box_code(b, BOX_RAM + 0x1000, leaf, LEN(leaf));
	b->cpu.x[0] = 0;
	b->cpu.x[9] = BOX_RAM + 0x1000;
	BOX_RUN(b, /* bl .+0x1000 */ 0x94000400, /* blr x9 */ 0xd63f0120,
		/* mov x10, x30 */ 0xaa1e03ea, /* adr x30, .+12 */ 0x1000007e,
		/* br x9 */ 0xd61f0120, /* movz x0, #99 */ 0xd2800c60);
	assert_int_equal(b->cpu.x[0], 3);
	assert_int_equal(b->cpu.x[10], BOX_RAM + 8);
	box_free(b);
}

static void test_a_loop_counts_its_instructions(void **s)
{
	struct box *b = box_new();

	(void)s;
	BOX_RUN(b, /* movz x0, #1000 */ 0xd2807d00,
		/* subs x0, x0, #1 */ 0xf1000400, /* b.ne .-4 */ 0x54ffffe1);
	assert_int_equal(b->cpu.x[0], 0);
	assert_int_equal(vtime_insns(&b->vtime), 1 + 2 * 1000 + 1);
	box_free(b);
}

static void test_straight_code_runs_over_block_and_page_ends(void **s)
{
	struct box *b = box_new();
	uint64_t at;

	(void)s;
	for (at = BOX_RAM; at < BOX_RAM + 0x2000; at += 4)
		box_poke(b, at, /* add x0, x0, #1 */ 0x91000400, 4);
	box_poke(b, at, /* hvc #0 */ 0xd4000002, 4);
	box_go(b, 100);
	assert_int_equal(b->cpu.x[0], 0x800);
	box_free(b);
}

static void test_an_unaligned_target_faults_at_the_target(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[1] = BOX_RAM + 0x102;
	BOX_RUN(b, /* br x1 */ 0xd61f0020);
	assert_int_equal(box_vector(b), 0x200);
	assert_int_equal(b->cpu.sys.esr >> 26, 0x22);
	assert_int_equal(b->cpu.sys.far, BOX_RAM + 0x102);
	assert_int_equal(b->cpu.sys.elr, BOX_RAM + 0x102);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions_follow_the_flags),
		cmocka_unit_test(test_compare_and_test_branches),
		cmocka_unit_test(test_a_fused_compare_agrees_with_its_flags),
		cmocka_unit_test(test_calls_and_returns),
		cmocka_unit_test(test_a_loop_counts_its_instructions),
		cmocka_unit_test(
			test_straight_code_runs_over_block_and_page_ends),
		cmocka_unit_test(test_an_unaligned_target_faults_at_the_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
