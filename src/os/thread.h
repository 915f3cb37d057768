/* SPDX-License-Identifier: MIT */
/*
 * thread.h - threads, locks and waiting, as libuv gives them on every OS.
 *
 * These thin names keep uv.h out of the rest of the tree.  Lock and unlock
 * cannot fail; init can, when the system is out of resources.
 */
#ifndef OS_THREAD_H
#define OS_THREAD_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"

struct mutex {
	uv_mutex_t uv;
};

struct cond {
	uv_cond_t uv;
};

struct thread {
	uv_thread_t uv;
};

static inline int mutex_init(struct mutex *m, mv_error *err)
{
	int rc = uv_mutex_init(&m->uv);

	return rc ? fail_os(err, MICROVM_EIO, -rc, "cannot make a mutex") : 0;
}

static inline void mutex_fini(struct mutex *m)
{
	uv_mutex_destroy(&m->uv);
}

static inline void mutex_lock(struct mutex *m)
{
	uv_mutex_lock(&m->uv);
}

static inline void mutex_unlock(struct mutex *m)
{
	uv_mutex_unlock(&m->uv);
}

static inline int cond_init(struct cond *c, mv_error *err)
{
	int rc = uv_cond_init(&c->uv);

	return rc ? fail_os(err, MICROVM_EIO, -rc, "cannot make a condition")
		  : 0;
}

static inline void cond_fini(struct cond *c)
{
	uv_cond_destroy(&c->uv);
}

static inline void cond_signal(struct cond *c)
{
	uv_cond_signal(&c->uv);
}

static inline void cond_broadcast(struct cond *c)
{
	uv_cond_broadcast(&c->uv);
}

static inline void cond_wait(struct cond *c, struct mutex *m)
{
	uv_cond_wait(&c->uv, &m->uv);
}

/* False when `ns` nanoseconds have passed without a signal. */
static inline bool cond_wait_for(struct cond *c, struct mutex *m, uint64_t ns)
{
	/* libuv adds the time of now, which must not wrap: 146 years do. */
	if (ns > INT64_MAX / 2)
		ns = INT64_MAX / 2;
	return uv_cond_timedwait(&c->uv, &m->uv, ns) == 0;
}

/* The thread takes none of the process's signals. */
int thread_start(struct thread *t, void (*body)(void *), void *arg,
		 mv_error *err) MUST_CHECK;

static inline void thread_join(struct thread *t)
{
	(void)uv_thread_join(&t->uv); /* fails only for a bad handle */
}

/* A name for the calling thread, to ask others whether they are it. */
static inline struct thread thread_self(void)
{
	return (struct thread){ uv_thread_self() };
}

static inline bool thread_is_self(const struct thread *t)
{
	uv_thread_t self = uv_thread_self();

	return uv_thread_equal(&t->uv, &self) != 0;
}

#endif
