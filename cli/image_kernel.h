/* SPDX-License-Identifier: MIT */
/* image_kernel.h - a kernel and its modules, from where they are kept. */
#ifndef CLI_IMAGE_KERNEL_H
#define CLI_IMAGE_KERNEL_H

#include <microvm.h>

#include "image_blob.h"
#include "image_modules.h"

enum { KERNEL_MAX = 512 << 20 };

/*
 * The kernel of a .deb, and of its modules those that are wanted; the kernel
 * stays empty when the package has none.
 */
int kernel_from_deb(const char *path, struct blob *kernel,
		    struct modules *modules, microvm_error *err);

/* The wanted modules below a folder like /lib/modules/VERSION. */
int kernel_modules_from_dir(const char *dir, struct modules *modules,
			    microvm_error *err);

#endif
