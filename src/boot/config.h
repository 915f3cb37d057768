/* SPDX-License-Identifier: MIT */
/*
 * config.h - what is to be booted, as bytes the caller owns.
 *
 * Nothing in it is copied: all of it must live until the boot function that
 * takes it has returned, and no longer.
 */
#ifndef BOOT_CONFIG_H
#define BOOT_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { BOOT_HEAD = 1024 };

/*
 * A file's content; the name is for messages.  It is all in memory, or, with a
 * read(), comes from there to where it belongs: an initramfs may, and a kernel
 * of which image_in_parts() says so.
 */
struct boot_blob {
	const char    *name;
	const uint8_t *p;       /* all; with read() the first BOOT_HEAD bytes */
	size_t         len;     /* of all */

	/* NULL, or: put bytes [off, off+n), which are in it, to dst. */
	int  (*read)(void *ctx, uint64_t off, void *dst, size_t n,
		     mv_error *err);
	void  *ctx;
};

/*
 * One file to append to the initramfs.  The directories on its way are made
 * too, mode 0755; a symbolic link of an archive in a directory's place gives
 * way to the directory, so name the real path (/usr/bin/x, not /bin/x).
 */
struct boot_file {
	const char *path;       /* absolute, in the guest; plain, no .. */
	unsigned    mode;       /* permission bits: 07777 */
	const void *data;
	size_t      len;
};

enum { BOOT_SEED_LEN = 64 };

struct boot_config {
	struct boot_blob        kernel; /* as the user has it: raw or packed */
	const struct boot_blob *initrd; /* stacked in this order */
	unsigned                initrds;
	const struct boot_file *file;   /* behind every archive */
	unsigned                files;
	const char             *cmdline; /* all of it; NULL: empty */
	unsigned                cpus;
	unsigned                virtio; /* virtio-mmio slots to announce */
	unsigned                gic;    /* arm64: its version, 0 being 3 */
	uint8_t                 rng_seed[BOOT_SEED_LEN];
	uint64_t                kaslr_seed;     /* 0: no KASLR */
};

#endif
