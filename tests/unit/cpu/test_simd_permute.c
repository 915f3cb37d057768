/* SPDX-License-Identifier: MIT */
/* Permutations and table lookup: simd_permute.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row lanes_change_their_places[] = {
	{ /* uzp1 v0.16b, v1.16b, v2.16b */
	  0x4e021820, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .b = { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  .want = { 0x0e0c0a0806040200, 0x1e1c1a1816141210 } },
	{ /* uzp2 v0.8h, v1.8h, v2.8h */
	  0x4e425820, .a = { 0x0003000200010000, 0x0007000600050004 },
	  .b = { 0x000b000a00090008, 0x000f000e000d000c },
	  .want = { 0x0007000500030001, 0x000f000d000b0009 } },
	{ /* trn1 v0.4s, v1.4s, v2.4s */
	  0x4e822820, .a = { 0x0000000100000000, 0x0000000300000002 },
	  .b = { 0x0000000500000004, 0x0000000700000006 },
	  .want = { 0x0000000400000000, 0x0000000600000002 } },
	{ /* trn2 v0.2d, v1.2d, v2.2d */
	  0x4ec26820, .a = { 0x1, 0x2 }, .b = { 0x3, 0x4 },
	  .want = { 0x2, 0x4 } },
	{ /* zip1 v0.8b, v1.8b, v2.8b */
	  0x0e023820, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .b = { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  .want = { 0x1303120211011000, 0 } },
	{ /* zip2 v0.16b, v1.16b, v2.16b */
	  0x4e027820, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .b = { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  .want = { 0x1b0b1a0a19091808, 0x1f0f1e0e1d0d1c0c } },
	{ /* ext v0.16b, v1.16b, v2.16b, #0 */
	  0x6e020020, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .b = { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  .want = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } },
	{ /* ext v0.16b, v1.16b, v2.16b, #5 */
	  0x6e022820, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .b = { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  .want = { 0x0c0b0a0908070605, 0x14131211100f0e0d } },
	{ /* ext v0.16b, v1.16b, v2.16b, #8 */
	  0x6e024020, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .b = { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  .want = { 0x0f0e0d0c0b0a0908, 0x1716151413121110 } },
	{ /* ext v0.16b, v1.16b, v2.16b, #15 */
	  0x6e027820, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .b = { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  .want = { 0x161514131211100f, 0x1e1d1c1b1a191817 } },
	{ /* ext v0.8b, v1.8b, v2.8b, #3 */
	  0x2e021820, .a = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .b = { 0x1716151413121110, 0x1f1e1d1c1b1a1918 },
	  .want = { 0x1211100706050403, 0 } },
};

static void test_lanes_change_their_places(void **s)
{
	(void)s;
	rows_run(lanes_change_their_places, LEN(lanes_change_their_places));
}

static const struct row table_lookup_misses_give_zero_or_nothing[] = {
	{ /* tbl v0.16b, {v1.16b}, v2.16b */
	  0x4e020020, .a = { 0xa7a6a5a4a3a2a1a0, 0xafaeadacabaaa9a8 },
	  .b = { 0x100f0007ff100f00, 0x0007ff100f0007ff },
	  .want = { 0x00afa0a70000afa0, 0xa0a70000afa0a700 } },
	{ /* tbx v0.16b, {v1.16b}, v2.16b */
	  0x4e021020, .o = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .a = { 0xa7a6a5a4a3a2a1a0, 0xafaeadacabaaa9a8 },
	  .b = { 0x100f0007ff100f00, 0x0007ff100f0007ff },
	  .want = { 0x07afa0a70302afa0, 0xa0a70d0cafa0a708 } },
	{ /* tbl v0.8b, {v1.16b, v2.16b}, v2.8b */
	  0x0e022020, .a = { 0xa7a6a5a4a3a2a1a0, 0xafaeadacabaaa9a8 },
	  .b = TWICE(0x201f1000201f1000), .want = { 0x002000a0002000a0, 0 } },
	{ /* tbl v0.16b, {v31.16b, v0.16b, v1.16b, v2.16b}, v2.16b */
	  0x4e0263e0, .o = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	  .a = { 0xa7a6a5a4a3a2a1a0, 0xafaeadacabaaa9a8 },
	  .b = { 0x1c1814100c080400, 0x3c3834302c282420 },
	  .want = { 0x0c080400aca8a4a0, 0x30201000aca8a4a0 } },
};

static void test_table_lookup_misses_give_zero_or_nothing(void **s)
{
	(void)s;
	rows_run(table_lookup_misses_give_zero_or_nothing,
		 LEN(table_lookup_misses_give_zero_or_nothing));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lanes_change_their_places),
		cmocka_unit_test(test_table_lookup_misses_give_zero_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
