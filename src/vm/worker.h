/* SPDX-License-Identifier: MIT */
/* worker.h - a thread that does one job after the other, and knows no VM. */
#ifndef VM_WORKER_H
#define VM_WORKER_H

#include "os/thread.h"

typedef void worker_fn(void *arg);

struct worker {
	struct thread thread;
	struct mutex mu;
	struct cond todo, done;

	/* under mu */
	worker_fn *job; /* NULL: none */
	void *arg;
	bool quit;
};

int worker_init(struct worker *w, mv_error *err) MUST_CHECK;

/* Have it do fn(arg), once it is done with the job before. */
void worker_post(struct worker *w, worker_fn *fn, void *arg);

/* Until it has nothing to do. */
void worker_wait(struct worker *w);

/* Both: do fn(arg) on its thread, and come back. */
void worker_call(struct worker *w, worker_fn *fn, void *arg);

/* End the thread, after its last job. */
void worker_fini(struct worker *w);

#endif
