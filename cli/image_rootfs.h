/* SPDX-License-Identifier: MIT */
/* image_rootfs.h - what our initramfs has in it. */
#ifndef CLI_IMAGE_ROOTFS_H
#define CLI_IMAGE_ROOTFS_H

#include "image_modules.h"
#include "image_tree.h"

/* Folders, /dev/console, users, and our init for the architecture. */
int rootfs_add_base(struct tree *t, enum microvm_arch arch,
		    microvm_error *err);

/* The program, and a link in /bin for each of its commands. */
int rootfs_add_busybox(struct tree *t, const struct blob *busybox,
		       microvm_error *err);

/* What modules_order() made, and /lib/modules/list for our init. */
int rootfs_add_modules(struct tree *t, const struct modules *m,
		       microvm_error *err);

/* A file of the host: "FILE:/GUEST/PATH". */
int rootfs_add_host_file(struct tree *t, const char *spec,
			 microvm_error *err);

#endif
