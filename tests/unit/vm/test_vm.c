/* SPDX-License-Identifier: MIT */
#include "vm/vm.h"

#include <string.h>

#include "os/time.h"
#include "rig.h"

#include "../check.h"

static void test_how_a_guest_ends_is_told(void **s)
{
	static const struct {
		enum hv_run why;
		enum microvm_reason reason;
		const char *msg;
	} rows[] = {
		{ HV_SHUTDOWN, MICROVM_EXIT_POWEROFF, "" },
		{ HV_RESET, MICROVM_EXIT_RESET, "" },
		{ HV_FAILED, MICROVM_EXIT_FAILED,
		  "vCPU 0: failed, says the script" },
		{ HV_DEBUG, MICROVM_EXIT_FAILED,
		  "vCPU 0: stopped at a breakpoint nobody set" },
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		struct script_step steps[] = { TICK(1), RETURN(rows[i].why) };
		microvm_exit e = { 0 };
		struct rig r;

		rig_init(&r);
		FOLLOW(&r, 0, steps);
		rig_start(&r);
		assert_int_equal(vm_wait(r.vm, MICROVM_FOREVER, &e), 0);
		assert_int_equal(e.reason, rows[i].reason);
		assert_string_equal(e.error.msg, rows[i].msg);
		assert_int_equal(e.error.code, *rows[i].msg
						       ? MICROVM_EHYPERVISOR
						       : MICROVM_OK);
		rig_fini(&r);
	}
}

static void test_a_hypercall_powers_it_off(void **s)
{
	struct script_step steps[] = { SYSTEM_OFF, RETURN(HV_FAILED) };
	struct rig r;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, steps);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	rig_fini(&r);
}

/* Every kind of guest, one thread or many, can be killed at any time. */
static void test_every_guest_can_be_killed(void **s)
{
	struct script_step spin[] = { SPIN };
	struct script_step idle[] = { SLEEP };
	struct script_step block[] = { { .op = SCRIPT_BLOCK } };
	struct script_step *const kind[] = { spin, idle, block };
	unsigned i;

	(void)s;
	for (i = 0; i < 60; i++) {
		struct rig r;

		rig_init(&r);
		r.cfg.cpus = 1 + i % 4; /* all but the first are off */
		r.script.ops.provides = i & 1 ? HV_ONE_THREAD : 0;
		r.cfg.virtual_time = false;
		rig_follow(&r, 0, kind[i % 3], 1);
		rig_start(&r);
		if (i & 2)
			rig_slices(&r, 1);
		vm_kill(r.vm);
		vm_kill(r.vm);
		assert_int_equal(rig_end(&r), MICROVM_EXIT_KILLED);
		rig_fini(&r);
	}
}

static void test_the_first_reason_counts(void **s)
{
	struct script_step off[] = { SYSTEM_OFF };
	struct rig r;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, off);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	vm_kill(r.vm);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	rig_fini(&r);
}

static void test_one_that_never_started_can_be_killed(void **s)
{
	struct rig r;
	mv_error e;

	(void)s;
	rig_init(&r);
	rig_create(&r);
	vm_kill(r.vm);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_KILLED);
	assert_int_equal(vm_start(r.vm, &e), -MICROVM_ESTATE);
	assert_string_equal(e.msg, "the VM has ended");
	assert_string_equal(e.hint, "make a new one: a VM runs once");
	rig_fini(&r);
	assert_int_equal(r.events, 1);
	assert_int_equal(r.event[0], MICROVM_EVENT_EXITED);
}

static void test_it_starts_once(void **s)
{
	struct script_step spin[] = { SPIN };
	struct rig r;
	mv_error e;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, spin);
	rig_start(&r);
	assert_int_equal(vm_start(r.vm, &e), -MICROVM_ESTATE);
	assert_string_equal(e.msg, "the VM is running");
	vm_kill(r.vm);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_KILLED);
	assert_int_equal(vm_start(r.vm, NULL), -MICROVM_ESTATE);
	rig_fini(&r);
}

static void test_a_wait_gives_up_after_its_time(void **s)
{
	struct script_step spin[] = { SPIN };
	microvm_exit e = { .reason = MICROVM_EXIT_RESET };
	struct rig r;
	uint64_t t;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, spin);
	rig_start(&r);
	t = time_mono_ns();
	assert_int_equal(vm_wait(r.vm, 20, &e), -MICROVM_ETIMEDOUT);
	assert_true(time_mono_ns() - t >= 20000000);
	assert_int_equal(vm_wait(r.vm, 0, &e), -MICROVM_ETIMEDOUT);
	assert_int_equal(e.reason, MICROVM_EXIT_RESET); /* left alone */
	vm_kill(r.vm);
	assert_int_equal(vm_wait(r.vm, 60000, &e), 0);
	assert_int_equal(vm_wait(r.vm, 0, NULL), 0); /* ended long ago */
	rig_fini(&r);
}

