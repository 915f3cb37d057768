/* SPDX-License-Identifier: MIT */
/* image_build.h - a kernel and an initramfs out of Debian packages. */
#ifndef CLI_IMAGE_BUILD_H
#define CLI_IMAGE_BUILD_H

#include <microvm.h>

struct image_plan {
	enum microvm_arch arch;
	const char *into;         /* folder of the results */
	const char *kernel;       /* package, .deb or file */
	const char *busybox;      /* likewise */
	const char *suite;        /* NULL: those the host uses */
	const char *modules;      /* "a,b,c" besides ours; NULL: none */
	const char *modules_dir;  /* NULL: from the kernel's package */
	const char *const *add;   /* FILE:GUEST */
	size_t adds;
};

/* "arm64", "amd64": as Debian calls it. */
const char *image_arch_name(enum microvm_arch arch);

/* Writes into/kernel and into/initrd, both or none; tells its steps. */
int image_build(const struct image_plan *plan, microvm_error *err);

#endif
