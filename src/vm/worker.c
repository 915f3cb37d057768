/* SPDX-License-Identifier: MIT */
/* worker.c - a thread that does one job after the other. */
#include "vm/worker.h"

static void body(void *arg)
{
	struct worker *w = arg;

	mutex_lock(&w->mu);
	for (;;) {
		while (!w->job && !w->quit)
			cond_wait(&w->todo, &w->mu);
		if (!w->job)
			break;
		mutex_unlock(&w->mu);
		/* Set while the job lasts, so nobody else changes it. */
		w->job(w->arg);
		mutex_lock(&w->mu);
		w->job = NULL;
		cond_broadcast(&w->done);
	}
	mutex_unlock(&w->mu);
}

int worker_init(struct worker *w, mv_error *err)
{
	int rc;

	*w = (struct worker){ 0 };
	rc = mutex_init(&w->mu, err);
	if (rc)
		return rc;
	rc = cond_init(&w->todo, err);
	if (rc)
		goto out_mu;
	rc = cond_init(&w->done, err);
	if (rc)
		goto out_todo;
	rc = thread_start(&w->thread, body, w, err);
	if (!rc)
		return 0;
	cond_fini(&w->done);
out_todo:
	cond_fini(&w->todo);
out_mu:
	mutex_fini(&w->mu);
	return rc;
}

void worker_post(struct worker *w, worker_fn *fn, void *arg)
{
	mutex_lock(&w->mu);
	while (w->job)
		cond_wait(&w->done, &w->mu);
	w->job = fn;
	w->arg = arg;
	cond_signal(&w->todo);
	mutex_unlock(&w->mu);
}

void worker_wait(struct worker *w)
{
	mutex_lock(&w->mu);
	while (w->job)
		cond_wait(&w->done, &w->mu);
	mutex_unlock(&w->mu);
}

void worker_call(struct worker *w, worker_fn *fn, void *arg)
{
	worker_post(w, fn, arg);
	worker_wait(w);
}

void worker_fini(struct worker *w)
{
	mutex_lock(&w->mu);
	w->quit = true;
	cond_signal(&w->todo);
	mutex_unlock(&w->mu);
	thread_join(&w->thread);
	cond_fini(&w->done);
	cond_fini(&w->todo);
	mutex_fini(&w->mu);
}
