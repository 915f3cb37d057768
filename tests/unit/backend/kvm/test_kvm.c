/* SPDX-License-Identifier: MIT */
/* What guests do, and what comes up of it. */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "base/container.h"

#include "../../check.h"

GUEST(64, hello,
      "mov $'h', %al\nout %al, $0x10\nmov $'i', %al\nout %al, $0x10\n" DONE);
GUEST(64, store,
      "mov $0xd0000000, %edi\n"
      "movb $0x11, (%rdi)\n"
      "movw $0x2222, 2(%rdi)\n"
      "movl $0x44444444, 4(%rdi)\n"
      "mov $0x8888888877777777, %rax\nmov %rax, 8(%rdi)\n" DONE);
GUEST(64, load,
      "mov $0xd0000000, %edi\n"
      "xor %eax, %eax\nmov (%rdi), %al\nmov %rax, 0x200000\n"
      "xor %eax, %eax\nmov 2(%rdi), %ax\nmov %rax, 0x200008\n"
      "mov 4(%rdi), %eax\nmov %rax, 0x200010\n"
      "mov 8(%rdi), %rax\nmov %rax, 0x200018\n" DONE);
GUEST(64, in,
      "mov $0x3fd, %edx\n"
      "xor %eax, %eax\nin %dx, %al\nmov %rax, 0x200000\n"
      "xor %eax, %eax\nin %dx, %ax\nmov %rax, 0x200008\n"
      "in %dx, %eax\nmov %rax, 0x200010\n" DONE);
GUEST(64, rep_outs,
      "mov $0x200000, %esi\nmov $0x10, %edx\ncld\nrep outsb\n" DONE);
GUEST(64, rep_ins,
      "mov $0x200000, %edi\nmov $0x60, %edx\ncld\nrep insw\n" DONE);

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_characters_come_out_of_a_port),
	};
	int missing = rig_missing();

	(void)store; (void)load; (void)in; (void)rep_outs; (void)rep_ins;
	return missing ? missing : cmocka_run_group_tests(tests, NULL, NULL);
}
