/* SPDX-License-Identifier: MIT */
/*
 * sock.c - a non-blocking socket under uv_poll.
 *
 * Each uv_poll_start() costs two system calls, so what was once asked for
 * stays armed until it comes and nobody wants it: a ping-pong arms once.
 *
 * The hang-up.  libuv passes on EPOLLRDHUP as UV_DISCONNECT, which a mere
 * half-close raises too, and keeps EPOLLHUP to itself.  So on a DISCONNECT
 * poll(2) is asked; if it was a half-close, the watch goes on as
 * UV_PRIORITIZED, under which libuv still wakes us for EPOLLHUP.
 */
#include "os/sock.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/container.h"
#include "os/sockaddr.h"
#include "os/sockfd.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SO_NOSIGPIPE does it */
#endif

/* What Linux and macOS take in one call. */
enum { SPANS = 1024 };

/* Lists of spans go to the kernel as they are. */
static_assert(sizeof(struct span) == sizeof(struct iovec), "size");
static_assert(offsetof(struct span, p) == offsetof(struct iovec, iov_base),
	      "base");
static_assert(offsetof(struct span, len) == offsetof(struct iovec, iov_len),
	      "length");

struct sock {
	uv_poll_t poll;
	int fd;
	bool tcp;
	unsigned wanted; /* enum sock_what, told when it comes */
	int armed;       /* enum uv_poll_event, under the loop */
	int hup;         /* the event that shows a hang-up; 0: none left */
	sock_ready_fn *ready;
	void *ctx;
};

static void on_poll(uv_poll_t *poll, int status, int events);

static void arm(struct sock *s, int events)
{
	if (events == s->armed)
		return;
	s->armed = events;
	/* Both fail only for a handle that is closing. */
	if (events)
		(void)uv_poll_start(&s->poll, events, on_poll);
	else
		(void)uv_poll_stop(&s->poll);
}

/* The events that show what is wanted. */
static int needed(const struct sock *s)
{
	int events = 0;

	if (s->wanted & SOCK_IN)
		events |= UV_READABLE;
	if (s->wanted & SOCK_OUT)
		events |= UV_WRITABLE;
	if (s->wanted & SOCK_HUP)
		events |= s->hup;
	return events;
}

/* POLLOUT: macOS tells the end of sending by it, Linux of both in any case. */
static bool hung_up(const struct sock *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR));
}

static unsigned translate(struct sock *s, int events)
{
	unsigned what = 0;

	if (events & UV_READABLE)
		what |= SOCK_IN;
	if (events & UV_WRITABLE)
		what |= SOCK_OUT;
	if (!(events & (UV_DISCONNECT | UV_PRIORITIZED)))
		return what;
	if (hung_up(s))
		return what | SOCK_HUP;
	/* A half-close; or, the second time, a peer's urgent data: give up. */
	s->hup = events & UV_PRIORITIZED ? 0 : UV_PRIORITIZED;
	return what;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct sock *s = poll->data;
	unsigned what;

	if (status) { /* an error waits in the socket; libuv has stopped */
		s->armed = 0;
		what = SOCK_IN | SOCK_OUT | SOCK_HUP;
	} else {
		what = translate(s, events);
		/* Whoever comes late for these arms them again. */
		arm(s, (s->armed & ~events) | needed(s));
	}
	what &= s->wanted;
	s->wanted &= ~what;
	if (what)
		s->ready(s->ctx, what); /* may free it */
}

/* `fd` is the new sock's, on success. */
static int enter(uv_loop_t *loop, int fd, bool tcp, struct sock **out,
		 mv_error *err)
{
	struct sock *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return fail(err, MICROVM_ENOMEM, "no memory for a socket");
	rc = uv_poll_init(loop, &s->poll, fd);
	if (rc) {
		free(s);
		return fail_os(err, MICROVM_EIO, -rc, "cannot poll a socket");
	}
	s->poll.data = s;
	s->fd = fd;
	s->tcp = tcp;
	s->hup = UV_DISCONNECT;
	*out = s;
	return 0;
}

