/* SPDX-License-Identifier: MIT */
/*
 * caller.c - a socket of the host that is being connected to a guest's port.
 *
 * It is a sock_stream with something before it: a head of bytes for the guest,
 * and perhaps a line of the guest's that is for us.  Until both are settled
 * the socket is watched for one thing only, the caller hanging up; then it
 * becomes a sock_stream like any other.
 */
#include "endpoint/caller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/num.h"
#include "endpoint/line.h"
#include "net/sock_stream.h"

struct caller {
	struct sock_stream s;
	bool greet;
	bool asking; /* the guest's line is not here yet */
	struct line line;
	size_t head_len, head_at;
	uint8_t head[CALLER_HEAD];
};

static struct caller *of(struct stream *s)
{
	return container_of(s, struct caller, s.stream);
}

static void on_closed(struct sock_stream *s, enum stream_why why)
{
	(void)why;
	free(container_of(s, struct caller, s));
}

/* The caller hung up while he waited. */
static void on_hang_up(void *ctx, unsigned what)
{
	struct caller *c = ctx;

	(void)what; /* SOCK_HUP is all that was asked for */
	stream_ready(&c->s.stream, STREAM_BROKEN);
}

/* From here on the socket's bytes and its end are the guest's. */
static void attend(struct caller *c)
{
	struct sock_stream was = c->s;

	sock_stream_init(&c->s, was.sock);
	c->s.stream = was.stream;
	c->s.read_over = was.read_over;
	c->s.closed = was.closed;
}

/* ---- the carrier's side ----------------------------------------------- */

static ptrdiff_t on_read(struct stream *s, const struct span *v, unsigned n)
{
	struct caller *c = of(s);
	size_t left = c->head_len - c->head_at;

	if (left) {
		left = spans_put(v, n, 0, c->head + c->head_at, left);
		c->head_at += left;
		return (ptrdiff_t)left;
	}
	if (c->asking)
		return STREAM_AGAIN;
	return sock_stream_read(s, v, n);
}

/* The guest's line is whole: is it a good word? */
static bool is_ok(const struct line *l)
{
	return strcmp(l->text, "OK") == 0 || strncmp(l->text, "OK ", 3) == 0;
}

/* Bytes of its line; how many were that, or STREAM_ERROR. */
static ptrdiff_t answer(struct caller *c, const struct span *v, unsigned n)
{
	size_t total = 0, used;
	unsigned i;

	for (i = 0; i < n && c->asking; i++) {
		switch (line_feed(&c->line, v[i].p, v[i].len, &used)) {
		case LINE_MORE: break;
		case LINE_TOO_LONG: return STREAM_ERROR;
		case LINE_WHOLE:
			if (!is_ok(&c->line))
				return STREAM_ERROR;
			c->asking = false;
			break;
		}
		total += used;
	}
	if (!c->asking) {
		attend(c);
		stream_ready(&c->s.stream, STREAM_READ);
	}
	return (ptrdiff_t)total;
}

static ptrdiff_t on_write(struct stream *s, const struct span *v, unsigned n)
{
	struct caller *c = of(s);

	return c->asking ? answer(c, v, n) : sock_stream_write(s, v, n);
}

static void on_end(struct stream *s)
{
	struct caller *c = of(s);

	if (c->asking) /* it left without a word */
		stream_ready(s, STREAM_BROKEN);
	else
		sock_stream_end(s);
}

/* Tell him; a line always fits where nothing was written before. */
static bool greet(struct caller *c)
{
	char text[LINE_MAX_LEN];
	int len = snprintf(text, sizeof(text), "OK %u\n",
			   (unsigned)vsock_host_port(&c->s.stream));
	const struct span v = { (uint8_t *)text, (size_t)len };

	return sock_write(c->s.sock, &v, 1) == (ptrdiff_t)len;
}

static void on_opened(struct stream *s)
{
	struct caller *c = of(s);

	if (c->greet && !greet(c))
		stream_ready(s, STREAM_BROKEN);
	else if (!c->asking)
		attend(c);
}

static const struct stream_ops ops = {
	.read = on_read,
	.write = on_write,
	.end = on_end,
	.deaf = sock_stream_deaf,
	.opened = on_opened,
	.close = sock_stream_close,
};

/* ---- the beginning ---------------------------------------------------- */

/* How long to try; 0: once. */
static uint64_t deadline(const struct place *at)
{
	uint64_t until;

	if (!at->hold_ns)
		return 0;
	return add_ok(&until, uv_hrtime(), at->hold_ns) ? until : UINT64_MAX;
}

void caller_start(const struct place *at, struct sock *sock,
		  const struct caller_spec *spec)
{
	struct caller *c = calloc(1, sizeof(*c));

	if (!c) {
		sock_close(sock, true);
		return;
	}
	c->s.stream.ops = &ops;
	c->s.sock = sock;
	c->s.closed = on_closed;
	c->greet = spec->greet;
	c->asking = spec->ask;
	c->head_len = (size_t)min_u64(spec->head_len, CALLER_HEAD);
	if (c->head_len)
		memcpy(c->head, spec->head, c->head_len);
	sock_listen_to(sock, on_hang_up, c);
	sock_want(sock, SOCK_HUP);
	if (vsock_connect(at->vsock, spec->port, &c->s.stream, deadline(at),
			  NULL)) {
		sock_close(sock, true);
		free(c);
	}
}
