/* SPDX-License-Identifier: MIT */
/* program.h - the one program this guest was started for. */
#ifndef GUEST_INIT_PROGRAM_H
#define GUEST_INIT_PROGRAM_H

/* What is to become of the machine. */
enum program_end { PROGRAM_OFF, PROGRAM_RESTART };

/*
 * Run the command of /etc/microvm/cmd, or a shell, with the variables of
 * /etc/microvm/env on the console, and reap every orphan meanwhile.  Comes
 * back when it ended, or when somebody asks PID 1 for the end as the tools of
 * busybox do: SIGUSR1 and SIGUSR2 to halt and power off, SIGTERM to reboot.
 */
enum program_end program_run(void);

#endif
