/* SPDX-License-Identifier: MIT */
/* loop.c - one thread that waits for many sockets and timers (epoll). */
#include "guest/common/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "guest/common/clock.h"

static_assert((int)LOOP_IN == (int)EPOLLIN, "epoll's");
static_assert((int)LOOP_OUT == (int)EPOLLOUT, "epoll's");
static_assert((int)LOOP_ERR == (int)EPOLLERR, "epoll's");
static_assert((int)LOOP_HUP == (int)EPOLLHUP, "epoll's");

uint64_t loop_now(void)
{
	return (uint64_t)clock_ms();
}

int loop_init(struct loop *l)
{
	size_t i;

	l->stop = false;
	l->timers.prev = l->timers.next = &l->timers;
	for (i = 0; i < LOOP_BATCH; i++)
		l->batch[i] = NULL;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll < 0 ? errno : 0;
}

void loop_fini(struct loop *l)
{
	(void)close(l->epoll);
}

void loop_watch_init(struct loop_watch *w, void (*ready)(void *, unsigned),
		     void *ctx)
{
	w->ready = ready;
	w->ctx = ctx;
	w->fd = -1;
	w->events = 0;
	w->known = false;
}

bool loop_add(struct loop *l, struct loop_watch *w, int fd, unsigned events)
{
	assert(w->fd < 0 && fd >= 0);
	w->fd = fd;
	if (loop_want(l, w, events))
		return true;
	w->fd = -1;
	return false;
}

bool loop_want(struct loop *l, struct loop_watch *w, unsigned events)
{
	struct epoll_event e = { .events = events, .data = { .ptr = w } };

	if (w->known && w->events == events)
		return true;
	if (epoll_ctl(l->epoll, w->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, w->fd,
		      &e))
		return false;
	w->events = events;
	w->known = true;
	return true;
}

void loop_park(struct loop *l, struct loop_watch *w)
{
	struct epoll_event e = { 0 }; /* Linux before 2.6.9 wants one */

	if (w->known)
		(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, &e);
	w->known = false;
}

int loop_remove(struct loop *l, struct loop_watch *w)
{
	int fd = w->fd;
	size_t i;

	loop_park(l, w);
	w->fd = -1;
	for (i = 0; i < LOOP_BATCH; i++)
		if (l->batch[i] == w)
			l->batch[i] = NULL;
	return fd;
}

void loop_timer_init(struct loop_timer *t, void (*fire)(void *), void *ctx)
{
	t->fire = fire;
	t->ctx = ctx;
	t->prev = t->next = NULL;
}

void loop_disarm(struct loop_timer *t)
{
	if (!t->next)
		return;
	t->prev->next = t->next;
	t->next->prev = t->prev;
	t->prev = t->next = NULL;
}

/* From the end: most timers run as long as those before them. */
void loop_arm(struct loop *l, struct loop_timer *t, unsigned ms)
{
	struct loop_timer *p;

	loop_disarm(t);
	t->at = loop_now() + ms;
	p = l->timers.prev;
	while (p != &l->timers && p->at > t->at)
		p = p->prev;
	t->prev = p;
	t->next = p->next;
	p->next->prev = t;
	p->next = t;
}

static void fire_timers(struct loop *l)
{
	struct loop_timer *t;
	uint64_t now;

	if (l->timers.next == &l->timers)
		return;
	now = loop_now();
	while ((t = l->timers.next) != &l->timers && t->at <= now) {
		loop_disarm(t);
		t->fire(t->ctx);
	}
}

static int until_next(const struct loop *l)
{
	uint64_t now;

	if (l->timers.next == &l->timers)
		return -1;
	now = loop_now();
	if (l->timers.next->at <= now)
		return 0;
	now = l->timers.next->at - now;
	return now > INT_MAX ? INT_MAX : (int)now;
}

int loop_run(struct loop *l)
{
	struct epoll_event e[LOOP_BATCH];
	struct loop_watch *w;
	int i, n;

	while (!l->stop) {
		n = epoll_wait(l->epoll, e, LOOP_BATCH, until_next(l));
		if (n < 0 && errno != EINTR)
			return errno;
		for (i = 0; i < n; i++)
			l->batch[i] = e[i].data.ptr;
		for (i = 0; i < n; i++) {
			w = l->batch[i];
			l->batch[i] = NULL;
			if (w)
				w->ready(w->ctx, e[i].events);
		}
		fire_timers(l);
	}
	return 0;
}
