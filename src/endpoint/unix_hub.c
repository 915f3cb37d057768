/* SPDX-License-Identifier: MIT */
/*
 * unix_hub.c - a Unix socket through which host programs reach the guest.
 *
 * Here is only the time until a client's line is whole: as it comes, byte by
 * byte, and never more of it than a line could be, so that what lies behind it
 * is little and kept.  Then a caller has the socket.  Clients that take too
 * long are dropped, oldest first, by one timer.
 */
#include "endpoint/unix_hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include "endpoint/caller.h"
#include "endpoint/line.h"
#include "endpoint/map.h"
#include "net/listen.h"
#include "net/sock_stream.h"

enum {
	CLIENTS = 64,     /* whose line is not whole */
	PORT_DIGITS = 10, /* of "path_4294967295" */
};

#define PATIENCE_NS (UINT64_C(10) * 1000000000)

struct client {
	struct unix_hub *hub;
	struct sock *sock;
	struct line line;
	uint64_t until;
	struct client *next; /* younger */
};

struct unix_hub {
	const struct place *at;
	struct listener *listener;
	struct client *first; /* the oldest */
	unsigned clients;
	uint64_t patience;
	uv_timer_t timer; /* for the oldest */
	char path[MAP_PATH_MAX + 1];
};

/* Out of the list; its socket is still open. */
static void forget(struct client *c)
{
	struct client **at = &c->hub->first;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->hub->clients--;
	free(c);
}

static void drop(struct client *c)
{
	sock_close(c->sock, true);
	forget(c);
}

static void drop_oldest(struct unix_hub *h)
{
	struct client *c = h->first;

	h->first = c->next;
	h->clients--;
	sock_close(c->sock, true);
	free(c);
}

/* ---- too late --------------------------------------------------------- */

static void arm(struct unix_hub *h);

static void on_timer(uv_timer_t *timer)
{
	struct unix_hub *h = timer->data;
	uint64_t now = uv_hrtime();

	while (h->first && h->first->until <= now)
		drop_oldest(h);
	arm(h);
}

static void arm(struct unix_hub *h)
{
	uint64_t now = uv_hrtime(), wait;

	if (!h->first) {
		(void)uv_timer_stop(&h->timer); /* cannot fail */
		return;
	}
	wait = h->first->until > now ? h->first->until - now : 0;
	/* Fails only for a handle that is closing. */
	(void)uv_timer_start(&h->timer, on_timer, wait / 1000000 + 1, 0);
}

/* ---- the line --------------------------------------------------------- */

/* The line is whole, with `len` bytes behind it. */
static void connect_it(struct client *c, const uint8_t *behind, size_t len)
{
	struct caller_spec spec = { .head = behind,
				    .head_len = len,
				    .greet = true };
	const struct place *at = c->hub->at;
	struct sock *sock = c->sock;

	if (!line_number(&c->line, "CONNECT", &spec.port)) {
		drop(c);
		return;
	}
	forget(c);
	caller_start(at, sock, &spec);
}

static void on_bytes(void *ctx, unsigned what)
{
	struct client *c = ctx;
	uint8_t buf[LINE_MAX_LEN];
	const struct span v = { buf, sizeof(buf) };
	ptrdiff_t got = sock_read(c->sock, &v, 1);
	size_t used;

	(void)what; /* SOCK_IN is all that was asked for */
	if (got == -EAGAIN) {
		sock_want(c->sock, SOCK_IN);
		return;
	}
	if (got <= 0) {
		drop(c);
		return;
	}
	switch (line_feed(&c->line, buf, (size_t)got, &used)) {
	case LINE_MORE: sock_want(c->sock, SOCK_IN); return;
	case LINE_WHOLE: connect_it(c, buf + used, (size_t)got - used); return;
	case LINE_TOO_LONG: drop(c); return;
	}
}

static void on_client(void *ctx, struct sock *sock)
{
	struct unix_hub *h = ctx;
	struct client *c, **at;

	c = h->clients < CLIENTS ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		sock_close(sock, true);
		return;
	}
	c->hub = h;
	c->sock = sock;
	c->until = uv_hrtime() + h->patience;
	for (at = &h->first; *at; at = &(*at)->next)
		;
	*at = c;
	h->clients++;
	sock_listen_to(sock, on_bytes, c);
	sock_want(sock, SOCK_IN);
	arm(h);
}

/* ---- the hub ---------------------------------------------------------- */

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

int unix_hub_new(const struct place *at, const char *path,
		 struct unix_hub **out, mv_error *err)
{
	struct unix_hub *h;
	int rc;

	if (strlen(path) > MAP_PATH_MAX)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "the path of the vsock socket is longer "
				      "than %d bytes",
				      MAP_PATH_MAX),
				 "choose a shorter path");
	h = calloc(1, sizeof(*h));
	if (!h)
		return fail(err, MICROVM_ENOMEM, "no memory for a socket");
	h->at = at;
	h->patience = PATIENCE_NS;
	memcpy(h->path, path, strlen(path));
	rc = listener_unix(at->loop, path, on_client, h, &h->listener, err);
	if (rc) {
		free(h);
		return rc;
	}
	(void)uv_timer_init(at->loop, &h->timer); /* cannot fail */
	h->timer.data = h;
	*out = h;
	return 0;
}

void unix_hub_set_patience(struct unix_hub *h, uint64_t ns)
{
	h->patience = ns;
}

void unix_hub_close(struct unix_hub *h)
{
	if (!h)
		return;
	listener_close(h->listener);
	while (h->first)
		drop_oldest(h);
	uv_close((uv_handle_t *)&h->timer, on_timer_closed);
}

struct stream *unix_hub_accept(void *hub, uint32_t port, uint32_t guest_port)
{
	const struct unix_hub *h = hub;
	char path[sizeof(h->path) + 1 + PORT_DIGITS];
	struct stream *s;
	struct sock *sock;

	(void)guest_port;
	(void)snprintf(path, sizeof(path), "%s_%u", h->path, (unsigned)port);
	if (sock_connect_unix(h->at->loop, path, &sock, NULL))
		return NULL;
	if (!sock_stream_opening(sock, &s, NULL))
		return s;
	sock_close(sock, false);
	return NULL;
}
