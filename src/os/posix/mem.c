/* SPDX-License-Identifier: MIT */
/* mem.c - anonymous memory by mmap(). */
#include "os/mem.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0 /* macOS and the BSDs never reserve */
#endif

/* Of x86_64, and of arm64 with pages of 4 KiB. */
#define HUGE_PAGE ((size_t)2 << 20)

size_t mem_page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void *map(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int no_memory(size_t len, int os, mv_error *err)
{
	return fail_hint(err,
			 fail_os(err, MICROVM_ENOMEM, os,
				 "cannot get %zu bytes of memory", len),
			 "give the guest less memory, or raise the limit on "
			 "this process's address space (ulimit -v)");
}

int mem_map(void **p, size_t len, mv_error *err)
{
	*p = map(len);
	return *p ? 0 : no_memory(len, errno, err);
}

/* Of `len` bytes and a huge page, keep those from where one can begin. */
static uint8_t *trim(uint8_t *p, size_t len)
{
	size_t before = -(uintptr_t)p % HUGE_PAGE;

	if (before)
		(void)munmap(p, before);
	if (HUGE_PAGE - before)
		(void)munmap(p + before + len, HUGE_PAGE - before);
	return p + before;
}

int mem_map_huge(void **p, size_t len, mv_error *err)
{
	size_t page = mem_page_size(), wanted = len;

	*p = NULL;
	if (len > SIZE_MAX - HUGE_PAGE - page)
		return no_memory(wanted, ENOMEM, err);
	len = (len + page - 1) / page * page;
	*p = map(len + HUGE_PAGE);
	if (!*p)
		return no_memory(wanted, errno, err);
	*p = trim(*p, len);
#ifdef MADV_HUGEPAGE
	(void)madvise(*p, len, MADV_HUGEPAGE); /* advice: may be refused */
#endif
	return 0;
}

void mem_unmap(void *p, size_t len)
{
	if (p)
		(void)munmap(p, len); /* fails only for a bad range */
}

void mem_release(void *p, size_t len)
{
	/*
	 * A fresh mapping in place of the old one frees the pages and zeroes
	 * them on every Unix; MADV_DONTNEED zeroes on Linux only.
	 */
	(void)mmap(p, len, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		   0);
}
