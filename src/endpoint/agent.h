/* SPDX-License-Identifier: MIT */
/*
 * agent.h - the host's end of the control line that init opens.
 *
 * Lines of text over one connection to host port PLACE_AGENT_PORT:
 *
 *	guest: "hello 1"      the version it speaks; anything else is dropped
 *	host:  "time S N"     seconds and nanoseconds since 1970: set the clock
 *	guest: "exit N"       the program ended with status N, 0 to 255
 *	host:  "stop"         end the program, then the machine
 *
 * Lines it does not know are ignored on both sides, so that either may learn
 * more.  Any other init may speak it too.
 */
#ifndef ENDPOINT_AGENT_H
#define ENDPOINT_AGENT_H

#include "endpoint/place.h"

struct agent_user {
	void (*hello)(void *ctx);
	void (*status)(void *ctx, unsigned status);
	/* Nanoseconds since 1970. */
	uint64_t (*wall)(void *ctx);
	void *ctx;
};

struct agent;

int agent_new(const struct place *at, const struct agent_user *user,
	      struct agent **out, mv_error *err) MUST_CHECK;
void agent_close(struct agent *a);

/* Send "stop" now, or when the guest has come so far. */
void agent_stop(struct agent *a);

/* Send "time" again: the host has slept. */
void agent_set_time(struct agent *a);

#endif
