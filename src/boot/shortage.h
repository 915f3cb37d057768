/* SPDX-License-Identifier: MIT */
/*
 * shortage.h - too little RAM, told with both sizes and how much would do.
 *
 * Knows what Linux needs beside its image; not where things are in memory.
 */
#ifndef BOOT_SHORTAGE_H
#define BOOT_SHORTAGE_H

#include <stdint.h>

#include "base/error.h"
#include "boot/initrd.h"

/* A -m that is enough for `taken` bytes and a Linux that runs; returns rc. */
int shortage_hint(mv_error *err, int rc, uint64_t taken);

/*
 * The kernel takes `len` bytes, and with what is below and behind it `taken`
 * bytes of `ram`.
 */
int shortage_of_kernel(mv_error *err, const char *name, uint64_t len,
		       uint64_t taken, uint64_t ram);

/*
 * `at` is the part of `rd` that does not fit behind the first `taken` bytes;
 * `max` is what Linux can take at all.
 */
int shortage_of_initrd(mv_error *err, const struct initrd *rd,
		       const struct initrd_part *at, uint64_t taken,
		       uint64_t ram, uint64_t max);

#endif
