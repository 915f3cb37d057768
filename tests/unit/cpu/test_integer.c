/* SPDX-License-Identifier: MIT */
/* Data processing, one instruction a row: dp_imm.c and dp_reg.c. */
#include "../check.h"
#include "a64_box.h"
#include "base/container.h"

#define ONES UINT64_MAX
#define TOP (UINT64_C(1) << 63)

enum { N = 8, Z = 4, C = 2, V = 1, KEEP = 16 };

/* x0 = insn(x1, x2, x3), flags before 0; flags after, or KEEP. */
struct row {
	uint32_t insn;
	uint64_t x1, x2, x3, want;
	unsigned nzcv;
};

static const struct row rows[] = {
	/* add and subtract */
	{ /* add x0, x1, #0xfff, lsl #12 */ 0x917ffc20, 1, 0, 0, 0xfff001,
	  KEEP },
	{ /* sub x0, x1, #1 */ 0xd1000420, 0, 0, 0, ONES, KEEP },
	{ /* sub w0, w1, #1 */ 0x51000420, 0, 0, 0, 0xffffffff, KEEP },
	{ /* adds x0, x1, #1 */ 0xb1000420, ONES, 0, 0, 0, Z | C },
	{ /* adds w0, w1, #1 */ 0x31000420, 0x7fffffff, 0, 0, 0x80000000,
	  N | V },
	{ /* subs x0, x1, #1 */ 0xf1000420, TOP, 0, 0, TOP - 1, C | V },
	{ /* subs w0, w1, #5 */ 0x71001420, 4, 0, 0, 0xffffffff, N },
	{ /* subs x0, x1, x2 */ 0xeb020020, 7, 7, 0, 0, Z | C },
	{ /* add x0, x1, x2, lsl #63 */ 0x8b02fc20, 1, 3, 0, TOP + 1, KEEP },
	{ /* sub w0, w1, w2, asr #31 */ 0x4b827c20, 1, 0x80000000, 0, 2, KEEP },
	{ /* add x0, x1, w2, sxtb #2 */ 0x8b228820, 0x100, 0x80, 0,
	  UINT64_MAX - 0xff, KEEP },
	{ /* sub x0, x1, w2, uxth #1 */ 0xcb222420, 0x20000, 0xfffff, 0, 2,
	  KEEP },
	{ /* adc x0, x1, x2 */ 0x9a020020, 1, 2, 0, 4, KEEP },
	{ /* sbcs x0, x1, x2 */ 0xfa020020, 1, 0, 0, 1, C },
	{ /* adcs w0, w1, w2 */ 0x3a020020, 0xffffffff, 1, 0, 1, C },
	/* logical */
	{ /* and x0, x1, #0x5555555555555555 */ 0x9200f020, ONES, 0, 0,
	  UINT64_C(0x5555555555555555), KEEP },
	{ /* orr x0, x1, #0xffff0000ffff0000 */ 0xb2103c20, 1, 0, 0,
	  UINT64_C(0xffff0000ffff0001), KEEP },
	{ /* eor x0, x1, #0x8000000000000001 */ 0xd2410420, 3, 0, 0, TOP | 2,
	  KEEP },
	{ /* and x0, x1, #0xfffffffffffffff0 */ 0x927cec20, ONES, 0, 0,
	  ONES - 15, KEEP },
	{ /* orr x0, x1, #0x00fffffffffff000 */ 0xb274ac20, 0, 0, 0,
	  UINT64_C(0x00fffffffffff000), KEEP },
	{ /* eor w0, w1, #0x80000001 */ 0x52010420, ONES, 0, 0, 0x7ffffffe,
	  KEEP },
	{ /* ands x0, x1, #0x8000000000000000 */ 0xf2410020, ONES, 0, 0, TOP,
	  N },
	{ /* ands w0, w1, #1 */ 0x72000020, 2, 0, 0, 0, Z },
	{ /* bic x0, x1, x2, ror #4 */ 0x8ae21020, ONES, 0xf0, 0, ONES - 15,
	  KEEP },
	{ /* orn w0, w1, w2 */ 0x2a220020, 0, 0xffff0000, 0, 0xffff, KEEP },
	{ /* eon x0, x1, x2 */ 0xca220020, 5, 5, 0, ONES, KEEP },
	{ /* bics w0, w1, w2 */ 0x6a220020, 0x80000000, 1, 0, 0x80000000, N },
	{ /* mov w0, w1 */ 0x2a0103e0, ONES, 0, 0, 0xffffffff, KEEP },
	/* move wide */
	{ /* movz x0, #0x1234, lsl #48 */ 0xd2e24680, 0, 0, 0,
	  UINT64_C(0x1234) << 48, KEEP },
	{ /* movn x0, #0, lsl #32 */ 0x92c00000, 0, 0, 0, ONES, KEEP },
	{ /* movn w0, #1, lsl #16 */ 0x12a00020, 0, 0, 0, 0xfffeffff, KEEP },
	{ /* movk x0, #0xbeef, lsl #16 */ 0xf2b7dde0, 0, 0, 0, 0xbeef0000,
	  KEEP },
	/* bit fields */
	{ /* lsl x0, x1, #63 */ 0xd3410020, 1, 0, 0, TOP, KEEP },
	{ /* lsl w0, w1, #31 */ 0x53010020, 3, 0, 0, 0x80000000, KEEP },
	{ /* lsr x0, x1, #63 */ 0xd37ffc20, TOP, 0, 0, 1, KEEP },
	{ /* asr w0, w1, #31 */ 0x131f7c20, 0x80000000, 0, 0, 0xffffffff,
	  KEEP },
	{ /* ubfx x0, x1, #8, #16 */ 0xd3485c20, 0x1234567, 0, 0, 0x2345,
	  KEEP },
	{ /* sbfx x0, x1, #4, #4 */ 0x93441c20, 0x80, 0, 0, ONES - 7, KEEP },
	{ /* sbfiz x0, x1, #4, #4 */ 0x937c0c20, 0xf8, 0, 0, ONES - 127, KEEP },
	{ /* ubfiz w0, w1, #28, #4 */ 0x53040c20, 0xff, 0, 0, 0xf0000000,
	  KEEP },
	{ /* sxtw x0, w1 */ 0x93407c20, 0x80000000, 0, 0,
	  UINT64_C(0xffffffff80000000), KEEP },
	{ /* uxtb w0, w1 */ 0x53001c20, 0x1ff, 0, 0, 0xff, KEEP },
	{ /* bfi x0, x1, #8, #8 */ 0xb3781c20, 0xab, 0, 0, 0xab00, KEEP },
	{ /* bfxil w0, w1, #8, #8 */ 0x33083c20, 0xab00, 0, 0, 0xab, KEEP },
	{ /* extr x0, x1, x2, #8 */ 0x93c22020, 0xff, 0x1200, 0,
	  UINT64_C(0xff00000000000012), KEEP },
	{ /* extr w0, w1, w2, #0 */ 0x13820020, 5, 9, 0, 9, KEEP },
	{ /* ror w0, w1, #4 */ 0x13811020, 0xf, 0, 0, 0xf0000000, KEEP },
	/* multiply and divide */
	{ /* madd x0, x1, x2, x3 */ 0x9b020c20, 3, 5, 7, 22, KEEP },
	{ /* msub w0, w1, w2, w3 */ 0x1b028c20, 3, 5, 7, 0xfffffff8, KEEP },
	{ /* smaddl x0, w1, w2, x3 */ 0x9b220c20, 0xffffffff, 2, 10, 8, KEEP },
	{ /* umsubl x0, w1, w2, x3 */ 0x9ba28c20, 0xffffffff, 1, 0,
	  UINT64_C(0xffffffff00000001), KEEP },
	{ /* umulh x0, x1, x2 */ 0x9bc27c20, ONES, ONES, 0, ONES - 1, KEEP },
	{ /* smulh x0, x1, x2 */ 0x9b427c20, ONES, 1, 0, ONES, KEEP },
	{ /* udiv x0, x1, x2 */ 0x9ac20820, 7, 0, 0, 0, KEEP },
	{ /* sdiv x0, x1, x2 */ 0x9ac20c20, TOP, ONES, 0, TOP, KEEP },
	{ /* sdiv w0, w1, w2 */ 0x1ac20c20, 0x80000000, 0xffffffff, 0,
	  0x80000000, KEEP },
	{ /* sdiv x0, x1, x2 */ 0x9ac20c20, ONES - 6, 2, 0, ONES - 2, KEEP },
	/* shifts by register: modulo the size */
	{ /* lsl x0, x1, x2 */ 0x9ac22020, 1, 65, 0, 2, KEEP },
	{ /* asr w0, w1, w2 */ 0x1ac22820, 0x80000000, 33, 0, 0xc0000000,
	  KEEP },
	{ /* ror x0, x1, x2 */ 0x9ac22c20, 1, 1, 0, TOP, KEEP },
	{ /* ror w0, w1, w2 */ 0x1ac22c20, 1, 32, 0, 1, KEEP },
	/* one operand */
	{ /* rbit x0, x1 */ 0xdac00020, 1, 0, 0, TOP, KEEP },
	{ /* rbit w0, w1 */ 0x5ac00020, 2, 0, 0, 0x40000000, KEEP },
	{ /* rev16 x0, x1 */ 0xdac00420, UINT64_C(0x1122334455667788), 0, 0,
	  UINT64_C(0x2211443366558877), KEEP },
	{ /* rev32 x0, x1 */ 0xdac00820, UINT64_C(0x1122334455667788), 0, 0,
	  UINT64_C(0x4433221188776655), KEEP },
	{ /* rev w0, w1 */ 0x5ac00820, 0x11223344, 0, 0, 0x44332211, KEEP },
	{ /* clz x0, x1 */ 0xdac01020, 0, 0, 0, 64, KEEP },
	{ /* clz w0, w1 */ 0x5ac01020, 1, 0, 0, 31, KEEP },
	{ /* cls x0, x1 */ 0xdac01420, ONES, 0, 0, 63, KEEP },
	{ /* cls x0, x1 */ 0xdac01420, 1, 0, 0, 62, KEEP },
	{ /* cls w0, w1 */ 0x5ac01420, 0x80000000, 0, 0, 0, KEEP },
	{ /* cls w0, w1 */ 0x5ac01420, 0, 0, 0, 31, KEEP },
	/* conditions; C is set before, the others are not */
	{ /* csel x0, x1, x2, hs */ 0x9a822020, 1, 2, 0, 1, KEEP },
	{ /* csinc w0, w1, w2, eq */ 0x1a820420, 1, 0xffffffff, 0, 0, KEEP },
	{ /* csinv x0, x1, x2, lo */ 0xda823020, 1, 0, 0, ONES, KEEP },
	{ /* csneg x0, x1, x2, mi */ 0xda824420, 1, 2, 0, ONES - 1, KEEP },
	{ /* ccmp x1, x2, #15, hs */ 0xfa42202f, 4, 4, 0, 0, Z | C },
	{ /* ccmp x1, x2, #9, lo */ 0xfa423029, 4, 4, 0, 0, N | V },
	{ /* ccmn w1, #1, #0, ne */ 0x3a411820, 0xffffffff, 0, 0, 0, Z | C },
};

