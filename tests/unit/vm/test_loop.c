/* SPDX-License-Identifier: MIT */
#include "vm/loop.h"

#include "base/container.h"

#include "../check.h"

enum { THREADS = 4, POSTS = 2000 };

struct log {
	unsigned count;
	unsigned seen[16];
	bool on_loop;
	struct loop *loop;
};

struct entry {
	struct task task;
	struct log *log;
	unsigned id;
};

static void record(struct task *t)
{
	struct entry *e = container_of(t, struct entry, task);

	e->log->on_loop = loop_is_self(e->log->loop);
	e->log->seen[e->log->count++] = e->id;
}

static void test_tasks_run_in_order_on_the_loop_thread(void **s)
{
	struct loop l;
	struct log log = { .loop = &l };
	struct entry e[16];
	unsigned i;

	(void)s;
	assert_int_equal(loop_init(&l, NULL), 0);
	assert_false(loop_is_self(&l));
	for (i = 0; i < 16; i++) {
		e[i] = (struct entry){ { .run = record }, &log, i };
		loop_post(&l, &e[i].task);
	}
	loop_stop(&l);
	assert_int_equal(log.count, 16);
	assert_true(log.on_loop);
	for (i = 0; i < 16; i++)
		assert_int_equal(log.seen[i], i);
	loop_fini(&l);
}

/* Holds the loop in a task until told, to have posts pile up behind it. */
struct gate {
	struct task task;
	struct mutex mu;
	struct cond moved;
	bool inside, open;
};

static void stand(struct task *t)
{
	struct gate *g = container_of(t, struct gate, task);

	mutex_lock(&g->mu);
	g->inside = true;
	cond_broadcast(&g->moved);
	while (!g->open)
		cond_wait(&g->moved, &g->mu);
	mutex_unlock(&g->mu);
}

static void gate_shut(struct gate *g, struct loop *l)
{
	*g = (struct gate){ .task = { .run = stand } };
	assert_int_equal(mutex_init(&g->mu, NULL), 0);
	assert_int_equal(cond_init(&g->moved, NULL), 0);
	loop_post(l, &g->task);
	mutex_lock(&g->mu);
	while (!g->inside)
		cond_wait(&g->moved, &g->mu);
	mutex_unlock(&g->mu);
}

static void gate_open(struct gate *g)
{
	mutex_lock(&g->mu);
	g->open = true;
	cond_broadcast(&g->moved);
	mutex_unlock(&g->mu);
}

static void gate_fini(struct gate *g)
{
	cond_fini(&g->moved);
	mutex_fini(&g->mu);
}

static void test_a_task_posted_twice_before_it_ran_runs_once(void **s)
{
	struct loop l;
	struct log log = { .loop = &l };
	struct entry e = { { .run = record }, &log, 7 };
	struct gate g;

	(void)s;
	assert_int_equal(loop_init(&l, NULL), 0);
	gate_shut(&g, &l);
	loop_post(&l, &e.task);
	loop_post(&l, &e.task);
	gate_open(&g);
	loop_stop(&l);
	assert_int_equal(log.count, 1);
	loop_fini(&l);
	gate_fini(&g);
}

struct again {
	struct task task;
	struct loop *loop;
	unsigned left, ran;
};

static void repost(struct task *t)
{
	struct again *a = container_of(t, struct again, task);

	a->ran++;
	if (a->left--)
		loop_post(a->loop, &a->task);
	else
		loop_post(a->loop, &a->loop->quit);
}

static void test_a_task_may_post_itself_again(void **s)
{
	struct loop l;
	struct again a = { { .run = repost }, &l, 100, 0 };

	(void)s;
	assert_int_equal(loop_init(&l, NULL), 0);
	loop_post(&l, &a.task);
	thread_join(&l.thread); /* its last act is to post the quit */
	l.stopped = true;
	assert_int_equal(a.ran, 101);
	loop_fini(&l);
}

/* Many threads, few tasks: every value left is seen by some later run. */
struct cell {
	struct task task;
	atomic_uint wanted;
	unsigned seen; /* the loop's */
	bool back;     /* it went back */
};

struct poster {
	struct thread thread;
	struct loop *loop;
	struct cell *cell;
};

static void look(struct task *t)
{
	struct cell *c = container_of(t, struct cell, task);
	unsigned now = atomic_load_explicit(&c->wanted, memory_order_relaxed);

	c->back |= now < c->seen;
	c->seen = now;
}

static void post_many(void *arg)
{
	struct poster *p = arg;
	unsigned i;

	for (i = 0; i < POSTS; i++) {
		atomic_fetch_add_explicit(&p->cell->wanted, 1,
					  memory_order_relaxed);
		loop_post(p->loop, &p->cell->task);
	}
}

static void test_no_post_of_many_threads_is_lost(void **s)
{
	struct cell cell = { .task = { .run = look } };
	struct poster p[THREADS];
	struct loop l;
	unsigned i;

	(void)s;
	assert_int_equal(loop_init(&l, NULL), 0);
	for (i = 0; i < THREADS; i++) {
		p[i] = (struct poster){ .loop = &l, .cell = &cell };
		assert_int_equal(
			thread_start(&p[i].thread, post_many, &p[i], NULL), 0);
	}
	for (i = 0; i < THREADS; i++)
		thread_join(&p[i].thread);
	loop_stop(&l);
	assert_int_equal(cell.seen, THREADS * POSTS);
	assert_false(cell.back);
	loop_fini(&l);
}

static void test_nothing_runs_after_the_stop(void **s)
{
	struct loop l;
	struct log log = { .loop = &l };
	struct entry e = { { .run = record }, &log, 1 };

	(void)s;
	assert_int_equal(loop_init(&l, NULL), 0);
	loop_stop(&l);
	loop_stop(&l);
	loop_post(&l, &e.task);
	loop_fini(&l);
	assert_int_equal(log.count, 0);
}

struct called {
	struct loop *loop;
	struct called *inner;
	bool on_loop;
};

static void called(void *arg)
{
	struct called *c = arg;

	c->on_loop = loop_is_self(c->loop);
	if (c->inner)
		loop_call(c->loop, called, c->inner);
}

static void test_a_call_is_done_on_the_loop_thread_when_it_returns(void **s)
{
	struct loop l;
	struct called inner = { .loop = &l };
	struct called c = { .loop = &l, .inner = &inner };

	(void)s;
	assert_int_equal(loop_init(&l, NULL), 0);
	loop_call(&l, called, &c);
	assert_true(c.on_loop);
	assert_true(inner.on_loop); /* a call from there is done at once */
	loop_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tasks_run_in_order_on_the_loop_thread),
		cmocka_unit_test(
			test_a_task_posted_twice_before_it_ran_runs_once),
		cmocka_unit_test(test_a_task_may_post_itself_again),
		cmocka_unit_test(test_no_post_of_many_threads_is_lost),
		cmocka_unit_test(test_nothing_runs_after_the_stop),
		cmocka_unit_test(
			test_a_call_is_done_on_the_loop_thread_when_it_returns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
