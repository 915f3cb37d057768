/* SPDX-License-Identifier: MIT */
/* What is allocated in ARMv8.0 without extensions, and what is not: simd.c. */
#include "../check.h"
#include "base/container.h"
#include "cpu/arm64/decode.h"

static enum a64_flow decode(uint32_t insn)
{
	struct a64_op op = { 0 };
	enum a64_flow flow;

	if (bits(insn, 27, 25) == 7)
		flow = a64_decode_fp(insn, &op);
	else
		flow = a64_decode_simd_ldst(insn, &op);
	if (flow == A64_GOES_ON)
		assert_non_null(op.fn);
	return flow;
}

/* Later extensions, and optional ones. */
static const uint32_t extensions[] = {
	/* fadd h0, h1, h2 */ 0x1ee22820,
	/* fadd v0.8h, v1.8h, v2.8h */ 0x4e421420,
	/* fmov h0, #1.0 */ 0x1eee1000,
	/* scvtf h0, w1 */ 0x1ee20020,
	/* sqrdmlah v0.4s, v1.4s, v2.4s */ 0x6e828420,
	/* sdot v0.4s, v1.16b, v2.16b */ 0x4e829420,
	/* fcmla v0.4s, v1.4s, v2.4s, #0 */ 0x6e82c420,
	/* fjcvtzs w0, d1 */ 0x1e7e0020,
	/* frint32z d0, d1 */ 0x1e684020,
	/* aese v0.16b, v1.16b */ 0x4e284820,
	/* sha1h s0, s1 */ 0x5e280820,
	/* sha256h q0, q1, v2.4s */ 0x5e024020,
	/* pmull v0.1q, v1.1d, v2.1d */ 0x0ee2e020,
	/* eor3 v0.16b, v1.16b, v2.16b, v3.16b */ 0xce020c20,
	/* fmlal v0.4s, v1.4h, v2.4h */ 0x4e22ec20,
};

/* Reserved values of fields. */
static const uint32_t reserved[] = {
	0x0ee28420, /* ADD .1D */
	0x4ee20420, /* SHADD .2D */
	0x4e22b420, /* SQDMULH .16B */
	0x5e228420, /* ADD of scalar bytes */
	0x5e22b420, /* SQDMULH of scalar bytes */
	0x0f407420, /* SQSHL .1D */
	0x4f880420, /* shift by immediate with bit 23 */
	0x2f00f400, /* FMOV .1D */
	0x0e080420, /* DUP .1D */
	0x0e003c20, /* UMOV with imm5 0 */
	0x0e081c20, /* INS with Q 0 */
	0x2e024020, /* EXT of 8 bytes from byte 8 */
	0x0ec23820, /* ZIP1 .1D */
	0x0eb1b820, /* ADDV .2S */
	0x6e70c820, /* FMAXNMV of doubles */
	0x4fe21020, /* FMLA by element of doubles with L */
	0x0fc21020, /* FMLA .1D by element */
	0x4f022020, /* SMLAL by element of bytes */
	0x1ea22820, /* FADD of type 2 */
	0x1e224020, /* FCVT from single to single */
	0x1e202021, /* FCMP with opcode2 1 */
	0x1e201020, /* FMOV immediate with imm5 1 */
	0x9e6f0000, /* FMOV of type 1 with rmode 1 */
	0x0c401c00, /* LD1 with opcode 1 */
	0x0c408c00, /* LD2 .1D */
	0x0c410000, /* LD4 without post-index but with Rm */
	0x0d00c000, /* ST1R */
	0xfc420800, /* LDTR of a SIMD register */
	0xed400000, /* LDP with opc 3 */
	0x7c800000, /* STUR of size 1, opc 2 */
	0x3c620820, /* LDR register with option 0 */
};

static void test_extensions_are_undefined(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LEN(extensions); i++)
		assert_int_equal(decode(extensions[i]), A64_UNDEFINED);
}

static void test_reserved_encodings_are_undefined(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LEN(reserved); i++)
		assert_int_equal(decode(reserved[i]), A64_UNDEFINED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extensions_are_undefined),
		cmocka_unit_test(test_reserved_encodings_are_undefined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
