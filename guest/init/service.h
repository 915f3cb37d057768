/* SPDX-License-Identifier: MIT */
/*
 * service.h - outbound-proxy, which runs beside the program.
 *
 * Started when the image has it and the machine a vsock; started again, ever
 * more slowly, when it dies.
 */
#ifndef GUEST_INIT_SERVICE_H
#define GUEST_INIT_SERVICE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#define SERVICE_PATH "/usr/bin/outbound-proxy"

struct service {
	bool wanted;
	pid_t pid;         /* 0: not running */
	long started, due; /* monotonic milliseconds */
	unsigned delay_ms;
	sigset_t mask; /* what it is to run with */
};

/*
 * Comes back when it takes connections, but within a second.  `mask` is the
 * signal mask it gets.
 */
void service_open(struct service *s, const sigset_t *mask);

/* A process has ended: if it was that one, it is due again later. */
void service_ended(struct service *s, pid_t pid);

/* Milliseconds until it is to be started again, for poll(2). */
int service_timeout(const struct service *s);

/* Start it if it is due. */
void service_tick(struct service *s);

#endif
