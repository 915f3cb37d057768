/* SPDX-License-Identifier: MIT */
/* oracle_link.h - the oracle's process, and batches to and from it. */
#ifndef DIFF_ORACLE_LINK_H
#define DIFF_ORACLE_LINK_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "case.h"

struct oracle {
	pid_t pid;
	FILE *to, *from;
};

/* `runner`: NULL to run the program as it is.  Says why on stderr. */
bool oracle_start(struct oracle *o, const char *runner, const char *program);
void oracle_stop(struct oracle *o);

/* Hand over a batch; the oracle works on it meanwhile. */
bool oracle_ask(struct oracle *o, const struct dcase *c, uint32_t count);

/* One answer, in order: all of a batch before the next oracle_ask(). */
bool oracle_answer(struct oracle *o, struct dresult *r, struct dword *words);

#endif
