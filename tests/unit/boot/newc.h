/* SPDX-License-Identifier: MIT */
/*
 * newc.h - reads a cpio archive as Linux's init/initramfs.c does, to check
 * what ours holds.  Uses no library, so that it shares no mistake with one.
 */
#ifndef TESTS_UNIT_BOOT_NEWC_H
#define TESTS_UNIT_BOOT_NEWC_H

#include <stddef.h>
#include <stdint.h>

struct newc {
	unsigned       ino, mode, uid, gid, nlink, mtime;
	const char    *name;
	const uint8_t *data;
	size_t         len;
};

/*
 * Read the entry at p[*pos] and step behind it.  0 at the trailer; fails the
 * test when it is no entry.
 */
int newc_next(const uint8_t *p, size_t len, size_t *pos, struct newc *out);

#endif
