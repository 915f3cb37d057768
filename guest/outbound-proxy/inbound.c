/* SPDX-License-Identifier: MIT */
/* inbound.c - connections from the host to TCP ports of the guest. */
#include "guest/outbound-proxy/inbound.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/common/bridge.h"
#include "guest/outbound-proxy/dial.h"

enum { LINE_MAX_LEN = 64, CONNECT_MS = 10000 };

enum { HOST, GUEST }; /* the ends of the bridge */

struct inbound {
	struct server *sv;
	struct loop_watch watch; /* the host, until there is a bridge */
	struct loop_timer timer;
	struct dial dial;
	struct bridge bridge;
	unsigned tried; /* families */
	uint16_t port;
	size_t len, used; /* of the line, and what came behind it */
	char line[LINE_MAX_LEN];
};

static void inbound_free(struct inbound *b)
{
	struct server *sv = b->sv;
	int fd = loop_remove(&sv->loop, &b->watch);

	if (fd >= 0)
		(void)close(fd);
	loop_disarm(&b->timer);
	dial_cancel(&b->dial);
	free(b);
	sv->inbounds--;
	listener_pause(&sv->inbound, false);
}

static void bridge_over(void *ctx, enum bridge_why why)
{
	(void)why;
	inbound_free(ctx);
}

static void dial_guest(struct inbound *b);

static void dialled(void *ctx, int fd, enum socks_reply why)
{
	struct inbound *b = ctx;
	const struct bridge_user user = { NULL, bridge_over, b };
	char ok[16];
	int n;

	(void)why;
	if (fd < 0) {
		dial_guest(b);
		return;
	}
	if (!bridge_start(&b->bridge, &b->sv->loop,
			  loop_remove(&b->sv->loop, &b->watch), fd, &user)) {
		inbound_free(b);
		return;
	}
	n = snprintf(ok, sizeof(ok), "OK %u\n", b->port);
	bridge_push(&b->bridge, GUEST, (const uint8_t *)ok, (size_t)n);
	bridge_push(&b->bridge, HOST, (const uint8_t *)b->line + b->used,
		    b->len - b->used);
	bridge_go(&b->bridge);
}

/* IPv4 first, then IPv6; some servers listen on one only. */
static void dial_guest(struct inbound *b)
{
	static const int family[] = { AF_INET, AF_INET6 };
	struct endpoint at;

	while (b->tried < 2) {
		endpoint_loopback(&at, family[b->tried++], b->port);
		if (dial_start(&b->dial, &b->sv->loop, &at, NULL, CONNECT_MS,
			       dialled, b))
			return;
	}
	inbound_free(b);
}

static void ready(void *ctx, unsigned events)
{
	struct inbound *b = ctx;
	ssize_t n;
	int port;

	(void)events;
	if (b->port) { /* only its end was asked for */
		inbound_free(b);
		return;
	}
	n = recv(b->watch.fd, b->line + b->len, sizeof(b->line) - b->len, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		b->len += (size_t)n;
	port = n > 0 ? inbound_parse(b->line, b->len, &b->used) : -1;
	if (port < 0 || (port && !loop_want(&b->sv->loop, &b->watch, 0))) {
		inbound_free(b);
		return;
	}
	if (port == 0)
		return;
	b->port = (uint16_t)port;
	loop_disarm(&b->timer);
	dial_guest(b);
}

static void late(void *ctx)
{
	inbound_free(ctx);
}

void inbound_new(void *ctx, int fd)
{
	struct server *sv = ctx;
	struct inbound *b = calloc(1, sizeof(*b));

	if (b)
		loop_watch_init(&b->watch, ready, b);
	if (!b || !loop_add(&sv->loop, &b->watch, fd, LOOP_IN)) {
		free(b);
		(void)close(fd);
		return;
	}
	b->sv = sv;
	loop_timer_init(&b->timer, late, b);
	loop_arm(&sv->loop, &b->timer, SERVER_HEAD_MS);
	if (++sv->inbounds >= SERVER_INBOUND)
		listener_pause(&sv->inbound, true);
}
