/* SPDX-License-Identifier: MIT */
/* vcpu.c and runner.c, driven by scripts; no machine around them. */
#include "vm/runner.h"

#include <stdlib.h>
#include <string.h>

#include "backend/script/script.h"
#include "base/container.h"

#include "../check.h"

enum { CPUS = 3 };

#define STEPS(list) (list), LEN(list)

struct rig {
	struct script script;
	struct hv_vm hv;
	struct clock clock;
	struct vcpu cpu[CPUS];
	struct runner runner;
	struct mutex mu;
	struct cond rested;
	bool done;
	enum hv_run why;
	unsigned who;
	uint64_t due[CPUS]; /* the machine wants a tick, or CLOCK_NEVER */
};

static bool on_access(struct hv_vcpu *v, struct access *a)
{
	struct rig *r = container_of(v->vm, struct rig, hv);

	/* Writes drive the line of the vCPU that the address names. */
	if (a->write)
		vcpu_line(&r->cpu[a->addr], 0, a->value != 0);
	return true;
}

static enum hv_run on_call(struct hv_vcpu *v, struct regs *regs)
{
	struct rig *r = container_of(v->vm, struct rig, hv);
	struct regs start = { .arm64 = { .pc = regs->arm64.x[1] } };

	if (regs->arm64.x[0] == 0) {
		vcpu_off(&r->cpu[v->index]);
		return HV_IDLE;
	}
	regs->arm64.x[0] = vcpu_start(&r->cpu[regs->arm64.x[0]], &start);
	return HV_AGAIN;
}

static uint64_t on_deadline(struct hv_vcpu *v)
{
	return container_of(v->vm, struct rig, hv)->due[v->index];
}

static void on_tick(struct hv_vcpu *v)
{
	struct rig *r = container_of(v->vm, struct rig, hv);

	r->due[v->index] = CLOCK_NEVER;
	vcpu_line(&r->cpu[v->index], 0, true);
}

static const struct hv_events on = {
	.access = on_access,
	.call = on_call,
	.deadline = on_deadline,
	.tick = on_tick,
};

static void rested(void *ctx, enum hv_run why, struct vcpu *v)
{
	struct rig *r = ctx;

	mutex_lock(&r->mu);
	r->done = true;
	r->why = why;
	r->who = v->hv.index;
	cond_broadcast(&r->rested);
	mutex_unlock(&r->mu);
}

static struct rig *make_with(unsigned cpus, bool virtual_time)
{
	struct rig *r = calloc(1, sizeof(*r));
	unsigned i;

	assert_non_null(r);
	assert_int_equal(script_init(&r->script, NULL), 0);
	assert_int_equal(mutex_init(&r->mu, NULL), 0);
	assert_int_equal(cond_init(&r->rested, NULL), 0);
	r->hv = (struct hv_vm){
		.ops = &r->script.ops,
		.on = &on,
		.cfg = { .cpus = cpus, .virtual_time = virtual_time },
	};
	for (i = 0; i < CPUS; i++)
		r->due[i] = CLOCK_NEVER;
	assert_int_equal(r->hv.ops->vm_init(&r->hv, NULL), 0);
	r->hv.ops->clock(&r->hv, &r->clock);
	for (i = 0; i < cpus; i++)
		vcpu_init(&r->cpu[i], &r->hv, i, &r->runner);
	return r;
}

static struct rig *make(unsigned cpus)
{
	return make_with(cpus, true);
}

static void begin(struct rig *r, unsigned cpus)
{
	assert_int_equal(runner_init(&r->runner, r->cpu, cpus, &r->clock, NULL),
			 0);
}

static void follow(struct rig *r, unsigned cpu, struct script_step *step,
		   size_t count)
{
	r->script.cpu[cpu].step = step;
	r->script.cpu[cpu].count = (unsigned)count;
}

static void turn_on(struct rig *r, unsigned cpu)
{
	static const struct regs zero;

	assert_true(vcpu_start(&r->cpu[cpu], &zero));
}

static void go(struct rig *r, uint64_t rounds)
{
	r->done = false;
	runner_run(&r->runner, rounds, rested, r);
}

static enum hv_run finish(struct rig *r)
{
	mutex_lock(&r->mu);
	while (!r->done)
		cond_wait(&r->rested, &r->mu);
	mutex_unlock(&r->mu);
	runner_wait(&r->runner);
	return r->why;
}

