/* SPDX-License-Identifier: MIT */
/*
 * zero_page.h - struct boot_params: what Linux/x86 reads at its 64-bit entry.
 *
 * Linux Documentation/arch/x86/zero-page.rst and boot.rst.  Pure: facts in,
 * bytes out; where they go is the caller's.
 */
#ifndef BOOT_ZERO_PAGE_H
#define BOOT_ZERO_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "boot/x86_facts.h"

enum { ZERO_PAGE_LEN = 4096 };

void zero_page_write(const struct x86_facts *f,
		     uint8_t out[static ZERO_PAGE_LEN]);

/*
 * One struct setup_data with a seed for the kernel's random numbers, which
 * Linux reads since 6.0 and others pass over.
 */
enum { SETUP_SEED_HEAD = 16 };

void setup_seed_write(const uint8_t *seed, uint32_t len, uint8_t *out);

#endif
