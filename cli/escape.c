/* SPDX-License-Identifier: MIT */
/* escape.c - commands to the monitor hidden in what the user types. */
#include "escape.h"

#include <stdio.h>
#include <string.h>

#include "say.h"

enum { CONTROL = 0x40 }; /* from a letter to its control character */

int escape_init(struct escape *e, const char *key, microvm_error *err)
{
	unsigned c;

	*e = (struct escape){ 0 };
	if (!strcmp(key, "none"))
		return 0;
	c = key[0] == '^' ? (unsigned char)key[1] : 0;
	if (c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	if (c <= '@' || c > '_' || key[2]) {
		(void)refuse(err, "--escape: '%s' is not a control key", key);
		return refuse_hint(err, "write ^A, ^], or none");
	}
	e->on = true;
	e->prefix = (uint8_t)(c - CONTROL);
	return 0;
}

const char *escape_name(const struct escape *e, char buf[ESCAPE_NAME])
{
	(void)snprintf(buf, ESCAPE_NAME, "Ctrl-%c", e->prefix + CONTROL);
	return buf;
}

static enum escape_key command(uint8_t c)
{
	switch (c) {
	case 'x': return ESCAPE_QUIT;
	case 's': return ESCAPE_STOP;
	case 'b': return ESCAPE_BREAK;
	case 'h':
	case '?': return ESCAPE_HELP;
	default: return ESCAPE_NONE;
	}
}

size_t escape_feed(struct escape *e, const uint8_t *in, size_t len,
		   uint8_t *out, size_t *out_len, enum escape_key *key)
{
	size_t n = 0;

	*key = ESCAPE_NONE;
	*out_len = 0;
	while (n < len) {
		uint8_t c = in[n++];

		if (!e->on) {
			out[(*out_len)++] = c;
		} else if (!e->armed) {
			e->armed = c == e->prefix;
			if (!e->armed)
				out[(*out_len)++] = c;
		} else {
			e->armed = false;
			*key = command(c);
			if (*key != ESCAPE_NONE)
				return n;
			out[(*out_len)++] = e->prefix;
			if (c != e->prefix)
				out[(*out_len)++] = c;
		}
	}
	return n;
}
