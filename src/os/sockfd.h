/* SPDX-License-Identifier: MIT */
/*
 * sockfd.h - descriptors of sockets, made alike on every Unix.
 *
 * Not blocking, not inherited by programs the process starts, and raising no
 * SIGPIPE.  Each returns a descriptor (or 0), or a negated errno.
 */
#ifndef OS_SOCKFD_H
#define OS_SOCKFD_H

/* `domain` and `type` as socket(2) takes them. */
int sockfd_make(int domain, int type);
int sockfd_accept(int listener);

/* One that somebody else made. */
int sockfd_prepare(int fd);

/* No waiting for more bytes to send; notice a peer that vanished. */
void sockfd_set_tcp(int fd);

#endif
