/* SPDX-License-Identifier: MIT */
/*
 * gmem.h - guest memory.
 *
 * Guest RAM is hostile shared memory: the guest may change any byte at any
 * time.  Nobody outside gmem.c and the CPU backends holds a raw pointer into
 * it; callers copy in, copy out, or take a span that gmem has checked against
 * one RAM region.
 */
#ifndef CORE_GMEM_H
#define CORE_GMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

#define GMEM_MAX_REGIONS 8

struct gmem_region {
	uint64_t gpa;           /* page aligned */
	uint64_t size;          /* bytes, whole pages */
	uint8_t *host;          /* owned by whoever added it */
};

struct gmem {
	unsigned           count;
	struct gmem_region region[GMEM_MAX_REGIONS];
};

int gmem_add(struct gmem *m, uint64_t gpa, uint8_t *host, uint64_t size,
	     mv_error *err) MUST_CHECK;

/*
 * The span [gpa, gpa+len), or {NULL, 0} unless it lies in one region.  What it
 * covers is valid for the VM's life.
 */
struct span gmem_span(const struct gmem *m, uint64_t gpa, size_t len);

bool gmem_read(const struct gmem *m, uint64_t gpa, void *dst,
	       size_t len) MUST_CHECK;
bool gmem_write(const struct gmem *m, uint64_t gpa, const void *src,
		size_t len) MUST_CHECK;

#endif
