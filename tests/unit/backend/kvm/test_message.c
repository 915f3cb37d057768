/* SPDX-License-Identifier: MIT */
/* Interrupt messages, their ends, and the start of other CPUs. */
#include "rig.h"

#include <sched.h>

#include "base/container.h"
#include "os/thread.h"

#include "../../check.h"

#define MSI_CPU0 UINT64_C(0xfee00000)

/* SDM volume 3, 11.11.2 */
enum { ASSERT = 1 << 14, LEVEL = 1 << 15 };

enum { VECTOR = 0x50 };

/* Local APIC on; count in 0x200000 until RCX came, asleep in between. */
GUEST(64, wait_for,
      "mov $0xfee000f0, %edi\nmovl $0x1ff, (%rdi)\nmovq $1, 0x200008\nsti\n"
      "2: hlt\ncmp %rcx, 0x200000\njb 2b\ncli\n" DONE);
GUEST(64, handler,
      "push %rdi\nincq 0x200000\nmov $0xfee000b0, %edi\nmovl $0, (%rdi)\n"
      "pop %rdi\niretq\n");
/* The local APIC's timer, periodic, until RCX ticks came. */
GUEST(64, timer,
      "mov $0xfee00000, %edi\nmovl $0x1ff, 0xf0(%rdi)\n"
      "movl $0xb, 0x3e0(%rdi)\nmovl $0x20050, 0x320(%rdi)\n"
      "movl $100000, 0x380(%rdi)\nsti\n2: hlt\ncmp %rcx, 0x200000\njb 2b\n"
      "cli\n" DONE);

static void prepare(struct rig *r, const uint8_t *code, const uint8_t *end,
		    uint64_t count)
{
	unsigned i;

	rig_make(r, 1);
	rig_put(r, RIG_ISR, handler, handler_end);
	for (i = 0x20; i < 0x100; i++)
		rig_gate(r, i, RIG_ISR);
	rig_load(r, code, end, count);
}

struct sender {
	struct rig *r;
	struct thread thread;
	unsigned times;
	uint32_t data;
	unsigned step; /* to the next one's vector */
};

/* Each when the guest has taken the one before, and so is going to sleep. */
static void send_all(void *arg)
{
	struct sender *s = arg;
	unsigned i;

	while (!rig_peek(s->r, RIG_DATA + 8))
		(void)sched_yield();
	for (i = 0; i < s->times; i++) {
		hv_kvm.message(&s->r->vm, MSI_CPU0, s->data + i * s->step);
		while (rig_peek(s->r, RIG_DATA) <= i)
			(void)sched_yield();
	}
}

static void test_edges_wake_the_cpu_each_time(void **s)
{
	struct rig r;
	struct sender k = { .r = &r, .times = 200, .data = VECTOR | ASSERT };

	(void)s;
	prepare(&r, wait_for, wait_for_end, k.times);
	assert_int_equal(thread_start(&k.thread, send_all, &k, NULL), 0);
	rig_finish(&r);
	thread_join(&k.thread);
	assert_int_equal(rig_u64(&r, RIG_DATA), k.times);
	assert_int_equal(r.eois, 0); /* an edge has no end */
	rig_unmake(&r);
}

static void test_the_end_of_a_level_comes_back(void **s)
{
	struct rig r;
	struct sender k = { .r = &r,
			    .times = 20,
			    .data = VECTOR | ASSERT | LEVEL };

	(void)s;
	prepare(&r, wait_for, wait_for_end, k.times);
	assert_int_equal(thread_start(&k.thread, send_all, &k, NULL), 0);
	rig_finish(&r);
	thread_join(&k.thread);
	assert_int_equal(r.eois, k.times);
	assert_int_equal(r.vector, VECTOR);
	rig_unmake(&r);
}

/* More of them than an IOAPIC has pins: the oldest give way. */
static void test_levels_of_many_vectors_all_end(void **s)
{
	struct rig r;
	struct sender k = {
		.r = &r, .times = 60, .step = 1, .data = 0x40 | ASSERT | LEVEL
	};

	(void)s;
	prepare(&r, wait_for, wait_for_end, k.times);
	assert_int_equal(thread_start(&k.thread, send_all, &k, NULL), 0);
	rig_finish(&r);
	thread_join(&k.thread);
	assert_int_equal(r.eois, k.times);
	assert_int_equal(r.vector, 0x40 + 59);
	rig_unmake(&r);
}

static void send_astray(void *arg)
{
	struct sender *s = arg;
	unsigned i;

	while (!rig_peek(s->r, RIG_DATA + 8))
		(void)sched_yield();
	for (i = 0; i < s->times; i++)
		hv_kvm.message(&s->r->vm, MSI_CPU0 | 0x77000,
			       s->data + i * s->step);
	hv_kvm.message(&s->r->vm, MSI_CPU0, s->data);
}

