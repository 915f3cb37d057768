/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pthread_getattr_np(), on Linux */
#include "os/thread.h"

#include <pthread.h>
#include <signal.h>

#include "../check.h"

struct probe {
	struct mutex mu;
	struct cond there;
	bool ran;
	bool is_parent;
	sigset_t mask;
	struct thread parent;
};

static void body(void *arg)
{
	struct probe *p = arg;

	mutex_lock(&p->mu);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &p->mask);
	p->is_parent = thread_is_self(&p->parent);
	p->ran = true;
	cond_broadcast(&p->there);
	mutex_unlock(&p->mu);
}

static void run(struct probe *p)
{
	struct thread t;

	*p = (struct probe){ .parent = thread_self() };
	assert_int_equal(mutex_init(&p->mu, NULL), 0);
	assert_int_equal(cond_init(&p->there, NULL), 0);
	assert_int_equal(thread_start(&t, body, p, NULL), 0);
	mutex_lock(&p->mu);
	while (!p->ran)
		cond_wait(&p->there, &p->mu);
	mutex_unlock(&p->mu);
	thread_join(&t);
	cond_fini(&p->there);
	mutex_fini(&p->mu);
}

static void test_our_threads_take_no_signal_of_the_process(void **s)
{
	static const int closed[] = { SIGINT,  SIGTERM, SIGCHLD, SIGUSR1,
				      SIGPIPE, SIGALRM, SIGWINCH };
	sigset_t mine;
	struct probe p;
	size_t i;

	(void)s;
	run(&p);
	for (i = 0; i < sizeof(closed) / sizeof(*closed); i++)
		assert_int_equal(sigismember(&p.mask, closed[i]), 1);
	assert_int_equal(sigismember(&p.mask, SIGSEGV), 0);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &mine);
	for (i = 0; i < sizeof(closed) / sizeof(*closed); i++)
		assert_int_equal(sigismember(&mine, closed[i]), 0);
}

#ifdef __linux__
static void measure(void *arg)
{
	size_t *size = arg;
	pthread_attr_t attr;
	void *low;

	*size = 0;
	if (pthread_getattr_np(pthread_self(), &attr))
		return;
	(void)pthread_attr_getstack(&attr, &low, size);
	(void)pthread_attr_destroy(&attr);
}

static void test_no_huge_page_fits_a_stack(void **s)
{
	struct thread t;
	size_t size;

	(void)s;
	assert_int_equal(thread_start(&t, measure, &size, NULL), 0);
	thread_join(&t);
	assert_in_range(size, 1 << 19, (2 << 20) - 1);
}
#endif

static void test_a_thread_knows_itself(void **s)
{
	struct thread me = thread_self();
	struct probe p;

	(void)s;
	assert_true(thread_is_self(&me));
	run(&p);
	assert_false(p.is_parent);
}

static void test_a_wait_ends_when_its_time_has_passed(void **s)
{
	struct mutex mu;
	struct cond c;

	(void)s;
	assert_int_equal(mutex_init(&mu, NULL), 0);
	assert_int_equal(cond_init(&c, NULL), 0);
	mutex_lock(&mu);
	while (cond_wait_for(&c, &mu, 1000000)) /* else: woken for nothing */
		;
	mutex_unlock(&mu);
	cond_fini(&c);
	mutex_fini(&mu);
}

struct ring {
	struct mutex mu;
	struct cond c;
	bool set;
};

static void setter(void *arg)
{
	struct ring *r = arg;

	mutex_lock(&r->mu);
	r->set = true;
	cond_signal(&r->c);
	mutex_unlock(&r->mu);
}

static void test_a_wait_of_all_time_does_not_wrap_to_none(void **s)
{
	struct ring r = { 0 };
	struct thread t;
	bool signalled = true;

	(void)s;
	assert_int_equal(mutex_init(&r.mu, NULL), 0);
	assert_int_equal(cond_init(&r.c, NULL), 0);
	mutex_lock(&r.mu);
	assert_int_equal(thread_start(&t, setter, &r, NULL), 0);
	while (!r.set && signalled)
		signalled = cond_wait_for(&r.c, &r.mu, UINT64_MAX - 1);
	assert_true(signalled);
	mutex_unlock(&r.mu);
	thread_join(&t);
	cond_fini(&r.c);
	mutex_fini(&r.mu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_our_threads_take_no_signal_of_the_process),
#ifdef __linux__
		cmocka_unit_test(test_no_huge_page_fits_a_stack),
#endif
		cmocka_unit_test(test_a_thread_knows_itself),
		cmocka_unit_test(test_a_wait_ends_when_its_time_has_passed),
		cmocka_unit_test(test_a_wait_of_all_time_does_not_wrap_to_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
