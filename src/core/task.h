/* SPDX-License-Identifier: MIT */
/*
 * task.h - something to be done on a VM's loop thread.
 *
 * Part of whatever it acts upon, so that posting allocates nothing and cannot
 * fail: run() finds its object by container_of().  A task that is posted again
 * before it has run, runs once and sees what was done before either post.
 */
#ifndef CORE_TASK_H
#define CORE_TASK_H

#include <stdatomic.h>
#include <stdbool.h>

struct task {
	void (*run)(struct task *t);
	struct task *next; /* the queue's, while queued */
	atomic_bool queued;
};

#endif
