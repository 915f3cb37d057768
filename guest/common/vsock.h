/* SPDX-License-Identifier: MIT */
/*
 * vsock.h - addresses of AF_VSOCK, as Linux has them in linux/vm_sockets.h:
 * the headers of musl-gcc know nothing of Linux.
 */
#ifndef GUEST_COMMON_VSOCK_H
#define GUEST_COMMON_VSOCK_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct vsock_addr { /* struct sockaddr_vm */
	sa_family_t family;
	uint16_t reserved;
	uint32_t port, cid;
	uint8_t flags, zero[3];
};
static_assert(sizeof(struct vsock_addr) == sizeof(struct sockaddr), "size");

#define VSOCK_CID_ANY UINT32_MAX
#define VSOCK_GET_LOCAL_CID 0x7b9 /* ioctl of /dev/vsock: _IO(7, 0xb9) */

enum {
	VSOCK_CID_HOST = 2,
	VSOCK_CONNECT_TIMEOUT = 6, /* sockopt: a struct timeval */
};

/* Ports of the host's programs and ours; docs/vsock.md. */
enum {
	VSOCK_PORT_AGENT = 7600,
	VSOCK_PORT_PROXY = 7601,
	VSOCK_PORT_FORWARD = 7602,
};

/* False: no driver, or no device. */
bool vsock_local_cid(uint32_t *cid);

#endif
