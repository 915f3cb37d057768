/* SPDX-License-Identifier: MIT */
/* A vCPU that others switch on and off, without a runner's thread. */
#include "vm/vcpu.h"

#include <sched.h>

#include "base/container.h"
#include "os/thread.h"
#include "vm/runner.h"

#include "../check.h"

struct rig {
	struct hv_ops ops;
	struct hv_vm vm;
	struct runner runner;
	struct vcpu cpu;
	struct thread seer; /* takes starts, as a runner does */
	atomic_bool stop;
	atomic_uint looks;    /* how often it looked */
	_Atomic uint64_t rip; /* where the CPU was started last */
};

static void set_regs(struct hv_vcpu *v, const struct regs *r)
{
	struct rig *rig = container_of(v, struct rig, cpu.hv);

	atomic_store(&rig->rip, r->x86.rip);
}

static void kick(struct hv_vcpu *v)
{
	(void)v;
}

static void see(void *arg)
{
	struct rig *r = arg;

	while (!atomic_load(&r->stop)) {
		vcpu_begin(&r->cpu);
		atomic_fetch_add(&r->looks, 1);
		(void)sched_yield(); /* there may be one CPU only */
	}
}

static void init(struct rig *r)
{
	*r = (struct rig){
		.ops = { .set_regs = set_regs, .kick = kick },
		.vm = { .cfg = { .arch = ARCH_X86_64, .cpus = 1 } },
	};
	r->vm.ops = &r->ops;
	assert_int_equal(mutex_init(&r->runner.mu, NULL), 0);
	assert_int_equal(cond_init(&r->runner.wake, NULL), 0);
	vcpu_init(&r->cpu, &r->vm, 0, &r->runner);
}

static void fini(struct rig *r)
{
	cond_fini(&r->runner.wake);
	mutex_fini(&r->runner.mu);
}

static bool start(struct rig *r, uint64_t rip)
{
	const struct regs regs = { .x86 = { .rip = rip } };

	return vcpu_start(&r->cpu, &regs);
}

static void test_it_is_started_once_until_it_is_off(void **s)
{
	struct rig r;

	(void)s;
	init(&r);
	vcpu_begin(&r.cpu); /* nobody has asked */
	assert_int_equal(vcpu_power(&r.cpu), VCPU_OFF);
	assert_true(start(&r, 1));
	assert_false(start(&r, 2));
	assert_int_equal(vcpu_power(&r.cpu), VCPU_STARTING);
	vcpu_begin(&r.cpu);
	assert_int_equal(vcpu_power(&r.cpu), VCPU_ON);
	assert_int_equal(r.rip, 1);
	assert_false(start(&r, 3));
	vcpu_off(&r.cpu);
	assert_true(start(&r, 4));
	vcpu_halt(&r.cpu);
	vcpu_begin(&r.cpu);
	assert_int_equal(vcpu_power(&r.cpu), VCPU_OFF);
	assert_int_equal(r.rip, 1);
	fini(&r);
}

/* Until all that was asked before has been seen. */
static void wait_for_two_looks(struct rig *r)
{
	unsigned from = atomic_load(&r->looks);

	while (atomic_load(&r->looks) - from < 2)
		(void)sched_yield();
}

static void test_a_start_after_a_halt_is_not_the_one_before_it(void **s)
{
	enum { ROUNDS = 500 };
	struct rig r;
	uint64_t k;

	(void)s;
	init(&r);
	assert_int_equal(thread_start(&r.seer, see, &r, NULL), 0);
	for (k = 1; k < ROUNDS; k++) {
		assert_true(start(&r, 2 * k));
		vcpu_halt(&r.cpu);
		assert_true(start(&r, 2 * k + 1));
		wait_for_two_looks(&r);
		assert_int_equal(vcpu_power(&r.cpu), VCPU_ON);
		assert_int_equal(atomic_load(&r.rip), 2 * k + 1);
		vcpu_halt(&r.cpu);
	}
	atomic_store(&r.stop, true);
	thread_join(&r.seer);
	fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_started_once_until_it_is_off),
		cmocka_unit_test(
			test_a_start_after_a_halt_is_not_the_one_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
