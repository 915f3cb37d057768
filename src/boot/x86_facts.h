/* SPDX-License-Identifier: MIT */
/* x86_facts.h - what an x86_64 kernel is told, whichever way it is entered. */
#ifndef BOOT_X86_FACTS_H
#define BOOT_X86_FACTS_H

#include <stdint.h>

#include "boot/e820.h"

struct x86_facts {
	uint64_t cmdline_gpa;           /* text with a NUL */
	uint64_t initrd_gpa, initrd_len; /* len 0: none */
	uint64_t rsdp_gpa;              /* the ACPI tables */
	uint64_t setup_data_gpa;        /* 0: none; not told to PVH kernels */
	unsigned ranges;
	struct e820_entry range[E820_MAX];
};

#endif
