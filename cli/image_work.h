/* SPDX-License-Identifier: MIT */
/*
 * image_work.h - a folder for half-made files, gone when the work is.
 *
 * While there is one, the signals that would end us wait; the work asks for
 * them between its steps, clears up, and then they are let through.
 */
#ifndef CLI_IMAGE_WORK_H
#define CLI_IMAGE_WORK_H

#include <microvm.h>
#include <signal.h>

struct work {
	char *into;     /* the folder the results belong in */
	char *dir;      /* our own, inside it */
	sigset_t before;
};

/* Makes `into` and what is above it, if missing. */
int work_begin(struct work *w, const char *into, microvm_error *err);

/* Removes the folder; a waiting signal then ends the process. */
void work_end(struct work *w);

/* The signals that end us politely. */
void work_signals(sigset_t *set);

/* An error when one of them waits. */
int work_interrupted(microvm_error *err);

/* "DIR/name" in our folder or in the one of the results; from malloc. */
char *work_path(const char *dir, const char *name);

/* Move a finished file from our folder to where it belongs. */
int work_publish(const struct work *w, const char *name, microvm_error *err);

#endif
