/* SPDX-License-Identifier: MIT */
/* echo.c - "echo": says back what each of many connections says. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/common/listener.h"
#include "guest/common/say.h"
#include "guest/vsock-client/job.h"

enum { ECHO_HELD = 64 * 1024, TURN = 8 };

struct echo {
	struct loop *loop;
	struct loop_watch watch;
	size_t off, len;
	uint8_t held[ECHO_HELD];
};

static void echo_free(struct echo *e)
{
	(void)close(loop_remove(e->loop, &e->watch));
	free(e);
}

/* One read or write; false: nothing can be done now, or `over` is set. */
static bool step(struct echo *e, bool *over)
{
	ssize_t n;

	if (e->off < e->len)
		n = send(e->watch.fd, e->held + e->off, e->len - e->off,
			 MSG_NOSIGNAL);
	else
		n = recv(e->watch.fd, e->held, sizeof(e->held), 0);
	*over = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
	if (n <= 0)
		return false;
	if (e->off < e->len) {
		e->off += (size_t)n;
	} else {
		e->off = 0;
		e->len = (size_t)n;
	}
	return true;
}

static void ready(void *ctx, unsigned events)
{
	struct echo *e = ctx;
	bool over = false;
	int i;

	(void)events;
	for (i = 0; i < TURN && step(e, &over); i++)
		;
	if (over || !loop_want(e->loop, &e->watch,
			       e->off < e->len ? LOOP_OUT : LOOP_IN))
		echo_free(e);
}

static void taken(void *ctx, int fd)
{
	struct echo *e = malloc(sizeof(*e));

	if (e) {
		memset(e, 0, offsetof(struct echo, held));
		e->loop = ctx;
		loop_watch_init(&e->watch, ready, e);
	}
	if (!e || !loop_add(e->loop, &e->watch, fd, LOOP_IN)) {
		free(e);
		(void)close(fd);
	}
}

int job_echo(const struct job *j)
{
	struct loop *loop = malloc(sizeof(*loop));
	struct listener l;
	int os = loop ? loop_init(loop) : ENOMEM;

	if (!os && !listener_open(&l, loop, &j->at, taken, loop))
		os = errno;
	if (!os)
		os = loop_run(loop);
	say_os(os, "cannot listen");
	free(loop);
	return JOB_FAILED;
}
