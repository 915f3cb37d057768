/* SPDX-License-Identifier: MIT */
/* sockaddr.c - addresses as system calls take them. */
#include "os/sockaddr.h"

#include <netinet/in.h>
#include <string.h>

static socklen_t from_ipv4(struct sockaddr_storage *sa, const struct addr *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(a->port) };

	memcpy(&in.sin_addr, a->ip, sizeof(in.sin_addr));
	memcpy(sa, &in, sizeof(in));
	return sizeof(in);
}

static socklen_t from_ipv6(struct sockaddr_storage *sa, const struct addr *a)
{
	struct sockaddr_in6 in = { .sin6_family = AF_INET6,
				   .sin6_port = htons(a->port),
				   .sin6_scope_id = a->scope };

	memcpy(&in.sin6_addr, a->ip, sizeof(in.sin6_addr));
	memcpy(sa, &in, sizeof(in));
	return sizeof(in);
}

socklen_t sockaddr_from_addr(struct sockaddr_storage *sa, const struct addr *a)
{
	memset(sa, 0, sizeof(*sa));
	switch (a->family) {
	case ADDR_IPV4: return from_ipv4(sa, a);
	case ADDR_IPV6: return from_ipv6(sa, a);
	default: return 0;
	}
}

bool sockaddr_to_addr(const struct sockaddr *sa, struct addr *a)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	switch (sa->sa_family) {
	case AF_INET:
		memcpy(&four, sa, sizeof(four));
		*a = (struct addr){ .family = ADDR_IPV4,
				    .port = ntohs(four.sin_port) };
		memcpy(a->ip, &four.sin_addr, sizeof(four.sin_addr));
		return true;
	case AF_INET6:
		memcpy(&six, sa, sizeof(six));
		*a = (struct addr){ .family = ADDR_IPV6,
				    .port = ntohs(six.sin6_port),
				    .scope = six.sin6_scope_id };
		memcpy(a->ip, &six.sin6_addr, sizeof(six.sin6_addr));
		return true;
	default: return false;
	}
}

int sockaddr_from_path(struct sockaddr_un *sa, const char *path, mv_error *err)
{
	size_t len = strlen(path);

	if (!len)
		return fail(err, MICROVM_EINVAL,
			    "the path of a socket is empty");
	if (len >= sizeof(sa->sun_path))
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "the path of a socket has %zu bytes, and "
				      "the OS takes %zu",
				      len, sizeof(sa->sun_path) - 1),
				 "put it into a directory with a shorter path");
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(sa->sun_path, path, len + 1);
	return 0;
}
