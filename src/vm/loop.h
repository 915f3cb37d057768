/* SPDX-License-Identifier: MIT */
/*
 * loop.h - the one thread of a VM on which host I/O and callbacks happen.
 *
 * A libuv loop that sleeps until a descriptor, a timer or a posted task wakes
 * it.  What runs on it needs no locks against anything else that does.
 */
#ifndef VM_LOOP_H
#define VM_LOOP_H

#include <stdatomic.h>
#include <uv.h>

#include "core/task.h"
#include "os/doorbell.h"
#include "os/thread.h"

struct loop {
	uv_loop_t uv; /* the loop thread's */
	struct doorbell bell;
	struct thread thread;
	_Atomic(struct task *) posted; /* newest first; any thread */
	struct task quit;
	bool stopped; /* the owner's */
};

/* Make it and start its thread. */
int loop_init(struct loop *l, mv_error *err) MUST_CHECK;

/*
 * Have t->run() called on the loop thread, after everything that was posted
 * before.  Any thread, until loop_fini(); after loop_stop() nothing is run.
 */
void loop_post(struct loop *l, struct task *t);

/*
 * Run what has been posted, then end the thread.  Its handles are closed by
 * then, the loop's own excepted.  Not on the loop thread; twice is fine.
 */
void loop_stop(struct loop *l);

/*
 * Have fn(arg) called on the loop thread, and come back when it was: at once
 * when this is that thread.  Until loop_stop().
 */
void loop_call(struct loop *l, void (*fn)(void *arg), void *arg);

/* Is this the loop thread? */
bool loop_is_self(const struct loop *l);

/* Stop it and free it. */
void loop_fini(struct loop *l);

#endif
