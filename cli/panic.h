/* SPDX-License-Identifier: MIT */
/*
 * panic.h - finding the words of a Linux panic in what a guest prints.
 *
 * Pure, incremental, of fixed size.  The guest may print what it likes, so
 * this decides only how an ended guest is explained.
 */
#ifndef CLI_PANIC_H
#define CLI_PANIC_H

#include <stdbool.h>
#include <stddef.h>

enum { PANIC_WHY = 120 };

struct panic {
	size_t matched; /* letters of the words seen in a row */
	bool seen;
	bool complete; /* the line has ended: why is whole */
	size_t len;
	char why[PANIC_WHY]; /* the rest of the line; printable ASCII only */
};

void panic_feed(struct panic *p, const void *data, size_t len);

/* What to do about it, or NULL when that is not known. */
const char *panic_hint(const struct panic *p);

#endif
