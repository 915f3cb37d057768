/* SPDX-License-Identifier: MIT */
/* engine.c - find, decode and run blocks until the slice is over. */
#include "cpu/engine/engine.h"

#include <string.h>

/*
 * Steps in a row that run no instruction, for each ends in an exception.  More
 * cost time: a handler that faults itself would never let the slice end.
 */
enum { FRUITLESS_MAX = 16 };

void engine_init(struct engine_cpu *c, const struct engine_front *front,
		 struct block_cache *cache, struct vtime *vtime)
{
	memset(c, 0, sizeof(*c));
	c->front = front;
	c->cache = cache;
	c->jump = cache->jump;
	c->vtime = vtime;
	tlb_init(&c->tlb);
	block_cache_attach(cache, &c->tlb);
}

void engine_kick(struct engine_cpu *c)
{
	/* Pairs with kicked(). */
	atomic_store_explicit(&c->attention, true, memory_order_release);
}

static bool kicked(struct engine_cpu *c)
{
	if (!atomic_load_explicit(&c->attention, memory_order_relaxed))
		return false;
	/* Pairs with engine_kick(): what was done before it is seen now. */
	(void)atomic_exchange_explicit(&c->attention, false,
				       memory_order_acquire);
	return true;
}

void engine_limit(struct engine_cpu *c, int64_t insns)
{
	int64_t cut = c->budget - insns;

	if (cut <= 0)
		return;
	c->held += cut;
	c->budget = insns;
	vtime_cut(c->vtime, cut);
}

/* Give back what engine_limit() has cut; false: the slice is over. */
static bool resume(struct engine_cpu *c)
{
	int64_t held = c->held;

	if (c->budget > 0)
		return true;
	c->held = 0;
	c->budget += held;
	vtime_cut(c->vtime, -held);
	return c->budget > 0;
}

static struct block *decode(struct engine_cpu *c, const uint8_t *host)
{
	struct block *b = block_reserve(c->cache, c->front->op_size);

	c->front->decode(c, b, host);
	block_add(c->cache, b, host, c->mode, c->front->op_size);
	return b;
}

/* The block at pc, decoded if need be; NULL: an exception changed pc. */
static struct block *find(struct engine_cpu *c)
{
	struct block *b = engine_lookup(c, c->pc);
	const uint8_t *host;

	if (b)
		return b;
	host = c->front->fetch(c);
	if (!host)
		return NULL;
	b = block_find(c->cache, host, c->mode);
	return b ? b : decode(c, host);
}

/* One block from the loop, and all it chains to. */
static void step(struct engine_cpu *c)
{
	struct block **link = c->link, *b;

	c->link = NULL;
	b = find(c);
	if (!b)
		return;
	/* Not into memory that was invalidated since, or reused. */
	if (link && c->link_version == c->cache->version)
		*link = b;
	b->hot++;
	c->front->execute(c, b);
}

enum engine_stop engine_run(struct engine_cpu *c, int64_t slice)
{
	unsigned fruitless = 0;
	int64_t before;

	c->stop = STOP_NONE;
	c->link = NULL;
	c->held = 0;
	c->budget = slice;
	vtime_begin(c->vtime, &c->budget);
	while (c->stop == STOP_NONE) {
		if (kicked(c) || !resume(c)) {
			c->stop = STOP_SLICE;
			break;
		}
		c->front->poll(c);
		before = c->budget;
		if (before <= 0)
			continue;
		step(c);
		if (c->budget != before)
			fruitless = 0;
		else if (++fruitless > FRUITLESS_MAX)
			c->budget--;
	}
	vtime_end(c->vtime);
	return c->stop;
}