static void test_it_can_be_freed_in_any_state(void **s)
{
	struct script_step spin[] = { SPIN };
	struct script_step off[] = { SYSTEM_OFF };
	struct rig r;

	(void)s;
	vm_free(NULL);

	rig_init(&r); /* never started */
	rig_create(&r);
	rig_fini(&r);
	assert_int_equal(r.events, 1);

	rig_init(&r); /* running */
	FOLLOW(&r, 0, spin);
	rig_start(&r);
	rig_fini(&r);
	assert_int_equal(r.events, 1);

	rig_init(&r); /* ending, or just ended */
	FOLLOW(&r, 0, off);
	rig_start(&r);
	rig_fini(&r);
	assert_int_equal(r.events, 1);
}

static void kill_on_output(struct rig *r, enum microvm_event e)
{
	if (e == MICROVM_EVENT_CONSOLE_READABLE) {
		assert_int_equal(vm_wait(r->vm, 0, NULL), -MICROVM_ESTATE);
		vm_kill(r->vm);
	}
}

static void test_a_callback_may_kill_but_not_wait(void **s)
{
	struct script_step steps[] = { PRINT('x'), SPIN };
	struct rig r;

	(void)s;
	rig_init(&r);
	r.also = kill_on_output;
	FOLLOW(&r, 0, steps);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_KILLED);
	rig_fini(&r);
	assert_int_equal(r.events, 2);
	assert_int_equal(r.event[1], MICROVM_EVENT_EXITED);
}

static void ended_on_exit(struct rig *r, enum microvm_event e)
{
	char c;

	if (e == MICROVM_EVENT_EXITED) {
		/* Everything it printed can be read by now. */
		assert_int_equal(console_read(&r->vm->console, &c, 1), 1);
		assert_true(vm_has_ended(r->vm));
	}
}

static void test_the_end_is_the_last_event(void **s)
{
	struct script_step steps[] = { PRINT('x'), SYSTEM_OFF };
	unsigned i;

	(void)s;
	for (i = 0; i < 50; i++) {
		struct rig r;

		rig_init(&r);
		r.also = ended_on_exit;
		FOLLOW(&r, 0, steps);
		rig_start(&r);
		if (i & 1)
			(void)rig_end(&r);
		rig_slices(&r, 2); /* or the free would come before the x */
		rig_fini(&r);
		assert_int_equal(r.events, 2);
		assert_int_equal(r.event[0], MICROVM_EVENT_CONSOLE_READABLE);
		assert_int_equal(r.event[1], MICROVM_EVENT_EXITED);
	}
}

static void test_nobody_has_to_listen(void **s)
{
	struct script_step steps[] = { PRINT('x'), SYSTEM_OFF };
	struct rig r;

	(void)s;
	rig_init(&r);
	r.cfg.event = NULL;
	FOLLOW(&r, 0, steps);
	rig_start(&r);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	rig_fini(&r);
	assert_int_equal(r.events, 0);
}

static void test_it_can_be_killed_while_it_waits_for_a_reader(void **s)
{
	struct script_step print[] = { PRINT('x'), GOTO(0) };
	char buf[CONSOLE_ROOM];
	unsigned i;

	(void)s;
	for (i = 0; i < 2; i++) {
		struct rig r;

		rig_init(&r);
		r.cfg.cpus = 1 + i;
		r.script.ops.provides = i ? 0 : HV_ONE_THREAD;
		r.cfg.virtual_time = false;
		FOLLOW(&r, 0, print);
		rig_start(&r);
		rig_slices(&r, 2 * CONSOLE_ROOM + 1);
		vm_kill(r.vm);
		assert_int_equal(rig_end(&r), MICROVM_EXIT_KILLED);
		assert_int_equal(console_read(&r.vm->console, buf, sizeof(buf)),
				 CONSOLE_ROOM);
		rig_fini(&r);
	}
}

/* Enable UART and receiver, let it interrupt, sleep until it does. */
#define UART(off) (ARM64_UART_BASE + (off))
#define LISTEN WRITE(UART(0x30), 0x301), WRITE(UART(0x38), 0x50)

