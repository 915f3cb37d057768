/* SPDX-License-Identifier: MIT */
/*
 * mem.h - page-aligned memory straight from the OS, for guest RAM and for
 * file contents.
 *
 * Pages are zero and cost nothing until they are touched; nothing is reserved
 * for them, so that a VM may be given more RAM than the host has free.
 */
#ifndef OS_MEM_H
#define OS_MEM_H

#include <stddef.h>

#include "base/error.h"

size_t mem_page_size(void);

/* `len` bytes, rounded up to whole pages; on failure *p is NULL. */
int mem_map(void **p, size_t len, mv_error *err) MUST_CHECK;

/*
 * The same for memory that will be used all over, as a guest's RAM: it begins
 * where the host can put huge pages, and the host is asked to.
 */
int mem_map_huge(void **p, size_t len, mv_error *err) MUST_CHECK;

/* With the length given to mem_map() or _huge(); NULL is fine. */
void mem_unmap(void *p, size_t len);

/*
 * Give whole pages [p, p+len) back to the host; they read as zero again.
 * Best effort where the OS has no such call.
 */
void mem_release(void *p, size_t len);

#endif
