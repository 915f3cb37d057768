/* SPDX-License-Identifier: MIT */
/* mem.c - anonymous memory by mmap(). */
#include "os/mem.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0 /* macOS and the BSDs never reserve */
#endif

size_t mem_page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int mem_map(void **p, size_t len, mv_error *err)
{
	*p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (*p != MAP_FAILED)
		return 0;
	*p = NULL;
	return fail_hint(err,
			 fail_os(err, MICROVM_ENOMEM, errno,
				 "cannot get %zu bytes of memory", len),
			 "give the guest less memory, or raise the limit on "
			 "this process's address space (ulimit -v)");
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
