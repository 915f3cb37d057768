/* SPDX-License-Identifier: MIT */
/*
 * a64_box.h - a CPU in a box for tests: 64 KiB of RAM at 0x10000, the rest of
 * the world recorded.
 */
#ifndef TESTS_CPU_A64_BOX_H
#define TESTS_CPU_A64_BOX_H

#include "cpu/arm64/cpu.h"

enum {
	BOX_RAM = 0x10000, /* where RAM and the code in it begin */
	BOX_SIZE = 0x10000,
	BOX_DATA = 0x14000,   /* free for the test */
	BOX_VBAR = 0x18000,   /* an HVC waits at each vector */
	BOX_TABLES = 0x1a000, /* page tables, by box_map() */
	BOX_MMIO = 0x09000000,
};

struct box {
	struct a64 cpu;
	struct a64_cluster cluster;
	struct block_cache cache;
	struct vtime vtime;
	uint8_t *ram;
	uint64_t next_table;

	/* what the CPU did to the world */
	uint64_t mmio_addr, mmio_value;
	unsigned mmio_size, mmio_count;
	bool mmio_write;
	uint32_t sysreg_id;
	uint64_t sysreg_value;
	bool sysreg_known;
	unsigned hvcs;
	unsigned timer_edges[2];
	bool timer_level[2];
	bool user;
	enum engine_stop hvc_stop;
};

/* EL1, MMU off, FP open, pc at BOX_RAM, virtual time. */
struct box *box_new(void);
void box_free(struct box *b);

/* Put instructions at an address. */
void box_code(struct box *b, uint64_t gpa, const uint32_t *insn, size_t n);

/* Run until an HVC; what is put at BOX_RAM gets one behind it. */
void box_run(struct box *b, const uint32_t *insn, size_t n);

/* Go on from where the CPU is, until an HVC or `limit` slices. */
void box_go(struct box *b, unsigned limit);

/* Map the page at va to gpa with these low and high attribute bits. */
void box_map(struct box *b, uint64_t va, uint64_t gpa, uint64_t attrs);

/* Turn the MMU on: 48-bit halves, tables from BOX_TABLES, RAM mapped flat. */
void box_mmu(struct box *b);

void box_poke(struct box *b, uint64_t gpa, uint64_t value, unsigned size);
uint64_t box_peek(const struct box *b, uint64_t gpa, unsigned size);

/* Which exception vector it stopped at: offset from BOX_VBAR, or -1. */
int box_vector(const struct box *b);

#define BOX_RUN(b, ...)                                       \
	do {                                                  \
		const uint32_t box_insn[] = { __VA_ARGS__ };  \
		box_run((b), box_insn, sizeof(box_insn) / 4); \
	} while (0)

/* Attributes of ordinary pages: descriptor bits. */
#define PAGE_KERNEL UINT64_C(0x0040000000000701) /* RW, no user, UXN */
#define PAGE_USER UINT64_C(0x0020000000000f41)   /* RW, user, nG, PXN */
#define PAGE_RO UINT64_C(0x0060000000000781)     /* RO, no execution */

#endif
