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
	return uv_cond_timedwait(&c->uv, &m->uv, ns) == 0;
}

static inline int thread_start(struct thread *t, void (*body)(void *),
			       void *arg, mv_error *err)
{
	int rc = uv_thread_create(&t->uv, body, arg);

	return rc ? fail_os(err, MICROVM_EIO, -rc, "cannot start a thread")
		  : 0;
}

static inline void thread_join(struct thread *t)
{
	(void)uv_thread_join(&t->uv); /* fails only for a bad handle */
}

#endif
