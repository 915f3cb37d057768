/* SPDX-License-Identifier: MIT */
/* shortage.c - too little RAM, told with both sizes and how much would do. */
#include "boot/shortage.h"

#include "base/num.h"
#include "boot/size.h"

#define MIB (UINT64_C(1) << 20)

/*
 * What Linux wants beside its image and the initrd: below 48 MiB of RAM
 * Debian's 6.1 for arm64 runs out of memory before init, and a large RAM costs
 * it some for its tables.
 */
#define LINUX_NEEDS (96 * MIB)

/* In steps people use. */
int shortage_hint(mv_error *err, int rc, uint64_t taken)
{
	uint64_t need = align_up(taken + LINUX_NEEDS, 64 * MIB);

	return fail_hint(err, rc, "give the guest more memory (-m %lluM)",
			 (unsigned long long)(need / MIB));
}

int shortage_of_kernel(mv_error *err, const char *name, uint64_t len,
		       uint64_t taken, uint64_t ram)
{
	int rc =
		fail(err, MICROVM_EINVAL, "kernel %s: %s do not fit: %s of RAM",
		     name, size_text(len).s, size_text(ram).s);

	if (taken > UINT64_MAX / 2)
		return rc;
	return shortage_hint(err, rc, taken);
}

/*
 * Linux keeps the archive while it unpacks it into a file system that may fill
 * half of the rest: with less than three times its size "Initramfs unpacking
 * failed: write error" would be the next thing to see.
 */
int shortage_of_initrd(mv_error *err, const struct initrd *rd,
		       const struct initrd_part *at, uint64_t taken,
		       uint64_t ram, uint64_t max)
{
	int rc = fail(err, MICROVM_EINVAL,
		      "initrd %s: %s do not fit: %s of RAM, %s taken by the "
		      "kernel%s",
		      at->name, size_text(at->len).s, size_text(ram).s,
		      size_text(taken + at->off).s,
		      at->off ? " and what precedes it" : "");

	if (rd->len > max)
		return rc;
	return shortage_hint(err, rc, taken + 3 * rd->len);
}
