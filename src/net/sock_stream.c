/* SPDX-License-Identifier: MIT */
/*
 * sock_stream.c - a socket as the host's end of a guest's connection.
 *
 * The two directions fail apart.  A host program that takes no more (it was
 * killed, or it answered early and left) may have sent bytes which the guest
 * has yet to read: so a write that fails makes the stream deaf, and not
 * broken, while there is a direction left to end.  The guest then sees its
 * writes fail, reads what is there, and after it the end or, if the socket
 * failed with an error, a reset.
 */
#include "net/sock_stream.h"

#include <errno.h>
#include <stdlib.h>

#include "base/container.h"

static struct sock_stream *self(struct stream *s)
{
	return container_of(s, struct sock_stream, stream);
}

/* Last, because the carrier may close the stream from inside. */
static void on_ready(void *ctx, unsigned what)
{
	struct sock_stream *s = ctx;
	unsigned news = 0;

	if (what & SOCK_IN)
		news |= STREAM_READ;
	if (what & SOCK_OUT)
		news |= STREAM_WRITE;
	/* After the guest's own end this is the other end, in order. */
	if ((what & SOCK_HUP) && !s->write_over) {
		s->write_over = true;
		news |= STREAM_DEAF;
	}
	if (news)
		stream_ready(&s->stream, news);
}

ptrdiff_t sock_stream_read(struct stream *stream, const struct span *v,
			   unsigned n)
{
	struct sock_stream *s = self(stream);
	ptrdiff_t got = sock_read(s->sock, v, n);

	if (got > 0) {
		s->down += (uint64_t)got;
		return got;
	}
	if (got == -EAGAIN) {
		sock_want(s->sock, SOCK_IN);
		return STREAM_AGAIN;
	}
	/* An error that a write met first is gone from the socket. */
	if (got < 0 || s->failed)
		return STREAM_ERROR;
	s->read_over = true;
	return 0;
}

/* The socket takes no more. */
static ptrdiff_t write_failed(struct sock_stream *s, int os)
{
	s->write_over = true;
	s->failed = s->failed || os != EPIPE;
	if (s->read_over)
		return STREAM_ERROR;           /* nothing left to save */
	stream_ready(&s->stream, STREAM_DEAF); /* may close it */
	return STREAM_AGAIN;
}

ptrdiff_t sock_stream_write(struct stream *stream, const struct span *v,
			    unsigned n)
{
	struct sock_stream *s = self(stream);
	ptrdiff_t sent = sock_write(s->sock, v, n);

	if (sent > 0) {
		s->up += (uint64_t)sent;
		return sent;
	}
	if (sent == -EAGAIN) {
		sock_want(s->sock, SOCK_OUT);
		return STREAM_AGAIN;
	}
	return write_failed(s, (int)-sent);
}

void sock_stream_end(struct stream *stream)
{
	struct sock_stream *s = self(stream);

	s->write_over = true;
	sock_shut(s->sock, SOCK_OUT);
}

void sock_stream_deaf(struct stream *stream)
{
	struct sock_stream *s = self(stream);

	s->read_over = true;
	sock_shut(s->sock, SOCK_IN);
}

static void opened(struct stream *stream)
{
	struct sock_stream *s = self(stream);

	if (s->opened)
		s->opened(s);
}

void sock_stream_close(struct stream *stream, enum stream_why why)
{
	struct sock_stream *s = self(stream);

	sock_close(s->sock, why != STREAM_DONE);
	s->sock = NULL;
	if (s->closed)
		s->closed(s, why);
	else
		free(s);
}

static const struct stream_ops ops = {
	.read = sock_stream_read,
	.write = sock_stream_write,
	.end = sock_stream_end,
	.deaf = sock_stream_deaf,
	.opened = opened,
	.close = sock_stream_close,
};

/* From here on a host program that vanishes is noticed. */
static void attend(struct sock_stream *s)
{
	sock_listen_to(s->sock, on_ready, s);
	sock_want(s->sock, SOCK_HUP);
}

void sock_stream_init(struct sock_stream *s, struct sock *sock)
{
	*s = (struct sock_stream){ .stream.ops = &ops, .sock = sock };
	attend(s);
}

static struct sock_stream *alloc(mv_error *err)
{
	struct sock_stream *s = calloc(1, sizeof(*s));

	if (!s)
		(void)fail(err, MICROVM_ENOMEM, "no memory for a connection");
	return s;
}

int sock_stream_new(struct sock *sock, struct stream **out, mv_error *err)
{
	struct sock_stream *s = alloc(err);

	if (!s)
		return -MICROVM_ENOMEM;
	sock_stream_init(s, sock);
	*out = &s->stream;
	return 0;
}

static void on_connected(void *ctx, unsigned what)
{
	struct sock_stream *s = ctx;

	(void)what; /* SOCK_OUT is all that was asked for */
	if (sock_error(s->sock)) {
		stream_ready(&s->stream, STREAM_BROKEN);
		return;
	}
	attend(s);
	stream_ready(&s->stream, STREAM_OPEN);
}

int sock_stream_opening(struct sock *sock, struct stream **out, mv_error *err)
{
	struct sock_stream *s = alloc(err);

	if (!s)
		return -MICROVM_ENOMEM;
	s->stream.ops = &ops;
	s->stream.opening = true;
	s->sock = sock;
	sock_listen_to(sock, on_connected, s);
	sock_want(sock, SOCK_OUT);
	*out = &s->stream;
	return 0;
}