static void test_input_typed_before_the_start_waits_for_the_guest(void **s)
{
	struct script_step steps[] = { LISTEN, READ(UART(0)), READ(UART(0)),
				       READ(UART(0x18)), SYSTEM_OFF };
	struct rig r;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, steps);
	rig_create(&r);
	assert_int_equal(console_write(&r.vm->console, "ok", 2), 2);
	assert_int_equal(vm_start(r.vm, NULL), 0);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(steps[2].access.value, 'o');
	assert_int_equal(steps[3].access.value, 'k');
	assert_true(steps[4].access.value & 0x10); /* and no more */
	rig_fini(&r);
}

static void test_two_machines_do_not_meet(void **s)
{
	enum { MACHINES = 6 };
	static struct rig r[MACHINES];
	static struct script_step steps[MACHINES][4];
	unsigned i;

	(void)s;
	for (i = 0; i < MACHINES; i++) {
		const struct script_step mine[4] = {
			PRINT('a' + i),
			TICK(10 * (i + 1)),
			READ(ARM64_RTC_BASE),
			RETURN(i % 2 ? HV_RESET : HV_SHUTDOWN),
		};

		memcpy(steps[i], mine, sizeof(mine));
		rig_init(&r[i]);
		FOLLOW(&r[i], 0, steps[i]);
		rig_start(&r[i]);
	}
	for (i = 0; i < MACHINES; i++) {
		char buf[4];

		assert_int_equal(rig_end(&r[i]), i % 2 ? MICROVM_EXIT_RESET
						       : MICROVM_EXIT_POWEROFF);
		assert_int_equal(console_read(&r[i].vm->console, buf, 4), 1);
		assert_int_equal(buf[0], 'a' + i);
		assert_int_equal(r[i].script.now, 10 * (i + 1));
	}
	for (i = 0; i < MACHINES; i++)
		rig_fini(&r[i]);
}

static void cycle(unsigned i)
{
	struct script_step print[] = { PRINT('x'), GOTO(0) };
	struct rig r;

	rig_init(&r);
	r.cfg.cpus = 1 + i % 4;
	r.script.ops.provides = i & 1 ? HV_ONE_THREAD : 0;
	r.cfg.virtual_time = false;
	FOLLOW(&r, 0, print);
	rig_start(&r);
	if (i & 2)
		rig_slices(&r, 10);
	vm_kill(r.vm);
	if (i & 4)
		(void)rig_end(&r);
	rig_fini(&r);
}

static void test_fifty_lives_leave_nothing_behind(void **s)
{
	struct holdings before, after;
	unsigned i;

	(void)s;
	/* What libc and libuv keep for the process, they take at first. */
	for (i = 0; i < 8; i++)
		cycle(i);
	before = holdings();
	for (i = 0; i < 50; i++)
		cycle(i);
	after = holdings_again(before);
	assert_int_equal(after.threads, before.threads);
	assert_int_equal(after.files, before.files);
	/* The allocator may keep a few arenas, but not 50 times anything. */
	assert_true(after.maps <= before.maps + 16);
}

