/* SPDX-License-Identifier: MIT */
/*
 * inspect.h - what a kernel or initramfs file is, told to people.
 *
 * Looks where the loaders do not need to: at version texts, at what an
 * archive holds, at kernels this machine cannot boot.  Refuses nothing.
 */
#ifndef BOOT_INSPECT_H
#define BOOT_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/kind.h"
#include "core/regs.h"

struct inspection {
	enum kind kind;         /* of the file, */
	enum kind inner;        /* and of what it was packed around */
	uint64_t  content;      /* bytes, unpacked */
	bool      kernel;       /* arch, memory, page, version count */
	enum arch arch;
	uint64_t  memory;       /* the kernel reserves this; 0: not told */
	uint32_t  page;         /* its page size; 0: not told */
	char      version[256]; /* "6.1.0-9 (...) #1 SMP"; "": not found */
	bool      archive;      /* files, init, whole count */
	uint64_t  files;        /* entries in cpio archives */
	bool      init;         /* there is an /init */
	bool      whole;        /* it was read up to its end */
};

/* Whatever is packed unpacks to at most `limit` bytes, or stays unseen. */
void inspect(const uint8_t *p, size_t len, size_t limit,
	     struct inspection *out);

#endif
