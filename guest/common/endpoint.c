/* SPDX-License-Identifier: MIT */
/* endpoint.c - where a stream leads: vsock, a UNIX socket, TCP. */
#include "guest/common/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "guest/common/number.h"
#include "guest/common/vsock.h"

enum {
	BACKLOG = 1024,
	CONNECT_SECONDS =
		20, /* Linux gives a vsock 2: too few on a busy host */
};

void endpoint_vsock(struct endpoint *e, uint32_t cid, uint32_t port)
{
	struct vsock_addr a = { .family = AF_VSOCK, .port = port, .cid = cid };

	memset(e, 0, sizeof(*e));
	memcpy(&e->sa, &a, sizeof(a));
	e->len = sizeof(a);
}

void endpoint_loopback(struct endpoint *e, int family, uint16_t port)
{
	struct sockaddr_in a4 = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(port),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	memset(e, 0, sizeof(*e));
	e->len = family == AF_INET ? sizeof(a4) : sizeof(a6);
	if (family == AF_INET)
		memcpy(&e->sa, &a4, sizeof(a4));
	else
		memcpy(&e->sa, &a6, sizeof(a6));
}

bool endpoint_unix(struct endpoint *e, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(a.sun_path))
		return false;
	memcpy(a.sun_path, path, len);
	memset(e, 0, sizeof(*e));
	memcpy(&e->sa, &a, sizeof(a));
	e->len = sizeof(a);
	return true;
}

static bool parse_vsock(struct endpoint *e, const char *text)
{
	const char *colon = strchr(text, ':');
	uint64_t cid, port;

	if (!colon || !number_parse(colon + 1, UINT32_MAX, &port))
		return false;
	if (colon == text + 3 && memcmp(text, "any", 3) == 0)
		cid = VSOCK_CID_ANY;
	else if (!number_read(text, (size_t)(colon - text), UINT32_MAX, &cid))
		return false;
	endpoint_vsock(e, (uint32_t)cid, (uint32_t)port);
	return true;
}

static bool parse_tcp(struct endpoint *e, const char *text)
{
	const char *colon = strrchr(text, ':');
	char ip[INET6_ADDRSTRLEN];
	struct sockaddr_in6 a6;
	struct sockaddr_in a4;
	uint64_t port;
	size_t len;

	if (!colon || !number_parse(colon + 1, UINT16_MAX, &port))
		return false;
	len = (size_t)(colon - text);
	if (len >= sizeof(ip))
		return false;
	memcpy(ip, text, len);
	ip[len] = '\0';
	endpoint_loopback(e, AF_INET, (uint16_t)port);
	memcpy(&a4, &e->sa, sizeof(a4));
	if (inet_pton(AF_INET, ip, &a4.sin_addr) == 1) {
		memcpy(&e->sa, &a4, sizeof(a4));
		return true;
	}
	endpoint_loopback(e, AF_INET6, (uint16_t)port);
	memcpy(&a6, &e->sa, sizeof(a6));
	if (inet_pton(AF_INET6, ip, &a6.sin6_addr) != 1)
		return false;
	memcpy(&e->sa, &a6, sizeof(a6));
	return true;
}

bool endpoint_parse(struct endpoint *e, const char *text)
{
	if (strncmp(text, "vsock:", 6) == 0)
		return parse_vsock(e, text + 6);
	if (strncmp(text, "unix:", 5) == 0)
		return endpoint_unix(e, text + 5);
	return strncmp(text, "tcp:", 4) == 0 && parse_tcp(e, text + 4);
}

static void text_ip(const struct endpoint *e, char *p, size_t size)
{
	char ip[INET6_ADDRSTRLEN] = "?";
	struct sockaddr_in6 a6;
	struct sockaddr_in a4;
	uint16_t port;

	if (e->sa.ss_family == AF_INET) {
		memcpy(&a4, &e->sa, sizeof(a4));
		(void)inet_ntop(AF_INET, &a4.sin_addr, ip, sizeof(ip));
		port = ntohs(a4.sin_port);
	} else {
		memcpy(&a6, &e->sa, sizeof(a6));
		(void)inet_ntop(AF_INET6, &a6.sin6_addr, ip, sizeof(ip));
		port = ntohs(a6.sin6_port);
	}
	(void)snprintf(p, size, "tcp:%s:%u", ip, port);
}

void endpoint_text(const struct endpoint *e, char *p, size_t size)
{
	struct vsock_addr v;
	struct sockaddr_un u;

	if (e->sa.ss_family == AF_VSOCK) {
		memcpy(&v, &e->sa, sizeof(v));
		if (v.cid == VSOCK_CID_ANY)
			(void)snprintf(p, size, "vsock:any:%u", v.port);
		else
			(void)snprintf(p, size, "vsock:%u:%u", v.cid, v.port);
	} else if (e->sa.ss_family == AF_UNIX) {
		memcpy(&u, &e->sa, sizeof(u));
		(void)snprintf(p, size, "unix:%.*s", (int)sizeof(u.sun_path),
			       u.sun_path);
	} else {
		text_ip(e, p, size);
	}
}

static int open_socket(int family, int type)
{
	return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Close with errno as it was: the reason is what the caller wants. */
static int close_failed(int fd)
{
	int os = errno;

	(void)close(fd);
	errno = os;
	return -1;
}

int endpoint_connect(const struct endpoint *e)
{
	const struct timeval wait = { .tv_sec = CONNECT_SECONDS };
	int fd = open_socket(e->sa.ss_family, SOCK_STREAM);

	if (fd < 0)
		return -1;
	if (e->sa.ss_family == AF_VSOCK) /* else its default */
		(void)setsockopt(fd, AF_VSOCK, VSOCK_CONNECT_TIMEOUT, &wait,
				 sizeof(wait));
	if (connect(fd, (const struct sockaddr *)&e->sa, e->len) &&
	    errno != EINPROGRESS)
		return close_failed(fd);
	endpoint_no_delay(fd);
	return fd;
}

int endpoint_bind(const struct endpoint *e, int type)
{
	int fd = open_socket(e->sa.ss_family, type), on = 1;

	if (fd < 0)
		return -1;
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (e->sa.ss_family == AF_INET6) /* the IPv4 address is another's */
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
				 sizeof(on));
	if (bind(fd, (const struct sockaddr *)&e->sa, e->len) ||
	    (type == SOCK_STREAM && listen(fd, BACKLOG)))
		return close_failed(fd);
	return fd;
}

bool endpoint_of(struct endpoint *e, int fd)
{
	memset(e, 0, sizeof(*e));
	e->len = sizeof(e->sa);
	return getsockname(fd, (struct sockaddr *)&e->sa, &e->len) == 0;
}

bool endpoint_of_peer(struct endpoint *e, int fd)
{
	memset(e, 0, sizeof(*e));
	e->len = sizeof(e->sa);
	return getpeername(fd, (struct sockaddr *)&e->sa, &e->len) == 0;
}

void endpoint_no_delay(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}
