/* SPDX-License-Identifier: MIT */
/* number.c - decimal numbers of the command line and of small protocols. */
#include "guest/common/number.h"

#include <string.h>

enum { DIGITS_MAX = 20 }; /* of UINT64_MAX */

bool number_read(const char *p, size_t len, uint64_t max, uint64_t *v)
{
	uint64_t n = 0, digit;
	size_t i;

	if (len == 0 || len > DIGITS_MAX)
		return false;
	for (i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		digit = (uint64_t)(p[i] - '0');
		if (n > max / 10 || digit > max - n * 10)
			return false;
		n = n * 10 + digit;
	}
	*v = n;
	return true;
}

bool number_parse(const char *text, uint64_t max, uint64_t *v)
{
	return number_read(text, strlen(text), max, v);
}
