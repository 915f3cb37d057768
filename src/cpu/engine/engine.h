/* SPDX-License-Identifier: MIT */
/*
 * engine.h - the part of a software CPU that knows no instruction set.
 *
 * It finds the block at the program counter, has the front end decode it when
 * it is new, runs it, follows jumps, counts instructions and stops when the
 * time slice is over.  The front end (arm64/, later x86_64/) embeds a struct
 * engine_cpu in its CPU and supplies struct engine_front.
 *
 * Pure: memory, devices and clocks are reached through the front end; a CPU
 * is used by one thread, except for engine_kick().
 */
#ifndef CPU_ENGINE_ENGINE_H
#define CPU_ENGINE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpu/engine/block.h"
#include "cpu/engine/tlb.h"
#include "cpu/engine/vtime.h"

/* Why engine_run() came back. */
enum engine_stop {
	STOP_NONE,  /* used inside: goes on */
	STOP_SLICE, /* the budget is used up, or a kick */
	STOP_IDLE,  /* waits for an interrupt */
	STOP_SHUTDOWN,
	STOP_RESET,
	STOP_FAILED, /* a limit of ours; never the guest's fault */
};

struct engine_cpu {
	int64_t budget;        /* instructions left to run */
	struct block *block;   /* being run; its ops tell the pc */
	uint64_t page_va;      /* of the page the block is mapped at */
	uint64_t pc;           /* valid when no block is being run */
	unsigned mode;         /* part of a block's key */
	enum engine_stop stop; /* set to leave engine_run() */
	/*
	 * A branch's link, to be filled with the block at pc; whoever moves
	 * pc elsewhere clears it.
	 */
	struct block **link;
	uint64_t link_version;     /* ... if no block died since */
	int64_t held;              /* the rest of a slice cut short */
	atomic_bool attention;     /* any thread: end the slice soon */
	struct block_jump *jump;   /* the cache's */
	struct block_cache *cache; /* shared by the VM's CPUs */
	struct vtime *vtime;       /* likewise */
	const struct engine_front *front;
	struct tlb tlb;
};

struct engine_front {
	size_t op_size;

	/*
	 * Between blocks run from the loop: let timers and pending interrupts
	 * act.  May change pc and mode, and shorten the slice.
	 */
	void (*poll)(struct engine_cpu *c);

	/*
	 * Translate pc for execution: where its instruction is in the host.
	 * NULL: an exception was taken instead, pc has changed.
	 */
	const uint8_t *(*fetch)(struct engine_cpu *c);

	/* Decode from there on, to the end of the page at most, into b. */
	void (*decode)(struct engine_cpu *c, struct block *b,
		       const uint8_t *host);

	/* Run it and what it chains to; returns with pc valid. */
	void (*execute)(struct engine_cpu *c, struct block *b);
};

/* `cache` and `vtime` are borrowed until the CPU is no longer used. */
void engine_init(struct engine_cpu *c, const struct engine_front *front,
		 struct block_cache *cache, struct vtime *vtime);

/* Run up to `slice` instructions; says why it stopped. */
enum engine_stop engine_run(struct engine_cpu *c, int64_t slice);

/* Make a running engine_run() return soon.  Any thread. */
void engine_kick(struct engine_cpu *c);

/*
 * Come back to poll() after at most `insns` more instructions (and what is
 * left of a block): a timer is due, or, with 0, an instruction of this CPU
 * itself may have raised or unmasked an interrupt.
 */
void engine_limit(struct engine_cpu *c, int64_t insns);

/* The block at `va` if TLB and cache know it, else NULL. */
static inline struct block *engine_lookup(struct engine_cpu *c, uint64_t va)
{
	const struct tlb_entry *e = tlb_slot(&c->tlb, va);
	const struct block_jump *j;
	uintptr_t host;

	if (__builtin_expect(e->exec != tlb_tag(&c->tlb, va, 1), 0))
		return NULL;
	host = e->addend + (uintptr_t)va;
	j = &c->jump[block_jump_hash(host)];
	if (__builtin_expect(j->key != block_key(host, c->mode), 0))
		return NULL;
	return j->block;
}

#endif
