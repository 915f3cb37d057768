/* SPDX-License-Identifier: MIT */
/*
 * unix_path.h - the name of a Unix socket in the file system.
 *
 * Made for this user only (mode 0600), in place of what a dead process left,
 * and removed only as long as it is still the one that was made.
 */
#ifndef NET_UNIX_PATH_H
#define NET_UNIX_PATH_H

#include <sys/types.h>
#include <sys/un.h>

#include "base/error.h"

struct unix_path {
	char name[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "": none */
	dev_t dev;
	ino_t ino;
};

/* Bind `fd`; before it listens, so that nobody gets in before the mode is. */
int unix_path_bind(struct unix_path *p, int fd, const char *path,
		   mv_error *err) MUST_CHECK;

void unix_path_remove(struct unix_path *p);

#endif
