/* SPDX-License-Identifier: MIT */
/* transfer.c - "send", "receive", "bench": test data, checked and timed. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/common/say.h"
#include "guest/vsock-client/job.h"
#include "guest/vsock-client/pattern.h"

/* One direction of a stream of test data. */
struct tally {
	uint64_t bytes;
	uint32_t crc;
	bool good; /* of received data: it is the pattern */
};

static void count(const struct pattern *p, struct tally *t, const uint8_t *data,
		  size_t len)
{
	t->good = t->good && memcmp(pattern_at(p, t->bytes), data, len) == 0;
	t->crc = pattern_crc(p, t->crc, data, len);
	t->bytes += len;
}

static struct pattern *pattern_new(void)
{
	struct pattern *p = malloc(sizeof(*p));

	if (p)
		pattern_init(p);
	else
		say_os(ENOMEM, "cannot make test data");
	return p;
}

static void report(const char *what, const struct tally *t, uint64_t ns)
{
	uint64_t rate = job_rate(t->bytes, ns);

	(void)printf("%s bytes=%" PRIu64 " crc32=%08" PRIx32 " ms=%" PRIu64
		     " mib_per_s=%" PRIu64 ".%" PRIu64,
		     what, t->bytes, t->crc, ns / 1000000, rate / 10,
		     rate % 10);
}

/* Until the other side closes too: then it has everything. */
static bool wait_for_end(int fd)
{
	char p[256];
	ssize_t n;

	(void)shutdown(fd, SHUT_WR);
	while ((n = recv(fd, p, sizeof(p), 0)) != 0)
		if (n < 0 && errno != EINTR) {
			say_os(errno, "the other side did not end in order");
			return false;
		}
	return true;
}

static bool send_all(const struct job *j, const struct pattern *p, int fd,
		     struct tally *t)
{
	const uint8_t *data;
	size_t n;

	while (t->bytes < j->number) {
		n = j->number - t->bytes < j->chunk
			    ? (size_t)(j->number - t->bytes)
			    : (size_t)j->chunk;
		data = pattern_at(p, t->bytes);
		if (!job_write(fd, data, n))
			return false;
		count(p, t, data, n);
	}
	return true;
}

static int run_send(const struct job *j, const struct pattern *p, int fd)
{
	uint64_t start = job_clock(0);
	struct tally t = { .good = true };

	if (!send_all(j, p, fd, &t) || !wait_for_end(fd))
		return JOB_FAILED;
	report("send", &t, job_clock(start));
	(void)printf("\n");
	return JOB_DONE;
}

static int run_receive(const struct job *j, const struct pattern *p, int fd)
{
	uint8_t *buffer = malloc((size_t)j->chunk);
	uint64_t start = job_clock(0);
	struct tally t = { .good = true };
	ssize_t n = buffer ? 1 : -1;

	while (n > 0 || (n < 0 && buffer && errno == EINTR)) {
		n = recv(fd, buffer, (size_t)j->chunk, 0);
		if (n > 0)
			count(p, &t, buffer, (size_t)n);
	}
	if (n < 0)
		say_os(errno, "cannot receive");
	free(buffer);
	report("receive", &t, job_clock(start));
	(void)printf(" pattern=%s\n", t.good ? "ok" : "bad");
	return n == 0 && t.good ? JOB_DONE : JOB_FAILED;
}

/* Both directions at once, against an echo. */
struct bench {
	const struct job *job;
	const struct pattern *pattern;
	int fd;
	bool said_all;
	struct tally out, in;
	uint8_t buffer[PATTERN_CHUNK_MAX];
};

static bool bench_send(struct bench *b)
{
	uint64_t left = b->job->number - b->out.bytes;
	size_t len =
		left < b->job->chunk ? (size_t)left : (size_t)b->job->chunk;
	const uint8_t *data = pattern_at(b->pattern, b->out.bytes);
	ssize_t n = send(b->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	count(b->pattern, &b->out, data, (size_t)n);
	if (b->out.bytes == b->job->number) {
		b->said_all = true;
		(void)shutdown(b->fd, SHUT_WR);
	}
	return true;
}

/* False: failed, or *ended. */
static bool bench_receive(struct bench *b, bool *ended)
{
	ssize_t n = recv(b->fd, b->buffer, (size_t)b->job->chunk, MSG_DONTWAIT);

	*ended = n == 0;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	count(b->pattern, &b->in, b->buffer, (size_t)n);
	return n > 0;
}

static bool bench_loop(struct bench *b)
{
	struct pollfd p = { .fd = b->fd };
	bool ended = false;

	while (!ended) {
		p.events = (short)(POLLIN | (b->said_all ? 0 : POLLOUT));
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return false;
		if (!b->said_all && (p.revents & (POLLOUT | POLLERR)) &&
		    !bench_send(b))
			return false;
		if ((p.revents & ~POLLOUT) && !bench_receive(b, &ended) &&
		    !ended)
			return false;
	}
	return true;
}

static int run_bench(const struct job *j, const struct pattern *p, int fd)
{
	struct bench *b = calloc(1, sizeof(*b));
	uint64_t start = job_clock(0);
	bool good;

	if (!b) {
		say_os(ENOMEM, "cannot start");
		return JOB_FAILED;
	}
	b->job = j;
	b->pattern = p;
	b->fd = fd;
	b->out.good = b->in.good = true;
	good = bench_loop(b);
	if (!good)
		say_os(errno, "the connection broke");
	good = good && b->in.good && b->in.bytes == j->number;
	report("bench", &b->in, job_clock(start));
	(void)printf(" pattern=%s\n", good ? "ok" : "bad");
	free(b);
	return good ? JOB_DONE : JOB_FAILED;
}

static int transfer(const struct job *j,
		    int (*run)(const struct job *, const struct pattern *, int))
{
	struct pattern *p = pattern_new();
	int rc = JOB_FAILED, fd = p ? job_stream(j) : -1;

	if (fd >= 0) {
		rc = run(j, p, fd);
		(void)close(fd);
	}
	free(p);
	return rc;
}

int job_send(const struct job *j)
{
	return transfer(j, run_send);
}

int job_receive(const struct job *j)
{
	return transfer(j, run_receive);
}

int job_bench(const struct job *j)
{
	return transfer(j, run_bench);
}
