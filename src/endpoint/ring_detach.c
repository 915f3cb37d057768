/* SPDX-License-Identifier: MIT */
/*
 * ring_detach.c - a ring stream becomes a socket.
 *
 * One end of a pair goes to the embedder.  What the guest had sent is written
 * into the pair at once, and what the embedder had written is read by the
 * carrier before anything from the pair; from then on the rings are empty, and
 * the connection costs no copy of ours.
 */
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <errno.h>

#include "base/container.h"
#include "endpoint/ring_private.h"

static struct ring_stream *of(struct stream *s)
{
	return container_of(s, struct ring_stream, sock.stream);
}

static int pair(uv_os_sock_t fd[2], mv_error *err)
{
	int room = 4 * RING_STREAM_ROOM, rc;

	rc = uv_socketpair(SOCK_STREAM, 0, fd, UV_NONBLOCK_PIPE,
			   UV_NONBLOCK_PIPE);
	if (rc)
		return fail_os(err, MICROVM_EIO, -rc, "cannot make a socket");
	/* macOS gives 8 KiB; who refuses us more is found out by pour(). */
	(void)setsockopt(fd[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return 0;
}

/* All that is in the ring into the socket; the ring keeps it. */
static int pour(const struct ring *in, int fd, mv_error *err)
{
	struct span v[2];
	unsigned i, n = ring_peek(in, v);
	ssize_t done;

	for (i = 0; i < n; i++) {
		done = write(fd, v[i].p, v[i].len);
		if (done < 0)
			return fail_os(err, MICROVM_EIO, errno,
				       "cannot fill a socket");
		if ((size_t)done == v[i].len)
			continue;
		return fail_hint(err,
				 fail(err, MICROVM_EIO,
				      "the host's sockets hold too little"),
				 "read from the stream first");
	}
	return 0;
}

static void close_pair(uv_os_sock_t fd[2])
{
	(void)close(fd[0]);
	(void)close(fd[1]);
}

/* ---- the carrier's side, from then on --------------------------------- */

static ptrdiff_t on_read(struct stream *s, const struct span *v, unsigned n)
{
	struct ring_stream *r = of(s);
	size_t got;
	bool shut;

	mutex_lock(&r->mu);
	got = ring_stream_take(&r->out, v, n);
	shut = r->shut;
	mutex_unlock(&r->mu);
	if (got || shut)
		return (ptrdiff_t)got;
	return sock_stream_read(s, v, n);
}

static const struct stream_ops ops = {
	.read = on_read,
	.write = sock_stream_write,
	.end = sock_stream_end,
	.deaf = sock_stream_deaf,
	.close = sock_stream_close,
};

/* The socket is closed already. */
static void on_closed(struct sock_stream *s, enum stream_why why)
{
	ring_stream_over(of(&s->stream), why);
}

/* Put the socket in the place of the rings, before the eyes of the carrier. */
static void replace(struct ring_stream *r, struct sock *sock)
{
	struct stream was = r->sock.stream;

	sock_stream_init(&r->sock, sock);
	r->sock.stream = was;
	r->sock.stream.ops = &ops;
	r->sock.closed = on_closed;
	if (r->in_end)
		sock_stream_end(&r->sock.stream);
	if (r->deaf)
		sock_stream_deaf(&r->sock.stream);
	if (r->shut)
		sock_shut(sock, SOCK_IN);
}

static int attach(struct ring_stream *r, int *fd, mv_error *err)
{
	struct sock *sock;
	uv_os_sock_t end[2];
	int rc = pair(end, err);

	if (rc)
		return rc;
	rc = pour(&r->in, end[1], err);
	if (rc)
		goto out_pair;
	rc = sock_adopt(r->loop.uv, end[1], &sock, err);
	if (rc)
		goto out_pair;
	replace(r, sock);
	*fd = end[0];
	return 0;
out_pair:
	close_pair(end);
	return rc;
}

void ring_stream_detach_now(struct ring_stream *r)
{
	mv_error err = { 0 };
	int fd = -1, rc;

	mutex_lock(&r->mu);
	rc = r->over ? fail(&err, MICROVM_ERESET, "the connection has ended")
		     : 0;
	mutex_unlock(&r->mu);
	/* While it is asked for, only this thread changes what is looked at. */
	if (!rc)
		rc = attach(r, &fd, &err);
	mutex_lock(&r->mu);
	if (!rc)
		ring_fini(&r->in);
	r->detach = rc ? RING_FAILED : RING_DETACHED;
	r->detach_fd = fd;
	r->detach_rc = rc;
	r->detach_error = err;
	cond_broadcast(&r->cond);
	mutex_unlock(&r->mu);
	if (!rc)
		stream_ready(&r->sock.stream, STREAM_READ | STREAM_WRITE);
}

/* ---- the embedder's side ---------------------------------------------- */

/* It has ended in order: what is left to read, and the end.  Any thread. */
static int bury(struct ring_stream *r, int *fd, mv_error *err)
{
	uv_os_sock_t end[2];
	int rc = pair(end, err);

	if (rc)
		return rc;
	rc = pour(&r->in, end[1], err);
	if (rc) {
		close_pair(end);
		return rc;
	}
	(void)close(end[1]);
	*fd = end[0];
	return 0;
}

static int ask(struct ring_stream *r, int *fd, mv_error *err)
{
	int rc;

	r->detach = RING_ASKED;
	ring_stream_post(r);
	cond_broadcast(&r->cond); /* whoever reads or writes */
	while (r->detach == RING_ASKED)
		cond_wait(&r->cond, &r->mu);
	if (r->detach == RING_DETACHED) {
		*fd = r->detach_fd;
		return 0;
	}
	r->detach = RING_ATTACHED; /* goes on as it was */
	rc = r->detach_rc;
	if (err)
		*err = r->detach_error;
	return rc;
}

int ring_stream_detach(struct ring_stream *r, int *fd, mv_error *err)
{
	int rc;

	mutex_lock(&r->mu);
	if (r->detach != RING_ATTACHED)
		rc = fail(err, MICROVM_ESTATE, "it is being detached");
	else if (r->over && r->why == STREAM_DONE)
		rc = bury(r, fd, err);
	else if (r->over)
		rc = fail_hint(err,
			       fail(err,
				    (enum microvm_code) - ring_stream_code(r),
				    "the connection is broken"),
			       "read from the stream what is left");
	else if (r->loop.is_self(r->loop.ctx))
		rc = fail_hint(err,
			       fail(err, MICROVM_ESTATE,
				    "detaching a stream in a callback"),
			       "detach it on another thread");
	else if (!r->opened)
		rc = fail_hint(err,
			       fail(err, MICROVM_ESTATE,
				    "the guest has not accepted yet"),
			       "wait for MICROVM_STREAM_OPENED");
	else
		rc = ask(r, fd, err);
	if (rc) {
		mutex_unlock(&r->mu);
		return rc;
	}
	r->fn = NULL;
	ring_stream_await_call(r);
	r->closed = true;
	ring_fini(&r->in);
	ring_stream_leave(r);
	return 0;
}
