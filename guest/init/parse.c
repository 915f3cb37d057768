/* SPDX-License-Identifier: MIT */
/*
 * parse.c - what the files below /etc/microvm and /lib/modules/list say.
 *
 * Bytes in, values out: knows no files and makes no system call.
 */
#include "guest/init/parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Digits at *s as a number from 1 to 65535; moves *s behind them. */
static bool parse_u16(const char **s, unsigned short *v)
{
	unsigned long n = 0;
	const char *p = *s;

	while (*p >= '0' && *p <= '9') {
		n = n * 10 + (unsigned long)(*p++ - '0');
		if (n > 65535)
			return false;
	}
	if (n == 0)
		return false;
	*s = p;
	*v = (unsigned short)n;
	return true;
}

bool parse_size(const char *text, unsigned short *cols, unsigned short *rows)
{
	unsigned short c, r;

	if (!parse_u16(&text, &c) || *text++ != 'x' || !parse_u16(&text, &r))
		return false;
	if (*text == '\n')
		text++;
	if (*text != '\0')
		return false;
	*cols = c;
	*rows = r;
	return true;
}

char **parse_strings(char *p, size_t len)
{
	size_t i, n = 0, count = 0;
	char **v;

	for (i = 0; i < len; i += strlen(p + i) + 1)
		count++;
	v = calloc(count + 1, sizeof(*v));
	if (!v)
		return NULL;
	for (i = 0; i < len; i += strlen(p + i) + 1)
		v[n++] = p + i;
	return v;
}

bool parse_is_variable(const char *s)
{
	return strcspn(s, "=") > 0 && strchr(s, '=');
}

char *parse_line(char **cursor)
{
	char *line, *end;

	while (**cursor) {
		line = *cursor;
		end = line + strcspn(line, "\n");
		*cursor = *end ? end + 1 : end;
		*end = '\0';
		while (isspace((unsigned char)*line))
			line++;
		while (end > line && isspace((unsigned char)end[-1]))
			*--end = '\0';
		if (*line && *line != '#')
			return line;
	}
	return NULL;
}
