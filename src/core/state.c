/* SPDX-License-Identifier: MIT */
/* state.c - a byte string walked the same way for save and load. */
#include "core/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/num.h"

#define NAME_MAX_LEN 16

void state_init_save(struct state *s)
{
	*s = (struct state){ .section = "start" };
}

void state_init_load(struct state *s, const void *buf, size_t len)
{
	/* Never written through: every writer looks at `loading` first. */
	*s = (struct state){ .loading = true, .len = len, .section = "start" };
	memcpy(&s->buf, &buf, sizeof(buf));
}

static void broken(struct state *s, const char *why)
{
	if (!s->failed) {
		s->failed = true;
		s->why = why;
	}
}

int state_fini(struct state *s, mv_error *err)
{
	if (!s->failed && s->loading && s->pos != s->len)
		broken(s, "bytes are left over");
	if (!s->failed)
		return 0;
	if (!s->loading)
		free(s->buf);
	s->buf = NULL;
	return fail(err, MICROVM_EBADIMAGE, "saved state, %s: %s", s->section,
		    s->why);
}

static bool reserve(struct state *s, size_t len)
{
	size_t cap = s->cap ? s->cap : 4096;
	uint8_t *p;

	while (cap - s->len < len)
		cap *= 2;
	if (cap == s->cap)
		return true;
	p = realloc(s->buf, cap);
	if (!p) {
		broken(s, "out of memory");
		return false;
	}
	s->buf = p;
	s->cap = cap;
	return true;
}

void state_bytes(struct state *s, void *p, size_t len)
{
	if (s->failed)
		return;
	if (!s->loading) {
		if (reserve(s, len)) {
			memcpy(s->buf + s->len, p, len);
			s->len += len;
		}
	} else if (fits(s->pos, len, s->len)) {
		memcpy(p, s->buf + s->pos, len);
		s->pos += len;
	} else {
		broken(s, "ends too early");
	}
}

void state_u8(struct state *s, uint8_t *v)
{
	state_bytes(s, v, 1);
}

void state_bool(struct state *s, bool *v)
{
	uint8_t b = *v;

	state_u8(s, &b);
	state_check(s, b <= 1, "a truth value is neither 0 nor 1");
	if (s->loading && !s->failed)
		*v = b;
}

void state_u16(struct state *s, uint16_t *v)
{
	uint8_t b[2];

	put_le16(b, *v);
	state_bytes(s, b, sizeof(b));
	*v = le16(b);
}

void state_u32(struct state *s, uint32_t *v)
{
	uint8_t b[4];

	put_le32(b, *v);
	state_bytes(s, b, sizeof(b));
	*v = le32(b);
}

void state_u64(struct state *s, uint64_t *v)
{
	uint8_t b[8];

	put_le64(b, *v);
	state_bytes(s, b, sizeof(b));
	*v = le64(b);
}

void state_section(struct state *s, const char *name, uint32_t version)
{
	char mine[NAME_MAX_LEN] = { 0 }, theirs[NAME_MAX_LEN];
	uint32_t v = version;

	if (s->failed)
		return; /* the message names the section that did */
	(void)strncpy(mine, name, sizeof(mine) - 1);
	memcpy(theirs, mine, sizeof(theirs));
	s->section = name;
	state_bytes(s, theirs, sizeof(theirs));
	state_u32(s, &v);
	state_check(s, !memcmp(mine, theirs, sizeof(mine)),
		    "another device's state stands here");
	state_check(s, v == version, "its layout has another version");
}

void state_check(struct state *s, bool ok, const char *why)
{
	if (s->loading && !ok)
		broken(s, why);
}
