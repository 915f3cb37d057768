/* SPDX-License-Identifier: MIT */
/*
 * block.h - decoded guest code, kept by its physical address.
 *
 * A block is a straight run of instructions in one guest page, decoded once
 * into an array of operations that the front end understands.  Blocks are
 * keyed by physical address and CPU mode, so that neither an address-space
 * switch nor a second mapping of a page loses them.
 *
 * One cache per VM, used by one thread: all vCPUs of a VM run on it.  Blocks
 * live in one arena; when that is full all are dropped at once.  A block that
 * is invalidated stays readable until then, so that the instruction which
 * overwrote its own block can finish.
 */
#ifndef CPU_ENGINE_BLOCK_H
#define CPU_ENGINE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	BLOCK_MAX_INSNS = 64,
	BLOCK_MODE_BITS = 8,
	BLOCK_GRANULE   = 64,   /* bytes; a page has as many as a word bits */
};

struct block {
	uint64_t      key;      /* block_key(), 0 when it was invalidated */
	struct block *hash_next;
	struct block *page_next;
	struct block *link[2];  /* where it goes, when known: same page only */
	void         *code;     /* of a translator; NULL: interpret */
	uint32_t      hot;      /* how often it was entered by the run loop */
	uint16_t      offset;   /* of the first instruction in its page */
	uint16_t      bytes;    /* of guest code */
	uint16_t      insns;    /* guest instructions */
	uint16_t      ops;      /* operations, for the translator and dumps */
	_Alignas(16) unsigned char op[]; /* the front end's */
};

/* A page of guest RAM that blocks were made from. */
struct code_page {
	uint64_t          gpn;          /* guest page number */
	uint64_t          granules;     /* bit n: code in its n-th 64 bytes */
	struct block     *blocks;
	struct code_page *hash_next;
	unsigned          misses;       /* writes that hit no granule */
};

struct block_cache {
	struct block     **hash;
	struct code_page **page_hash;
	struct code_page  *free_pages;
	uint8_t           *arena;
	size_t             used, size;  /* bytes of the arena */
	uint64_t           version;     /* changes when any block dies */
	uint64_t           flushes;
};

static inline uint64_t block_key(uint64_t gpa, unsigned mode)
{
	return gpa << BLOCK_MODE_BITS | mode;
}

/* `arena_size` bytes for blocks: page-aligned memory, touched as needed. */
int  block_cache_init(struct block_cache *c, size_t arena_size,
		      mv_error *err) MUST_CHECK;
void block_cache_fini(struct block_cache *c);

/* The block that starts at gpa in this mode, or NULL. */
struct block *block_find(const struct block_cache *c, uint64_t gpa,
			 unsigned mode);

/*
 * Room for a block of at most BLOCK_MAX_INSNS + 1 operations of op_size
 * bytes.  May flush the cache.  The front end fills offset, bytes, insns, ops
 * and op[]; then block_add() enters it, keeping only the ops in use.
 */
struct block *block_reserve(struct block_cache *c, size_t op_size);
void block_add(struct block_cache *c, struct block *b, uint64_t gpa,
	       unsigned mode, size_t op_size);

/* Does this page hold code, so that writes to it must be seen? */
bool block_page_has_code(const struct block_cache *c, uint64_t gpa);

/*
 * Guest memory [gpa, gpa+len), inside one page, was or will be written.
 * Drops the blocks made from it.  Returns true when the page may have its
 * write permission back, for it holds no code any more.
 */
bool block_written(struct block_cache *c, uint64_t gpa, size_t len);

/* Drop everything. */
void block_flush(struct block_cache *c);

#endif
