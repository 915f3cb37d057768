/* SPDX-License-Identifier: MIT */
/*
 * agent.h - the control line to the host: docs/vsock.md, "the agent".
 *
 * A host that does not answer delays nothing and is no failure.  One that did
 * and went away (the machine was saved and loaded, or the driver was reset) is
 * tried again now and then.
 */
#ifndef GUEST_INIT_AGENT_H
#define GUEST_INIT_AGENT_H

#include "guest/common/endpoint.h"
#include "guest/init/order.h"

struct agent {
	int fd; /* -1: nobody answers */
	bool connected;
	struct endpoint host;
	bool known;    /* it has answered once */
	long due;      /* fd < 0: when to try again, ms of CLOCK_MONOTONIC */
	long delay_ms; /* and how long after the next failure */
	struct order_lines lines;
};

/* To the host, which is at port 7600 of a vsock. */
void agent_open(struct agent *a, const struct endpoint *host);

/* What to poll(2) `fd` for; and the milliseconds until a tick; -1: none. */
short agent_events(const struct agent *a);
int agent_timeout(const struct agent *a);

/* After each poll(2): tries again when it is time. */
void agent_tick(struct agent *a);

/* When poll says so; sets the clock if told.  True: the host wants the end. */
bool agent_serve(struct agent *a);

/*
 * The program ended with this status, 0 to 255.  Comes back when the host has
 * it, or does not take it within a second.  Ends the line.
 */
void agent_report(struct agent *a, unsigned status);

#endif
