/* SPDX-License-Identifier: MIT */
/* wake.c - a pipe by which other threads wake one that sits in poll(2). */
#include "wake.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "say.h"

int wake_init(struct wake *w, microvm_error *err)
{
	int fd[2];

	if (pipe(fd))
		return refuse_os(err, errno, "cannot make a pipe");
	for (int i = 0; i < 2; i++) {
		if (fcntl(fd[i], F_SETFD, FD_CLOEXEC) ||
		    fcntl(fd[i], F_SETFL, O_NONBLOCK)) {
			(void)refuse_os(err, errno, "cannot set up a pipe");
			(void)close(fd[0]);
			(void)close(fd[1]);
			return -MICROVM_EIO;
		}
	}
	*w = (struct wake){ fd[0], fd[1] };
	return 0;
}

void wake_fini(struct wake *w)
{
	(void)close(w->rd);
	(void)close(w->wr);
}

void wake_poke(const struct wake *w)
{
	ssize_t n;

	do /* a full pipe is awake already */
		n = write(w->wr, "", 1);
	while (n < 0 && errno == EINTR);
}

void wake_clear(const struct wake *w)
{
	char buf[256];

	while (read(w->rd, buf, sizeof(buf)) > 0)
		;
}
