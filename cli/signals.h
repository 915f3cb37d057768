/* SPDX-License-Identifier: MIT */
/*
 * signals.h - signals to the command, turned into words for its main loop.
 *
 * A thread of its own waits for them (sigwait), all others have them blocked:
 * no handler, no global, no interrupted system call in the library.  A signal
 * that was ignored when we were started (nohup) stays so.
 *
 * The first signal to end is reported, so that all that was made for the guest
 * is taken apart in order; a second one gives the terminal back and ends the
 * process at once by that signal.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <microvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "tty.h"
#include "wake.h"

struct signals {
	const struct wake *wake;
	struct tty *tty;
	sigset_t set, before;
	pthread_t thread;
	atomic_bool closing;
	atomic_int fatal; /* the first signal to end; 0: none yet */
	atomic_bool stop; /* SIGTSTP came */
	atomic_bool cont; /* SIGCONT came */
};

/* Before any other thread is started, so that they inherit the mask. */
int signals_init(struct signals *s, const struct wake *wake, struct tty *tty,
		 microvm_error *err);
void signals_fini(struct signals *s);

/* Suspend the process, as SIGTSTP does; returns when it is continued. */
void signals_suspend(struct signals *s);

#endif
