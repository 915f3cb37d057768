/* SPDX-License-Identifier: MIT */
/* loop.c - the loop thread: a libuv loop and the tasks posted to it. */
#include "vm/loop.h"

#include "base/container.h"

/* Tasks are pushed to the front of the list; here they come in order. */
static struct task *take(struct loop *l)
{
	/* acquire: pairs with the release in loop_post() */
	struct task *t = atomic_exchange_explicit(&l->posted, NULL,
						  memory_order_acquire);
	struct task *in_order = NULL;

	while (t) {
		struct task *next = t->next;

		t->next = in_order;
		in_order = t;
		t = next;
	}
	return in_order;
}

static void rung(void *ctx)
{
	struct loop *l = ctx;
	struct task *t = take(l);

	while (t) {
		struct task *next = t->next;

		/*
		 * From here on a post queues it again.  acquire: who found it
		 * queued until now left something for this run to see;
		 * release: who queues it next may write to it.
		 */
		(void)atomic_exchange_explicit(&t->queued, false,
					       memory_order_acq_rel);
		t->run(t); /* may free it */
		t = next;
	}
}

static void quit(struct task *t)
{
	doorbell_close(&container_of(t, struct loop, quit)->bell);
}

static void body(void *arg)
{
	struct loop *l = arg;

	(void)uv_run(&l->uv, UV_RUN_DEFAULT); /* until no handle is left */
}

int loop_init(struct loop *l, mv_error *err)
{
	int rc;

	*l = (struct loop){ .quit = { .run = quit } };
	rc = uv_loop_init(&l->uv);
	if (rc)
		return fail_os(err, MICROVM_EIO, -rc, "cannot make a loop");
	rc = doorbell_init(&l->bell, &l->uv, rung, l, err);
	if (rc)
		goto out_loop;
	rc = thread_start(&l->thread, body, l, err);
	if (rc)
		goto out_bell;
	return 0;
out_bell:
	doorbell_close(&l->bell);
	(void)uv_run(&l->uv, UV_RUN_DEFAULT); /* lets the bell leave */
	doorbell_fini(&l->bell);
out_loop:
	(void)uv_loop_close(&l->uv); /* fails only while it has handles */
	return rc;
}

void loop_post(struct loop *l, struct task *t)
{
	struct task *head;

	/* release: what was done before is seen by the run, see rung() */
	if (atomic_exchange_explicit(&t->queued, true, memory_order_acq_rel))
		return;
	head = atomic_load_explicit(&l->posted, memory_order_relaxed);
	do
		t->next = head;
	while (!atomic_compare_exchange_weak_explicit(&l->posted, &head, t,
						      memory_order_release,
						      memory_order_relaxed));
	/* Who filled the empty list has rung; the loop will take them all. */
	if (!head)
		doorbell_ring(&l->bell);
}

struct call {
	struct task task;
	void (*fn)(void *arg);
	void *arg;
	uv_sem_t done;
};

static void run_call(struct task *t)
{
	struct call *c = container_of(t, struct call, task);

	c->fn(c->arg);
	uv_sem_post(&c->done);
}

void loop_call(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct call c = { .task.run = run_call, .fn = fn, .arg = arg };

	if (loop_is_self(l)) {
		fn(arg);
		return;
	}
	(void)uv_sem_init(&c.done, 0); /* fails only for a wrong value */
	loop_post(l, &c.task);
	uv_sem_wait(&c.done);
	uv_sem_destroy(&c.done);
}

bool loop_is_self(const struct loop *l)
{
	return thread_is_self(&l->thread);
}

void loop_stop(struct loop *l)
{
	if (l->stopped)
		return;
	l->stopped = true;
	loop_post(l, &l->quit);
	thread_join(&l->thread);
}

void loop_fini(struct loop *l)
{
	loop_stop(l);
	(void)uv_loop_close(&l->uv); /* fails only while it has handles */
	doorbell_fini(&l->bell);
}
