/* SPDX-License-Identifier: MIT */
/* block.c - the cache of decoded blocks. */
#include "cpu/engine/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum {
	HASH_BITS = 15,
	HASH_SIZE = 1 << HASH_BITS,
	/*
	 * Writes beside the code of a page before its code is given up: the
	 * page has become data, and every write to it goes the slow way.
	 */
	MISSES_MAX = 16,
	ARENA_ALIGN = 16,
};

static unsigned hash(uint64_t key)
{
	return (unsigned)(key * UINT64_C(0x9e3779b97f4a7c15) >>
			  (64 - HASH_BITS));
}

static uintptr_t page_of(const uint8_t *host)
{
	return (uintptr_t)host & (uintptr_t)PAGE_MASK;
}

int block_cache_init(struct block_cache *c, size_t arena_size, mv_error *err)
{
	*c = (struct block_cache){ .size = arena_size, .version = 1 };
	c->jump = calloc(BLOCK_JUMPS, sizeof(*c->jump));
	c->hash = calloc(HASH_SIZE, sizeof(struct block *));
	c->page_hash = calloc(HASH_SIZE, sizeof(struct code_page *));
	c->arena = malloc(arena_size);
	if (c->jump && c->hash && c->page_hash && c->arena)
		return 0;
	block_cache_fini(c);
	return fail(err, MICROVM_ENOMEM,
		    "no memory for %zu KiB of decoded code", arena_size / 1024);
}

static void forget_pages(struct block_cache *c)
{
	unsigned i;

	for (i = 0; i < HASH_SIZE; i++) {
		while (c->page_hash[i]) {
			struct code_page *p = c->page_hash[i];

			c->page_hash[i] = p->hash_next;
			p->hash_next = c->free_pages;
			c->free_pages = p;
		}
	}
}

void block_cache_fini(struct block_cache *c)
{
	if (c->page_hash)
		forget_pages(c);
	while (c->free_pages) {
		struct code_page *p = c->free_pages;

		c->free_pages = p->hash_next;
		free(p);
	}
	free(c->arena);
	free(c->page_hash);
	free(c->hash);
	free(c->jump);
	*c = (struct block_cache){ 0 };
}

void block_cache_attach(struct block_cache *c, struct tlb *t)
{
	t->next_tlb = c->tlbs;
	c->tlbs = t;
}

void block_cache_detach(struct block_cache *c, const struct tlb *t)
{
	struct tlb **p = &c->tlbs;

	while (*p && *p != t)
		p = &(*p)->next_tlb;
	if (*p)
		*p = t->next_tlb;
}

struct block *block_find(struct block_cache *c, const uint8_t *host,
			 unsigned mode)
{
	uint64_t key = block_key((uintptr_t)host, mode);
	struct block *b = c->hash[hash(key)];

	while (b && b->key != key)
		b = b->hash_next;
	if (b)
		c->jump[block_jump_hash((uintptr_t)host)] =
			(struct block_jump){ key, b };
	return b;
}

void block_flush(struct block_cache *c)
{
	memset(c->jump, 0, BLOCK_JUMPS * sizeof(*c->jump));
	memset(c->hash, 0, HASH_SIZE * sizeof(struct block *));
	forget_pages(c);
	c->used = 0;
	c->version++;
	c->flushes++;
}

struct block *block_reserve(struct block_cache *c, size_t op_size)
{
	size_t most = sizeof(struct block) + (BLOCK_MAX_INSNS + 1) * op_size;
	struct block *b;

	if (c->size - c->used < most)
		block_flush(c);
	b = (struct block *)(void *)(c->arena + c->used);
	memset(b, 0, sizeof(*b));
	return b;
}

static struct code_page **page_slot(const struct block_cache *c,
				    const uint8_t *host)
{
	struct code_page **p = &c->page_hash[hash(page_of(host))];

	while (*p && (*p)->host != page_of(host))
		p = &(*p)->hash_next;
	return p;
}

static void protect(const struct block_cache *c, const uint8_t *host)
{
	struct tlb *t;

	for (t = c->tlbs; t; t = t->next_tlb)
		tlb_protect(t, host - ((uintptr_t)host - page_of(host)));
}

static struct code_page *page_make(struct block_cache *c, const uint8_t *host)
{
	struct code_page **slot = page_slot(c, host), *p = *slot;

	if (p)
		return p;
	p = c->free_pages;
	if (p)
		c->free_pages = p->hash_next;
	else
		p = malloc(sizeof(*p));
	if (p) {
		*p = (struct code_page){ .host = page_of(host) };
		*slot = p;
		protect(c, host);
	}
	return p;
}

/* Bits of the granules that [off, off+len) of a page touches; len > 0. */
static uint64_t granules(uint64_t off, uint64_t len)
{
	unsigned first = (unsigned)(off / BLOCK_GRANULE);
	unsigned last = (unsigned)((off + len - 1) / BLOCK_GRANULE);

	return (UINT64_MAX >> (63 - (last - first))) << first;
}

void block_add(struct block_cache *c, struct block *b, const uint8_t *host,
	       unsigned mode, size_t op_size)
{
	struct code_page *p = page_make(c, host);
	struct block **slot;

	if (!p)
		return; /* no memory: it runs once and is not found again */
	b->key = block_key((uintptr_t)host, mode);
	slot = &c->hash[hash(b->key)];
	b->hash_next = *slot;
	*slot = b;
	b->page_next = p->blocks;
	p->blocks = b;
	p->granules |= granules(b->offset, b->bytes);
	c->used += (size_t)align_up(sizeof(*b) + b->ops * op_size, ARENA_ALIGN);
	c->jump[block_jump_hash((uintptr_t)host)] =
		(struct block_jump){ b->key, b };
}

bool block_page_has_code(const struct block_cache *c, const uint8_t *host)
{
	return *page_slot(c, host) != NULL;
}

static void unhash(struct block_cache *c, struct block *b)
{
	struct block **p = &c->hash[hash(b->key)];
	struct block_jump *j = &c->jump[block_jump_hash(
		(uintptr_t)(b->key >> BLOCK_MODE_BITS))];

	while (*p != b)
		p = &(*p)->hash_next;
	*p = b->hash_next;
	if (j->block == b)
		*j = (struct block_jump){ 0 };
	b->key = 0;
}

/* Drop the page's blocks that touch the granules; unlink the others. */
static void drop_blocks(struct block_cache *c, struct code_page *p,
			uint64_t hit)
{
	struct block **at = &p->blocks, *b;

	p->granules = 0;
	while ((b = *at) != NULL) {
		uint64_t g = granules(b->offset, b->bytes);

		/* Whoever chained to a dead block is in the same page. */
		b->link[0] = b->link[1] = NULL;
		if (g & hit) {
			*at = b->page_next;
			unhash(c, b);
		} else {
			p->granules |= g;
			at = &b->page_next;
		}
	}
	c->version++;
}

static void drop_page(struct block_cache *c, struct code_page **slot)
{
	struct code_page *p = *slot;

	*slot = p->hash_next;
	p->hash_next = c->free_pages;
	c->free_pages = p;
}

void block_written(struct block_cache *c, const uint8_t *host, size_t len)
{
	struct code_page **slot = page_slot(c, host), *p = *slot;
	uint64_t hit;

	if (!p)
		return;
	hit = granules((uintptr_t)host - p->host, len);
	if (!(p->granules & hit) && ++p->misses < MISSES_MAX)
		return;
	drop_blocks(c, p, p->misses < MISSES_MAX ? hit : UINT64_MAX);
	if (!p->blocks)
		drop_page(c, slot);
}
