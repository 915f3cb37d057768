/* SPDX-License-Identifier: MIT */
/* doorbell.c - waking a libuv loop: a pipe under uv_poll. */
#include "os/doorbell.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct doorbell *d = poll->data;
	char drain[64];

	(void)status; /* the descriptor is ours: it has no errors */
	(void)events;
	while (read(d->fd[0], drain, sizeof(drain)) == (ssize_t)sizeof(drain))
		;
	d->rung(d->ctx);
}

/* macOS has no pipe2(). */
static int prepare(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void close_both(const int fd[static 2])
{
	(void)close(fd[0]);
	(void)close(fd[1]);
}

int doorbell_init(struct doorbell *d, uv_loop_t *loop, void (*rung)(void *ctx),
		  void *ctx, mv_error *err)
{
	int rc, fd[2];

	if (pipe(fd))
		return fail_os(err, MICROVM_EIO, errno, "cannot make a pipe");
	if (prepare(fd[0]) || prepare(fd[1])) {
		rc = fail_os(err, MICROVM_EIO, errno, "cannot set up a pipe");
		close_both(fd);
		return rc;
	}
	*d = (struct doorbell){ .fd = { fd[0], fd[1] },
				.rung = rung,
				.ctx = ctx };
	rc = uv_poll_init(loop, &d->poll, fd[0]);
	if (rc) {
		close_both(fd);
		return fail_os(err, MICROVM_EIO, -rc, "cannot poll a pipe");
	}
	d->poll.data = d;
	/* Fails only for a handle that is closing. */
	(void)uv_poll_start(&d->poll, UV_READABLE, on_poll);
	return 0;
}

void doorbell_ring(struct doorbell *d)
{
	/* A full pipe rings already; both ends are open: no SIGPIPE. */
	ssize_t n = write(d->fd[1], "", 1);

	(void)n;
}

void doorbell_close(struct doorbell *d)
{
	uv_close((uv_handle_t *)&d->poll, NULL);
}

void doorbell_fini(struct doorbell *d)
{
	close_both(d->fd);
}