static void unmake(struct rig *r)
{
	runner_fini(&r->runner);
	assert_int_equal(r->script.vcpus, 0);
	r->hv.ops->vm_fini(&r->hv);
	script_fini(&r->script);
	cond_fini(&r->rested);
	mutex_fini(&r->mu);
	free(r);
}

/* Which CPU had a slice, as digits. */
static const char *order(const struct rig *r, char text[static 64])
{
	unsigned i, n = r->script.traces < 63 ? r->script.traces : 63;

	for (i = 0; i < n; i++)
		text[i] = (char)('0' + r->script.trace[i].cpu);
	text[n] = 0;
	return text;
}

static void wait_for_slices(struct rig *r, uint64_t n)
{
	while (atomic_load(&r->script.slices) < n)
		;
}

static void test_cpus_take_turns_in_order_of_their_index(void **s)
{
	struct script_step spin[] = { { .op = SCRIPT_SPIN } };
	struct rig *r = make(CPUS);
	char text[64];
	unsigned i;

	(void)s;
	begin(r, CPUS);
	for (i = CPUS; i-- > 0;) { /* whatever the order they start in */
		follow(r, i, STEPS(spin));
		turn_on(r, i);
	}
	go(r, 3);
	assert_int_equal(finish(r), HV_AGAIN);
	assert_string_equal(order(r, text), "012012012");
	unmake(r);
}

static void test_a_cpu_that_is_off_gets_no_slice(void **s)
{
	struct script_step spin[] = { { .op = SCRIPT_SPIN } };
	struct rig *r = make(CPUS);
	char text[64];

	(void)s;
	begin(r, CPUS);
	follow(r, 0, STEPS(spin));
	follow(r, 2, STEPS(spin));
	turn_on(r, 2);
	go(r, 3);
	assert_int_equal(finish(r), HV_AGAIN);
	assert_string_equal(order(r, text), "222");
	assert_int_equal(vcpu_power(&r->cpu[0]), VCPU_OFF);
	unmake(r);
}

static void test_the_reason_and_the_cpu_are_told(void **s)
{
	struct script_step spin[] = { { .op = SCRIPT_SPIN } };
	struct script_step reset[] = {
		{ .op = SCRIPT_TICK, .ns = 1 },
		{ .op = SCRIPT_RETURN, .value = HV_RESET },
	};
	struct rig *r = make(2);

	(void)s;
	begin(r, 2);
	follow(r, 0, STEPS(spin));
	follow(r, 1, STEPS(reset));
	turn_on(r, 0);
	turn_on(r, 1);
	go(r, RUNNER_FOREVER);
	assert_int_equal(finish(r), HV_RESET);
	assert_int_equal(r->who, 1);
	unmake(r);
}

