/* SPDX-License-Identifier: MIT */
/*
 * image_tree.h - the files of an initramfs, and the archive made of them.
 *
 * The archive depends on nothing but what was added: no times, no owners, no
 * order of adding; so two builds of the same image are equal to the byte.
 */
#ifndef CLI_IMAGE_TREE_H
#define CLI_IMAGE_TREE_H

#include <microvm.h>

#include "image_blob.h"

struct tree;

struct tree *tree_new(void);
void tree_free(struct tree *t);

/*
 * Add below the root; paths are absolute, without "." and "..".  Leading
 * directories are made.  What was there under that path is replaced.
 */
int tree_add_dir(struct tree *t, const char *path, unsigned mode,
		 microvm_error *err);
int tree_add_file(struct tree *t, const char *path, unsigned mode,
		  const void *data, size_t len, microvm_error *err);
int tree_add_link(struct tree *t, const char *path, const char *target,
		  microvm_error *err);
int tree_add_device(struct tree *t, const char *path, unsigned mode,
		    unsigned major, unsigned minor, microvm_error *err);

/* The archive: cpio newc, as Linux unpacks it (initramfs buffer format). */
int tree_pack(struct tree *t, struct blob *cpio, microvm_error *err);

#endif
