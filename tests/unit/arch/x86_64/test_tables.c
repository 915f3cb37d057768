/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/tables.h"

#include <stdlib.h>

#include "../../check.h"
#include "arch/x86_64/layout.h"
#include "base/bytes.h"

enum { PRESENT_WRITE = 3, LARGE = 1 << 7 };

#define ADDRESS UINT64_C(0x000ffffffffff000)

/* SDM volume 3, 4.5.4: as the CPU walks them; 0 with `*ok` false: a fault. */
static uint64_t translate(const uint8_t *tables, uint64_t gva, int *ok)
{
	uint64_t gpa = X86_PML4_GPA, entry;
	unsigned shift;

	*ok = 0;
	for (shift = 39; shift >= 21; shift -= 9) {
		uint64_t at = gpa - X86_PML4_GPA + 8 * (gva >> shift & 511);

		assert_true(at + 8 <= X86_PAGE_TABLES_LEN);
		entry = le64(tables + at);
		if ((entry & PRESENT_WRITE) != PRESENT_WRITE)
			return 0;
		gpa = entry & ADDRESS;
		assert_int_equal(!!(entry & LARGE), shift == 21);
	}
	*ok = 1;
	return gpa + (gva & 0x1fffff);
}

static void test_all_below_4_gib_is_mapped_to_itself(void **s)
{
	uint8_t *p = malloc(X86_PAGE_TABLES_LEN);
	uint64_t gva;
	int ok;

	(void)s;
	assert_non_null(p);
	x86_page_tables_write(p);
	for (gva = 0; gva < UINT64_C(1) << 32; gva += 0x1ff000) {
		assert_int_equal(translate(p, gva, &ok), gva);
		assert_true(ok);
	}
	assert_int_equal(translate(p, UINT32_MAX, &ok), UINT32_MAX);
	(void)translate(p, UINT64_C(1) << 32, &ok);
	assert_false(ok);
	(void)translate(p, UINT64_C(0xffffffff81000000), &ok);
	assert_false(ok);
	free(p);
}

static void expect(uint16_t selector, uint32_t limit, uint16_t attributes)
{
	struct x86_segment s = x86_gdt_segment(selector);

	assert_int_equal(s.base, 0);
	assert_int_equal(s.limit, limit);
	assert_int_equal(s.selector, selector);
	assert_int_equal(s.attributes, attributes);
}

static void test_segments_are_flat(void **s)
{
	(void)s;
	/* G and L; G and D; present, ring 0, read and execute, accessed */
	expect(X86_SEL_CODE64, UINT32_MAX, 0xa09b);
	expect(X86_SEL_CODE32, UINT32_MAX, 0xc09b);
	expect(X86_SEL_DATA, UINT32_MAX, 0xc093);
	expect(X86_SEL_TSS, 0x67, 0x8b); /* pvh.pandoc */
}

static void test_the_table_has_what_linux_wants_where_it_wants_it(void **s)
{
	uint8_t p[X86_GDT_LEN];

	(void)s;
	x86_gdt_write(p);
	assert_int_equal(le64(p), 0);
	assert_int_equal(X86_SEL_CODE64, 0x10); /* __BOOT_CS */
	assert_int_equal(X86_SEL_DATA, 0x18);   /* __BOOT_DS */
	assert_int_equal(le64(p + 0x10), UINT64_C(0x00af9b000000ffff));
	assert_int_equal(le64(p + 0x18), UINT64_C(0x00cf93000000ffff));
	assert_int_equal(le64(p + 0x28), 0); /* the upper half of the TSS */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_below_4_gib_is_mapped_to_itself),
		cmocka_unit_test(test_segments_are_flat),
		cmocka_unit_test(
			test_the_table_has_what_linux_wants_where_it_wants_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
