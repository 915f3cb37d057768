/* SPDX-License-Identifier: MIT */
/*
 * loopback.h - a loop, and plain sockets for the other end of what is tested.
 *
 * loopback_fini() checks that every handle was closed and, on Linux, that as
 * many descriptors are open as before.
 */
#ifndef TESTS_OS_LOOPBACK_H
#define TESTS_OS_LOOPBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "os/addr.h"

struct loopback {
	uv_loop_t loop;
	unsigned fds; /* open before */
	char dir[64]; /* for Unix sockets; "": not made yet */
};

void loopback_init(struct loopback *l);
void loopback_fini(struct loopback *l);

/* Run the loop until *flag; fails if nothing is left that could set it. */
void loopback_until(struct loopback *l, const bool *flag);

/* Run what can run now, without waiting. */
void loopback_now(struct loopback *l);

/* A name in a directory that loopback_fini() removes with all in it. */
const char *loopback_path(struct loopback *l, const char *name, char *buf,
			  size_t size);

enum loopback_kind { UNIX, TCP4, TCP6 };

/* False: this host has no such sockets. */
bool loopback_has(enum loopback_kind kind);
const char *loopback_kind_name(enum loopback_kind kind);

/* Two ends; blocking. */
void loopback_pair(enum loopback_kind kind, int fd[static 2]);

/* A blocking listener on loopback, where, and one connection from it. */
int loopback_listen(enum loopback_kind kind, struct addr *at);
int loopback_listen_at(const char *path);
int loopback_accept(int listener);

/* Blocking; checked to be all. */
void loopback_send(int fd, const void *p, size_t len);
void loopback_recv(int fd, void *p, size_t len);

/* recv() of one byte: 1, 0, or a negated errno. */
int loopback_peek_end(int fd);

/* close() that makes TCP send RST. */
void loopback_reset(int fd);

/* A port of 127.0.0.1 where nobody listens; it stays taken until `fd` ends. */
int loopback_dead_port(struct addr *at);

unsigned loopback_count_fds(void);

#endif
