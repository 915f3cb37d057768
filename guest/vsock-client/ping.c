/* SPDX-License-Identifier: MIT */
/* ping.c - "ping": round trips against an echo. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/common/say.h"
#include "guest/vsock-client/job.h"

static int compare(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

/* One there and back; false: said why. */
static bool trip(int fd, const char *out, char *in, size_t size)
{
	size_t got = 0;
	ssize_t n;

	if (!job_write(fd, out, size))
		return false;
	while (got < size) {
		n = recv(fd, in + got, size - got, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			say_os(n ? errno : EPIPE, "no answer");
			return false;
		}
		got += (size_t)n;
	}
	if (memcmp(in, out, size) == 0)
		return true;
	say("not what was sent came back");
	return false;
}

/* Microseconds with one digit behind the point. */
static void put(const char *name, uint64_t ns)
{
	(void)printf(" %s_us=%" PRIu64 ".%" PRIu64, name, ns / 1000,
		     ns / 100 % 10);
}

static void report(uint64_t *ns, size_t n, uint64_t size)
{
	uint64_t sum = 0;
	size_t i;

	qsort(ns, n, sizeof(*ns), compare);
	for (i = 0; i < n; i++)
		sum += ns[i];
	(void)printf("ping count=%zu size=%" PRIu64, n, size);
	put("min", ns[0]);
	put("avg", sum / n);
	put("p50", ns[(n - 1) / 2]);
	put("p99", ns[(n - 1) * 99 / 100]);
	put("max", ns[n - 1]);
	(void)printf("\n");
}

static int run(const struct job *j, int fd, uint64_t *ns, char *out, char *in)
{
	size_t i, size = (size_t)j->size;
	uint64_t start;

	for (i = 0; i < j->count; i++) {
		memset(out, (int)('a' + i % 26), size);
		start = job_clock(0);
		if (!trip(fd, out, in, size))
			return JOB_FAILED;
		ns[i] = job_clock(start);
	}
	report(ns, (size_t)j->count, j->size);
	return JOB_DONE;
}

int job_ping(const struct job *j)
{
	uint64_t *ns = calloc((size_t)j->count, sizeof(*ns));
	char *buffer = malloc(2 * (size_t)j->size);
	int rc = JOB_FAILED, fd = -1;

	if (ns && buffer)
		fd = job_stream(j);
	else
		say_os(ENOMEM, "cannot start");
	if (fd >= 0) {
		rc = run(j, fd, ns, buffer, buffer + j->size);
		(void)close(fd);
	}
	free(ns);
	free(buffer);
	return rc;
}
