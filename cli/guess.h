/* SPDX-License-Identifier: MIT */
/* guess.h - which known word somebody meant ("did you mean --memory?"). */
#ifndef CLI_GUESS_H
#define CLI_GUESS_H

#include <microvm.h>

struct guess {
	const char *word; /* as typed */
	const char *best; /* the nearest name offered, NULL when none is near */
	unsigned distance;
};

struct guess guess_start(const char *word);

/* Offer a name.  It is kept, not copied, when it is the nearest so far. */
void guess_offer(struct guess *g, const char *name);

/* Nothing of that name: "WHAT 'word' (did you mean best?)". */
int guess_refuse(const struct guess *g, const char *what, microvm_error *err);

#endif
