/* SPDX-License-Identifier: MIT */
/* service.c - outbound-proxy, which runs beside the program. */
#include "guest/init/service.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest/common/clock.h"
#include "guest/common/say.h"
#include "guest/common/vsock.h"

enum {
	READY_MS = 1000,
	DELAY_FIRST_MS = 100,
	DELAY_MOST_MS = 30000,
	STEADY_MS = 10000, /* who lived that long gets the first delay again */
};

static void run(const struct service *s, int ready)
{
	static char name[] = "outbound-proxy", option[] = "--ready";
	char fd[16];
	char *argv[] = { name, ready < 0 ? NULL : option, fd, NULL };

	(void)snprintf(fd, sizeof(fd), "%d", ready);
	(void)setsid(); /* no signals of the console's keys */
	(void)sigprocmask(SIG_SETMASK, &s->mask, NULL);
	(void)execv(SERVICE_PATH, argv);
	say_os(errno, "cannot run " SERVICE_PATH);
	_exit(127);
}

/* `ready`: a pipe, of which it closes the end that is written to, or -1s. */
static void start(struct service *s, int ready[2])
{
	s->started = clock_ms();
	s->pid = fork();
	if (s->pid == 0) {
		if (ready[0] >= 0)
			(void)close(ready[0]);
		run(s, ready[1]);
	}
	if (s->pid < 0) {
		say_os(errno, "cannot fork");
		s->pid = 0;
		s->due = s->started + s->delay_ms;
	}
}

/* Closed by the service when it is ready, or by its end. */
static void wait_ready(int fd)
{
	struct pollfd p = { .fd = fd };
	long end = clock_ms() + READY_MS, left;

	while ((left = end - clock_ms()) > 0)
		if (poll(&p, 1, (int)left) >= 0 || errno != EINTR)
			return;
}

void service_open(struct service *s, const sigset_t *mask)
{
	int ready[2] = { -1, -1 };
	uint32_t cid;

	memset(s, 0, sizeof(*s));
	s->mask = *mask;
	s->delay_ms = DELAY_FIRST_MS;
	s->wanted = access(SERVICE_PATH, X_OK) == 0 && vsock_local_cid(&cid);
	if (!s->wanted)
		return;
	if (pipe(ready))
		say_os(errno, "cannot wait for outbound-proxy");
	start(s, ready);
	if (ready[1] >= 0)
		(void)close(ready[1]);
	if (ready[0] >= 0) {
		wait_ready(ready[0]);
		(void)close(ready[0]);
	}
}

void service_ended(struct service *s, pid_t pid)
{
	long now = clock_ms();

	if (pid <= 0 || pid != s->pid)
		return;
	s->pid = 0;
	if (now - s->started >= STEADY_MS)
		s->delay_ms = DELAY_FIRST_MS;
	say("outbound-proxy ended; again in %u ms", s->delay_ms);
	s->due = now + s->delay_ms;
	s->delay_ms *= 2;
	if (s->delay_ms > DELAY_MOST_MS)
		s->delay_ms = DELAY_MOST_MS;
}

int service_timeout(const struct service *s)
{
	long left = s->due - clock_ms();

	if (!s->wanted || s->pid)
		return -1;
	return left > 0 ? (int)left : 0;
}

void service_tick(struct service *s)
{
	int none[2] = { -1, -1 };

	if (service_timeout(s) == 0)
		start(s, none);
}
