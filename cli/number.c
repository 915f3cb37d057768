/* SPDX-License-Identifier: MIT */
/* number.c - numbers as a user writes them, refused rather than wrapped. */
#include "number.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "say.h"

enum { SECONDS_MAX = 1000000000 }; /* some thirty years */

/* Digits at *p, past which it moves.  False: none, or they do not fit. */
static bool digits(const char **p, uint64_t *value)
{
	uint64_t v = 0;
	const char *s = *p;

	for (; *s >= '0' && *s <= '9'; s++) {
		unsigned digit = (unsigned)(*s - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	if (s == *p)
		return false;
	*p = s;
	*value = v;
	return true;
}

int count_parse(const char *text, unsigned *count, microvm_error *err)
{
	const char *p = text;
	uint64_t v;

	if (!digits(&p, &v) || *p || v > UINT_MAX)
		return refuse(err, "'%s' is not a number", text);
	*count = (unsigned)v;
	return 0;
}

/* The number of bits of a suffix; -1 when it is none. */
static int suffix_shift(const char *s)
{
	if (!*s || !strcasecmp(s, "M") || !strcasecmp(s, "MiB"))
		return 20;
	if (!strcasecmp(s, "G") || !strcasecmp(s, "GiB"))
		return 30;
	if (!strcasecmp(s, "T") || !strcasecmp(s, "TiB"))
		return 40;
	return -1;
}

int size_parse(const char *text, uint64_t *bytes, microvm_error *err)
{
	const char *p = text;
	uint64_t v;
	int shift;

	if (!digits(&p, &v)) {
		(void)refuse(err, "'%s' is not a size", text);
		return refuse_hint(err, "write 512M or 2G; a bare number "
					"is MiB");
	}
	if (!strcasecmp(p, "K") || !strcasecmp(p, "KiB")) {
		(void)refuse(err, "'%s': a guest's memory comes in whole MiB",
			     text);
		return refuse_hint(err, "write it in M: 65536K is 64M");
	}
	if (*p == '.') {
		(void)refuse(err, "'%s': no fractions in a size", text);
		return refuse_hint(err, "write it in M: 1.5G is 1536M");
	}
	shift = suffix_shift(p);
	if (shift < 0) {
		(void)refuse(err, "'%s': '%s' is not a unit of size", text, p);
		return refuse_hint(err, "units are M and G (powers of 1024); "
					"a bare number is MiB");
	}
	if (v > UINT64_MAX >> shift)
		return refuse(err, "'%s' is more than any memory", text);
	*bytes = v << shift;
	return 0;
}

int seconds_parse(const char *text, uint64_t *ms, microvm_error *err)
{
	const char *p = text;
	uint64_t whole = 0, thousandths = 0;
	unsigned scale = 100;
	bool ok = digits(&p, &whole);

	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, scale /= 10, ok = true)
			thousandths += (unsigned)(*p - '0') * scale;
	if (!ok || *p || whole > SECONDS_MAX || whole + thousandths == 0) {
		(void)refuse(err, "'%s' is not a time in seconds", text);
		return refuse_hint(err, "write 30 or 0.5; the least is "
					"0.001");
	}
	*ms = whole * 1000 + thousandths;
	return 0;
}