static void test_messages_to_nobody_are_lost(void **s)
{
	struct rig r;
	struct sender k = {
		.r = &r, .times = 5, .step = LEVEL, .data = VECTOR | ASSERT
	};

	(void)s;
	prepare(&r, wait_for, wait_for_end, 1);
	assert_int_equal(thread_start(&k.thread, send_astray, &k, NULL), 0);
	rig_finish(&r);
	thread_join(&k.thread);
	assert_int_equal(rig_u64(&r, RIG_DATA), 1);
	rig_unmake(&r);
}

static void test_the_timer_ticks_by_itself(void **s)
{
	struct rig r;

	(void)s;
	prepare(&r, timer, timer_end, 20);
	rig_finish(&r);
	assert_true(rig_u64(&r, RIG_DATA) >= 20);
	assert_int_equal(r.accesses, 1); /* DONE */
	rig_unmake(&r);
}

/* INIT and a start-up message to APIC 1, for page 1; until it left its mark. */
GUEST(64, boots_another,
      "mov $0xfee00000, %edi\nmovl $0x1ff, 0xf0(%rdi)\n"
      "movl $0x01000000, 0x310(%rdi)\nmovl $0x4500, 0x300(%rdi)\n"
      "movl $0x01000000, 0x310(%rdi)\nmovl $0x4601, 0x300(%rdi)\n"
      "2: pause\ncmpl $0x55, 0x9010\njne 2b\n" DONE);
GUEST(16, other,
      "xor %ax, %ax\nmov %ax, %ds\nmov %cs, %ax\nmov %ax, 0x9014\n"
      "movl $0x55, 0x9010\n1: hlt\njmp 1b\n");

struct second {
	struct rig *r;
	struct thread thread;
	atomic_bool made, stop, kicked;
};

static void run_second(void *arg)
{
	struct second *k = arg;
	struct hv_vcpu *v = &k->r->v[1];
	enum hv_run why = HV_AGAIN;

	*v = (struct hv_vcpu){ .vm = &k->r->vm, .index = 1 };
	assert_int_equal(hv_kvm.vcpu_init(v, NULL), 0);
	atomic_store(&k->made, true);
	while (!atomic_load(&k->stop) && why == HV_AGAIN)
		why = hv_kvm.run(v);
	assert_int_equal(why, HV_AGAIN);
	while (!atomic_load(&k->kicked)) /* nobody may kick from here on */
		(void)sched_yield();
	hv_kvm.vcpu_fini(v);
}

static void start_second(struct second *k, struct rig *r)
{
	*k = (struct second){ .r = r };
	assert_int_equal(thread_start(&k->thread, run_second, k, NULL), 0);
	while (!atomic_load(&k->made))
		(void)sched_yield();
}

static void stop_second(struct second *k)
{
	atomic_store(&k->stop, true);
	hv_kvm.kick(&k->r->v[1]);
	atomic_store(&k->kicked, true);
	thread_join(&k->thread);
}

static void test_a_start_up_message_starts_the_second_cpu(void **s)
{
	struct second k;
	struct rig r;

	(void)s;
	rig_make(&r, 2);
	start_second(&k, &r);
	rig_put(&r, RIG_REAL, other, other_end);
	rig_load(&r, boots_another, boots_another_end, 0);
	rig_finish(&r);
	assert_int_equal((uint16_t)(rig_u64(&r, 0x9010) >> 32),
			 RIG_REAL >> 4); /* its CS */
	stop_second(&k);
	rig_unmake(&r);
}

/* It sleeps in KVM, where only a kick can get it. */
static void test_a_cpu_that_was_never_started_can_be_kicked(void **s)
{
	struct second k;
	struct rig r;

	(void)s;
	rig_make(&r, 2);
	start_second(&k, &r);
	stop_second(&k);
	rig_unmake(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges_wake_the_cpu_each_time),
		cmocka_unit_test(test_the_end_of_a_level_comes_back),
		cmocka_unit_test(test_levels_of_many_vectors_all_end),
		cmocka_unit_test(test_messages_to_nobody_are_lost),
		cmocka_unit_test(test_the_timer_ticks_by_itself),
		cmocka_unit_test(test_a_start_up_message_starts_the_second_cpu),
		cmocka_unit_test(
			test_a_cpu_that_was_never_started_can_be_kicked),
	};
	int missing = rig_missing();

	return missing ? missing : cmocka_run_group_tests(tests, NULL, NULL);
}
