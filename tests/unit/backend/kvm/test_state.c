/* SPDX-License-Identifier: MIT */
/* A guest goes on in another VM as if nothing had happened. */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "os/thread.h"

#include "../../check.h"

#define MSI_CPU0 UINT64_C(0xfee00000)

enum { EDGE = 1 << 14, LEVEL = 1 << 15 | EDGE, VECTOR = 0x51 };

/* RCX turns of a xorshift generator, a pause behind half of them. */
#define TURNS                                                \
	"2: mov %rax, %rdx\nshl $13, %rdx\nxor %rdx, %rax\n" \
	"mov %rax, %rdx\nshr $7, %rdx\nxor %rdx, %rax\n"     \
	"mov %rax, %rdx\nshl $17, %rdx\nxor %rdx, %rax\n"    \
	"add %rax, 0x200000\ndec %rcx\njnz 2b\n"

GUEST(64, computes,
      "mov $0x9e3779b97f4a7c15, %rax\nmov %rcx, %rsi\n" TURNS
      "out %al, $0x11\nmov %rsi, %rcx\n3: nop\n"
      "mov %rax, %rdx\nshl $13, %rdx\nxor %rdx, %rax\n"
      "mov %rax, %rdx\nshr $7, %rdx\nxor %rdx, %rax\n"
      "mov %rax, %rdx\nshl $17, %rdx\nxor %rdx, %rax\n"
      "add %rax, 0x200000\ndec %rcx\njnz 3b\n" DONE);
GUEST(64, tells_time,
      "rdtsc\nshl $32, %rdx\nor %rdx, %rax\nmov %rax, 0x200000\n"
      "out %al, $0x11\n"
      "rdtsc\nshl $32, %rdx\nor %rdx, %rax\nmov %rax, 0x200008\n" DONE);
/* KERNEL_GS_BASE, STAR and DR0; then the same are read */
GUEST(64, keeps_msrs,
      "mov $0xc0000102, %ecx\nmov $0x1234, %eax\nmov $0x5, %edx\nwrmsr\n"
      "mov $0xc0000081, %ecx\nmov $0x77, %eax\nmov $0x88, %edx\nwrmsr\n"
      "mov $0x4321, %eax\nmov %rax, %db0\n"
      "out %al, $0x11\n"
      "mov $0xc0000102, %ecx\nrdmsr\nmov %eax, 0x200000\n"
      "mov %edx, 0x200004\n"
      "mov $0xc0000081, %ecx\nrdmsr\nmov %eax, 0x200008\n"
      "mov %edx, 0x20000c\n"
      "mov %db0, %rax\nmov %rax, 0x200010\n" DONE);
/* A one-shot of the local APIC's timer, started before the pause. */
GUEST(64, awaits_timer,
      "mov $0xfee00000, %edi\nmovl $0x1ff, 0xf0(%rdi)\n"
      "movl $0xb, 0x3e0(%rdi)\nmovl $0x51, 0x320(%rdi)\n"
      "movl $20000000, 0x380(%rdi)\nout %al, $0x11\nsti\n"
      "2: hlt\ncmpq $1, 0x200000\njb 2b\ncli\n" DONE);
/* With interrupts off, so that what came waits. */
GUEST(64, awaits_messages,
      "mov $0xfee000f0, %edi\nmovl $0x1ff, (%rdi)\nout %al, $0x11\nsti\n"
      "2: hlt\ncmp %rcx, 0x200000\njb 2b\ncli\n" DONE);
GUEST(64, handler,
      "push %rdi\nincq 0x200000\nmov $0xfee000b0, %edi\nmovl $0, (%rdi)\n"
      "pop %rdi\niretq\n");
/* The pause is inside the handler: the interrupt has not ended. */
GUEST(64, pausing_handler,
      "push %rdi\nout %al, $0x11\nincq 0x200000\nmov $0xfee000b0, %edi\n"
      "movl $0, (%rdi)\npop %rdi\niretq\n");

static uint64_t xorshift(uint64_t turns)
{
	uint64_t x = 0x9e3779b97f4a7c15, sum = 0;

	while (turns--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		sum += x;
	}
	return sum;
}

