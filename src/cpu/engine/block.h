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
 *
 * Physical addresses are host addresses of guest RAM here: there is one for
 * each guest-physical one, and they are what the TLB yields.
 */
#ifndef CPU_ENGINE_BLOCK_H
#define CPU_ENGINE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cpu/engine/tlb.h"

enum {
	BLOCK_MAX_INSNS = 64,
	BLOCK_MODE_BITS = 8,
	BLOCK_GRANULE = 64, /* bytes; a page has as many as a word bits */
	BLOCK_JUMP_BITS = 14,
	BLOCK_JUMPS = 1 << BLOCK_JUMP_BITS,
};

struct block {
	uint64_t key; /* block_key(), 0 when it was invalidated */
	struct block *hash_next;
	struct block *page_next;
	struct block *link[2]; /* where it goes, when known: same page only */
	void *code;            /* of a translator; NULL: interpret */
	uint32_t hot;          /* how often the run loop entered it */
	uint16_t offset;       /* of the first instruction in its page */
	uint16_t bytes;        /* of guest code */
	uint16_t insns;        /* guest instructions */
	uint16_t ops;          /* operations, for the translator and dumps */
	_Alignas(16) unsigned char op[]; /* the front end's */
};

/* A page of guest RAM that blocks were made from. */
struct code_page {
	uintptr_t host;
	uint64_t granules; /* bit n: code in its n-th 64 bytes */
	struct block *blocks;
	struct code_page *hash_next;
	unsigned misses; /* writes that hit no granule */
};

/* The most recent block of each hash value: the fast way to find one. */
struct block_jump {
	uint64_t key;
	struct block *block;
};

struct block_cache {
	struct block_jump *jump; /* BLOCK_JUMPS of them */
	struct block **hash;
	struct code_page **page_hash;
	struct code_page *free_pages;
	struct tlb *tlbs; /* of all CPUs that use the cache */
	uint8_t *arena;
	size_t used, size; /* bytes of the arena */
	uint64_t version;  /* changes when any block dies */
	uint64_t flushes;
};

static inline uint64_t block_key(uintptr_t host, unsigned mode)
{
	return (uint64_t)host << BLOCK_MODE_BITS | mode;
}

static inline unsigned block_jump_hash(uintptr_t host)
{
	return (unsigned)(host >> 2 ^ host >> 15) & (BLOCK_JUMPS - 1);
}

/* `arena_size` bytes for blocks: touched only as they are needed. */
int block_cache_init(struct block_cache *c, size_t arena_size,
		     mv_error *err) MUST_CHECK;
void block_cache_fini(struct block_cache *c);

/* From now on pages that hold code lose their write permission in `t`. */
void block_cache_attach(struct block_cache *c, struct tlb *t);
void block_cache_detach(struct block_cache *c, const struct tlb *t);

/* The block that starts at `host` in this mode, or NULL. */
struct block *block_find(struct block_cache *c, const uint8_t *host,
			 unsigned mode);

/*
 * Room for a block of at most BLOCK_MAX_INSNS + 1 operations of op_size
 * bytes.  May flush the cache.  The front end fills offset, bytes, insns, ops
 * and op[]; then block_add() enters it, keeping only the ops in use.
 */
struct block *block_reserve(struct block_cache *c, size_t op_size);
void block_add(struct block_cache *c, struct block *b, const uint8_t *host,
	       unsigned mode, size_t op_size);

/* Does this page hold code, so that writes to it must be seen? */
bool block_page_has_code(const struct block_cache *c, const uint8_t *host);

/*
 * Guest memory [host, host+len), inside one page, was or will be written:
 * drop the blocks made from it.
 */
void block_written(struct block_cache *c, const uint8_t *host, size_t len);

/* Drop everything. */
void block_flush(struct block_cache *c);

#endif
