/* SPDX-License-Identifier: MIT */
/* What guests do, and what comes up of it. */
#include "rig.h"

#include <string.h>

#include "base/container.h"

#include "../../check.h"

#define MMIO UINT64_C(0xd0000000)

GUEST(64, hello,
      "mov $'h', %al\nout %al, $0x10\nmov $'i', %al\nout %al, $0x10\n" DONE);
GUEST(64, stores,
      "mov $0xd0000000, %edi\n"
      "movb $0x11, (%rdi)\n"
      "movw $0x2222, 2(%rdi)\n"
      "movl $0x44444444, 4(%rdi)\n"
      "mov $0x8888888877777777, %rax\nmov %rax, 8(%rdi)\n" DONE);
GUEST(64, loads,
      "mov $0xd0000000, %edi\n"
      "xor %eax, %eax\nmov (%rdi), %al\nmov %rax, 0x200000\n"
      "xor %eax, %eax\nmov 2(%rdi), %ax\nmov %rax, 0x200008\n"
      "mov 4(%rdi), %eax\nmov %rax, 0x200010\n"
      "mov 8(%rdi), %rax\nmov %rax, 0x200018\n" DONE);
GUEST(64, straddle,
      "mov $0xd0000ffe, %edi\nmov (%rdi), %rax\nmov %rax, 0x200000\n" DONE);
GUEST(64, ins,
      "mov $0x3fd, %edx\n"
      "xor %eax, %eax\nin %dx, %al\nmov %rax, 0x200000\n"
      "xor %eax, %eax\nin %dx, %ax\nmov %rax, 0x200008\n"
      "in %dx, %eax\nmov %rax, 0x200010\n" DONE);
GUEST(64, rep_outs,
      "mov $0x200000, %esi\nmov $0x10, %edx\ncld\nrep outsb\n" DONE);
GUEST(64, rep_ins,
      "mov $0x200000, %edi\nmov $0x60, %edx\ncld\nrep insw\n" DONE);
GUEST(64, triple_fault, "lidt 0x200000\nud2\n");
/* 0x4d565f58: no CPU has this one, and KVM does not know it */
GUEST(64, read_msr,
      "mov $0x4d565f58, %ecx\nrdmsr\n"
      "shl $32, %rdx\nor %rdx, %rax\nmov %rax, 0x200000\n" DONE);
GUEST(64, write_msr,
      "mov $0x4d565f58, %ecx\nmov $0x1234, %eax\nmov $0x5678, %edx\n"
      "wrmsr\n" DONE);
GUEST(64, fault, "pop 0x200008\n" DONE); /* the error code */
GUEST(64, regs,
      "mov $1, %eax\nmov $2, %ecx\nmov $3, %edx\nmov $4, %ebx\n"
      "mov $6, %ebp\nmov $7, %esi\nmov $8, %edi\nmov $9, %r8d\n"
      "mov $10, %r9d\nmov $11, %r10d\nmov $12, %r11d\nmov $13, %r12d\n"
      "mov $14, %r13d\nmov $15, %r14d\nmov $16, %r15d\nmov $5, %esp\n" DONE);

static void test_characters_come_out_of_a_port(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	rig_load(&r, hello, hello_end, 0);
	rig_finish(&r);
	assert_string_equal(r.text, "hi");
	assert_int_equal(r.accesses, 3);
	rig_unmake(&r);
}

static void test_stores_come_up_with_their_sizes(void **s)
{
	static const struct access want[] = {
		{ MMIO, 0x11, SPACE_MMIO, 1, true },
		{ MMIO + 2, 0x2222, SPACE_MMIO, 2, true },
		{ MMIO + 4, 0x44444444, SPACE_MMIO, 4, true },
		{ MMIO + 8, 0x8888888877777777, SPACE_MMIO, 8, true },
	};
	struct rig r;
	size_t i;

	(void)s;
	rig_make(&r, 1);
	rig_load(&r, stores, stores_end, 0);
	rig_finish(&r);
	assert_int_equal(r.accesses, LEN(want) + 1);
	for (i = 0; i < LEN(want); i++) {
		assert_int_equal(r.log[i].addr, want[i].addr);
		assert_int_equal(r.log[i].value, want[i].value);
		assert_int_equal(r.log[i].space, want[i].space);
		assert_int_equal(r.log[i].size, want[i].size);
		assert_true(r.log[i].write);
	}
	rig_unmake(&r);
}

