/* SPDX-License-Identifier: MIT */
/* A whole machine with real CPUs goes on in another one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/kvm/kvm.h"
#include "proxy/policy.h"
#include "rig.h"

#include "../check.h"

enum { RAM = 4 * MIB, GATE = 0x200004, SKIPPED = 77 };

/* Prints a to g by way of RAM, waits for the gate, prints h to o. */
static const uint8_t guest[] = {
	0xbf, 0x00, 0x00, 0x20, 0x00, /*        mov $0x200000, %edi */
	0xb3, 'a',                    /*        mov $'a', %bl */
	0x88, 0x1f,                   /* again: mov %bl, (%edi) */
	0x8a, 0x07,                   /*        mov (%edi), %al */
	0x66, 0xba, 0xf8, 0x03,       /*        mov $0x3f8, %dx   COM1 */
	0xee,                         /*        out %al, (%dx) */
	0xfe, 0xc3,                   /*        inc %bl */
	0x80, 0xfb, 'h',              /*        cmp $'h', %bl */
	0x75, 0x06,                   /*        jne more */
	0x80, 0x7f, 0x04, 0x00,       /* gate:  cmpb $0, 4(%edi) */
	0x74, 0xfa,                   /*        je gate */
	0x80, 0xfb, 'p',              /* more:  cmp $'p', %bl */
	0x75, 0xe5,                   /*        jne again */
	0x66, 0xba, 0x00, 0x06,       /*        mov $0x600, %dx   ACPI */
	0xb0, 0x34,                   /*        mov $0x34, %al    S5 */
	0xee,                         /*        out %al, (%dx) */
	0xf4,                         /* halt:  hlt */
	0xeb, 0xfd,                   /*        jmp halt */
};

/* A slice of KVM ends when somebody wants something. */
static void end_slices(struct rig *r, enum microvm_event e)
{
	unsigned i;

	if (e != MICROVM_EVENT_CONSOLE_READABLE)
		return;
	for (i = 0; i < r->cfg.cpus; i++)
		vcpu_request(&r->vm->vcpu[i], VCPU_WAKE);
}

static void init(struct rig *r, unsigned cpus, struct policy *policy)
{
	policy_init(policy, MICROVM_NET_NONE);
	rig_init(r);
	r->also = end_slices;
	r->cfg.ops = &hv_kvm;
	r->cfg.arch = ARCH_X86_64;
	r->cfg.cpus = cpus;
	r->cfg.ram = RAM;
	r->cfg.virtual_time = false;
	r->cfg.link.cid = 3;
	r->cfg.link.proxy.policy = policy;
	r->cfg.program = guest;
	r->cfg.program_len = sizeof(guest);
	rig_create(r);
}

static void move(struct rig *from, struct rig *to)
{
	struct state out, in;

	state_init_save(&out);
	assert_int_equal(vm_state(from->vm, &out, NULL), 0);
	assert_int_equal(state_fini(&out, NULL), 0);
	state_init_load(&in, out.buf, out.len);
	assert_int_equal(vm_state(to->vm, &in, NULL), 0);
	assert_int_equal(state_fini(&in, NULL), 0);
	free(out.buf);
}

static size_t go_on(struct rig *r, char *text, size_t room)
{
	uint8_t *ram = r->vm->ram;

	ram[GATE] = 1;
	assert_int_equal(vm_start(r->vm, NULL), 0);
	assert_int_equal(rig_end(r), MICROVM_EXIT_POWEROFF);
	return console_read(&r->vm->console, text, room);
}

static void move_with(unsigned cpus)
{
	struct policy pa, pb;
	char ta[32] = { 0 }, tb[32] = { 0 };
	struct rig a, b;
	size_t n;

	init(&a, cpus, &pa);
	init(&b, cpus, &pb);
	assert_int_equal(vm_step(a.vm, 1, NULL), 0);
	assert_false(vm_has_ended(a.vm));
	n = console_read(&a.vm->console, ta, sizeof(ta));
	assert_in_range(n, 1, 7);
	move(&a, &b);
	(void)go_on(&a, ta + n, sizeof(ta) - n);
	(void)go_on(&b, tb, sizeof(tb));
	assert_string_equal(ta, "abcdefghijklmno");
	assert_string_equal(ta + n, tb);
	rig_fini(&a);
	rig_fini(&b);
	policy_fini(&pa);
	policy_fini(&pb);
}

static void test_a_guest_of_kvm_goes_on_in_another_machine(void **s)
{
	(void)s;
	move_with(1);
}

/* The others wait for their start, and do in the new machine. */
static void test_so_does_one_with_cpus_that_are_off(void **s)
{
	(void)s;
	move_with(4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_guest_of_kvm_goes_on_in_another_machine),
		cmocka_unit_test(test_so_does_one_with_cpus_that_are_off),
	};
	struct hv_found found = { 0 };
	mv_error e = { 0 };

	if (hv_kvm.probe(&found, &e)) {
		(void)printf("skipped: no usable KVM here: %s\n", e.msg);
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
