/* SPDX-License-Identifier: MIT */
/*
 * case.h - one differential test: what goes in, what comes out, and where.
 *
 * Shared by the host program and the oracle, which runs as an arm64 Linux
 * process: both are little-endian, and these structures are the bytes on the
 * pipes between them.  Knows neither the generator nor our CPU.
 */
#ifndef DIFF_CASE_H
#define DIFF_CASE_H

#include <assert.h>
#include <stdint.h>

enum {
	BATCH = 512,     /* cases per trip to the oracle */
	SLOT_WORDS = 48, /* of code per case; slots straddle pages */
	SLOT_BYTES = 4 * SLOT_WORDS,
	CASE_INSNS = 40, /* about: a unit of several may overshoot */
	LOG_MAX = 64,
	IMAGES = 16, /* different contents of the data window */
	PAGE = 4096,
	CODE_PAGES = BATCH * SLOT_BYTES / PAGE,
	RW_BYTES = 2 * PAGE,
	RO_OFFSET = 3 * PAGE,  /* of the read-only page in the window */
	WINDOW_OFF = 0x100000, /* of the window in the region */
	VECTOR_OFF = 0x1ff000, /* our exception vectors; not for EL0 */
	REGION_SIZE = 0x200000,
	SENTINEL = (int)0xd43bd5a0, /* BRK #0xdead: the end of a case */
};

/*
 * Everything a case can reach lies in one region of 2 MiB:
 *
 *	+0		code, read and execute
 *	+WINDOW_OFF	two pages read and write, one hole, one page read only
 *
 * The rest is unmapped on both sides, and nothing else is near.
 */
#define REGION UINT64_C(0x1357600000)
#define WINDOW (REGION + WINDOW_OFF)

static_assert(BATCH * SLOT_BYTES % PAGE == 0, "whole pages of code");

struct dcase {
	uint64_t x[31], sp;
	uint64_t v[32][2];
	uint64_t tpidr;
	uint32_t nzcv, fpcr, fpsr;
	uint32_t image;      /* of the data window */
	uint32_t slot;       /* where the code goes */
	uint32_t count;      /* words of it; SENTINEL follows */
	uint32_t loops;      /* which word counts the loop down, plus 1 */
	uint32_t reads_code; /* by PC-relative loads */
	uint32_t exclusive;  /* has a monitor to keep: one slice, please */
	uint32_t insn[SLOT_WORDS];
};

/* Precedes the cases of a batch; a stale oracle has another size. */
struct dbatch {
	uint32_t count;
	uint32_t case_size;
};

/* How a case ended. */
enum dend {
	END_DONE, /* reached the sentinel */
	END_SEGV, /* no translation, or no permission */
	END_BUS,  /* alignment */
	END_LOG,  /* too many events */
	END_HANG,
	END_OTHER, /* something nobody expects */
};

/* What a case met on its way and went on behind. */
enum devent { EVENT_ILL = 1, EVENT_BRK };

struct dresult {
	uint64_t x[31], sp, pc;
	uint64_t v[32][2];
	uint64_t tpidr;
	uint64_t addr; /* END_SEGV, END_BUS: the fault's */
	uint32_t nzcv, fpcr, fpsr;
	uint32_t end;
	uint32_t events;
	uint32_t words; /* how many struct dword follow on the wire */
	struct {
		uint32_t event;
		uint32_t offset; /* of the instruction in the slot */
	} log[LOG_MAX];
};

/* A word of the window that is no longer what the image had. */
struct dword {
	uint64_t offset;
	uint64_t value;
};

static inline uint64_t slot_va(uint32_t slot)
{
	return REGION + (uint64_t)slot * SLOT_BYTES;
}

#endif
