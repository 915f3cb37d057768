/* SPDX-License-Identifier: MIT */
/*
 * escape.h - commands to the monitor hidden in what the user types.
 *
 * A prefix key (Ctrl-A) and a letter are a command; the prefix twice is the
 * prefix itself; the prefix and anything else goes to the guest as typed.
 * Pure: bytes in, bytes and commands out; knows no terminal.
 */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include <microvm.h>
#include <stdbool.h>

enum escape_key {
	ESCAPE_NONE,
	ESCAPE_QUIT,  /* x */
	ESCAPE_STOP,  /* s */
	ESCAPE_BREAK, /* b */
	ESCAPE_HELP,  /* h */
};

struct escape {
	bool on;
	uint8_t prefix;
	bool armed; /* the last byte was the prefix */
};

/* "^A", "^]", ... or "none". */
int escape_init(struct escape *e, const char *key, microvm_error *err);

/* "Ctrl-A"; the buffer is filled and returned. */
enum { ESCAPE_NAME = 8 };
const char *escape_name(const struct escape *e, char buf[ESCAPE_NAME]);

/*
 * Take bytes until a command or their end.  What is for the guest goes to
 * `out`, which has room for len + 1.  Returns how many were taken.
 */
size_t escape_feed(struct escape *e, const uint8_t *in, size_t len,
		   uint8_t *out, size_t *out_len, enum escape_key *key);

#endif
