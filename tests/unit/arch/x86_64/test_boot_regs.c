/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/boot_regs.h"

#include <string.h>

#include "../../check.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/tables.h"

/* All general registers are zero but one. */
static void expect_one(const struct regs *r, unsigned index, uint64_t value)
{
	unsigned i;

	for (i = 0; i < X86_GPRS; i++)
		assert_int_equal(r->x86.gpr[i], i == index ? value : 0);
	assert_int_equal(r->x86.rflags, 2); /* interrupts off */
}

static void expect_segments(const struct regs *r, uint16_t code)
{
	unsigned i;

	for (i = 0; i < X86_SEGMENTS; i++)
		assert_int_equal(r->x86.segment[i].selector,
				 i == X86_CS ? code : X86_SEL_DATA);
	assert_int_equal(r->x86.tr.selector, X86_SEL_TSS);
	assert_int_equal(r->x86.tr.attributes, 0x8b);
	assert_int_equal(r->x86.ldt.attributes, 0x82);
	assert_int_equal(r->x86.gdt.base, X86_GDT_GPA);
	assert_int_equal(r->x86.gdt.limit, X86_GDT_LEN - 1);
	assert_int_equal(r->x86.idt.limit, 0);
}

/* boot.rst, "64-bit Boot Protocol" */
static void test_linux_starts_in_long_mode_with_the_zero_page(void **s)
{
	struct regs r;

	(void)s;
	memset(&r, 0xff, sizeof(r));
	x86_boot_regs(&r, X86_ENTRY_64, 0x1000000, 0x7000);
	assert_int_equal(r.x86.rip, 0x1000000);
	expect_one(&r, X86_RSI, 0x7000);
	expect_segments(&r, X86_SEL_CODE64);
	assert_int_equal(r.x86.segment[X86_CS].attributes, 0xa09b);
	assert_int_equal(r.x86.cr0, 0x80050033);
	assert_int_equal(r.x86.cr2, 0);
	assert_int_equal(r.x86.cr3, X86_PML4_GPA);
	assert_int_equal(r.x86.cr4, 0x20);
	assert_int_equal(r.x86.efer, 0x500);
}

/* pvh.pandoc, "Starting information" */
static void test_pvh_starts_in_protected_mode_with_its_info(void **s)
{
	struct regs r;

	(void)s;
	memset(&r, 0xff, sizeof(r));
	x86_boot_regs(&r, X86_ENTRY_PVH, 0x1000850, 0x6000);
	assert_int_equal(r.x86.rip, 0x1000850);
	expect_one(&r, X86_RBX, 0x6000);
	expect_segments(&r, X86_SEL_CODE32);
	assert_int_equal(r.x86.segment[X86_CS].attributes, 0xc09b);
	assert_int_equal(r.x86.segment[X86_CS].limit, UINT32_MAX);
	assert_int_equal(r.x86.cr0, 0x11);
	assert_int_equal(r.x86.cr3, 0);
	assert_int_equal(r.x86.cr4, 0);
	assert_int_equal(r.x86.efer, 0);
}

/* SDM volume 3, 8.4.3 and table 9-1 */
static void test_other_cpus_start_in_real_mode_at_their_page(void **s)
{
	struct regs r;
	unsigned i;

	(void)s;
	memset(&r, 0xff, sizeof(r));
	x86_sipi_regs(&r, 0x9a);
	assert_int_equal(r.x86.rip, 0);
	expect_one(&r, X86_RDX, 0x600);
	for (i = 0; i < X86_SEGMENTS; i++) {
		const struct x86_segment *seg = &r.x86.segment[i];

		assert_int_equal(seg->base, i == X86_CS ? 0x9a000 : 0);
		assert_int_equal(seg->selector, i == X86_CS ? 0x9a00 : 0);
		assert_int_equal(seg->attributes, i == X86_CS ? 0x9b : 0x93);
		assert_int_equal(seg->limit, 0xffff);
	}
	assert_int_equal(r.x86.tr.attributes, 0x8b);
	assert_int_equal(r.x86.ldt.attributes, 0x82);
	assert_int_equal(r.x86.gdt.limit, 0xffff);
	assert_int_equal(r.x86.idt.limit, 0xffff);
	assert_int_equal(r.x86.cr0, 0x60000010);
	assert_int_equal(r.x86.efer, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_linux_starts_in_long_mode_with_the_zero_page),
		cmocka_unit_test(
			test_pvh_starts_in_protected_mode_with_its_info),
		cmocka_unit_test(
			test_other_cpus_start_in_real_mode_at_their_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