int sock_adopt(uv_loop_t *loop, int fd, struct sock **out, mv_error *err)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof(own), tlen = sizeof(int);
	int type = 0, rc;
	bool tcp;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &tlen) ||
	    getsockname(fd, (struct sockaddr *)&own, &len))
		return fail_os(err, MICROVM_EINVAL, errno,
			       "cannot use descriptor %d as a socket", fd);
	if (type != SOCK_STREAM)
		return fail(err, MICROVM_EINVAL,
			    "descriptor %d is a socket, but not for a stream",
			    fd);
	rc = sockfd_prepare(fd);
	if (rc)
		return fail_os(err, MICROVM_EIO, -rc, "cannot set up a socket");
	tcp = own.ss_family == AF_INET || own.ss_family == AF_INET6;
	if (tcp)
		sockfd_set_tcp(fd);
	return enter(loop, fd, tcp, out, err);
}

static int cannot_make(int os, mv_error *err)
{
	int rc = fail_os(err, MICROVM_EIO, os, "cannot make a socket");

	if (os != EMFILE && os != ENFILE)
		return rc;
	return fail_hint(err, rc, "raise the limit on open files (ulimit -n)");
}

/* A new socket of the host's network, shown to the hook. */
static int make(int type, const struct addr *to, sock_hook_fn *hook,
		void *hook_ctx, mv_error *err)
{
	int domain = to->family == ADDR_IPV6 ? AF_INET6 : AF_INET;
	int fd = sockfd_make(domain, type);

	if (fd < 0)
		return cannot_make(-fd, err);
	if (!hook || hook(hook_ctx, fd, to))
		return fd;
	(void)close(fd);
	return fail_os(err, MICROVM_EREFUSED, EACCES,
		       "the host program refused the socket");
}

static enum microvm_code code_of(int os)
{
	switch (os) {
	case ECONNREFUSED:
	case ENOENT:
	case EAGAIN: return MICROVM_EREFUSED;
	case ETIMEDOUT: return MICROVM_ETIMEDOUT;
	default: return MICROVM_EIO;
	}
}

/* 0, or an errno: it cannot work. */
static int begin(int fd, const struct sockaddr *sa, socklen_t len)
{
	if (!connect(fd, sa, len))
		return 0;
	/* An interrupted connect goes on by itself, as this one does. */
	return errno == EINPROGRESS || errno == EINTR ? 0 : errno;
}

int sock_connect(uv_loop_t *loop, const struct addr *to, sock_hook_fn *hook,
		 void *hook_ctx, struct sock **out, mv_error *err)
{
	struct sockaddr_storage sa;
	socklen_t len = sockaddr_from_addr(&sa, to);
	char text[ADDR_TEXT];
	int fd, os, rc;

	if (!len)
		return fail(err, MICROVM_EINVAL, "no address to connect to");
	fd = make(SOCK_STREAM, to, hook, hook_ctx, err);
	if (fd < 0)
		return fd;
	sockfd_set_tcp(fd);
	os = begin(fd, (const struct sockaddr *)&sa, len);
	rc = os ? fail_os(err, code_of(os), os, "cannot connect to %s",
			  addr_text(to, text))
		: enter(loop, fd, true, out, err);
	if (rc)
		(void)close(fd);
	return rc;
}

int sock_connect_unix(uv_loop_t *loop, const char *path, struct sock **out,
		      mv_error *err)
{
	struct sockaddr_un sa;
	int fd, os, rc;

	rc = sockaddr_from_path(&sa, path, err);
	if (rc)
		return rc;
	fd = sockfd_make(AF_UNIX, SOCK_STREAM);
	if (fd < 0)
		return cannot_make(-fd, err);
	os = begin(fd, (const struct sockaddr *)&sa, sizeof(sa));
	rc = os ? fail_os(err, code_of(os), os, "cannot connect to %s", path)
		: enter(loop, fd, false, out, err);
	if (rc)
		(void)close(fd);
	return rc;
}

void sock_listen_to(struct sock *s, sock_ready_fn *ready, void *ctx)
{
	s->ready = ready;
	s->ctx = ctx;
	s->wanted = 0;
}

void sock_want(struct sock *s, unsigned what)
{
	if (!s->ready)
		return;
	s->wanted |= what;
	arm(s, s->armed | needed(s));
}

/* The batch as the kernel knows it; see the assertions above. */
static const struct iovec *as_iovec(const struct span *v)
{
	return (const struct iovec *)(const void *)v;
}

