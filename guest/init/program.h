/* SPDX-License-Identifier: MIT */
/* program.h - the one program this guest was started for. */
#ifndef GUEST_INIT_PROGRAM_H
#define GUEST_INIT_PROGRAM_H

#include "guest/init/agent.h"

/* What is to become of the machine. */
enum program_end { PROGRAM_OFF, PROGRAM_RESTART };

/*
 * Run the command of /etc/microvm/cmd, or a shell, with the variables of
 * /etc/microvm/env on the console; outbound-proxy before it and beside it.
 * Reaps every orphan and obeys the host meanwhile.  Comes back when the
 * program ended, then *status is its own (128 and the number of the signal
 * that ended it); or when somebody asks for the end, and *status is untouched:
 * the host, or the tools of busybox by signals to PID 1: SIGUSR1 and SIGUSR2
 * to halt and power off, SIGTERM to reboot.
 */
enum program_end program_run(struct agent *agent, int *status);

#endif
