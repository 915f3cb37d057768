/* SPDX-License-Identifier: MIT */
/* job.h - what vsock-client was asked for, and what its commands share. */
#ifndef GUEST_VSOCK_CLIENT_JOB_H
#define GUEST_VSOCK_CLIENT_JOB_H

#include "guest/common/endpoint.h"

struct job {
	bool listen;      /* wait for a connection at `at`, not make one */
	struct endpoint at;
	uint64_t number;  /* bytes or connections, as the command has it */
	uint64_t count;   /* -c: round trips */
	uint64_t size;    /* --size: bytes of a round trip */
	uint64_t chunk;   /* --chunk: bytes of a write or read */
	uint64_t hold_ms; /* --hold: how long a storm stays */
	uint64_t wait_ms; /* --timeout: for a connection to be there */
	bool many;        /* --many */
	const char *exec; /* --exec: what a connection talks to */
};

/* What main() returns; a wrong command line is 2. */
enum { JOB_DONE, JOB_FAILED };

/* Each is one command; it says what went wrong, and returns the above. */
int job_pipe(const struct job *j);    /* connect, listen */
int job_echo(const struct job *j);
int job_send(const struct job *j);
int job_receive(const struct job *j);
int job_bench(const struct job *j);
int job_ping(const struct job *j);
int job_storm(const struct job *j);

/*
 * A connection as the job wants it, blocking: made within `wait_ms`, or the
 * first that comes.  -1: said why.
 */
int job_stream(const struct job *j);

/* All of it; false: said why. */
bool job_write(int fd, const void *p, size_t len);

/* How much time has passed since, in nanoseconds; since 0: the time. */
uint64_t job_clock(uint64_t since);

/* A result's rate in MiB a second, times 10. */
uint64_t job_rate(uint64_t bytes, uint64_t ns);

#endif
