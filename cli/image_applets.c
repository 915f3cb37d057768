/* SPDX-License-Identifier: MIT */
/*
 * image_applets.c - the commands a busybox program has inside.
 *
 * busybox keeps their names sorted, each ended by NUL, beginning with "[" and
 * "[[", and finds the one asked for by binary search.  So the table ends where
 * a string is no larger than the one before it or no name of a command.
 */
#include "image_applets.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { NAME_MAX_LEN = 32, APPLETS_MAX = 1000 };

static bool is_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("[_-.+", s[i]))
			return false;
	return n > 0 && n <= NAME_MAX_LEN;
}

/* How many sorted names stand from p on. */
static size_t count_names(const char *p, size_t len)
{
	const char *before = "", *end;
	size_t count = 0, i = 0;

	while (i < len && count < APPLETS_MAX) {
		end = memchr(p + i, '\0', len - i);
		if (!end || !is_name(p + i, (size_t)(end - (p + i))) ||
		    strcmp(before, p + i) >= 0)
			break;
		before = p + i;
		i = (size_t)(end - p) + 1;
		count++;
	}
	return count;
}

size_t applets_find(const uint8_t *p, size_t len, const char **names)
{
	static const char start[] = "\0[\0[["; /* and its own NUL */
	size_t i;

	if (len < sizeof(start))
		return 0;
	for (i = 0; i <= len - sizeof(start); i++) {
		if (p[i] != 0 || memcmp(p + i, start, sizeof(start)) != 0)
			continue;
		*names = (const char *)p + i + 1;
		return count_names(*names, len - i - 1);
	}
	return 0;
}
