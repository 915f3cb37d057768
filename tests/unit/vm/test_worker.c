/* SPDX-License-Identifier: MIT */
#include "vm/worker.h"

#include "../check.h"

struct job {
	struct worker *w;
	struct thread by;
	unsigned order[8], count;
};

static void note(void *arg)
{
	struct job *j = arg;

	j->by = thread_self();
	j->order[j->count] = j->count;
	j->count++;
}

static void test_jobs_are_done_on_one_other_thread(void **s)
{
	struct worker w;
	struct job j = { .w = &w };
	struct thread first;

	(void)s;
	assert_int_equal(worker_init(&w, NULL), 0);
	worker_call(&w, note, &j);
	first = j.by;
	assert_false(thread_is_self(&first));
	worker_call(&w, note, &j);
	assert_true(uv_thread_equal(&first.uv, &j.by.uv));
	assert_int_equal(j.count, 2);
	worker_fini(&w);
}

static void test_a_posted_job_is_done_by_the_next_wait(void **s)
{
	struct worker w;
	struct job j = { .w = &w };
	unsigned i;

	(void)s;
	assert_int_equal(worker_init(&w, NULL), 0);
	for (i = 0; i < 8; i++)
		worker_post(&w, note, &j);
	worker_wait(&w);
	assert_int_equal(j.count, 8);
	worker_wait(&w); /* nothing to wait for */
	worker_fini(&w);
}

static void test_the_end_comes_after_the_last_job(void **s)
{
	struct worker w;
	struct job j = { .w = &w };

	(void)s;
	assert_int_equal(worker_init(&w, NULL), 0);
	worker_post(&w, note, &j);
	worker_fini(&w);
	assert_int_equal(j.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_are_done_on_one_other_thread),
		cmocka_unit_test(test_a_posted_job_is_done_by_the_next_wait),
		cmocka_unit_test(test_the_end_comes_after_the_last_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
