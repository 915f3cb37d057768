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
 * that ended it).  Or when the tools of busybox ask PID 1 for the end, as they
 * do by signals: SIGUSR1 and SIGUSR2 to halt and power off, then *status is 0;
 * SIGTERM to reboot, then it is -1, as when the host asks.
 */
enum program_end program_run(struct agent *agent, int *status);

#endif
