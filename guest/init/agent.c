/* SPDX-License-Identifier: MIT */
/* agent.c - the control line to the host. */
#include "guest/init/agent.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest/common/clock.h"
#include "guest/common/say.h"

enum { REPORT_MS = 1000, DELAY_FIRST_MS = 500, DELAY_MOST_MS = 30000 };

static void hang_up(struct agent *a)
{
	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
	a->connected = false;
	a->due = clock_ms() + a->delay_ms;
	a->delay_ms *= 2;
	if (a->delay_ms > DELAY_MOST_MS)
		a->delay_ms = DELAY_MOST_MS;
}

static void call(struct agent *a)
{
	memset(&a->lines, 0, sizeof(a->lines));
	a->fd = endpoint_connect(&a->host);
	if (a->fd < 0)
		hang_up(a);
}

void agent_open(struct agent *a, const struct endpoint *host)
{
	memset(a, 0, sizeof(*a));
	a->host = *host;
	a->delay_ms = DELAY_FIRST_MS;
	call(a);
}

int agent_timeout(const struct agent *a)
{
	long left = a->due - clock_ms();

	if (a->fd >= 0 || !a->known)
		return -1;
	return left > 0 ? (int)left : 0;
}

void agent_tick(struct agent *a)
{
	if (agent_timeout(a) == 0)
		call(a);
}

short agent_events(const struct agent *a)
{
	return a->connected ? POLLIN : POLLOUT;
}

/* A few bytes: they fit, or the line is of no use. */
static bool send_line(struct agent *a, const char *text)
{
	ssize_t len = (ssize_t)strlen(text);

	if (send(a->fd, text, (size_t)len, MSG_NOSIGNAL) == len)
		return true;
	hang_up(a);
	return false;
}

static void finish_connect(struct agent *a)
{
	socklen_t len = sizeof(int);
	int os = 0;

	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &os, &len) || os)
		hang_up(a);
	else
		a->connected = send_line(a, "hello 1\n");
	if (!a->connected)
		return;
	a->known = true;
	a->delay_ms = DELAY_FIRST_MS;
}

static void set_clock(const struct order *o)
{
	const struct timespec t = { .tv_sec = (time_t)o->seconds,
				    .tv_nsec = o->nanoseconds };

	if (clock_settime(CLOCK_REALTIME, &t))
		say_os(errno, "cannot set the clock");
}

bool agent_serve(struct agent *a)
{
	char p[256];
	struct order o;
	size_t off = 0;
	ssize_t n;

	if (!a->connected) {
		finish_connect(a);
		return false;
	}
	n = recv(a->fd, p, sizeof(p), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		hang_up(a);
		return false;
	}
	while (off < (size_t)n) {
		off += order_feed(&a->lines, p + off, (size_t)n - off, &o);
		if (o.kind == ORDER_STOP)
			return true;
		if (o.kind == ORDER_TIME)
			set_clock(&o);
	}
	return false;
}

/* False: time is up. */
static bool wait_for(struct agent *a, short events, long end)
{
	struct pollfd p = { .fd = a->fd, .events = events };
	long left = end - clock_ms();

	if (left <= 0)
		return false;
	return poll(&p, 1, (int)left) >= 0 || errno == EINTR;
}

void agent_report(struct agent *a, unsigned status)
{
	long end = clock_ms() + REPORT_MS;
	char text[32], p[64];

	if (a->fd < 0 && a->known)
		call(a);
	while (a->fd >= 0 && !a->connected && wait_for(a, POLLOUT, end))
		finish_connect(a);
	(void)snprintf(text, sizeof(text), "exit %u\n", status & 0xff);
	if (a->fd < 0 || !a->connected || !send_line(a, text))
		return;
	(void)shutdown(a->fd, SHUT_WR);
	/* The host has read everything when it hangs up in turn. */
	while (wait_for(a, POLLIN, end)) {
		ssize_t n = recv(a->fd, p, sizeof(p), 0);

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			break;
	}
	hang_up(a);
}
