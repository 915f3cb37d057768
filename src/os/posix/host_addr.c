/* SPDX-License-Identifier: MIT */
/*
 * host_addr.c - the addresses of this host.
 *
 * Not uv_interface_addresses(), which leaves out interfaces that do not run.
 */
#include "os/host_addr.h"

#include <ifaddrs.h>
#include <stdlib.h>

#include "os/sockaddr.h"

/* The ones at the front; what is no mask is one address' own network. */
static uint8_t mask_bits(const struct sockaddr *sa, const struct addr *a)
{
	unsigned max = a->family == ADDR_IPV4 ? 32 : 128, n = 0;
	struct addr mask;

	if (!sa || !sockaddr_to_addr(sa, &mask) || mask.family != a->family)
		return (uint8_t)max;
	while (n < max && mask.ip[n / 8] & 0x80u >> n % 8)
		n++;
	return (uint8_t)n;
}

static unsigned count(const struct ifaddrs *from)
{
	unsigned n = 0;

	for (; from; from = from->ifa_next)
		n++;
	return n;
}

bool host_addr_list(struct host_addr **list, unsigned *n)
{
	struct ifaddrs *all, *from;
	struct host_addr *to;

	if (getifaddrs(&all))
		return false;
	*n = 0;
	*list = to = calloc(count(all) + 1, sizeof(*to));
	for (from = all; to && from; from = from->ifa_next) {
		if (!from->ifa_addr ||
		    !sockaddr_to_addr(from->ifa_addr, &to[*n].addr))
			continue;
		to[*n].addr.port = 0;
		to[*n].bits = mask_bits(from->ifa_netmask, &to[*n].addr);
		++*n;
	}
	freeifaddrs(all);
	return to != NULL;
}
