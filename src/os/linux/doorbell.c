/* SPDX-License-Identifier: MIT */
/* doorbell.c - waking a libuv loop: an eventfd under uv_poll. */
#include "os/doorbell.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct doorbell *d = poll->data;
	eventfd_t count;

	(void)status; /* the descriptor is ours: it has no errors */
	(void)events;
	(void)eventfd_read(d->fd[0], &count); /* nothing there: rung before */
	d->rung(d->ctx);
}

int doorbell_init(struct doorbell *d, uv_loop_t *loop, void (*rung)(void *ctx),
		  void *ctx, mv_error *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int rc;

	if (fd < 0)
		return fail_os(err, MICROVM_EIO, errno,
			       "cannot make an eventfd");
	*d = (struct doorbell){ .fd = { fd, fd }, .rung = rung, .ctx = ctx };
	rc = uv_poll_init(loop, &d->poll, fd);
	if (rc) {
		(void)close(fd);
		return fail_os(err, MICROVM_EIO, -rc, "cannot poll an eventfd");
	}
	d->poll.data = d;
	/* Fails only for a handle that is closing. */
	(void)uv_poll_start(&d->poll, UV_READABLE, on_poll);
	return 0;
}

void doorbell_ring(struct doorbell *d)
{
	(void)eventfd_write(d->fd[1], 1); /* full: it is ringing already */
}

void doorbell_close(struct doorbell *d)
{
	uv_close((uv_handle_t *)&d->poll, NULL);
}

void doorbell_fini(struct doorbell *d)
{
	(void)close(d->fd[0]);
}
