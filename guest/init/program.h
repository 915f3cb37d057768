/* SPDX-License-Identifier: MIT */
/* program.h - the one program this guest was started for. */
#ifndef GUEST_INIT_PROGRAM_H
#define GUEST_INIT_PROGRAM_H

/*
 * Run the command of /etc/microvm/cmd, or a shell, with the variables of
 * /etc/microvm/env on the console, reap every orphan meanwhile, and come back
 * when it ended: its status, 128 + a signal, 126 or 127.
 */
int program_run(void);

#endif
