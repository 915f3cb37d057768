/* SPDX-License-Identifier: MIT */
/*
 * boot_arm64.h - everything a Linux/arm64 guest finds in memory at reset.
 *
 * Bytes in, guest memory out: unpacks and places the kernel, the initramfs
 * and the device tree (Linux Documentation/arch/arm64/booting.rst), checks
 * that they fit and do not overlap, and says where the boot CPU starts.
 */
#ifndef BOOT_BOOT_ARM64_H
#define BOOT_BOOT_ARM64_H

#include "base/error.h"
#include "boot/config.h"
#include "core/gmem.h"

/* What the boot CPU starts with: pc = entry, x0 = dtb_gpa, x1-x3 = 0. */
struct boot_arm64 {
	uint64_t kernel_gpa, kernel_len;        /* all that it uses */
	uint64_t initrd_gpa, initrd_len;        /* len 0: none */
	uint64_t dtb_gpa, dtb_len;
	uint64_t entry;
};

/*
 * `mem` has RAM at ARM64_RAM_BASE.  The bytes of `cfg` are needed only until
 * this returns; the device tree can be read back from guest memory until the
 * guest runs.  A failed call may have written to guest memory.
 */
int boot_arm64(const struct boot_config *cfg, const struct gmem *mem,
	       struct boot_arm64 *out, mv_error *err) MUST_CHECK;

#endif
