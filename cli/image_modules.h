/* SPDX-License-Identifier: MIT */
/*
 * image_modules.h - the kernel modules an image needs, in loading order.
 *
 * Wanted names go in, files are offered from wherever they are found, and a
 * file that needs further modules adds them to the wanted ones; so whoever
 * offers does so again until nothing new was wanted.
 */
#ifndef CLI_IMAGE_MODULES_H
#define CLI_IMAGE_MODULES_H

#include <microvm.h>
#include <stdbool.h>

#include "image_blob.h"

enum {
	MODULES_MAX = 256,
	MODULE_NAME_MAX = 56, /* MODULE_NAME_LEN of Linux on 64 bits */
	MODULE_SIZE_MAX = 64 << 20,
};

struct module {
	char name[MODULE_NAME_MAX]; /* with underscores: virtio_rng */
	bool builtin;               /* in the kernel already */
	bool optional;              /* may be missing */
	unsigned char mark;         /* while ordering */
	struct blob data;           /* unpacked; empty until found */
	char *depends;              /* "a,b"; NULL until found */
};

struct modules {
	size_t count;
	struct module v[MODULES_MAX];
	size_t orders;
	struct module *order[MODULES_MAX]; /* after modules_order() */
};

struct modules *modules_new(void);
void modules_free(struct modules *m);

/* Want one module, or all of "a,b,c".  Dashes are underscores. */
int modules_want(struct modules *m, const char *names, bool optional,
		 microvm_error *err);

/* True when a file of this name is a wanted module not yet found. */
bool modules_wants_file(const struct modules *m, const char *path);

/* Take a file for which the above is true.  Takes over the bytes. */
int modules_offer(struct modules *m, const char *path, struct blob *data,
		  microvm_error *err);

/* Take the text of modules.builtin. */
void modules_offer_builtin(struct modules *m, const char *text, size_t len);

/* True when a wanted one is neither found nor built in. */
bool modules_missing(const struct modules *m);

/* Put what was found in order: each behind those it needs. */
int modules_order(struct modules *m, microvm_error *err);

#endif
