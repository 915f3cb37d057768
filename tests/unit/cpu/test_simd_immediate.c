/* SPDX-License-Identifier: MIT */
/* Modified immediates: simd_immediate.c. */
#include "../check.h"
#include "simd_rows.h"

static const struct row immediates_expand[] = {
	{ /* movi v0.4s, #0xab */
	  0x4f050560, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = TWICE(0x000000ab000000ab) },
	{ /* movi v0.2s, #0xab, lsl #24 */
	  0x0f056560, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = { 0xab000000ab000000, 0 } },
	{ /* mvni v0.4s, #0xab, lsl #8 */
	  0x6f052560, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = TWICE(0xffff54ffffff54ff) },
	{ /* orr v0.4s, #0xff, lsl #16 */
	  0x4f0757e0, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = { 0x12ff56789affdef0, 0x0fffcba987ff4321 } },
	{ /* bic v0.2s, #0xf0 */
	  0x2f071600, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = { 0x123456089abcde00, 0 } },
	{ /* movi v0.8h, #0xab, lsl #8 */
	  0x4f05a560, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = TWICE(0xab00ab00ab00ab00) },
	{ /* mvni v0.4h, #0xab */
	  0x2f058560, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = { 0xff54ff54ff54ff54, 0 } },
	{ /* orr v0.8h, #0x0f */
	  0x4f0095e0, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = { 0x123f567f9abfdeff, 0x0fefcbaf876f432f } },
	{ /* bic v0.8h, #0xff, lsl #8 */
	  0x6f07b7e0, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = { 0x0034007800bc00f0, 0x00ed00a900650021 } },
	{ /* movi v0.4s, #0xab, msl #8 */
	  0x4f05c560, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = TWICE(0x0000abff0000abff) },
	{ /* mvni v0.2s, #0xab, msl #16 */
	  0x2f05d560, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = { 0xff540000ff540000, 0 } },
	{ /* movi v0.16b, #0xab */
	  0x4f05e560, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = TWICE(0xabababababababab) },
	{ /* movi d0, #0xff0000ff00ff00ff */
	  0x2f04e6a0, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = { 0xff0000ff00ff00ff, 0 } },
	{ /* movi v0.2d, #0xff00ff00ff00ff00 */
	  0x6f05e540, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = TWICE(0xff00ff00ff00ff00) },
	{ /* fmov v0.4s, #1.0 */
	  0x4f03f600, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = TWICE(0x3f8000003f800000) },
	{ /* fmov v0.2s, #-31.0 */
	  0x0f05f7e0, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = { 0xc1f80000c1f80000, 0 } },
	{ /* fmov v0.2d, #0.125 */
	  0x6f02f400, .o = { 0x123456789abcdef0, 0x0fedcba987654321 },
	  .want = TWICE(0x3fc0000000000000) },
};

static void test_immediates_expand(void **s)
{
	(void)s;
	rows_run(immediates_expand, LEN(immediates_expand));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_immediates_expand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
