/* SPDX-License-Identifier: MIT */
/*
 * life.h - one VM from its creation to its end, which comes in several ways.
 *
 * Its guest is told a word, in a line on the console and in the file /word, and
 * when it had that line has to print the word and switch the machine off.
 * Whatever is not as it should be ends the process.  Knows only the public
 * interface.
 */
#ifndef TESTS_KVM_LIFE_H
#define TESTS_KVM_LIFE_H

#include <microvm.h>
#include <stdatomic.h>

struct plan {
	const char *backend, *kernel, *initrd;
	const char *dir; /* for sockets */
	unsigned cpus, mib;
	unsigned echo;  /* a port of the guest that sends all back; 0: none */
	char **command; /* for init, NULL behind the last; or NULL */
	unsigned natural_ms; /* how long a life takes that nobody ends */
};

enum ending {
	END_OFF,     /* the guest switches itself off */
	END_KILL,    /* killed at some moment */
	END_UNBORN,  /* never started */
	END_FREE,    /* freed at some moment, without a kill before */
	END_STREAMS, /* killed with streams open, which are closed later */
	END_CLOSED,  /* the same, but closed first */
	ENDINGS,
};

enum { STREAMS = 3, LISTEN_PORT = 4000 };

struct life {
	const struct plan *plan;
	unsigned number; /* of all that live, each has its own */
	enum ending ending;
	uint32_t random;

	microvm_vm *vm;
	microvm_stream *stream[STREAMS];
	microvm_listener *listener;
	int client;       /* on the VM's socket; -1: none */
	atomic_bool over; /* nobody may be told anything any more */
	char word[32];
};

/* `l` has its plan, number, ending and random.  Any thread each. */
void life_begin(struct life *l);
void life_end(struct life *l);

uint32_t life_random(uint32_t *seed);

/* Say what went wrong, and end the process. */
void life_die(const char *what, const microvm_error *e);

#endif
