/* SPDX-License-Identifier: MIT */
/*
 * state.h - saving and loading the state of devices and CPUs.
 *
 * One function per device walks its fields and serves both directions, so
 * that save and load cannot disagree:
 *
 *	void pl031_state(struct pl031 *r, struct state *s)
 *	{
 *		state_section(s, "pl031", 1);
 *		state_u32(s, &r->skew);
 *	}
 *
 * Saved bytes may come from anywhere: a load checks lengths, and a device
 * calls state_check() on every index and count before it is used.  After the
 * first fault all calls do nothing, and state_fini() reports it.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct state {
	bool        loading;
	bool        failed;
	uint8_t    *buf;        /* saving: ours, grows; loading: the caller's */
	size_t      len;        /* bytes valid in buf */
	size_t      pos;        /* loading: next byte to take */
	size_t      cap;        /* saving: bytes allocated */
	const char *section;    /* for the message: where it failed */
	const char *why;
};

void state_init_save(struct state *s);
void state_init_load(struct state *s, const void *buf, size_t len);

/*
 * End a walk.  0, or the first fault, said in words.  After a save the caller
 * takes s->buf (s->len bytes, freed by free()); on failure nothing is held.
 */
int state_fini(struct state *s, mv_error *err) MUST_CHECK;

/* Begin a device: its name and the version of its layout are compared. */
void state_section(struct state *s, const char *name, uint32_t version);

void state_bool(struct state *s, bool *v);
void state_u8(struct state *s, uint8_t *v);
void state_u16(struct state *s, uint16_t *v);
void state_u32(struct state *s, uint32_t *v);
void state_u64(struct state *s, uint64_t *v);
void state_bytes(struct state *s, void *p, size_t len);

/* Refuse a loaded value: `ok` is what must hold, `why` a static text. */
void state_check(struct state *s, bool ok, const char *why);

#endif
