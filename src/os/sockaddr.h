/* SPDX-License-Identifier: MIT */
/* sockaddr.h - addresses as system calls take them; makes none itself. */
#ifndef OS_SOCKADDR_H
#define OS_SOCKADDR_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"
#include "os/addr.h"

/* How long it became; 0: `a` has no family. */
socklen_t sockaddr_from_addr(struct sockaddr_storage *sa, const struct addr *a);

/* False: it is no IP address, and `a` is untouched. */
bool sockaddr_to_addr(const struct sockaddr *sa, struct addr *a);

/* Fails for a path that is empty or longer than the OS takes. */
int sockaddr_from_path(struct sockaddr_un *sa, const char *path,
		       mv_error *err) MUST_CHECK;

#endif