static void test_loads_get_as_much_of_the_answer_as_they_asked_for(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	r.answer = 0x8877665544332211;
	rig_load(&r, loads, loads_end, 0);
	rig_finish(&r);
	assert_int_equal(rig_u64(&r, RIG_DATA), 0x11);
	assert_int_equal(rig_u64(&r, RIG_DATA + 8), 0x2211);
	assert_int_equal(rig_u64(&r, RIG_DATA + 16), 0x44332211);
	assert_int_equal(rig_u64(&r, RIG_DATA + 24), 0x8877665544332211);
	assert_int_equal(r.log[3].size, 8);
	assert_false(r.log[3].write);
	rig_unmake(&r);
}

/* Two bytes on one page are an access; six on the next are open bus. */
static void test_a_load_across_pages_ends(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	r.answer = 0;
	rig_load(&r, straddle, straddle_end, 0);
	rig_finish(&r);
	assert_int_equal(rig_u64(&r, RIG_DATA), 0xffffffffffff0000);
	assert_int_equal(r.accesses, 2);
	assert_int_equal(r.log[0].size, 2);
	rig_unmake(&r);
}

static void test_ports_are_read_by_1_2_and_4_bytes(void **s)
{
	struct rig r;
	unsigned i;

	(void)s;
	rig_make(&r, 1);
	r.answer = 0x44332211;
	rig_load(&r, ins, ins_end, 0);
	rig_finish(&r);
	for (i = 0; i < 3; i++) {
		assert_int_equal(r.log[i].space, SPACE_PIO);
		assert_int_equal(r.log[i].addr, 0x3fd);
		assert_int_equal(r.log[i].size, 1 << i);
		assert_false(r.log[i].write);
	}
	assert_int_equal(rig_u64(&r, RIG_DATA), 0x11);
	assert_int_equal(rig_u64(&r, RIG_DATA + 8), 0x2211);
	assert_int_equal(rig_u64(&r, RIG_DATA + 16), 0x44332211);
	rig_unmake(&r);
}

static void test_repeated_output_is_one_access_each(void **s)
{
	static const char words[] = "one access for each of these";
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	assert_true(gmem_write(&r.mem, RIG_DATA, words, sizeof(words)));
	rig_load(&r, rep_outs, rep_outs_end, sizeof(words) - 1);
	rig_finish(&r);
	assert_string_equal(r.text, words);
	assert_int_equal(rig_regs(&r).gpr[X86_RCX], 0);
	rig_unmake(&r);
}

static void test_repeated_input_fills_memory(void **s)
{
	struct rig r;
	uint32_t i;

	(void)s;
	rig_make(&r, 1);
	r.answer = 0xbeef;
	rig_load(&r, rep_ins, rep_ins_end, 20);
	rig_finish(&r);
	for (i = 0; i < 40; i += 8)
		assert_int_equal(rig_u64(&r, RIG_DATA + i), 0xbeefbeefbeefbeef);
	assert_int_equal(rig_u64(&r, RIG_DATA + 40), 0);
	rig_unmake(&r);
}

static void test_a_triple_fault_is_a_reset(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	rig_load(&r, triple_fault, triple_fault_end, 0);
	assert_int_equal(rig_run(&r), HV_RESET);
	rig_unmake(&r);
}

static void test_an_unknown_msr_comes_up(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	r.answer = 0x1122334455667788;
	rig_load(&r, read_msr, read_msr_end, 0);
	rig_finish(&r);
	assert_int_equal(r.msrs, 1);
	assert_int_equal(r.msr.id, 0x4d565f58);
	assert_false(r.msr.write);
	assert_int_equal(rig_u64(&r, RIG_DATA), 0x1122334455667788);
	rig_load(&r, write_msr, write_msr_end, 0);
	rig_finish(&r);
	assert_int_equal(r.msrs, 2);
	assert_true(r.msr.write);
	assert_int_equal(r.msr.value, 0x567800001234);
	rig_unmake(&r);
}

