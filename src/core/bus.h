/* SPDX-License-Identifier: MIT */
/*
 * bus.h - who answers at which address.
 *
 * One table per address space and VM, filled by the board before the VM
 * starts and constant from then on, so that vCPU threads read it unlocked.
 */
#ifndef CORE_BUS_H
#define CORE_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum space { SPACE_MMIO, SPACE_PIO, SPACE_COUNT };

/* One access, as the CPU made it.  Reads leave their answer in value. */
struct access {
	uint64_t   addr;        /* absolute guest-physical address, or port */
	uint64_t   value;       /* the low `size` bytes count */
	enum space space;
	uint8_t    size;        /* 1, 2, 4 or 8 */
	bool       write;
};

/* What a device answers to; called on any vCPU's thread. */
struct bus_ops {
	uint64_t (*read)(void *dev, uint64_t off, unsigned size);
	void     (*write)(void *dev, uint64_t off, unsigned size, uint64_t v);
};

struct bus_slot {
	uint64_t              base, len;
	const struct bus_ops *ops;
	void                 *dev;
	unsigned              sizes;    /* sum of the sizes it accepts */
};

#define BUS_MAX_SLOTS 64

struct bus {
	unsigned        count[SPACE_COUNT];
	struct bus_slot slot[SPACE_COUNT][BUS_MAX_SLOTS];
};

/*
 * Let `dev` answer at [base, base+len).  `sizes` is the sum of the access
 * sizes its ops can take (4, or 1+2+4+8); they come naturally aligned.
 */
int bus_add(struct bus *b, enum space s, uint64_t base, uint64_t len,
	    const struct bus_ops *ops, void *dev, unsigned sizes,
	    mv_error *err) MUST_CHECK;

/*
 * Perform one access.  One that is misaligned, of a size the device does not
 * take, straddling a device's end or aimed at nobody is open bus: reads give
 * all ones, writes vanish.  Returns false for those.
 */
bool bus_access(const struct bus *b, struct access *a);

#endif
