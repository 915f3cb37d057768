/* SPDX-License-Identifier: MIT */
/*
 * pvh_info.h - what a kernel reads at its PVH entry.
 *
 * Xen docs/misc/pvh.pandoc and xen/include/public/arch-x86/hvm/start_info.h:
 * struct hvm_start_info, and behind it its one module and the memory map.
 */
#ifndef BOOT_PVH_INFO_H
#define BOOT_PVH_INFO_H

#include <stdint.h>

#include "boot/x86_facts.h"

enum { PVH_INFO_LEN = 512 };

/* The bytes as they are to stand at `gpa`. */
void pvh_info_write(const struct x86_facts *f, uint64_t gpa,
		    uint8_t out[static PVH_INFO_LEN]);

#endif