static void test_every_row(void **s)
{
	struct box *b = box_new();
	struct a64 *c = &b->cpu;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		const struct row *r = &rows[i];

		c->x[0] = 0;
		c->x[1] = r->x1;
		c->x[2] = r->x2;
		c->x[3] = r->x3;
		a64_set_nzcv(c, C << 28);
		box_run(b, &r->insn, 1);
		if (c->x[0] != r->want)
			print_error("%08x\n", r->insn);
		assert_int_equal(c->x[0], r->want);
		assert_int_equal(a64_nzcv(c) >> 28,
				 r->nzcv == KEEP ? C : r->nzcv);
		assert_int_equal(c->x[1], r->x1);
		assert_int_equal(c->x[2], r->x2);
		assert_int_equal(c->x[A64_ZERO], 0);
	}
	box_free(b);
}

static void test_reserved_encodings_are_undefined(void **s)
{
	static const uint32_t bad[] = {
		0x00000000,                      /* UDF */
		0x92400000 | 1 << 22 | 63 << 10, /* AND x, all ones */
		0x12400000,                      /* AND w with N=1 */
		0x32800000,                      /* MOV wide, opc 1 */
		0x52c00000,                      /* MOVZ w, lsl #32 */
		0x53400000,                      /* UBFM w with N=1 */
		0x93800000,                      /* EXTR x with N=0 */
		0x13808000,                      /* EXTR w, #32 */
		0x0bc00000,                      /* ADD with shift 3 */
		0x0b208000 | 5 << 10,            /* ADD extended, amount 5 */
		0x0b008000,                      /* ADD w, shift 32 */
		0x1ac04400,                      /* CRC32: not advertised */
		0x9ac03000,                      /* PACGA: not advertised */
		0x5ac00c00,                      /* REV with opcode 3, w */
		0x1a800800,                      /* CSEL with op2 2 */
		0x3a400010,                      /* CCMN with o3 */
		0x9b400000 | 1 << 15,            /* SMULH with o0 */
		0x91800000,                      /* ADDG */
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(bad); i++) {
		struct box *b = box_new();

		box_run(b, &bad[i], 1);
		assert_int_equal(box_vector(b), 0x200);
		assert_int_equal(b->cpu.sys.esr, 1 << 25);
		assert_int_equal(b->cpu.sys.elr, BOX_RAM);
		box_free(b);
	}
}

