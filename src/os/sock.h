/* SPDX-License-Identifier: MIT */
/*
 * sock.h - a non-blocking stream socket under a libuv loop.
 *
 * Readiness from uv_poll, bytes by readv and writev over many buffers at once:
 * libuv's own streams read one buffer a call, twice the CPU time with the 4 KiB
 * buffers guests give (measured).  Everything here is the loop thread's.  A
 * struct sock is freed by sock_close() or sock_release(); no callback comes
 * after either, and the loop ends by itself when all are closed.
 *
 * No SIGPIPE is raised, whatever the host program does about it.
 */
#ifndef OS_SOCK_H
#define OS_SOCK_H

#include <stdbool.h>
#include <uv.h>

#include "base/error.h"
#include "base/span.h"
#include "os/addr.h"

struct sock;

enum sock_what {
	SOCK_IN = 1 << 0,  /* readable: bytes, the end, or an error */
	SOCK_OUT = 1 << 1, /* writable, or the connect is over */
	SOCK_HUP = 1 << 2, /* the other end takes no more and sends no more */
};

/*
 * A half-close of the other end is no SOCK_HUP: it is SOCK_IN and sock_read()
 * returning 0.  A TCP peer that closed looks like that, too, until it answers
 * what is sent to it with a RST; a Unix one is seen at once.
 */

/* `what` is a sum of enum sock_what.  It may close the sock. */
typedef void sock_ready_fn(void *ctx, unsigned what);

/*
 * Called with each socket made for the host's network, before it connects: to
 * bind it to an interface or mark it.  False: do not use it.
 */
typedef bool sock_hook_fn(void *ctx, int fd, const struct addr *to);

/*
 * Put a connected stream socket under the loop; it owns `fd` on success only.
 */
int sock_adopt(uv_loop_t *loop, int fd, struct sock **out,
	       mv_error *err) MUST_CHECK;

/*
 * Begin to connect.  SOCK_OUT says when that is over; then sock_error() tells
 * how it went.  `hook` may be NULL.  What is known at once fails here, its
 * errno in err->os: no route; a path where nobody listens, or whose listener
 * has no room for more (EAGAIN).
 */
int sock_connect(uv_loop_t *loop, const struct addr *to, sock_hook_fn *hook,
		 void *hook_ctx, struct sock **out, mv_error *err) MUST_CHECK;
int sock_connect_unix(uv_loop_t *loop, const char *path, struct sock **out,
		      mv_error *err) MUST_CHECK;

/*
 * Who is told; NULL: nobody, and sock_want() waits for nothing.  What was
 * wanted before is forgotten.
 */
void sock_listen_to(struct sock *s, sock_ready_fn *ready, void *ctx);

/*
 * Ask to be told once, of each kind in `what`, when it is so.  What is not
 * asked for costs nothing, however ready it is.
 */
void sock_want(struct sock *s, unsigned what);

/* Bytes moved, 0 at the end, or a negated errno (-EAGAIN: not now). */
ptrdiff_t sock_read(struct sock *s, const struct span *v, unsigned n);
ptrdiff_t sock_write(struct sock *s, const struct span *v, unsigned n);

/* The pending error, an errno, once; 0: none, or it is connected. */
int sock_error(struct sock *s);

/* shutdown(2) of SOCK_IN or SOCK_OUT. */
void sock_shut(struct sock *s, unsigned what);

/* Its own address; false if it has none (a Unix socket). */
bool sock_local(const struct sock *s, struct addr *a);

/* Close; `reset`: have TCP send RST in place of FIN. */
void sock_close(struct sock *s, bool reset);

/* Leave the loop and hand the descriptor back, still non-blocking. */
int sock_release(struct sock *s);

/* ---- datagrams, of the same kind -------------------------------------- */

/* An unconnected UDP socket of that family, bound to any port. */
int sock_udp(uv_loop_t *loop, enum addr_family family, sock_hook_fn *hook,
	     void *hook_ctx, const struct addr *to, struct sock **out,
	     mv_error *err) MUST_CHECK;

/*
 * One datagram: its length, or a negated errno.  -EMSGSIZE: it was longer than
 * `len`, and is gone.
 */
ptrdiff_t sock_recv_from(struct sock *s, void *buf, size_t len,
			 struct addr *from);
ptrdiff_t sock_send_to(struct sock *s, const void *buf, size_t len,
		       const struct addr *to);

#endif
