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
	static const char start[] = "[\0[["; /* and its own NUL */
	const char *text = (const char *)p;
	size_t i, n, best = 0;

	if (len < sizeof(start))
		return 0;
	/* Usage texts have such bytes too: the longest table is the one. */
	for (i = 0; i <= len - sizeof(start); i++) {
		if (memcmp(text + i, start, sizeof(start)) != 0)
			continue;
		n = count_names(text + i, len - i);
		if (n > best) {
			best = n;
			*names = text + i;
		}
	}
	return best > 2 ? best : 0; /* else only what we looked for */
}
