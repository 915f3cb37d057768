/* SPDX-License-Identifier: MIT */
/* config.h - what is to be booted, as bytes the caller owns. */
#ifndef BOOT_CONFIG_H
#define BOOT_CONFIG_H

#include <stddef.h>
#include <stdint.h>

/* A file's content; the name is for messages. */
struct boot_blob {
	const char    *name;
	const uint8_t *p;
	size_t         len;
};

/* One file to append to the initramfs. */
struct boot_file {
	const char *path;       /* absolute, in the guest */
	unsigned    mode;       /* permission bits */
	const void *data;
	size_t      len;
};

enum { BOOT_SEED_LEN = 64 };

struct boot_config {
	struct boot_blob        kernel; /* as the user has it: raw or packed */
	const struct boot_blob *initrd;
	unsigned                initrds;
	const struct boot_file *file;
	unsigned                files;
	const char             *cmdline;
	unsigned                cpus;
	uint8_t                 rng_seed[BOOT_SEED_LEN];
	uint64_t                kaslr_seed;     /* 0: no KASLR */
};

#endif
