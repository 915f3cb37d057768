/* SPDX-License-Identifier: MIT */
/*
 * session.h - a running guest on standard input and output.
 *
 * The main thread sits in one poll(2) over stdin and a pipe by which the VM's
 * events, the signals and the output thread wake it.  What the user types
 * goes through escape.h; what the guest prints goes through pump.h.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <microvm.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "escape.h"
#include "pump.h"
#include "signals.h"
#include "tty.h"
#include "wake.h"

/* Why the guest stopped, when it was we who stopped it. */
enum ending {
	END_GUEST,   /* it was not */
	END_SIGNAL,  /* a signal to the command */
	END_TIMEOUT, /* --timeout */
	END_QUIT,    /* the user's escape command */
	END_STOP,    /* his other one: the guest was asked to end itself */
	END_OUTPUT,  /* nobody can be given what it prints */
};

enum {
	INPUT_READ = 4096,
	/* A paste to a guest that does not read yet; beyond it the terminal
	 * is held up, and with it the escape commands. */
	INPUT_MAX = 256 * 1024,
	/* Fewer than a Linux terminal keeps, which answers more by a beep,
	 * to which we would answer again. */
	REMINDERS_MAX = 1000,
};

struct session {
	struct wake wake;
	struct tty tty;
	struct signals signals;
	struct pump pump;
	struct escape escape;
	bool quiet, hinted;
	bool shell; /* the guest runs one, which wants to be told of the end */
	uint64_t deadline_ms; /* monotonic; 0: none */

	microvm_vm *vm;
	atomic_bool writable; /* the guest takes input */
	atomic_bool exited;   /* the last event has come */
	enum ending ending;
	int signal;        /* END_SIGNAL: which */
	bool killed;       /* and then it has ended */
	bool forced;       /* it was asked to end itself and did not */
	uint64_t grace_ms; /* killed: when to give up on a slow reader */
	uint64_t stop_ms;  /* asked to end itself: when to kill it; 0: not */
	atomic_bool vsock_up; /* the guest's driver worked once */
	atomic_bool agent;    /* init is there to be asked */

	bool eof;           /* of stdin */
	bool heard;         /* there was something before it */
	bool unfinished;    /* its last line */
	unsigned reminders; /* of that, typed to this guest */
	uint8_t last;       /* byte of stdin */
	size_t head, tail;
	uint8_t input[INPUT_MAX]; /* [head, tail) waits for the guest */
};

/*
 * Blocks signals: before any VM is made.  `escape` as for escape_init;
 * `timeout_ms` counts from now, 0 for never.
 */
int session_init(struct session *s, const char *escape, uint64_t timeout_ms,
		 microvm_error *err);

/* Gives back the terminal and the signals. */
void session_fini(struct session *s);

/* A signal wants it all to end. */
bool session_told_to_end(const struct session *s);

/* The microvm_event_fn of the VM, with the session as its context. */
void session_event(void *ctx, enum microvm_event event);

/*
 * Start the VM and stay until it has ended and all it printed is written.
 * Then s->ending, s->signal and s->pump tell the story.
 */
int session_run(struct session *s, microvm_vm *vm, microvm_error *err);

#endif
