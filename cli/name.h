/* SPDX-License-Identifier: MIT */
/*
 * name.h - names of running guests, and the sockets they stand for.
 *
 * A guest named NAME has the socket NAME.sock in a folder that belongs to the
 * user alone.  A locked file beside it keeps the name as long as the process
 * lives, however that ends; so what a dead one left behind is known as such.
 */
#ifndef CLI_NAME_H
#define CLI_NAME_H

#include <microvm.h>

enum { NAME_PATH = 4096 };

struct name {
	int lock; /* -1: no name was taken */
	char socket[NAME_PATH];
	char path[NAME_PATH]; /* of the lock */
};

/* The socket of `name`, whether somebody has that name or not. */
int name_socket(char buf[static NAME_PATH], const char *name,
		microvm_error *err);

/* Take it; fails when another process has it. */
int name_take(struct name *n, const char *name, microvm_error *err);
void name_drop(struct name *n);

#endif
