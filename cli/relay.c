/* SPDX-License-Identifier: MIT */
/* relay.c - bytes between a socket and two descriptors, both ways at once. */
#include "relay.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAY_ROOM = 64 * 1024, GONE = POLLERR | POLLHUP | POLLNVAL };

/* One direction: [head, tail) was read and is to be written. */
struct way {
	bool eof;  /* nothing more is read */
	bool over; /* nor written: its far side was told, or is gone */
	size_t head, tail;
	uint8_t buf[WAY_ROOM];
};

struct relay {
	int sock, in, out;
	bool closed; /* the peer takes nothing and sends nothing */
	int os;
	struct way up, down;
};

static bool is_empty(const struct way *w)
{
	return w->head == w->tail;
}

static bool wants_more(const struct way *w)
{
	return is_empty(w) && !w->eof && !w->over;
}

static bool later(int os)
{
	return os == EAGAIN || os == EWOULDBLOCK || os == EINTR;
}

/* What read(2) or recv(2) said.  False: errno tells what is wrong. */
static bool took(struct way *w, ssize_t n)
{
	if (n < 0)
		return later(errno);
	w->eof = n == 0;
	w->head = 0;
	w->tail = (size_t)n;
	return true;
}

static enum relay_end fails(struct relay *r, enum relay_end end)
{
	r->os = errno;
	return end;
}

static enum relay_end read_input(struct relay *r)
{
	struct way *w = &r->up;

	if (took(w, read(r->in, w->buf, sizeof(w->buf))))
		return RELAY_DONE;
	if (errno != EIO)
		return fails(r, RELAY_INPUT);
	w->eof = true; /* the terminal is gone, or not ours to read from */
	return RELAY_DONE;
}

static enum relay_end read_peer(struct relay *r)
{
	struct way *w = &r->down;

	if (took(w, recv(r->sock, w->buf, sizeof(w->buf), 0)))
		return RELAY_DONE;
	return fails(r, errno == ECONNRESET ? RELAY_RESET : RELAY_SOCKET);
}

static enum relay_end write_peer(struct relay *r)
{
	struct way *w = &r->up;
	ssize_t n;

	n = send(r->sock, w->buf + w->head, w->tail - w->head, MSG_NOSIGNAL);
	if (n >= 0) {
		w->head += (size_t)n;
	} else if (errno == EPIPE || errno == ECONNRESET) {
		/* It takes no more; what it sent is still to be read. */
		w->head = w->tail;
		w->over = true;
	} else if (!later(errno)) {
		return fails(r, RELAY_SOCKET);
	}
	return RELAY_DONE;
}

static enum relay_end write_output(struct relay *r)
{
	struct way *w = &r->down;
	size_t len = w->tail - w->head;
	/* As much as a pipe that is ready takes without blocking us. */
	ssize_t n = write(r->out, w->buf + w->head,
			  len < PIPE_BUF ? len : PIPE_BUF);

	if (n >= 0)
		w->head += (size_t)n;
	else if (!later(errno))
		return fails(r, RELAY_OUTPUT);
	return RELAY_DONE;
}

/* Pass on that a direction has ended, when all of it has arrived. */
static enum relay_end pass_ends(struct relay *r)
{
	int fd = r->out;

	if (r->up.eof && is_empty(&r->up) && !r->up.over) {
		r->up.over = true;
		(void)shutdown(r->sock, SHUT_WR); /* or it is gone already */
	}
	if (r->down.eof && is_empty(&r->down) && !r->down.over) {
		r->down.over = true;
		r->out = -1;
		if (close(fd) && errno != EINTR)
			return fails(r, RELAY_OUTPUT);
	}
	return RELAY_DONE;
}

enum { IN, SOCK, OUT, FDS };

/*
 * A descriptor is looked at only if something is to be done with it, for one
 * that hung up is always ready.  The output is looked at always: when nobody
 * reads it any more, nothing makes sense.
 */
static void look(const struct relay *r, struct pollfd fds[static FDS])
{
	short sock = 0;

	if (wants_more(&r->down))
		sock |= POLLIN;
	if (!is_empty(&r->up))
		sock |= POLLOUT;
	fds[IN] = (struct pollfd){ wants_more(&r->up) ? r->in : -1, POLLIN, 0 };
	fds[SOCK] =
		(struct pollfd){ sock || r->down.over ? r->sock : -1, sock, 0 };
	fds[OUT] =
		(struct pollfd){ r->out, is_empty(&r->down) ? 0 : POLLOUT, 0 };
}

static enum relay_end turn(struct relay *r)
{
	enum relay_end end = RELAY_DONE;
	struct pollfd fds[FDS];

	look(r, fds);
	if (poll(fds, FDS, -1) < 0)
		return errno == EINTR ? RELAY_DONE : fails(r, RELAY_SOCKET);
	if (fds[OUT].revents & GONE && is_empty(&r->down)) {
		errno = EPIPE;
		return fails(r, RELAY_OUTPUT);
	}
	if (fds[OUT].revents)
		end = write_output(r);
	if (!end && fds[IN].revents)
		end = read_input(r);
	if (!end && fds[SOCK].revents && !is_empty(&r->up))
		end = write_peer(r);
	if (!end && fds[SOCK].revents && wants_more(&r->down))
		end = read_peer(r);
	if (!end && fds[SOCK].revents & GONE && r->down.over)
		r->closed = true;
	return end ? end : pass_ends(r);
}

enum relay_end relay_run(int sock, int in, int out, int *os)
{
	struct relay r = { .sock = sock, .in = in, .out = out };
	enum relay_end end = RELAY_DONE;

	while (!end && !r.closed && !(r.up.over && r.down.over))
		end = turn(&r);
	*os = r.os;
	return end;
}
