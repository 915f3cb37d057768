/* SPDX-License-Identifier: MIT */
/* storm.c - "storm": many connections at once, held, then closed. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "guest/common/say.h"
#include "guest/vsock-client/job.h"

enum { SPARE = 16 }; /* descriptors that are no connections */

struct storm {
	struct pollfd *p; /* fd -1: failed; events 0: connected */
	size_t n, connected, failed;
};

static void raise_limit(rlim_t n)
{
	struct rlimit r = { n, n };

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur >= n)
		return;
	r.rlim_cur = n;
	r.rlim_max = r.rlim_max > n ? r.rlim_max : n;
	(void)setrlimit(RLIMIT_NOFILE, &r); /* else some will fail */
}

static void lose(struct storm *s, size_t i)
{
	if (s->p[i].fd >= 0)
		(void)close(s->p[i].fd);
	s->p[i].fd = -1;
	s->failed++;
}

static void begin(struct storm *s, const struct job *j)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		s->p[i].fd = endpoint_connect(&j->at);
		s->p[i].events = POLLOUT;
		if (s->p[i].fd < 0)
			lose(s, i);
	}
}

/* The outcome of one that poll says something about. */
static void look(struct storm *s, size_t i)
{
	socklen_t len = sizeof(int);
	int os = 0;

	if (s->p[i].fd < 0 || !s->p[i].revents)
		return;
	if (s->p[i].events == 0) {
		/* Was connected, and is in error now. */
		s->connected--;
		lose(s, i);
		return;
	}
	if (getsockopt(s->p[i].fd, SOL_SOCKET, SO_ERROR, &os, &len) || os) {
		lose(s, i);
		return;
	}
	s->p[i].events = 0;
	s->connected++;
}

/* Until all have connected or failed, or `ms` have passed. */
static void settle(struct storm *s, uint64_t ms, bool hold)
{
	uint64_t start = job_clock(0), gone;
	size_t i;

	while (hold || s->connected + s->failed < s->n) {
		gone = job_clock(start) / 1000000;
		if (gone >= ms)
			return;
		if (poll(s->p, s->n, (int)(ms - gone)) < 0 && errno != EINTR)
			return;
		for (i = 0; i < s->n; i++)
			look(s, i);
		if (hold && s->connected == 0)
			return;
	}
}

int job_storm(const struct job *j)
{
	struct storm s = { .n = (size_t)j->number };
	uint64_t start = job_clock(0), ns;
	size_t i, most;

	s.p = calloc(s.n, sizeof(*s.p));
	if (!s.p) {
		say_os(ENOMEM, "cannot start");
		return JOB_FAILED;
	}
	raise_limit((rlim_t)s.n + SPARE);
	begin(&s, j);
	settle(&s, j->wait_ms, false);
	ns = job_clock(start);
	most = s.connected;
	if (most)
		settle(&s, j->hold_ms, true);
	for (i = 0; i < s.n; i++)
		if (s.p[i].fd >= 0)
			(void)close(s.p[i].fd);
	(void)printf("storm wanted=%zu connected=%zu held=%zu ms=%" PRIu64 "\n",
		     s.n, most, s.connected, ns / 1000000);
	free(s.p);
	return s.connected == s.n ? JOB_DONE : JOB_FAILED;
}
