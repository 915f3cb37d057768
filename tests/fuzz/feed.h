/* SPDX-License-Identifier: MIT */
/* feed.h - an input read as a list of numbers, and accesses made from it. */
#ifndef TESTS_FUZZ_FEED_H
#define TESTS_FUZZ_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/bus.h"
#include "core/state.h"

/* What must hold whatever the input is. */
#define CHECK(ok)                \
	do {                     \
		if (!(ok))       \
			abort(); \
	} while (0)

struct feed {
	const uint8_t *p;
	size_t         len;
};

/* The next n bytes, at most 8, as a number; 0s after the end. */
static inline uint64_t feed_take(struct feed *f, unsigned n)
{
	uint64_t v = 0;
	unsigned i;

	for (i = 0; i < n && f->len; i++, f->p++, f->len--)
		v |= (uint64_t)*f->p << 8 * i;
	return v;
}

/* An access of any size, up to `slack` bytes beside [base, base+len). */
static inline struct access feed_access(struct feed *f, uint64_t base,
					uint64_t len, uint64_t slack)
{
	uint64_t how = feed_take(f, 1);
	struct access a = { .size = (uint8_t)(1 << (how & 3)),
			    .write = how & 4 };

	a.addr = base - slack + feed_take(f, 4) % (len + 2 * slack);
	if (how & 8) /* most accesses should be legal */
		a.addr &= ~UINT64_C(7);
	if (a.write)
		a.value = feed_take(f, how & 16 ? 8 : 4);
	return a;
}

/* Save `a`, load that into `b`, and save again: the same bytes. */
static inline void feed_round_trip(void *a, void *b,
				   void (*walk)(void *dev, struct state *s))
{
	struct state first, in, second;
	size_t i;

	state_init_save(&first);
	walk(a, &first);
	CHECK(state_fini(&first, NULL) == 0);
	state_init_load(&in, first.buf, first.len);
	walk(b, &in);
	CHECK(state_fini(&in, NULL) == 0);
	state_init_save(&second);
	walk(b, &second);
	CHECK(state_fini(&second, NULL) == 0);
	CHECK(first.len == second.len);
	for (i = 0; i < first.len; i++)
		CHECK(first.buf[i] == second.buf[i]);
	free(first.buf);
	free(second.buf);
}

/* Load a good save of `dev` with the rest of the input laid over it. */
static inline void feed_hostile_load(struct feed *f, void *dev,
				     void (*walk)(void *dev, struct state *s))
{
	struct state s, in;
	size_t at;

	state_init_save(&s);
	walk(dev, &s);
	CHECK(state_fini(&s, NULL) == 0);
	while (f->len) {
		at = (size_t)feed_take(f, 2);
		s.buf[at % s.len] = (uint8_t)feed_take(f, 1);
	}
	state_init_load(&in, s.buf, s.len);
	walk(dev, &in);
	if (state_fini(&in, NULL))
		CHECK(in.failed);
	free(s.buf);
}

#endif