static struct state save(struct rig *r)
{
	return seam_save(&r->vm, r->v, 1);
}

static int load(struct rig *r, const void *p, size_t len, mv_error *e)
{
	return seam_load(&r->vm, r->v, 1, p, len, e);
}

/* All of `a` into a new VM. */
static void move(struct rig *a, struct rig *b)
{
	struct state s = save(a);
	mv_error e = { 0 };

	rig_make(b, 1);
	memcpy(b->ram, a->ram, RIG_RAM);
	if (load(b, s.buf, s.len, &e))
		print_error("%s\n", e.msg);
	assert_string_equal(e.msg, "");
	free(s.buf);
}

static void begin(struct rig *r, const uint8_t *code, const uint8_t *end,
		  uint64_t rcx, const uint8_t *isr, const uint8_t *isr_end)
{
	rig_make(r, 1);
	rig_put(r, RIG_ISR, isr, isr_end);
	rig_gate(r, VECTOR, RIG_ISR);
	rig_load(r, code, end, rcx);
}

static void begin_and_pause(struct rig *r, const uint8_t *code,
			    const uint8_t *end, uint64_t rcx)
{
	begin(r, code, end, rcx, handler, handler_end);
	assert_int_equal(rig_run(r), HV_AGAIN);
	assert_true(r->paused && !r->done);
}

static void test_a_computation_goes_on_in_another_vm(void **s)
{
	struct rig a, b;

	(void)s;
	begin_and_pause(&a, computes, computes_end, 300);
	assert_int_equal(rig_u64(&a, RIG_DATA), xorshift(300));
	move(&a, &b);
	rig_finish(&b);
	assert_int_equal(rig_u64(&b, RIG_DATA), xorshift(600));
	assert_int_equal(b.accesses, 1); /* the pause was not repeated */
	rig_finish(&a);                  /* and to have been saved is nothing */
	assert_int_equal(rig_u64(&a, RIG_DATA), xorshift(600));
	rig_unmake(&a);
	rig_unmake(&b);
}

static void test_time_goes_on_where_it_was(void **s)
{
	struct rig a, b;
	uint64_t before, after;

	(void)s;
	begin_and_pause(&a, tells_time, tells_time_end, 0);
	move(&a, &b);
	rig_finish(&b);
	before = rig_u64(&b, RIG_DATA);
	after = rig_u64(&b, RIG_DATA + 8);
	assert_true(after > before);
	assert_true(after - before < UINT64_C(100000000000));
	rig_unmake(&a);
	rig_unmake(&b);
}

static void test_msrs_and_debug_registers_move(void **s)
{
	struct rig a, b;

	(void)s;
	begin_and_pause(&a, keeps_msrs, keeps_msrs_end, 0);
	move(&a, &b);
	rig_finish(&b);
	assert_int_equal(rig_u64(&b, RIG_DATA), 0x500001234);
	assert_int_equal(rig_u64(&b, RIG_DATA + 8), 0x8800000077);
	assert_int_equal(rig_u64(&b, RIG_DATA + 16), 0x4321);
	rig_unmake(&a);
	rig_unmake(&b);
}

static void test_a_running_timer_fires_in_the_other_vm(void **s)
{
	struct rig a, b;

	(void)s;
	begin_and_pause(&a, awaits_timer, awaits_timer_end, 0);
	move(&a, &b);
	rig_finish(&b);
	assert_int_equal(rig_u64(&b, RIG_DATA), 1);
	rig_unmake(&a);
	rig_unmake(&b);
}

static void test_an_interrupt_that_waits_moves(void **s)
{
	struct rig a, b;

	(void)s;
	begin_and_pause(&a, awaits_messages, awaits_messages_end, 1);
	hv_kvm.message(&a.vm, MSI_CPU0, VECTOR | EDGE);
	move(&a, &b);
	rig_finish(&b);
	assert_int_equal(rig_u64(&b, RIG_DATA), 1);
	rig_unmake(&a);
	rig_unmake(&b);
}

static bool is_poor(void)
{
	struct hv_found found = { 0 };

	return hv_kvm.probe(&found, NULL) == 0 && found.poor;
}

