/* SPDX-License-Identifier: MIT */
/*
 * Kicks: none is lost, whenever it comes.  One that were would leave its test
 * waiting until the time limit.
 */
#include "rig.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "os/thread.h"

#include "../../check.h"

GUEST(64, count, "1: incq 0x200000\njmp 1b\n");
GUEST(64, outs, "1: out %al, $0x10\njmp 1b\n");
GUEST(64, sleeps, "movq $1, 0x200000\nsti\n1: hlt\njmp 1b\n");
GUEST(64, hello, "mov $'h', %al\nout %al, $0x10\n" DONE);

static void test_a_kick_before_a_run_ends_it_at_once(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	rig_load(&r, hello, hello_end, 0);
	hv_kvm.kick(&r.v[0]);
	hv_kvm.kick(&r.v[0]); /* two are one */
	assert_int_equal(hv_kvm.run(&r.v[0]), HV_AGAIN);
	assert_int_equal(r.accesses, 0);
	rig_finish(&r);
	assert_string_equal(r.text, "h");
	rig_unmake(&r);
}

/* The exit before is finished all the same. */
static void test_a_kick_in_an_up_call_ends_the_run_behind_it(void **s)
{
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	rig_load(&r, hello, hello_end, 0);
	rig_finish(&r); /* DONE kicks */
	assert_int_equal(r.accesses, 2);
	assert_int_equal(rig_regs(&r).rip, RIG_CODE + (hello_end - hello) - 3);
	rig_unmake(&r);
}

struct kicker {
	struct rig *r;
	struct thread thread;
	atomic_uint sent, seen;
	unsigned times;
};

/* Only when the guest has got somewhere since. */
static void kick_in_guest(void *arg)
{
	struct kicker *k = arg;
	unsigned i;

	for (i = 0; i < k->times; i++) {
		uint64_t before = rig_peek(k->r, RIG_DATA);

		while (rig_peek(k->r, RIG_DATA) == before)
			(void)sched_yield();
		atomic_fetch_add(&k->sent, 1);
		hv_kvm.kick(&k->r->v[0]);
		while (atomic_load(&k->seen) == i)
			(void)sched_yield();
	}
}

static void test_kicks_reach_a_guest_that_never_leaves(void **s)
{
	struct kicker k = { .times = 50 };
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	k.r = &r;
	rig_load(&r, count, count_end, 0);
	assert_int_equal(thread_start(&k.thread, kick_in_guest, &k, NULL), 0);
	while (atomic_load(&k.seen) < k.times) {
		assert_int_equal(hv_kvm.run(&r.v[0]), HV_AGAIN);
		atomic_store(&k.seen, atomic_load(&k.sent));
	}
	thread_join(&k.thread);
	rig_unmake(&r);
}

/* The host may have one CPU, which the vCPU's thread needs to see it. */
static void wait_seen(struct kicker *k, unsigned i)
{
	unsigned turns;

	for (turns = 0; atomic_load(&k->seen) <= i; turns++)
		if (turns > 1000)
			(void)usleep(50);
}

static void kick_and_wait(void *arg)
{
	struct kicker *k = arg;
	unsigned i;

	for (i = 0; i < k->times; i++) {
		atomic_fetch_add(&k->sent, 1);
		hv_kvm.kick(&k->r->v[0]);
		wait_seen(k, i);
	}
}

/*
 * Each kick must end a run that was entered at any moment around it: the
 * guest keeps coming out by itself, and goes in again.
 */
static void test_of_ten_thousand_kicks_none_is_lost(void **s)
{
	struct kicker k = { .times = 10000 };
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	k.r = &r;
	rig_load(&r, outs, outs_end, 0);
	assert_int_equal(thread_start(&k.thread, kick_and_wait, &k, NULL), 0);
	while (atomic_load(&k.seen) < k.times) {
		assert_int_equal(hv_kvm.run(&r.v[0]), HV_AGAIN);
		atomic_store(&k.seen, atomic_load(&k.sent));
	}
	thread_join(&k.thread);
	rig_unmake(&r);
}

