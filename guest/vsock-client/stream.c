/* SPDX-License-Identifier: MIT */
/* stream.c - one connection as a job wants it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "guest/common/say.h"
#include "guest/vsock-client/job.h"

uint64_t job_clock(uint64_t since)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec - since;
}

uint64_t job_rate(uint64_t bytes, uint64_t ns)
{
	/* In KiB, so that nothing overflows below petabytes. */
	uint64_t us = ns / 1000 ? ns / 1000 : 1;

	return bytes / 1024 * 10 * 1000000 / us / 1024;
}

bool job_write(int fd, const void *p, size_t len)
{
	const char *at = p;
	ssize_t n;

	while (len) {
		n = send(fd, at, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			say_os(errno, "cannot send");
			return false;
		}
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static int fail(const struct job *j, int fd, int os, const char *what)
{
	char text[ENDPOINT_TEXT_MAX];

	endpoint_text(&j->at, text, sizeof(text));
	say_os(os, "cannot %s %s", what, text);
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* 0 when it can be used, else an errno. */
static int wait_for(int fd, short events, uint64_t ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	do
		n = poll(&p, 1, (int)ms);
	while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : n == 0 ? ETIMEDOUT : errno;
}

static int make_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return fd;
}

static int stream_connect(const struct job *j)
{
	int fd = endpoint_connect(&j->at), os = 0;
	socklen_t len = sizeof(os);

	if (fd < 0)
		return fail(j, fd, errno, "connect to");
	os = wait_for(fd, POLLOUT, j->wait_ms);
	if (!os && getsockopt(fd, SOL_SOCKET, SO_ERROR, &os, &len))
		os = errno;
	return os ? fail(j, fd, os, "connect to") : make_blocking(fd);
}

static int stream_accept(const struct job *j)
{
	int l = endpoint_bind(&j->at, SOCK_STREAM), fd, os;

	if (l < 0)
		return fail(j, l, errno, "listen on");
	os = wait_for(l, POLLIN, j->wait_ms);
	if (os)
		return fail(j, l, os, "get a connection on");
	fd = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return fail(j, l, errno, "get a connection on");
	(void)close(l);
	endpoint_no_delay(fd);
	return make_blocking(fd);
}

int job_stream(const struct job *j)
{
	return j->listen ? stream_accept(j) : stream_connect(j);
}
