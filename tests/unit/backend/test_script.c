/* SPDX-License-Identifier: MIT */
#include "backend/script/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"

#include "../check.h"

struct rig {
	struct script script;
	struct hv_vm vm;
	struct hv_vcpu v;
	unsigned accesses, timers, marks;
	bool level;
};

static bool on_access(struct hv_vcpu *v, struct access *a)
{
	struct rig *r = container_of(v->vm, struct rig, vm);

	r->accesses++;
	if (!a->write)
		a->value = a->addr + 1;
	return a->addr != 0;
}

static bool on_sysreg(struct hv_vcpu *v, struct sysreg_access *a)
{
	(void)v;
	a->value = a->id * 2;
	return true;
}

static enum hv_run on_call(struct hv_vcpu *v, struct regs *regs)
{
	(void)v;
	regs->arm64.x[0] = regs->arm64.x[1] + regs->arm64.x[3];
	return regs->arm64.x[2] ? HV_RESET : HV_AGAIN;
}

static void on_timer(struct hv_vcpu *v, enum hv_timer which, bool level)
{
	struct rig *r = container_of(v->vm, struct rig, vm);

	r->timers += which == HV_TIMER_PHYSICAL ? 2 : 1;
	r->level = level;
}

static void on_mark(struct hv_vcpu *v, enum hv_mark mark)
{
	struct rig *r = container_of(v->vm, struct rig, vm);

	r->marks += mark == HV_MARK_USER ? 2 : 1;
}

static const struct hv_events on = {
	.access = on_access,
	.sysreg = on_sysreg,
	.call = on_call,
	.timer = on_timer,
	.mark = on_mark,
};

static void make(struct rig *r, struct script_step *step, size_t count)
{
	*r = (struct rig){ 0 };
	assert_int_equal(script_init(&r->script, NULL), 0);
	r->vm = (struct hv_vm){
		.ops = &r->script.ops,
		.on = &on,
		.cfg = { .cpus = 1, .virtual_time = true },
	};
	r->v = (struct hv_vcpu){ .vm = &r->vm };
	r->script.cpu[0].step = step;
	r->script.cpu[0].count = (unsigned)count;
	assert_int_equal(r->vm.ops->vm_init(&r->vm, NULL), 0);
	assert_int_equal(r->vm.ops->vcpu_init(&r->v, NULL), 0);
}

static enum hv_run run(struct rig *r)
{
	return r->vm.ops->run(&r->v);
}

static void unmake(struct rig *r)
{
	r->vm.ops->vcpu_fini(&r->v);
	r->vm.ops->vm_fini(&r->vm);
	assert_int_equal(r->script.vcpus, 0);
	assert_int_equal(r->script.vms, 0);
	script_fini(&r->script);
}

static void test_steps_go_up_and_keep_their_answers(void **s)
{
	struct script_step steps[] = {
		{ .op = SCRIPT_ACCESS, .access = { .addr = 6 } },
		{ .op = SCRIPT_ACCESS, .access = { .addr = 0 } },
		{ .op = SCRIPT_SYSREG, .sysreg = { .id = 21 } },
		{ .op = SCRIPT_CALL, .x = { 1, 2, 0, 3 } },
		{ .op = SCRIPT_TIMER,
		  .timer = HV_TIMER_PHYSICAL,
		  .level = true },
		{ .op = SCRIPT_MARK, .mark = HV_MARK_USER },
		{ .op = SCRIPT_CALL, .x = { 1, 2, 1, 3 } },
	};
	struct rig r;
	unsigned i;

	(void)s;
	make(&r, steps, LEN(steps));
	for (i = 0; i < LEN(steps) - 1; i++)
		assert_int_equal(run(&r), HV_AGAIN);
	assert_int_equal(run(&r), HV_RESET); /* what the call answered */
	assert_true(steps[0].claimed);
	assert_int_equal(steps[0].access.value, 7);
	assert_false(steps[1].claimed);
	assert_int_equal(steps[2].sysreg.value, 42);
	assert_int_equal(steps[3].x[0], 5);
	assert_int_equal(r.accesses, 2);
	assert_int_equal(r.timers, 2);
	assert_true(r.level);
	assert_int_equal(r.marks, 2);
	assert_int_equal(run(&r), HV_SHUTDOWN); /* behind the end */
	unmake(&r);
}

static void test_a_jump_and_a_return_stay_where_they_lead(void **s)
{
	struct script_step steps[] = {
		{ .op = SCRIPT_TICK, .ns = 5 },
		{ .op = SCRIPT_GOTO, .to = 3 },
		{ .op = SCRIPT_RETURN, .value = HV_SHUTDOWN },
		{ .op = SCRIPT_RETURN, .value = HV_FAILED },
	};
	struct rig r;

	(void)s;
	make(&r, steps, LEN(steps));
	assert_int_equal(run(&r), HV_AGAIN);
	assert_int_equal(r.script.now, 5);
	assert_int_equal(run(&r), HV_AGAIN);
	assert_int_equal(run(&r), HV_FAILED);
	assert_string_equal(r.v.err.msg, "failed, says the script");
	assert_int_equal(run(&r), HV_FAILED);
	unmake(&r);
}