static ptrdiff_t result(ssize_t n)
{
	if (n >= 0)
		return n;
#if EAGAIN != EWOULDBLOCK
	if (errno == EWOULDBLOCK)
		return -EAGAIN;
#endif
	return -errno;
}

ptrdiff_t sock_read(struct sock *s, const struct span *v, unsigned n)
{
	ssize_t got;

	do
		got = readv(s->fd, as_iovec(v), (int)(n < SPANS ? n : SPANS));
	while (got < 0 && errno == EINTR);
	return result(got);
}

ptrdiff_t sock_write(struct sock *s, const struct span *v, unsigned n)
{
	/* msg_iov lacks a const: sendmsg() only reads it. */
	union {
		const struct iovec *in;
		struct iovec *out;
	} list = { as_iovec(v) };
	struct msghdr m = { .msg_iov = list.out };
	ssize_t sent;

	/* size_t on Linux, int on macOS: so not in the braces above */
	m.msg_iovlen = n < SPANS ? n : SPANS;
	do
		sent = sendmsg(s->fd, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return result(sent);
}

int sock_error(struct sock *s)
{
	socklen_t len = sizeof(int);
	int os = 0;

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &os, &len))
		return errno;
	return os;
}

void sock_shut(struct sock *s, unsigned what)
{
	/* Fails when the other end has gone: then it is as good as done. */
	if (what & SOCK_IN)
		(void)shutdown(s->fd, SHUT_RD);
	if (what & SOCK_OUT)
		(void)shutdown(s->fd, SHUT_WR);
}

bool sock_local(const struct sock *s, struct addr *a)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	return !getsockname(s->fd, (struct sockaddr *)&sa, &len) &&
	       sockaddr_to_addr((const struct sockaddr *)&sa, a);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

int sock_release(struct sock *s)
{
	int fd = s->fd;

	/* From here on the loop has nothing to do with the descriptor. */
	uv_close((uv_handle_t *)&s->poll, on_closed);
	return fd;
}

void sock_close(struct sock *s, bool reset)
{
	struct linger at_once = { .l_onoff = 1 };

	if (reset && s->tcp) /* without it: an orderly end, nothing worse */
		(void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &at_once,
				 sizeof(at_once));
	(void)close(sock_release(s)); /* nothing of ours waits in it */
}

int sock_udp(uv_loop_t *loop, enum addr_family family, sock_hook_fn *hook,
	     void *hook_ctx, const struct addr *to, struct sock **out,
	     mv_error *err)
{
	struct addr any = { .family = (uint8_t)family };
	struct sockaddr_storage sa;
	socklen_t len = sockaddr_from_addr(&sa, &any);
	int fd, rc;

	if (!len || to->family != any.family)
		return fail(err, MICROVM_EINVAL,
			    "not an address of the socket's family");
	fd = make(SOCK_DGRAM, to, hook, hook_ctx, err);
	if (fd < 0)
		return fd;
	if (bind(fd, (const struct sockaddr *)&sa, len))
		rc = fail_os(err, MICROVM_EIO, errno,
			     "cannot bind a UDP socket");
	else
		rc = enter(loop, fd, false, out, err);
	if (rc)
		(void)close(fd);
	return rc;
}

ptrdiff_t sock_recv_from(struct sock *s, void *buf, size_t len,
			 struct addr *from)
{
	struct sockaddr_storage sa = { 0 };
	struct iovec v = { buf, len };
	struct msghdr m = { .msg_name = &sa,
			    .msg_namelen = sizeof(sa),
			    .msg_iov = &v,
			    .msg_iovlen = 1 };
	ssize_t got;

	do
		got = recvmsg(s->fd, &m, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return result(got);
	*from = (struct addr){ 0 };
	(void)sockaddr_to_addr((const struct sockaddr *)&sa, from);
	return m.msg_flags & MSG_TRUNC ? -EMSGSIZE : got;
}

ptrdiff_t sock_send_to(struct sock *s, const void *buf, size_t len,
		       const struct addr *to)
{
	struct sockaddr_storage sa;
	socklen_t size = sockaddr_from_addr(&sa, to);
	ssize_t sent;

	do
		sent = sendto(s->fd, buf, len, MSG_NOSIGNAL,
			      (const struct sockaddr *)&sa, size);
	while (sent < 0 && errno == EINTR);
	return result(sent);
}
