/* SPDX-License-Identifier: MIT */
/*
 * bzimage.h - an x86 kernel as distributions ship it: what its header says.
 *
 * Linux Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".  The
 * kernel proper is the payload, a packed vmlinux; what stands around it is for
 * firmware and boot loaders.  Does not unpack.
 */
#ifndef BOOT_BZIMAGE_H
#define BOOT_BZIMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct bzimage {
	unsigned       protocol;        /* 0x020f: 2.15 */
	const uint8_t *payload;         /* packed data, and no more */
	size_t         payload_len;
	uint32_t       unpacked_len;    /* 0: not told */
	uint32_t       init_size;       /* memory it needs until it runs */
};

/*
 * Read and check the header of p[0..len-1], which must outlive *out; refuses
 * kernels that have no 64-bit entry.
 */
int bzimage_parse(const uint8_t *p, size_t len, struct bzimage *out,
		  mv_error *err) MUST_CHECK;

#endif
