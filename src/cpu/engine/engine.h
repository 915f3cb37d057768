/* SPDX-License-Identifier: MIT */
/*
 * engine.h - the part of a software CPU that knows no instruction set.
 *
 * It finds the block at the program counter, has the front end decode it when
 * it is new, runs it, follows jumps, counts instructions and stops when the
 * time slice is over.  The front end (arm64/, later x86_64/) embeds a struct
 * engine_cpu as the first member of its CPU and supplies struct engine_front.
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

enum {
	JUMP_BITS    = 13,
	JUMP_ENTRIES = 1 << JUMP_BITS,
};

/* From a virtual address to its block, for jumps out of a page. */
struct jump {
	uint64_t      tag;      /* va << 8 | mode, mixed with the context */
	struct block *block;
};

/* Why engine_run() came back. */
enum engine_stop {
	STOP_NONE,              /* used inside: goes on */
	STOP_SLICE,             /* the budget is used up, or a kick */
	STOP_IDLE,              /* waits for an interrupt */
	STOP_SHUTDOWN,
	STOP_RESET,
	STOP_FAILED,            /* a limit of ours; never the guest's fault */
};

struct engine_cpu {
	int64_t             budget;     /* instructions left in the slice */
	struct block       *block;      /* being run; its ops tell the pc */
	uint64_t            page_va;    /* of the page the block is mapped at */
	uint64_t            pc;         /* valid when no block is being run */
	unsigned            mode;       /* part of a block's key */
	enum engine_stop    stop;       /* set to leave engine_run() */
	struct block      **link;       /* to be filled with the next block */
	uint64_t            link_version; /* ... if no block died since */
	atomic_bool         attention;  /* any thread: end the slice soon */
	struct block_cache *cache;      /* shared by the VM's CPUs */
	struct vtime       *vtime;      /* likewise */
	const struct engine_front *front;
	uint64_t            jump_version; /* of the cache, for jump[] */
	struct tlb          tlb;
	struct jump         jump[JUMP_ENTRIES];
};

struct engine_front {
	size_t op_size;

	/*
	 * Before a block is entered from the loop: let timers and pending
	 * interrupts act.  May change pc and mode.
	 */
	void (*poll)(struct engine_cpu *c);

	/*
	 * Translate pc for execution: the guest-physical address, and its
	 * host page.  False: an exception was taken instead, pc has changed.
	 */
	bool (*fetch)(struct engine_cpu *c, uint64_t *gpa,
		      const uint8_t **host_page);

	/* Decode from offset b->offset of the page into b. */
	void (*decode)(struct engine_cpu *c, struct block *b,
		       const uint8_t *host_page);

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

/* Translations have changed: forget where jumps went. */
void engine_forget_jumps(struct engine_cpu *c);

/*
 * Ends the block run at the next jump, to have poll() called: something that
 * this CPU's own instruction did may have raised an interrupt.
 */
void engine_break(struct engine_cpu *c);

#endif
