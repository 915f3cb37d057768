/* SPDX-License-Identifier: MIT */
/*
 * fdt_arm64.h - the device tree: what the arm64 guest is told of its machine.
 *
 * Addresses and interrupts come from arch/arm64/layout.h; the rest from the
 * caller.  Devicetree Specification 0.4, and the bindings under Linux
 * Documentation/devicetree/bindings.
 */
#ifndef BOOT_FDT_ARM64_H
#define BOOT_FDT_ARM64_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/gmem.h"

struct fdt_arm64 {
	const struct gmem *mem;         /* its regions: the memory node */
	const char        *cmdline;
	unsigned           cpus;        /* 1 .. ARM64_MAX_CPUS */
	unsigned           virtio;      /* 0 .. FDT_ARM64_MAX_VIRTIO slots */
	unsigned           gic;         /* version 2 or 3; 0 is 3 */
	uint64_t           initrd_gpa, initrd_len;      /* len 0: none */
	const uint8_t     *rng_seed;    /* NULL: none */
	size_t             rng_seed_len;
	uint64_t           kaslr_seed;  /* 0: no KASLR */
};

enum { FDT_ARM64_MAX_VIRTIO = 48 };

/* Large enough for any machine above with the longest command line. */
enum { FDT_ARM64_ROOM = 32 * 1024 };

/* Write the tree to buf[0..room-1]; *len tells how long it became. */
int fdt_arm64_write(const struct fdt_arm64 *cfg, void *buf, size_t room,
		    size_t *len, mv_error *err) MUST_CHECK;

#endif
