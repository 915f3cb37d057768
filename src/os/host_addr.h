/* SPDX-License-Identifier: MIT */
/* host_addr.h - the addresses of this host, and the networks they are in. */
#ifndef OS_HOST_ADDR_H
#define OS_HOST_ADDR_H

#include "base/error.h"
#include "os/addr.h"

struct host_addr {
	struct addr addr;
	uint8_t bits; /* of it, that all of its network have */
};

/*
 * Those of all interfaces, also of one without a carrier: the kernel takes
 * packets to them all the same.  Free the list.  False: nobody knows.
 */
bool host_addr_list(struct host_addr **list, unsigned *n) MUST_CHECK;

#endif
