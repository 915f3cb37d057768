/* SPDX-License-Identifier: MIT */
/* listener.c - takes connections, and rests when there are too many. */
#include "guest/common/listener.h"

#include <errno.h>
#include <unistd.h>

enum {
	TURN = 32,     /* connections at a time: others want to be served */
	REST_MS = 200, /* out of descriptors or memory */
};

static void ready(void *ctx, unsigned events)
{
	struct listener *l = ctx;
	int fd, i;

	(void)events;
	for (i = 0; i < TURN && !l->paused; i++) {
		fd = accept4(l->watch.fd, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			endpoint_no_delay(fd);
			l->taken(l->ctx, fd);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			loop_park(l->loop, &l->watch);
			loop_arm(l->loop, &l->again, REST_MS);
			return;
		}
	}
}

static void listen_again(void *ctx)
{
	struct listener *l = ctx;

	if (!l->paused && !loop_want(l->loop, &l->watch, LOOP_IN))
		loop_arm(l->loop, &l->again, REST_MS);
}

bool listener_open(struct listener *l, struct loop *loop,
		   const struct endpoint *at, void (*taken)(void *, int),
		   void *ctx)
{
	int fd = endpoint_bind(at, SOCK_STREAM), os;

	l->loop = loop;
	l->paused = false;
	l->taken = taken;
	l->ctx = ctx;
	loop_watch_init(&l->watch, ready, l);
	loop_timer_init(&l->again, listen_again, l);
	if (fd < 0)
		return false;
	if (loop_add(loop, &l->watch, fd, LOOP_IN))
		return true;
	os = errno;
	(void)close(fd);
	errno = os;
	return false;
}

void listener_close(struct listener *l)
{
	int fd = loop_remove(l->loop, &l->watch);

	loop_disarm(&l->again);
	if (fd >= 0)
		(void)close(fd);
}

void listener_pause(struct listener *l, bool pause)
{
	if (l->watch.fd < 0 || l->paused == pause)
		return;
	l->paused = pause;
	if (pause)
		loop_park(l->loop, &l->watch);
	else
		listen_again(l);
}
