/* SPDX-License-Identifier: MIT */
/*
 * netlog.h - what the guest asked of the network, a line each.
 *
 * Written on the VM's loop thread, which must not wait for a slow reader: a
 * line that finds no room is dropped, and the next that does tells how many.
 */
#ifndef CLI_NETLOG_H
#define CLI_NETLOG_H

#include <microvm.h>
#include <stdbool.h>
#include <stdio.h>

#include "tty.h"

enum { NETLOG_LINE = 1024 };

struct netlog {
	int fd; /* -1: nobody wants to know */
	bool ours; /* fd is to be closed */
	const struct tty *tty; /* raw: a line ends in CR LF */
	uint64_t lost; /* lines */
};

/* To `path`, at its end; NULL: to standard error, unless `mute`. */
int netlog_init(struct netlog *n, const char *path, bool mute,
		const struct tty *tty, microvm_error *err);
void netlog_fini(struct netlog *n);

/* The microvm_flow_fn, with a struct netlog as its context. */
void netlog_flow(void *ctx, const microvm_flow *flow);

/*
 * One line without its end; its length.  What the guest chose of it is made
 * harmless to a terminal.  0: this phase is not worth one.
 */
size_t netlog_line(char buf[static NETLOG_LINE], const microvm_flow *flow);

#endif
