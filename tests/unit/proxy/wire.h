/* SPDX-License-Identifier: MIT */
/*
 * wire.h - messages as hex text ("05 01 00"), and as exact pieces of the heap:
 * a sanitizer sees whoever reads one byte too much.
 */
#ifndef TESTS_PROXY_WIRE_H
#define TESTS_PROXY_WIRE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE_MAX = 2048 };

struct wire {
	uint8_t p[WIRE_MAX];
	size_t len;
};

static inline void wire_put(struct wire *w, const void *p, size_t len)
{
	if (len > sizeof(w->p) - w->len)
		abort();
	memcpy(w->p + w->len, p, len);
	w->len += len;
}

static inline void wire_fill(struct wire *w, uint8_t byte, size_t len)
{
	while (len--)
		wire_put(w, &byte, 1);
}

static inline void wire_hex(struct wire *w, const char *hex)
{
	char two[3] = "";
	uint8_t byte;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		two[0] = *hex++;
		two[1] = *hex;
		byte = (uint8_t)strtoul(two, NULL, 16);
		wire_put(w, &byte, 1);
	}
}

static inline uint8_t *wire_copy(const void *p, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	if (len)
		memcpy(copy, p, len);
	return copy;
}

/* Text that grows: what happened, in words. */
struct story {
	char text[4 * WIRE_MAX];
	size_t len;
};

static inline void story_add(struct story *s, const char *text)
{
	size_t n = strlen(text);

	if (n >= sizeof(s->text) - s->len)
		abort();
	memcpy(s->text + s->len, text, n + 1);
	s->len += n;
}

static inline void story_hex(struct story *s, const uint8_t *p, size_t len)
{
	char two[3];
	size_t i;

	for (i = 0; i < len; i++) {
		(void)snprintf(two, sizeof(two), "%02x", p[i]);
		story_add(s, two);
	}
}

#endif
