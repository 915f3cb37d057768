/* SPDX-License-Identifier: MIT */
/* dial.c - a connection that is being made, perhaps through SOCKS. */
#include "guest/outbound-proxy/dial.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void over(struct dial *d, enum socks_reply why)
{
	int fd = loop_remove(d->loop, &d->watch);

	loop_disarm(&d->timer);
	if (why != SOCKS_SUCCEEDED) {
		(void)close(fd);
		fd = -1;
	}
	d->done(d->ctx, fd, why);
}

static void late(void *ctx)
{
	over(ctx, SOCKS_TIMED_OUT);
}

/* False: failed. */
static bool finish_connect(struct dial *d)
{
	socklen_t len = sizeof(int);
	int os = 0;

	if (getsockopt(d->watch.fd, SOL_SOCKET, SO_ERROR, &os, &len) || os)
		return false;
	d->connected = true;
	return true;
}

static bool send_request(struct dial *d)
{
	ssize_t n;

	while (d->sent < d->ask.out_len) {
		n = send(d->watch.fd, d->ask.out + d->sent,
			 d->ask.out_len - d->sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		d->sent += (size_t)n;
	}
	return true;
}

/* Not a byte more than the answer: what follows is for others. */
static bool read_reply(struct dial *d)
{
	uint8_t p[SOCKS_MESSAGE_MAX];
	ssize_t n;

	while (ask_need(&d->ask)) {
		n = recv(d->watch.fd, p, ask_need(&d->ask), 0);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0)
			return false;
		ask_feed(&d->ask, p, (size_t)n);
	}
	return true;
}

static void ready(void *ctx, unsigned events)
{
	struct dial *d = ctx;
	bool sending;

	if (!d->connected) {
		if (!(events & (LOOP_OUT | LOOP_ERR | LOOP_HUP)))
			return;
		if (!finish_connect(d)) {
			over(d, SOCKS_FAILED);
			return;
		}
		if (!d->asking) {
			over(d, SOCKS_SUCCEEDED);
			return;
		}
	}
	if (!send_request(d) || !read_reply(d)) {
		over(d, SOCKS_FAILED);
		return;
	}
	if (ask_need(&d->ask) == 0) {
		over(d, d->ask.reply);
		return;
	}
	sending = d->sent < d->ask.out_len;
	if (!loop_want(d->loop, &d->watch, LOOP_IN | (sending ? LOOP_OUT : 0)))
		over(d, SOCKS_FAILED);
}

bool dial_start(struct dial *d, struct loop *loop, const struct endpoint *at,
		const struct ask_target *to, unsigned ms,
		void (*done)(void *, int, enum socks_reply), void *ctx)
{
	int fd;

	d->loop = loop;
	d->asking = to != NULL;
	d->connected = false;
	d->sent = 0;
	d->done = done;
	d->ctx = ctx;
	loop_watch_init(&d->watch, ready, d);
	loop_timer_init(&d->timer, late, d);
	if (to)
		ask_init(&d->ask, to);
	fd = endpoint_connect(at);
	if (fd < 0)
		return false;
	if (!loop_add(loop, &d->watch, fd, LOOP_OUT)) {
		(void)close(fd);
		return false;
	}
	loop_arm(loop, &d->timer, ms);
	return true;
}

void dial_cancel(struct dial *d)
{
	int fd;

	if (!d->loop)
		return;
	fd = loop_remove(d->loop, &d->watch);
	loop_disarm(&d->timer);
	if (fd >= 0)
		(void)close(fd);
}