static void test_register_31_is_sp_or_zero_by_instruction(void **s)
{
	struct box *b = box_new();

	(void)s;
	b->cpu.x[A64_SP] = 0x1000;
	BOX_RUN(b, /* add x0, sp, #16 */ 0x910043e0,
		/* sub sp, sp, #32 */ 0xd10083ff,
		/* add x1, xzr, x0 */ 0x8b0003e1, /* mov x2, sp */ 0x910003e2,
		/* subs xzr, x0, x0 */ 0xeb00001f,
		/* and sp, x0, #0xf00 */ 0x92780c1f);
	assert_int_equal(b->cpu.x[0], 0x1010);
	assert_int_equal(b->cpu.x[1], 0x1010);
	assert_int_equal(b->cpu.x[2], 0xfe0);
	assert_int_equal(b->cpu.x[A64_SP], 0);
	box_free(b);
}

static void test_addresses_are_relative_to_the_instruction(void **s)
{
	struct box *b = box_new();

	(void)s;
	BOX_RUN(b, /* nop */ 0xd503201f, /* adr x0, .+8 */ 0x10000040,
		/* adrp x1, . */ 0x90000001, /* adr x2, .-4 */ 0x10ffffe2);
	assert_int_equal(b->cpu.x[0], BOX_RAM + 12);
	assert_int_equal(b->cpu.x[2], BOX_RAM + 8);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row),
		cmocka_unit_test(test_reserved_encodings_are_undefined),
		cmocka_unit_test(test_register_31_is_sp_or_zero_by_instruction),
		cmocka_unit_test(
			test_addresses_are_relative_to_the_instruction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
