/* SPDX-License-Identifier: MIT */
/* tty.c - the terminal of the user, raw while a guest has it. */
#include "tty.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "say.h"

void tty_init(struct tty *t, int fd)
{
	t->fd = fd;
	t->present = isatty(fd);
	atomic_init(&t->raw, false);
}

/*
 * In the background tcsetattr() would stop us (SIGTTOU).  A terminal that is
 * not our controlling one has no foreground for us and is ours.
 */
static bool background(const struct tty *t)
{
	pid_t front = tcgetpgrp(t->fd);

	return front > 0 && front != getpgrp();
}

int tty_take(struct tty *t, microvm_error *err)
{
	struct termios raw;

	if (!t->present || background(t))
		return 0;
	if (!atomic_load(&t->raw) && tcgetattr(t->fd, &t->saved))
		return refuse_os(err, errno,
				 "cannot read the terminal's "
				 "settings");
	raw = t->saved;
	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
				   IGNCR | ICRNL | IXON);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
	raw.c_cflag |= CS8;
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	atomic_store(&t->raw, true);
	/* Now, without a flush: what was typed ahead is for the guest. */
	if (!tcsetattr(t->fd, TCSANOW, &raw))
		return 0;
	atomic_store(&t->raw, false);
	return refuse_os(err, errno, "cannot make the terminal raw");
}

void tty_give(struct tty *t)
{
	if (!atomic_exchange(&t->raw, false))
		return;
	/* Now: draining would wait for a terminal that is held (Ctrl-S).
	 * It fails only when the terminal is gone. */
	if (!background(t))
		(void)tcsetattr(t->fd, TCSANOW, &t->saved);
}

bool tty_size(const struct tty *t, unsigned *cols, unsigned *rows)
{
	struct winsize w;

	if (!t->present || ioctl(t->fd, TIOCGWINSZ, &w) || !w.ws_col ||
	    !w.ws_row)
		return false;
	*cols = w.ws_col;
	*rows = w.ws_row;
	return true;
}
