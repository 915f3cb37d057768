/* SPDX-License-Identifier: MIT */
/*
 * sock_stream.h - a socket as the host's end of a guest's connection.
 *
 * Bytes go between the guest's buffers and the socket with no copy of ours.
 * A half-close goes through in each direction; a reset by the guest becomes a
 * TCP RST, and a socket that fails resets the guest, once the guest has read
 * what came before.
 */
#ifndef NET_SOCK_STREAM_H
#define NET_SOCK_STREAM_H

#include "core/stream.h"
#include "os/sock.h"

struct sock_stream {
	struct stream stream;
	struct sock *sock;
	uint64_t up, down;      /* bytes from the guest, to the guest */
	bool read_over;         /* the socket's end was passed on */
	bool write_over;        /* the guest has ended, or nobody listens */
	bool failed;            /* the bytes end with an error, not in order */

	/* A connection the host opened was accepted; or NULL. */
	void (*opened)(struct sock_stream *s);

	/*
	 * The last of close(), its sock closed: frees what it is part of; or
	 * NULL, when it was made by sock_stream_new().
	 */
	void (*closed)(struct sock_stream *s, enum stream_why why);
};

/*
 * Set up in place, over a sock that is connected; it owns the sock, and is who
 * listens to it.  opened and closed become NULL: set them afterwards.
 */
void sock_stream_init(struct sock_stream *s, struct sock *sock);

/* One that frees itself at its close.  On failure the sock is the caller's. */
int sock_stream_new(struct sock *sock, struct stream **out,
		    mv_error *err) MUST_CHECK;

/*
 * One whose socket is still connecting (sock_connect): stream.opening until it
 * is there; a connect that fails refuses the guest.
 */
int sock_stream_opening(struct sock *sock, struct stream **out,
			mv_error *err) MUST_CHECK;

/*
 * The parts, for streams that become a socket's later (a proxy session): the
 * same rules, over a `struct sock_stream` inside.
 */
ptrdiff_t sock_stream_read(struct stream *s, const struct span *v, unsigned n);
ptrdiff_t sock_stream_write(struct stream *s, const struct span *v, unsigned n);
void sock_stream_end(struct stream *s);
void sock_stream_deaf(struct stream *s);
void sock_stream_close(struct stream *s, enum stream_why why);

#endif
