/* SPDX-License-Identifier: MIT */
/* parse.h - what the files below /etc/microvm and /lib/modules/list say. */
#ifndef GUEST_INIT_PARSE_H
#define GUEST_INIT_PARSE_H

#include <stdbool.h>
#include <stddef.h>

/* "COLSxROWS" and perhaps a newline; both from 1 to 65535. */
bool parse_size(const char *text, unsigned short *cols, unsigned short *rows);

/*
 * The NUL-terminated strings in [p, p + len) as a new NULL-terminated vector
 * that points into them; p[len] must be NUL, so that a last string without an
 * end has one.  NULL when memory is out.
 */
char **parse_strings(char *p, size_t len);

/* A "NAME=VALUE" whose name is not empty. */
bool parse_is_variable(const char *s);

/*
 * The next line of the text at *cursor, cut at its end, without blanks at its
 * ends; empty lines and lines beginning with # are passed over.  NULL at the
 * end of the text.  Writes NULs into the text.
 */
char *parse_line(char **cursor);

#endif
