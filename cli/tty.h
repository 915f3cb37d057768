/* SPDX-License-Identifier: MIT */
/*
 * tty.h - the terminal of the user, raw while a guest has it.
 *
 * Raw means that every key reaches the guest as it was pressed (Enter as CR,
 * Ctrl-C as 3) and that what the guest prints is not touched either.
 */
#ifndef CLI_TTY_H
#define CLI_TTY_H

#include <microvm.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <termios.h>

struct tty {
	int fd;
	bool present;         /* fd is a terminal */
	atomic_bool raw;      /* any thread may give it back */
	struct termios saved; /* as found; written before raw is */
};

void tty_init(struct tty *t, int fd);

/*
 * Take it, unless we are in the background, where it is not ours to set.
 * Once more after a stop: somebody may have set it meanwhile.  Reads never
 * block in raw mode: another reader may have been faster.
 */
int tty_take(struct tty *t, microvm_error *err);

/* Give it back as it was found; nothing when it is not taken. */
void tty_give(struct tty *t);

/* False when it has no size, or is no terminal. */
bool tty_size(const struct tty *t, unsigned *cols, unsigned *rows);

#endif
