/* SPDX-License-Identifier: MIT */
/* lookup.c - lookups in a queue.  Knows no policy and no session. */
#include "proxy/lookup.h"

#include "base/container.h"

void lookups_init(struct lookups *all, uv_loop_t *loop, unsigned max)
{
	all->loop = loop;
	all->max = max;
	all->running = 0;
	list_init(&all->waiting);
}

static void found(void *ctx, const struct addr *a)
{
	struct lookup *l = ctx;

	l->found(l, a);
}

static void pump(struct lookups *all);

/* It is out of the resolver's hands. */
static void stopped(struct lookup *l)
{
	l->running = false;
	l->resolve = NULL;
	l->all->running--;
}

static void done(void *ctx, enum resolve_result result)
{
	struct lookup *l = ctx;
	struct lookups *all = l->all;

	stopped(l);
	l->done(l, result);
	pump(all);
}

static void named(void *ctx, enum resolve_result result, const char *name)
{
	struct lookup *l = ctx;
	struct lookups *all = l->all;

	stopped(l);
	if (result == RESOLVE_OK)
		l->named(l, name);
	else
		l->done(l, result);
	pump(all);
}

static int start(struct lookup *l, mv_error *err)
{
	const struct resolve_user user = { found, done, l };
	struct lookups *all = l->all;
	int rc;

	rc = l->name ? resolve_start(all->loop, l->name, l->families, &user,
				     &l->resolve, err)
		     : resolve_name_of(all->loop, &l->addr, named, l,
				       &l->resolve, err);
	if (rc)
		return rc;
	l->running = true;
	all->running++;
	return 0;
}

static void pump(struct lookups *all)
{
	while (all->running < all->max && !list_is_empty(&all->waiting)) {
		struct lookup *l =
			container_of(all->waiting.next, struct lookup, node);

		list_remove(&l->node);
		if (start(l, NULL))
			l->done(l, RESOLVE_FAILED);
	}
}

static int enqueue(struct lookup *l, struct lookups *all, mv_error *err)
{
	list_init(&l->node);
	l->all = all;
	l->resolve = NULL;
	l->running = false;
	if (all->running < all->max)
		return start(l, err);
	list_append(&all->waiting, &l->node);
	return 0;
}

int lookup_name(struct lookup *l, struct lookups *all, const char *name,
		unsigned families, mv_error *err)
{
	l->name = name;
	l->families = families;
	return enqueue(l, all, err);
}

int lookup_addr(struct lookup *l, struct lookups *all, const struct addr *a,
		mv_error *err)
{
	l->name = NULL;
	l->addr = *a;
	return enqueue(l, all, err);
}

void lookup_cancel(struct lookup *l)
{
	struct resolve *r = l->resolve;

	if (!l->all)
		return;
	list_remove(&l->node);
	if (!l->running)
		return;
	stopped(l);
	resolve_cancel(r);
	pump(l->all);
}
