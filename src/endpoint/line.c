/* SPDX-License-Identifier: MIT */
/* line.c - short lines of text, byte by byte; knows no socket. */
#include "endpoint/line.h"

#include <string.h>

/* What len becomes when the line is no line: more than any text has. */
enum { SPOILT = LINE_MAX_LEN + 2 };

/* One byte more for the text, the "\r" of an "\r\n" beyond its end too. */
static bool add(struct line *l, uint8_t c)
{
	if (c == '\0' || l->len > LINE_MAX_LEN)
		return false;
	if (l->len == LINE_MAX_LEN && c != '\r')
		return false;
	l->text[l->len++] = (char)c;
	return true;
}

/* The "\n" has come. */
static enum line_event finish(struct line *l)
{
	if (l->len > 0 && l->text[l->len - 1] == '\r')
		l->len--;
	l->text[l->len] = '\0';
	return LINE_WHOLE;
}

enum line_event line_feed(struct line *l, const uint8_t *p, size_t len,
			  size_t *used)
{
	size_t i;

	*used = 0;
	if (l->len == SPOILT)
		return LINE_TOO_LONG;
	for (i = 0; i < len; i++) {
		*used = i + 1;
		if (p[i] == '\n')
			return finish(l);
		if (!add(l, p[i])) {
			l->len = SPOILT;
			return LINE_TOO_LONG;
		}
	}
	return LINE_MORE;
}

void line_next(struct line *l)
{
	l->len = 0;
}

/* Digits and nothing else; not strtoul(), which takes signs and spaces. */
static bool digits(const char *p, uint32_t *number)
{
	uint64_t v = 0;

	if (!*p)
		return false;
	for (; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		v = v * 10 + (uint64_t)(*p - '0');
		if (v > UINT32_MAX)
			return false;
	}
	*number = (uint32_t)v;
	return true;
}

bool line_number(const struct line *l, const char *word, uint32_t *number)
{
	size_t n = strlen(word);

	return l->len <= LINE_MAX_LEN && strncmp(l->text, word, n) == 0 &&
	       l->text[n] == ' ' && digits(l->text + n + 1, number);
}
