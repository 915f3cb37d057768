/* SPDX-License-Identifier: MIT */
/*
 * line.h - short lines of text at the start of a connection, byte by byte.
 *
 * "CONNECT <port>\n" from a client and "OK <port>\n" back, as several VMMs
 * speak it on a Unix socket; the agent's lines are of the same kind.  Pure.
 */
#ifndef ENDPOINT_LINE_H
#define ENDPOINT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_MAX_LEN = 64 };

enum line_event { LINE_MORE, LINE_WHOLE, LINE_TOO_LONG };

struct line {
	size_t len;
	char text[LINE_MAX_LEN + 1]; /* without the "\n" or "\r\n" */
};

/*
 * Eat up to the end of one line; *used says how much.  After LINE_WHOLE, text
 * is a string (a NUL byte in it makes it LINE_TOO_LONG: it is no text), and
 * line_next() begins the next.
 */
enum line_event line_feed(struct line *l, const uint8_t *p, size_t len,
			  size_t *used);
void line_next(struct line *l);

/* "WORD NUMBER": true when that is all of it and the number fits. */
bool line_number(const struct line *l, const char *word, uint32_t *number);

#endif
