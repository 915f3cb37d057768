/* SPDX-License-Identifier: MIT */
/*
 * lookup.h - questions to the host's resolver, so many at once and no more.
 *
 * The others wait in the order they came.  A guest that asks for ten thousand
 * names holds up itself, not the threads that libuv resolves names on.
 */
#ifndef PROXY_LOOKUP_H
#define PROXY_LOOKUP_H

#include "net/resolve.h"
#include "base/list.h"

struct lookups {
	uv_loop_t *loop;
	unsigned max, running;
	struct list waiting;
};

struct lookup {
	struct list node; /* while it waits */
	struct lookups *all;
	struct resolve *resolve; /* while it runs */
	bool running;

	/* The question: a name, or the name of an address. */
	const char *name; /* the caller's, until it is over; NULL: of `addr` */
	unsigned families;
	struct addr addr;

	/* To the caller: see struct resolve_user. */
	void (*found)(struct lookup *l, const struct addr *a);
	void (*named)(struct lookup *l, const char *name);
	void (*done)(struct lookup *l, enum resolve_result result);
};

void lookups_init(struct lookups *all, uv_loop_t *loop, unsigned max);

/* found() and done(), or named() and done(), will follow; not from here. */
int lookup_name(struct lookup *l, struct lookups *all, const char *name,
		unsigned families, mv_error *err) MUST_CHECK;
int lookup_addr(struct lookup *l, struct lookups *all, const struct addr *a,
		mv_error *err) MUST_CHECK;

/* No callback after this.  One that is over, or zero, is fine. */
void lookup_cancel(struct lookup *l);

#endif
