/* SPDX-License-Identifier: MIT */
/* sockfd.c - descriptors of sockets, made alike on every Unix. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE // NOLINT(bugprone-reserved-identifier): accept4()
#endif
#include "os/sockfd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static void set(int fd, int level, int name)
{
	/* Nothing depends on it: a socket without the option works, too. */
	(void)setsockopt(fd, level, name, &(int){ 1 }, sizeof(int));
}

int sockfd_prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return -errno;
#ifdef SO_NOSIGPIPE
	set(fd, SOL_SOCKET, SO_NOSIGPIPE); /* in place of MSG_NOSIGNAL */
#endif
	return 0;
}

#ifdef __linux__

int sockfd_make(int domain, int type)
{
	int fd = socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

int sockfd_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

#else

static int prepared(int fd)
{
	int rc;

	if (fd < 0)
		return -errno;
	rc = sockfd_prepare(fd);
	if (rc)
		(void)close(fd);
	return rc ? rc : fd;
}

int sockfd_make(int domain, int type)
{
	return prepared(socket(domain, type, 0));
}

int sockfd_accept(int listener)
{
	return prepared(accept(listener, NULL, NULL));
}

#endif

void sockfd_set_tcp(int fd)
{
	set(fd, IPPROTO_TCP, TCP_NODELAY);
	set(fd, SOL_SOCKET, SO_KEEPALIVE);
}