static void test_bad_descriptions_are_refused(void **s)
{
	struct vm *vm = (void *)s;
	struct rig r;
	mv_error e;

	rig_init(&r);
	r.cfg.cpus = 0;
	assert_int_equal(vm_create(&r.cfg, &vm, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "0 CPUs: this machine has 1 to 4");
	assert_null(vm);
	r.cfg.cpus = 5;
	assert_int_equal(vm_create(&r.cfg, &vm, &e), -MICROVM_EINVAL);
	r.cfg.cpus = 1;
	r.script.ops.arches = 1 << ARCH_ARM64;
	r.cfg.arch = ARCH_X86_64;
	assert_int_equal(vm_create(&r.cfg, &vm, &e), -MICROVM_ENOTSUP);
	r.cfg.arch = ARCH_ARM64;
	r.script.ops.provides = 0;
	assert_int_equal(vm_create(&r.cfg, &vm, &e), -MICROVM_ENOTSUP);
	assert_string_equal(e.msg, "backend script has no virtual time");
	r.cfg.virtual_time = false;
	r.cfg.program_len = MIB + 1;
	assert_int_equal(vm_create(&r.cfg, &vm, &e), -MICROVM_EINVAL);
	assert_non_null(strstr(e.msg, "more than RAM"));
	rig_fini(&r);
}

static void test_marks_and_numbers_are_kept(void **s)
{
	struct script_step steps[] = {
		TICK(1),    { .op = SCRIPT_MARK, .mark = HV_MARK_USER },
		PRINT('x'), { .op = SCRIPT_MARK, .mark = HV_MARK_USER },
		SYSTEM_OFF,
	};
	microvm_stats st;
	struct rig r;
	unsigned i;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, steps);
	rig_create(&r);
	vm_stats(r.vm, &st);
	assert_int_not_equal(st.mark_ns[MICROVM_MARK_LOADED], 0);
	for (i = MICROVM_MARK_ENTERED; i < MICROVM_MARKS; i++)
		assert_int_equal(st.mark_ns[i], 0);
	assert_int_equal(vm_start(r.vm, NULL), 0);
	(void)rig_end(&r);
	vm_stats(r.vm, &st);
	assert_string_equal(st.backend, "script");
	assert_int_equal(st.ram_bytes, MIB);
	assert_int_equal(st.insns, 5);
	assert_int_equal(st.mark_insns[MICROVM_MARK_ENTERED], 0);
	assert_int_equal(st.mark_insns[MICROVM_MARK_USER], 2); /* the first */
	assert_int_equal(st.mark_insns[MICROVM_MARK_CONSOLE], 3);
	assert_int_equal(st.mark_insns[MICROVM_MARK_EXITED], 5);
	assert_true(st.mark_ns[MICROVM_MARK_LOADED] <=
		    st.mark_ns[MICROVM_MARK_ENTERED]);
	assert_true(st.mark_ns[MICROVM_MARK_ENTERED] <=
		    st.mark_ns[MICROVM_MARK_USER]);
	assert_true(st.mark_ns[MICROVM_MARK_USER] <=
		    st.mark_ns[MICROVM_MARK_CONSOLE]);
	assert_true(st.mark_ns[MICROVM_MARK_CONSOLE] <=
		    st.mark_ns[MICROVM_MARK_EXITED]);
	assert_int_equal(st.exits[MICROVM_XK_MMIO], 1);
	assert_int_equal(st.exits[MICROVM_XK_CALL], 1);
	rig_fini(&r);
}

static void test_steps_are_taken_and_then_it_runs(void **s)
{
	struct script_step steps[] = { TICK(1), TICK(1), TICK(1), TICK(1),
				       SYSTEM_OFF };
	struct rig r;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, steps);
	rig_create(&r);
	assert_int_equal(vm_step(r.vm, 1, NULL), 0);
	assert_int_equal(r.script.now, 1);
	assert_int_equal(vm_step(r.vm, 2, NULL), 0);
	assert_int_equal(r.script.now, 3);
	assert_int_equal(vm_start(r.vm, NULL), 0);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(r.script.now, 4);
	rig_fini(&r);
}

static void test_a_step_over_the_end_comes_back(void **s)
{
	struct script_step steps[] = { TICK(1), SYSTEM_OFF };
	struct rig r;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, steps);
	rig_create(&r);
	assert_int_equal(vm_step(r.vm, 1000, NULL), 0);
	assert_int_equal(rig_end(&r), MICROVM_EXIT_POWEROFF);
	assert_int_equal(vm_step(r.vm, 1, NULL), -MICROVM_ESTATE);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_how_a_guest_ends_is_told),
		cmocka_unit_test(test_a_hypercall_powers_it_off),
		cmocka_unit_test(test_every_guest_can_be_killed),
		cmocka_unit_test(test_the_first_reason_counts),
		cmocka_unit_test(test_one_that_never_started_can_be_killed),
		cmocka_unit_test(test_it_starts_once),
		cmocka_unit_test(test_a_wait_gives_up_after_its_time),
		cmocka_unit_test(test_it_can_be_freed_in_any_state),
		cmocka_unit_test(test_a_callback_may_kill_but_not_wait),
		cmocka_unit_test(test_the_end_is_the_last_event),
		cmocka_unit_test(test_nobody_has_to_listen),
		cmocka_unit_test(
			test_it_can_be_killed_while_it_waits_for_a_reader),
		cmocka_unit_test(
			test_input_typed_before_the_start_waits_for_the_guest),
		cmocka_unit_test(test_two_machines_do_not_meet),
		cmocka_unit_test(test_fifty_lives_leave_nothing_behind),
		cmocka_unit_test(test_bad_descriptions_are_refused),
		cmocka_unit_test(test_marks_and_numbers_are_kept),
		cmocka_unit_test(test_steps_are_taken_and_then_it_runs),
		cmocka_unit_test(test_a_step_over_the_end_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
