/* SPDX-License-Identifier: MIT */
/* listen.c - a listening socket under the loop: connections, and no spin. */
#include "net/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/unix_path.h"
#include "os/sockaddr.h"
#include "os/sockfd.h"

enum {
	BACKLOG = 1024, /* clients in the kernel, waiting for us */
	BATCH = 64,     /* accepted in one go; then the others' turn */
	REST_MS = 100,  /* when the OS has nothing left to give */
};

struct listener {
	uv_poll_t poll;
	uv_timer_t rest;
	int fd;
	unsigned handles; /* that the loop still has */
	bool closing;
	struct unix_path path; /* what to remove at the end */
	listener_fn *fn;
	void *ctx;
};

static void on_poll(uv_poll_t *poll, int status, int events);

static void wake(uv_timer_t *rest)
{
	struct listener *l = rest->data;

	/* Fails only for a handle that is closing. */
	(void)uv_poll_start(&l->poll, UV_READABLE, on_poll);
}

static void take_a_rest(struct listener *l)
{
	(void)uv_poll_stop(&l->poll);
	/* Both fail only for a handle that is closing. */
	(void)uv_timer_start(&l->rest, wake, REST_MS, 0);
}

/* False: no more for now. */
static bool take_one(struct listener *l)
{
	int fd = sockfd_accept(l->fd);
	struct sock *s;

	switch (fd) {
	case -EAGAIN: return false;
	case -EINTR:
	case -EPROTO:
	case -ECONNABORTED: return true; /* this client has gone: the next */
	default: break;
	}
	if (fd < 0) { /* no descriptors, no memory, no network */
		take_a_rest(l);
		return false;
	}
	if (sock_adopt(l->poll.loop, fd, &s, NULL)) {
		(void)close(fd);
		take_a_rest(l);
		return false;
	}
	l->fn(l->ctx, s); /* may close the listener */
	return !l->closing;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct listener *l = poll->data;
	unsigned i;

	(void)events; /* UV_READABLE is all there is */
	if (status) { /* libuv has stopped: try again later */
		take_a_rest(l);
		return;
	}
	for (i = 0; i < BATCH && take_one(l); i++)
		;
}

static void on_closed(uv_handle_t *handle)
{
	struct listener *l = handle->data;

	if (!--l->handles)
		free(l);
}

/* Owns `fd` on success only. */
static int start(uv_loop_t *loop, int fd, listener_fn *fn, void *ctx,
		 struct listener **out, mv_error *err)
{
	struct listener *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return fail(err, MICROVM_ENOMEM, "no memory for a listener");
	if (listen(fd, BACKLOG)) {
		rc = fail_os(err, MICROVM_EIO, errno, "cannot listen");
		goto out;
	}
	rc = uv_poll_init(loop, &l->poll, fd);
	if (rc) {
		rc = fail_os(err, MICROVM_EIO, -rc, "cannot poll a listener");
		goto out;
	}
	(void)uv_timer_init(loop, &l->rest); /* cannot fail */
	l->poll.data = l;
	l->rest.data = l;
	l->handles = 2;
	l->fd = fd;
	l->fn = fn;
	l->ctx = ctx;
	wake(&l->rest);
	*out = l;
	return 0;
out:
	free(l);
	return rc;
}

static int cannot_bind(const struct addr *at, int os, mv_error *err)
{
	enum microvm_code code = os == EADDRINUSE ? MICROVM_EBUSY : MICROVM_EIO;
	char text[ADDR_TEXT];
	int rc = fail_os(err, code, os, "cannot listen on %s",
			 addr_text(at, text));

	switch (os) {
	case EADDRINUSE:
		return fail_hint(err, rc,
				 "choose another port, or end the program that "
				 "listens there");
	case EADDRNOTAVAIL:
		return fail_hint(err, rc,
				 "give an address that this host has, such as "
				 "127.0.0.1");
	case EACCES:
		return fail_hint(err, rc,
				 "choose a port above 1023: those below are "
				 "root's");
	default: return rc;
	}
}

static int cannot_make(int os, mv_error *err)
{
	return fail_os(err, MICROVM_EIO, os, "cannot make a socket");
}

static int set(int fd, int level, int name)
{
	return setsockopt(fd, level, name, &(int){ 1 }, sizeof(int));
}

int listener_tcp(uv_loop_t *loop, const struct addr *at, listener_fn *fn,
		 void *ctx, struct listener **out, mv_error *err)
{
	bool six = at->family == ADDR_IPV6;
	struct sockaddr_storage sa;
	socklen_t len = sockaddr_from_addr(&sa, at);
	int fd, rc;

	if (!len)
		return fail(err, MICROVM_EINVAL, "no address to listen on");
	fd = sockfd_make(six ? AF_INET6 : AF_INET, SOCK_STREAM);
	if (fd < 0)
		return cannot_make(-fd, err);
	/* REUSEADDR: the last run's connections do not hold up this one's. */
	if (set(fd, SOL_SOCKET, SO_REUSEADDR) ||
	    (six && set(fd, IPPROTO_IPV6, IPV6_V6ONLY)))
		rc = fail_os(err, MICROVM_EIO, errno, "cannot set up a socket");
	else if (bind(fd, (const struct sockaddr *)&sa, len))
		rc = cannot_bind(at, errno, err);
	else
		rc = start(loop, fd, fn, ctx, out, err);
	if (rc)
		(void)close(fd);
	return rc;
}

int listener_unix(uv_loop_t *loop, const char *path, listener_fn *fn, void *ctx,
		  struct listener **out, mv_error *err)
{
	int fd = sockfd_make(AF_UNIX, SOCK_STREAM);
	struct unix_path p;
	int rc;

	if (fd < 0)
		return cannot_make(-fd, err);
	rc = unix_path_bind(&p, fd, path, err);
	if (rc)
		goto out_fd;
	rc = start(loop, fd, fn, ctx, out, err);
	if (rc)
		goto out_path;
	(*out)->path = p;
	return 0;
out_path:
	unix_path_remove(&p);
out_fd:
	(void)close(fd);
	return rc;
}

bool listener_addr(const struct listener *l, struct addr *a)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	return !getsockname(l->fd, (struct sockaddr *)&sa, &len) &&
	       sockaddr_to_addr((const struct sockaddr *)&sa, a);
}

void listener_close(struct listener *l)
{
	if (!l)
		return;
	l->closing = true;
	unix_path_remove(&l->path); /* first: nobody finds it dead there */
	uv_close((uv_handle_t *)&l->poll, on_closed);
	uv_close((uv_handle_t *)&l->rest, on_closed);
	(void)close(l->fd);
}