static void kick_the_sleeper(void *arg)
{
	struct kicker *k = arg;

	while (!rig_peek(k->r, RIG_DATA))
		(void)sched_yield();
	hv_kvm.kick(&k->r->v[0]);
}

static void test_a_kick_wakes_a_cpu_that_sleeps(void **s)
{
	struct kicker k = { 0 };
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	k.r = &r;
	rig_load(&r, sleeps, sleeps_end, 0);
	assert_int_equal(thread_start(&k.thread, kick_the_sleeper, &k, NULL),
			 0);
	assert_int_equal(hv_kvm.run(&r.v[0]), HV_AGAIN);
	assert_int_equal(rig_u64(&r, RIG_DATA), 1);
	thread_join(&k.thread);
	rig_unmake(&r);
}

/* POSIX: to ignore a signal discards the one that is pending. */
static void test_a_kick_outlives_a_program_that_ignores_its_signal(void **s)
{
	struct sigaction ignore = { 0 }, before;
	struct rig r;
	sigset_t set;

	(void)s;
	ignore.sa_handler = SIG_IGN;
	rig_make(&r, 1);
	rig_load(&r, count, count_end, 0);
	hv_kvm.kick(&r.v[0]);
	assert_int_equal(sigaction(SIGURG, &ignore, &before), 0);
	assert_int_equal(sigpending(&set), 0);
	assert_false(sigismember(&set, SIGURG));
	assert_int_equal(hv_kvm.run(&r.v[0]), HV_AGAIN);
	assert_int_equal(sigaction(SIGURG, &before, NULL), 0);
	rig_unmake(&r);
}

/* With the signal ignored, kicks still reach a guest that runs. */
static void test_kicks_work_while_their_signal_is_ignored(void **s)
{
	struct sigaction ignore = { 0 }, before;

	ignore.sa_handler = SIG_IGN;
	assert_int_equal(sigaction(SIGURG, &ignore, &before), 0);
	test_kicks_reach_a_guest_that_never_leaves(s);
	test_a_kick_wakes_a_cpu_that_sleeps(s);
	assert_int_equal(sigaction(SIGURG, &before, NULL), 0);
}

static void test_a_program_s_signals_are_as_they_were(void **s)
{
	struct sigaction act[2][64];
	sigset_t mask[2], pending;
	struct rig r;
	int i;

	(void)s;
	memset(act, 0, sizeof(act));
	for (i = 1; i < 64; i++)
		(void)sigaction(i, NULL,
				&act[0][i]); /* 32, 33: the library's */
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask[0]), 0);
	rig_make(&r, 1);
	rig_load(&r, hello, hello_end, 0);
	hv_kvm.kick(&r.v[0]);
	rig_finish(&r);
	hv_kvm.kick(&r.v[0]); /* nobody will run after it */
	rig_unmake(&r);
	for (i = 1; i < 64; i++) {
		(void)sigaction(i, NULL, &act[1][i]);
		assert_true(act[0][i].sa_handler == act[1][i].sa_handler);
	}
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask[1]), 0);
	assert_int_equal(sigpending(&pending), 0);
	for (i = 1; i < 64; i++) {
		assert_int_equal(sigismember(&mask[0], i),
				 sigismember(&mask[1], i));
		assert_int_equal(sigismember(&pending, i), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_kick_before_a_run_ends_it_at_once),
		cmocka_unit_test(
			test_a_kick_in_an_up_call_ends_the_run_behind_it),
		cmocka_unit_test(test_kicks_reach_a_guest_that_never_leaves),
		cmocka_unit_test(test_of_ten_thousand_kicks_none_is_lost),
		cmocka_unit_test(test_a_kick_wakes_a_cpu_that_sleeps),
		cmocka_unit_test(
			test_a_kick_outlives_a_program_that_ignores_its_signal),
		cmocka_unit_test(test_kicks_work_while_their_signal_is_ignored),
		cmocka_unit_test(test_a_program_s_signals_are_as_they_were),
	};
	int missing = rig_missing();

	return missing ? missing : cmocka_run_group_tests(tests, NULL, NULL);
}
