/* SPDX-License-Identifier: MIT */
/*
 * boot_x86_64.h - everything a Linux/x86_64 guest finds in memory at reset.
 *
 * Bytes in, guest memory out: unpacks and places the kernel, the initramfs,
 * the command line, the memory map and the tables the CPU starts with; checks
 * that they fit and do not overlap, and says where and how the boot CPU
 * starts.  The ACPI tables at X86_ACPI_GPA are somebody else's.
 *
 * The kernel is the unpacked vmlinux and lies where it was linked to lie:
 * moving it by random (KASLR) is the work of the decompressor, which does not
 * run, so boot_config.kaslr_seed is not used.
 */
#ifndef BOOT_BOOT_X86_64_H
#define BOOT_BOOT_X86_64_H

#include "arch/x86_64/boot_regs.h"
#include "base/error.h"
#include "boot/config.h"
#include "core/gmem.h"

/* x86_boot_regs() takes the last three. */
struct boot_x86_64 {
	uint64_t kernel_gpa, kernel_len; /* all that it uses */
	uint64_t initrd_gpa, initrd_len; /* len 0: none */
	enum x86_entry kind;
	uint64_t entry;
	uint64_t info_gpa;
};

/*
 * `mem` has RAM from 0, all zeros, and what does not fit below X86_HOLE_BASE
 * at X86_HIGH_BASE.  The bytes of `cfg` are needed only until this returns.
 * A failed call may have written to guest memory.
 */
int boot_x86_64(const struct boot_config *cfg, const struct gmem *mem,
		struct boot_x86_64 *out, mv_error *err) MUST_CHECK;

#endif