/* Its route is KVM's, and must be there in the other VM, too. */
static void test_a_level_that_has_not_ended_ends_in_the_other_vm(void **s)
{
	struct rig a, b;

	(void)s;
	if (is_poor()) {
		print_message("skipped: kvm_pvm ends interrupts when it "
			      "delivers them\n");
		skip();
	}
	begin(&a, awaits_messages, awaits_messages_end, 1, pausing_handler,
	      pausing_handler_end);
	assert_int_equal(rig_run(&a), HV_AGAIN);
	hv_kvm.message(&a.vm, MSI_CPU0, VECTOR | LEVEL);
	assert_int_equal(rig_run(&a), HV_AGAIN); /* in the handler */
	assert_int_equal(a.eois, 0);
	move(&a, &b);
	rig_finish(&b);
	assert_int_equal(b.eois, 1);
	assert_int_equal(b.vector, VECTOR);
	rig_unmake(&a);
	rig_unmake(&b);
}

/* What is saved of the copy is what was loaded, clocks and timers apart. */
static void test_a_copy_saves_the_same(void **s)
{
	struct rig a, b;
	struct state first, second;
	size_t i, other = 0;

	(void)s;
	begin_and_pause(&a, keeps_msrs, keeps_msrs_end, 0);
	first = save(&a);
	move(&a, &b);
	second = save(&b);
	assert_int_equal(first.len, second.len);
	for (i = 0; i < first.len; i++)
		other += first.buf[i] != second.buf[i];
	assert_true(other <= 32);
	free(first.buf);
	free(second.buf);
	rig_unmake(&a);
	rig_unmake(&b);
}

static void test_a_state_that_was_cut_is_refused(void **s)
{
	struct rig a, b;
	struct state st;
	size_t cut;

	(void)s;
	begin_and_pause(&a, computes, computes_end, 10);
	st = save(&a);
	rig_make(&b, 1);
	for (cut = 0; cut < st.len; cut += st.len / 61 + 1) {
		mv_error e = { 0 };

		assert_int_equal(load(&b, st.buf, cut, &e), -MICROVM_EBADIMAGE);
		assert_non_null(strstr(e.msg, "saved state"));
	}
	free(st.buf);
	rig_unmake(&a);
	rig_unmake(&b);
}

/* Refused or taken; then the guest does what it can, until it is kicked. */
static void test_a_state_of_an_enemy_harms_nobody(void **s)
{
	struct rig a, b;
	struct state st;
	size_t i, at;

	(void)s;
	begin_and_pause(&a, computes, computes_end, 10);
	st = save(&a);
	for (i = 0; i < 60; i++) {
		at = i * (st.len / 60);
		st.buf[at] ^= (uint8_t)(0x81 + i);
		st.buf[(at + 7) % st.len] = 0xff;
		rig_make(&b, 1);
		memcpy(b.ram, a.ram, RIG_RAM);
		if (load(&b, st.buf, st.len, NULL) == 0) {
			hv_kvm.kick(&b.v[0]);
			(void)hv_kvm.run(&b.v[0]);
		}
		rig_unmake(&b);
		st.buf[at] ^= (uint8_t)(0x81 + i);
	}
	free(st.buf);
	rig_finish(&a);
	rig_unmake(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_computation_goes_on_in_another_vm),
		cmocka_unit_test(test_time_goes_on_where_it_was),
		cmocka_unit_test(test_msrs_and_debug_registers_move),
		cmocka_unit_test(test_a_running_timer_fires_in_the_other_vm),
		cmocka_unit_test(test_an_interrupt_that_waits_moves),
		cmocka_unit_test(
			test_a_level_that_has_not_ended_ends_in_the_other_vm),
		cmocka_unit_test(test_a_copy_saves_the_same),
		cmocka_unit_test(test_a_state_that_was_cut_is_refused),
		cmocka_unit_test(test_a_state_of_an_enemy_harms_nobody),
	};
	int missing = rig_missing();

	return missing ? missing : cmocka_run_group_tests(tests, NULL, NULL);
}