static void test_idle_cpus_are_skipped_until_their_deadline(void **s)
{
	struct script_step timer[] = {
		{ .op = SCRIPT_WFI, .ns = 250 },
		{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
	};
	struct script_step busy[] = {
		{ .op = SCRIPT_TICK, .ns = 100 },
		{ .op = SCRIPT_GOTO, .to = 0 },
	};
	struct rig *r = make(2);
	char text[64];

	(void)s;
	begin(r, 2);
	follow(r, 0, STEPS(timer));
	follow(r, 1, STEPS(busy));
	turn_on(r, 0);
	turn_on(r, 1);
	go(r, RUNNER_FOREVER);
	assert_int_equal(finish(r), HV_SHUTDOWN);
	/* 0 idles at 0 ns; at 300 ns it is due: two slices, to wake and end */
	assert_string_equal(order(r, text), "011111010");
	unmake(r);
}

static void test_virtual_time_jumps_when_all_are_idle(void **s)
{
	struct script_step late[] = {
		{ .op = SCRIPT_WFI, .ns = UINT64_C(3600000000000) },
		{ .op = SCRIPT_RETURN, .value = HV_RESET },
	};
	struct script_step early[] = {
		{ .op = SCRIPT_WFI, .ns = UINT64_C(1000000000) },
		{ .op = SCRIPT_WFI, .ns = CLOCK_NEVER },
	};
	struct rig *r = make(2);
	char text[64];

	(void)s;
	begin(r, 2);
	follow(r, 0, STEPS(late));
	follow(r, 1, STEPS(early));
	turn_on(r, 0);
	turn_on(r, 1);
	go(r, RUNNER_FOREVER);
	assert_int_equal(finish(r), HV_RESET);
	assert_string_equal(order(r, text), "011100");
	assert_int_equal(r->script.trace[2].now, UINT64_C(1000000000));
	assert_int_equal(r->script.now, UINT64_C(3600000000000));
	unmake(r);
}

static void test_real_time_is_waited_for(void **s)
{
	struct script_step wait[] = {
		{ .op = SCRIPT_WFI, .ns = 20000000 },
		{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
	};
	struct rig *r = make_with(1, false);

	(void)s;
	begin(r, 1);
	follow(r, 0, STEPS(wait));
	turn_on(r, 0);
	go(r, RUNNER_FOREVER);
	assert_int_equal(finish(r), HV_SHUTDOWN);
	assert_true(clock_now(&r->clock) >= 20000000);
	/* It slept: idle, then perhaps woken early once or twice. */
	assert_true(r->script.slices < 10);
	unmake(r);
}

static void test_two_runs_are_equal(void **s)
{
	struct script_trace first[512];
	unsigned run, n = 0;

	(void)s;
	for (run = 0; run < 20; run++) {
		struct script_step a[] = {
			{ .op = SCRIPT_TICK, .ns = 70 },
			{ .op = SCRIPT_ACCESS,
			  .access = { .addr = 1, .write = true, .value = 1 } },
			{ .op = SCRIPT_WFI, .ns = 1000 },
			{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
		};
		struct script_step b[] = {
			{ .op = SCRIPT_WFI, .ns = CLOCK_NEVER },
			{ .op = SCRIPT_TICK, .ns = 11 },
			{ .op = SCRIPT_WFI, .ns = 500 },
			{ .op = SCRIPT_GOTO, .to = 1 },
		};
		struct rig *r = make(2);

		begin(r, 2);
		follow(r, 0, STEPS(a));
		follow(r, 1, STEPS(b));
		turn_on(r, 0);
		turn_on(r, 1);
		go(r, RUNNER_FOREVER);
		assert_int_equal(finish(r), HV_SHUTDOWN);
		assert_in_range(r->script.traces, 8, 511);
		if (!run) {
			n = r->script.traces;
			memcpy(first, r->script.trace, n * sizeof(*first));
		}
		assert_int_equal(r->script.traces, n);
		while (n-- > 0) {
			const struct script_trace *t = &r->script.trace[n];

			assert_int_equal(t->cpu, first[n].cpu);
			assert_int_equal(t->pos, first[n].pos);
			assert_int_equal(t->now, first[n].now);
		}
		n = r->script.traces;
		unmake(r);
	}
}

static void test_a_line_raised_by_another_thread_wakes(void **s)
{
	struct script_step wfi[] = {
		{ .op = SCRIPT_WFI, .ns = CLOCK_NEVER },
		{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
	};
	struct rig *r = make(1);

	(void)s;
	begin(r, 1);
	follow(r, 0, STEPS(wfi));
	turn_on(r, 0);
	go(r, RUNNER_FOREVER);
	wait_for_slices(r, 1);
	vcpu_line(&r->cpu[0], 0, true);
	assert_int_equal(finish(r), HV_SHUTDOWN);
	unmake(r);
}

static void test_an_idle_runner_sleeps(void **s)
{
	struct script_step wfi[] = { { .op = SCRIPT_WFI, .ns = CLOCK_NEVER } };
	struct rig *r = make(1);
	unsigned i;

	(void)s;
	begin(r, 1);
	follow(r, 0, STEPS(wfi));
	turn_on(r, 0);
	go(r, RUNNER_FOREVER);
	wait_for_slices(r, 1);
	for (i = 0; i < 100; i++) {
		uint64_t n = atomic_load(&r->script.slices);

		/* Lines that fall, and rise elsewhere, are no reason. */
		vcpu_line(&r->cpu[0], 0, false);
		assert_int_equal(atomic_load(&r->script.slices), n);
	}
	assert_int_equal(r->script.slices, 1);
	vcpu_request(&r->cpu[0], VCPU_STOP);
	assert_int_equal(finish(r), HV_AGAIN);
	unmake(r);
}

/*
 * The race of runner.c's first comment: one thread lowers and raises the line
 * as fast as the guest goes back to sleep.  A lost wake-up hangs the test.
 */
static void test_no_wake_up_is_lost_between_idle_and_sleep(void **s)
{
	enum { ROUNDS = 20000 };
	struct script_step wfi[] = {
		{ .op = SCRIPT_WFI, .ns = CLOCK_NEVER },
		{ .op = SCRIPT_ACCESS,
		  .access = { .addr = 0, .write = true, .value = 0 } },
		{ .op = SCRIPT_TICK, .ns = 1 },
		{ .op = SCRIPT_GOTO, .to = 0 },
	};
	struct rig *r = make(1);
	uint64_t i;

	(void)s;
	begin(r, 1);
	follow(r, 0, STEPS(wfi));
	turn_on(r, 0);
	go(r, RUNNER_FOREVER);
	for (i = 0; i < ROUNDS; i++) {
		vcpu_line(&r->cpu[0], 0, true);
		/* The guest lowers it, and ticks, each time it was woken. */
		while (atomic_load(&r->script.now) == i)
			;
	}
	vcpu_request(&r->cpu[0], VCPU_STOP);
	assert_int_equal(finish(r), HV_AGAIN);
	assert_int_equal(r->script.now, ROUNDS);
	unmake(r);
}

static void test_no_stop_is_lost_wherever_it_comes(void **s)
{
	struct script_step block[] = { { .op = SCRIPT_BLOCK } };
	struct script_step wfi[] = { { .op = SCRIPT_WFI, .ns = CLOCK_NEVER } };
	struct script_step spin[] = { { .op = SCRIPT_SPIN } };
	unsigned i;

	(void)s;
	for (i = 0; i < 300; i++) {
		struct rig *r = make(1);

		begin(r, 1);
		if (i % 3 == 0)
			follow(r, 0, STEPS(block));
		else if (i % 3 == 1)
			follow(r, 0, STEPS(wfi));
		else
			follow(r, 0, STEPS(spin));
		turn_on(r, 0);
		go(r, RUNNER_FOREVER);
		if (i % 2)
			wait_for_slices(r, 1);
		vcpu_request(&r->cpu[0], VCPU_STOP);
		assert_int_equal(finish(r), HV_AGAIN);
		unmake(r);
	}
}

static void test_a_stop_before_the_run_is_not_forgotten(void **s)
{
	struct script_step spin[] = { { .op = SCRIPT_SPIN } };
	struct rig *r = make(2);

	(void)s;
	begin(r, 2);
	follow(r, 0, STEPS(spin));
	turn_on(r, 0);
	vcpu_request(&r->cpu[1], VCPU_STOP);
	go(r, RUNNER_FOREVER);
	assert_int_equal(finish(r), HV_AGAIN);
	assert_true(r->script.slices <= 1);
	unmake(r);
}

static void test_a_cpu_switches_another_on_and_itself_off(void **s)
{
	struct script_step boss[] = {
		{ .op = SCRIPT_CALL, .x = { 1, 0x1234 } },
		{ .op = SCRIPT_CALL, .x = { 1, 0x5678 } }, /* is on already */
		{ .op = SCRIPT_CALL, .x = { 0 } },         /* off */
		{ .op = SCRIPT_RETURN, .value = HV_FAILED },
	};
	struct script_step worker[] = {
		{ .op = SCRIPT_TICK, .ns = 1 },
		{ .op = SCRIPT_TICK, .ns = 1 },
		{ .op = SCRIPT_TICK, .ns = 1 },
		{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
	};
	struct rig *r = make(2);

	(void)s;
	begin(r, 2);
	follow(r, 0, STEPS(boss));
	follow(r, 1, STEPS(worker));
	turn_on(r, 0);
	go(r, RUNNER_FOREVER);
	assert_int_equal(finish(r), HV_SHUTDOWN);
	assert_int_equal(r->who, 1);
	assert_int_equal(boss[0].x[0], 1);
	assert_int_equal(boss[1].x[0], 0);
	assert_int_equal(vcpu_power(&r->cpu[0]), VCPU_OFF);
	assert_int_equal(vcpu_power(&r->cpu[1]), VCPU_ON);
	assert_int_equal(r->script.cpu[1].regs.arm64.pc, 0x1234);
	assert_int_equal(r->script.cpu[1].resets, 1);
	unmake(r);
}

static void test_a_tick_of_the_machine_ends_a_sleep(void **s)
{
	struct script_step steps[] = {
		{ .op = SCRIPT_WFI, .ns = CLOCK_NEVER },
		{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
	};
	struct rig *r = make(1);

	(void)s;
	begin(r, 1);
	follow(r, 0, STEPS(steps));
	r->due[0] = 7000;
	turn_on(r, 0);
	go(r, RUNNER_FOREVER);
	assert_int_equal(finish(r), HV_SHUTDOWN);
	assert_int_equal(r->script.now, 7000);
	assert_int_equal(r->due[0], CLOCK_NEVER);
	unmake(r);
}

static void test_a_cpu_halted_by_another_runs_no_more(void **s)
{
	struct script_step spin[] = { { .op = SCRIPT_SPIN } };
	struct rig *r = make(2);

	(void)s;
	begin(r, 2);
	follow(r, 0, STEPS(spin));
	follow(r, 1, STEPS(spin));
	turn_on(r, 0);
	turn_on(r, 1);
	go(r, 4);
	(void)finish(r);
	vcpu_halt(&r->cpu[1]);
	assert_int_equal(vcpu_power(&r->cpu[1]), VCPU_OFF);
	turn_on(r, 1);
	vcpu_halt(&r->cpu[1]); /* before it could start */
	go(r, 4);
	(void)finish(r);
	assert_int_equal(vcpu_power(&r->cpu[1]), VCPU_OFF);
	assert_int_equal(r->script.slices, 12);
	assert_int_equal(r->script.cpu[1].resets, 1);
	unmake(r);
}

static void test_a_cpu_comes_back_reset(void **s)
{
	struct script_step phoenix[] = {
		{ .op = SCRIPT_CALL, .x = { 0 } }, /* off */
		{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
	};
	struct script_step spin[] = { { .op = SCRIPT_SPIN } };
	struct regs again = { .arm64 = { .pc = 0x42 } };
	struct rig *r = make(2);

	(void)s;
	begin(r, 2);
	follow(r, 0, STEPS(phoenix));
	follow(r, 1, STEPS(spin));
	turn_on(r, 0);
	turn_on(r, 1);
	go(r, 5);
	assert_int_equal(finish(r), HV_AGAIN);
	assert_int_equal(vcpu_power(&r->cpu[0]), VCPU_OFF);
	assert_true(vcpu_start(&r->cpu[0], &again));
	assert_false(vcpu_start(&r->cpu[0], &again));
	assert_int_equal(vcpu_power(&r->cpu[0]), VCPU_STARTING);
	go(r, 5);
	assert_int_equal(finish(r), HV_SHUTDOWN);
	assert_int_equal(r->script.cpu[0].resets, 2);
	assert_int_equal(r->script.cpu[0].regs.arm64.pc, 0x42);
	unmake(r);
}

static void test_a_line_outlives_the_reset(void **s)
{
	struct script_step wfi[] = {
		{ .op = SCRIPT_WFI, .ns = CLOCK_NEVER },
		{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
	};
	struct rig *r = make(1);

	(void)s;
	begin(r, 1);
	follow(r, 0, STEPS(wfi));
	vcpu_line(&r->cpu[0], 0, true); /* while it is off */
	turn_on(r, 0);
	go(r, RUNNER_FOREVER);
	assert_int_equal(finish(r), HV_SHUTDOWN);
	unmake(r);
}

static void test_limited_rounds_do_not_sleep_for_ever(void **s)
{
	struct script_step wfi[] = { { .op = SCRIPT_WFI, .ns = CLOCK_NEVER } };
	struct rig *r = make(1);

	(void)s;
	begin(r, 1);
	follow(r, 0, STEPS(wfi));
	turn_on(r, 0);
	go(r, 1000);
	assert_int_equal(finish(r), HV_AGAIN);
	assert_int_equal(r->script.slices, 1);
	unmake(r);
}

static void test_exits_and_instructions_are_counted(void **s)
{
	struct script_step steps[] = {
		{ .op = SCRIPT_TICK, .ns = 1 },
		{ .op = SCRIPT_TICK, .ns = 1 },
		{ .op = SCRIPT_WFI, .ns = 10 },
		{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
	};
	struct rig *r = make(1);

	(void)s;
	begin(r, 1);
	follow(r, 0, STEPS(steps));
	turn_on(r, 0);
	go(r, RUNNER_FOREVER);
	assert_int_equal(finish(r), HV_SHUTDOWN);
	assert_int_equal(r->cpu[0].exits[MICROVM_XK_SLICE], 3);
	assert_int_equal(r->cpu[0].exits[MICROVM_XK_IDLE], 1);
	assert_int_equal(r->runner.insns, 5); /* a scripted slice is one */
	unmake(r);
}

static void test_a_cpu_that_cannot_be_made_unmakes_the_others(void **s)
{
	struct rig *r = make(CPUS);
	mv_error e;

	(void)s;
	r->script.fault = SCRIPT_VCPU_INIT_FAILS;
	r->script.fault_cpu = 2;
	assert_int_equal(runner_init(&r->runner, r->cpu, CPUS, &r->clock, &e),
			 -MICROVM_EHYPERVISOR);
	assert_non_null(strstr(e.msg, "no CPU"));
	assert_int_equal(r->script.vcpus, 0);
	r->script.fault = SCRIPT_NO_FAULT;
	begin(r, CPUS);
	unmake(r);
}

static void test_power_and_requests_are_saved(void **s)
{
	struct regs start = { .arm64 = { .pc = 0x77, .x = { 5 } } };
	struct rig *r = make(2);
	struct state st;
	uint8_t *saved;
	size_t len;

	(void)s;
	begin(r, 2);
	assert_true(vcpu_start(&r->cpu[0], &start));
	vcpu_request(&r->cpu[0], VCPU_STOP);
	state_init_save(&st);
	vcpu_state(&r->cpu[0], &st);
	assert_int_equal(state_fini(&st, NULL), 0);
	saved = st.buf;
	len = st.len;

	state_init_load(&st, saved, len);
	vcpu_state(&r->cpu[1], &st);
	assert_int_equal(state_fini(&st, NULL), 0);
	assert_int_equal(vcpu_power(&r->cpu[1]), VCPU_STARTING);
	assert_int_equal(r->cpu[1].start.arm64.pc, 0x77);
	assert_int_equal(r->cpu[1].requests, VCPU_START); /* not the stop */

	saved[len - 8 * 34 - 3] = 9; /* the power state */
	state_init_load(&st, saved, len);
	vcpu_state(&r->cpu[1], &st);
	assert_int_equal(state_fini(&st, NULL), -MICROVM_EBADIMAGE);
	free(saved);
	unmake(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpus_take_turns_in_order_of_their_index),
		cmocka_unit_test(test_a_cpu_that_is_off_gets_no_slice),
		cmocka_unit_test(test_the_reason_and_the_cpu_are_told),
		cmocka_unit_test(
			test_idle_cpus_are_skipped_until_their_deadline),
		cmocka_unit_test(test_virtual_time_jumps_when_all_are_idle),
		cmocka_unit_test(test_real_time_is_waited_for),
		cmocka_unit_test(test_two_runs_are_equal),
		cmocka_unit_test(test_a_line_raised_by_another_thread_wakes),
		cmocka_unit_test(test_an_idle_runner_sleeps),
		cmocka_unit_test(
			test_no_wake_up_is_lost_between_idle_and_sleep),
		cmocka_unit_test(test_no_stop_is_lost_wherever_it_comes),
		cmocka_unit_test(test_a_stop_before_the_run_is_not_forgotten),
		cmocka_unit_test(test_a_cpu_switches_another_on_and_itself_off),
		cmocka_unit_test(test_a_tick_of_the_machine_ends_a_sleep),
		cmocka_unit_test(test_a_cpu_halted_by_another_runs_no_more),
		cmocka_unit_test(test_a_cpu_comes_back_reset),
		cmocka_unit_test(test_a_line_outlives_the_reset),
		cmocka_unit_test(test_limited_rounds_do_not_sleep_for_ever),
		cmocka_unit_test(test_exits_and_instructions_are_counted),
		cmocka_unit_test(
			test_a_cpu_that_cannot_be_made_unmakes_the_others),
		cmocka_unit_test(test_power_and_requests_are_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