enum { GENERAL_PROTECTION = 13 };

static void test_an_msr_that_is_refused_faults(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	r.refuse = true;
	rig_put_u64(&r, RIG_DATA + 8, 1);
	rig_put(&r, RIG_ISR, fault, fault_end);
	rig_gate(&r, GENERAL_PROTECTION, RIG_ISR);
	rig_load(&r, read_msr, read_msr_end, 0);
	rig_finish(&r);
	assert_int_equal(rig_u64(&r, RIG_DATA + 8), 0);
	assert_int_equal(rig_u64(&r, RIG_DATA), 0); /* got no further */
	rig_unmake(&r);
}

/* The last exit's OUT has ended by then, too: RIP is behind it. */
static void test_registers_are_where_the_guest_put_them(void **s)
{
	struct rig r;
	struct x86_regs x;
	unsigned i;

	(void)s;
	rig_make(&r, 1);
	rig_load(&r, regs, regs_end, 0);
	rig_finish(&r);
	x = rig_regs(&r);
	for (i = 0; i < X86_GPRS; i++)
		assert_int_equal(x.gpr[i], i + 1);
	assert_int_equal(x.rip, RIG_CODE + (regs_end - regs) - 3);
	rig_unmake(&r);
}

static void test_what_was_set_is_what_is_got(void **s)
{
	struct regs a, b;
	struct rig r;
	unsigned i;

	(void)s;
	rig_make(&r, 1);
	rig_load(&r, hello, hello_end, 77);
	hv_kvm.get_regs(&r.v[0], &a);
	hv_kvm.set_regs(&r.v[0], &a);
	hv_kvm.get_regs(&r.v[0], &b);
	assert_memory_equal(a.x86.gpr, b.x86.gpr, sizeof(a.x86.gpr));
	for (i = 0; i < X86_SEGMENTS; i++)
		assert_int_equal(a.x86.segment[i].attributes,
				 b.x86.segment[i].attributes);
	assert_int_equal(a.x86.segment[X86_CS].attributes, 0xa09b);
	assert_int_equal(a.x86.tr.attributes, b.x86.tr.attributes);
	assert_int_equal(a.x86.efer, b.x86.efer);
	assert_int_equal(a.x86.idt.base, RIG_IDT);
	assert_int_equal(a.x86.cr3, b.x86.cr3);
	rig_unmake(&r);
}

/* KVM refuses a page table without protection; run() tells it. */
static void test_registers_that_cannot_be_fail_the_run(void **s)
{
	struct regs bad;
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	rig_load(&r, hello, hello_end, 0);
	hv_kvm.get_regs(&r.v[0], &bad);
	bad.x86.cr0 &= ~UINT64_C(1);
	hv_kvm.set_regs(&r.v[0], &bad);
	assert_int_equal(rig_run(&r), HV_FAILED);
	assert_non_null(strstr(r.v[0].err.msg, "registers"));
	assert_int_equal(r.accesses, 0);
	rig_unmake(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_characters_come_out_of_a_port),
		cmocka_unit_test(test_stores_come_up_with_their_sizes),
		cmocka_unit_test(
			test_loads_get_as_much_of_the_answer_as_they_asked_for),
		cmocka_unit_test(test_a_load_across_pages_ends),
		cmocka_unit_test(test_ports_are_read_by_1_2_and_4_bytes),
		cmocka_unit_test(test_repeated_output_is_one_access_each),
		cmocka_unit_test(test_repeated_input_fills_memory),
		cmocka_unit_test(test_a_triple_fault_is_a_reset),
		cmocka_unit_test(test_an_unknown_msr_comes_up),
		cmocka_unit_test(test_an_msr_that_is_refused_faults),
		cmocka_unit_test(test_registers_are_where_the_guest_put_them),
		cmocka_unit_test(test_what_was_set_is_what_is_got),
		cmocka_unit_test(test_registers_that_cannot_be_fail_the_run),
	};
	int missing = rig_missing();

	return missing ? missing : cmocka_run_group_tests(tests, NULL, NULL);
}
