/* SPDX-License-Identifier: MIT */
/*
 * endpoint.h - where a stream leads: a vsock port, a UNIX socket, a TCP port.
 *
 * All sockets made here are non-blocking and close on exec.
 */
#ifndef GUEST_COMMON_ENDPOINT_H
#define GUEST_COMMON_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct endpoint {
	struct sockaddr_storage sa;
	socklen_t len;
};

enum { ENDPOINT_TEXT_MAX = 160 };

/* "vsock:CID:PORT", "unix:PATH", "tcp:IP:PORT" (an IPv6 address bare). */
bool endpoint_parse(struct endpoint *e, const char *text);

void endpoint_vsock(struct endpoint *e, uint32_t cid, uint32_t port);
void endpoint_loopback(struct endpoint *e, int family, uint16_t port);
bool endpoint_unix(struct endpoint *e, const char *path);

/* As endpoint_parse() takes it. */
void endpoint_text(const struct endpoint *e, char *p, size_t size);

/* Connected or about to be: see SO_ERROR once writable.  -1: errno. */
int endpoint_connect(const struct endpoint *e);

/* Type SOCK_STREAM, listening, or SOCK_DGRAM.  -1: errno. */
int endpoint_bind(const struct endpoint *e, int type);

/* Where a socket is bound, or where its peer is. */
bool endpoint_of(struct endpoint *e, int fd);
bool endpoint_of_peer(struct endpoint *e, int fd);

/* Small writes go out at once; on what is no TCP this does nothing. */
void endpoint_no_delay(int fd);

#endif