static void test_an_idle_cpu_waits_for_its_line_or_its_time(void **s)
{
	struct script_step steps[] = {
		{ .op = SCRIPT_WFI, .ns = CLOCK_NEVER },
		{ .op = SCRIPT_WFI, .ns = 100 },
	};
	struct clock c;
	struct rig r;

	(void)s;
	make(&r, steps, LEN(steps));
	r.vm.ops->clock(&r.vm, &c);
	assert_int_equal(run(&r), HV_IDLE);
	assert_int_equal(r.vm.ops->deadline(&r.v), CLOCK_NEVER);
	assert_int_equal(run(&r), HV_IDLE);
	r.vm.ops->line(&r.v, true);
	assert_int_equal(run(&r), HV_AGAIN);
	r.vm.ops->line(&r.v, false);
	assert_int_equal(run(&r), HV_IDLE);
	assert_int_equal(r.vm.ops->deadline(&r.v), 100);
	assert_true(clock_skip(&c, 100));
	assert_int_equal(clock_now(&c), 100);
	assert_int_equal(run(&r), HV_AGAIN);
	unmake(&r);
}

static void test_a_kick_is_kept_for_the_next_run(void **s)
{
	struct script_step steps[] = { { .op = SCRIPT_TICK, .ns = 1 },
				       { .op = SCRIPT_BLOCK } };
	struct rig r;

	(void)s;
	make(&r, steps, LEN(steps));
	r.vm.ops->kick(&r.v);
	assert_int_equal(run(&r), HV_AGAIN);
	assert_int_equal(r.script.now, 0); /* nothing was done */
	assert_int_equal(run(&r), HV_AGAIN);
	assert_int_equal(r.script.now, 1);
	r.vm.ops->kick(&r.v);
	assert_int_equal(run(&r), HV_AGAIN); /* does not block */
	r.vm.ops->line(&r.v, true);
	assert_int_equal(run(&r), HV_AGAIN);
	assert_int_equal(run(&r), HV_SHUTDOWN); /* the line ended it */
	unmake(&r);
}

static void test_a_reset_clears_registers_and_line(void **s)
{
	struct script_step steps[] = { { .op = SCRIPT_WFI,
					 .ns = CLOCK_NEVER } };
	struct regs set = { .arm64 = { .pc = 9 } }, got;
	struct rig r;

	(void)s;
	make(&r, steps, LEN(steps));
	r.vm.ops->set_regs(&r.v, &set);
	r.vm.ops->get_regs(&r.v, &got);
	assert_int_equal(got.arm64.pc, 9);
	r.vm.ops->line(&r.v, true);
	r.vm.ops->reset(&r.v);
	r.vm.ops->get_regs(&r.v, &got);
	assert_int_equal(got.arm64.pc, 0);
	assert_int_equal(run(&r), HV_IDLE);
	unmake(&r);
}

static void test_its_state_is_its_place_and_registers(void **s)
{
	struct script_step steps[] = { { .op = SCRIPT_TICK, .ns = 7 },
				       { .op = SCRIPT_TICK, .ns = 7 } };
	struct regs set = { .arm64 = { .pc = 9, .x = { 1, 2, 3 } } }, got;
	struct state st;
	struct rig a, b;
	uint8_t *saved;
	size_t len;

	(void)s;
	make(&a, steps, LEN(steps));
	make(&b, steps, LEN(steps));
	a.vm.ops->set_regs(&a.v, &set);
	assert_int_equal(run(&a), HV_AGAIN);
	state_init_save(&st);
	a.vm.ops->state(&a.v, &st);
	assert_int_equal(state_fini(&st, NULL), 0);
	saved = st.buf;
	len = st.len;
	state_init_load(&st, saved, len);
	b.vm.ops->state(&b.v, &st);
	assert_int_equal(state_fini(&st, NULL), 0);
	b.vm.ops->get_regs(&b.v, &got);
	assert_memory_equal(&got, &set, sizeof(got));
	assert_int_equal(b.script.now, 7);
	assert_int_equal(run(&b), HV_AGAIN);
	assert_int_equal(b.script.now, 14);
	assert_int_equal(run(&b), HV_SHUTDOWN);

	b.script.cpu[0].count = 0; /* a script that is not that long */
	state_init_load(&st, saved, len);
	b.vm.ops->state(&b.v, &st);
	assert_int_equal(state_fini(&st, NULL), -MICROVM_EBADIMAGE);
	free(saved);
	unmake(&a);
	unmake(&b);
}

static void test_it_fails_where_it_is_told_to(void **s)
{
	struct gmem_region region = { 0 };
	struct rig r;
	mv_error e;

	(void)s;
	make(&r, NULL, 0);
	r.script.fault = SCRIPT_MAP_FAILS;
	assert_int_equal(r.vm.ops->map(&r.vm, &region, &e),
			 -MICROVM_EHYPERVISOR);
	r.script.fault = SCRIPT_VM_INIT_FAILS;
	assert_int_equal(r.vm.ops->vm_init(&r.vm, &e), -MICROVM_EHYPERVISOR);
	assert_int_equal(r.vm.ops->map(&r.vm, &region, &e), 0);
	r.script.fault = SCRIPT_VCPU_INIT_FAILS;
	r.script.fault_cpu = 1;
	assert_int_equal(r.vm.ops->vcpu_init(&r.v, &e), 0);
	r.vm.ops->vcpu_fini(&r.v);
	r.script.fault_cpu = 0;
	assert_int_equal(r.vm.ops->vcpu_init(&r.v, &e), -MICROVM_EHYPERVISOR);
	unmake(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps_go_up_and_keep_their_answers),
		cmocka_unit_test(test_a_jump_and_a_return_stay_where_they_lead),
		cmocka_unit_test(
			test_an_idle_cpu_waits_for_its_line_or_its_time),
		cmocka_unit_test(test_a_kick_is_kept_for_the_next_run),
		cmocka_unit_test(test_a_reset_clears_registers_and_line),
		cmocka_unit_test(test_its_state_is_its_place_and_registers),
		cmocka_unit_test(test_it_fails_where_it_is_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
