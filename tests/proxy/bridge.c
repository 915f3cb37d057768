/* SPDX-License-Identifier: MIT */
/* bridge.c - a carrier over a socket.  Knows no proxy. */
#include "bridge.h"

#include <errno.h>
#include <stdlib.h>

#include "base/container.h"

enum { BUFFER = 64 * 1024 };

/* Bytes on their way in one direction. */
struct pipe {
	uint8_t p[BUFFER];
	size_t pos, len;
	bool over;  /* its source has ended */
	bool ended; /* and its sink was told */
};

struct bridge {
	struct bridge *next, **link;
	struct sock *sock;
	struct stream *s;
	struct pipe up, down; /* to the stream, from it */
	bool readable, writable, busy;
	unsigned news;
};

static void finish(struct bridge *b, enum stream_why why)
{
	*b->link = b->next;
	if (b->next)
		b->next->link = b->link;
	sock_close(b->sock, why != STREAM_DONE);
	b->s->ops->close(b->s, why);
	free(b);
}

/* True: try again; false: nothing to do.  Failure: *why says so. */
typedef bool step_fn(struct bridge *b, bool *broken);

static bool fill_up(struct bridge *b, bool *broken)
{
	struct span v = { b->up.p, BUFFER };
	ptrdiff_t n;

	if (b->up.over || b->up.pos < b->up.len)
		return false;
	n = sock_read(b->sock, &v, 1);
	if (n == -EAGAIN) {
		sock_want(b->sock, SOCK_IN);
		return false;
	}
	*broken = n < 0;
	b->up.over = n <= 0;
	b->up.pos = 0;
	b->up.len = n > 0 ? (size_t)n : 0;
	return n >= 0;
}

static bool drain_up(struct bridge *b, bool *broken)
{
	struct span v = { b->up.p + b->up.pos, b->up.len - b->up.pos };
	ptrdiff_t n;

	if (b->up.ended)
		return false;
	if (!v.len) {
		b->up.ended = b->up.over;
		if (b->up.ended)
			b->s->ops->end(b->s);
		return b->up.ended;
	}
	if (!b->writable)
		return false;
	n = b->s->ops->write(b->s, &v, 1);
	*broken = n == STREAM_ERROR;
	b->writable = n > 0;
	b->up.pos += n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool fill_down(struct bridge *b, bool *broken)
{
	struct span v = { b->down.p, BUFFER };
	ptrdiff_t n;

	if (b->down.over || b->down.pos < b->down.len || !b->readable)
		return false;
	n = b->s->ops->read(b->s, &v, 1);
	*broken = n == STREAM_ERROR;
	b->readable = n > 0;
	b->down.over = n == 0;
	b->down.pos = 0;
	b->down.len = n > 0 ? (size_t)n : 0;
	return n >= 0;
}

static bool drain_down(struct bridge *b, bool *broken)
{
	struct span v = { b->down.p + b->down.pos, b->down.len - b->down.pos };
	ptrdiff_t n;

	if (b->down.ended)
		return false;
	if (!v.len) {
		b->down.ended = b->down.over;
		if (b->down.ended)
			sock_shut(b->sock, SOCK_OUT);
		return b->down.ended;
	}
	n = sock_write(b->sock, &v, 1);
	if (n == -EAGAIN) {
		sock_want(b->sock, SOCK_OUT);
		return false;
	}
	*broken = n <= 0;
	b->down.pos += n > 0 ? (size_t)n : 0;
	return n > 0;
}

static void take_news(struct bridge *b, bool *broken)
{
	*broken = b->news & STREAM_BROKEN;
	b->readable |= !!(b->news & STREAM_READ);
	b->writable |= !!(b->news & STREAM_WRITE);
	if (b->news & STREAM_DEAF) {
		b->up.over = b->up.ended = true;
		sock_shut(b->sock, SOCK_IN);
	}
	b->news = 0;
}

static void move(struct bridge *b)
{
	static step_fn *const steps[] = { fill_up, drain_up, fill_down,
					  drain_down };
	bool broken = false, more = true;
	size_t i;

	b->busy = true;
	while (more) {
		more = false;
		take_news(b, &broken);
		for (i = 0; i < LEN(steps) && !broken; i++)
			more |= steps[i](b, &broken);
		if (broken) {
			finish(b, STREAM_RESET);
			return;
		}
		if (b->up.ended && b->down.ended) {
			finish(b, STREAM_DONE);
			return;
		}
		more |= b->news != 0;
	}
	b->busy = false;
}

static void on_news(struct stream *s, unsigned news)
{
	struct bridge *b = s->carrier;

	b->news |= news;
	if (!b->busy)
		move(b);
}

static void on_sock(void *ctx, unsigned what)
{
	struct bridge *b = ctx;

	/* The client is gone, even if nobody reads what it sent. */
	if ((what & SOCK_HUP) && !b->up.over)
		finish(b, STREAM_RESET);
	else
		move(b);
}

int bridge_new(struct bridges *all, struct sock *sock, struct stream *s)
{
	struct bridge *b = calloc(1, sizeof(*b));

	if (!b)
		return fail(NULL, MICROVM_ENOMEM, "no memory");
	b->sock = sock;
	b->s = s;
	b->readable = b->writable = true;
	b->next = all->first;
	b->link = &all->first;
	if (b->next)
		b->next->link = &b->next;
	all->first = b;
	s->ready = on_news;
	s->carrier = b;
	sock_listen_to(sock, on_sock, b);
	sock_want(sock, SOCK_IN | SOCK_HUP);
	return 0;
}

void bridges_close(struct bridges *all)
{
	struct bridge *b, *next;

	for (b = all->first; b; b = next) {
		next = b->next;
		finish(b, STREAM_GONE);
	}
}
