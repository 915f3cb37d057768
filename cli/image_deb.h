/* SPDX-License-Identifier: MIT */
/* image_deb.h - what is inside a Debian package (deb(5)). */
#ifndef CLI_IMAGE_DEB_H
#define CLI_IMAGE_DEB_H

#include <microvm.h>
#include <stdbool.h>

struct archive;

/* Fields of the control file; "" when the package has none. */
struct deb_control {
	char package[128];
	char version[128];
	char architecture[32];
	char depends[4096]; /* cut when longer */
};

/* True when the file begins as a .deb does; false also when unreadable. */
bool deb_is(const char *path);

/* Fields out of the text of a control file (deb-control(5)). */
void deb_parse_control(const char *text, size_t len, struct deb_control *c);

int deb_read_control(const char *path, struct deb_control *c,
		     microvm_error *err);

/*
 * One regular file of the package: its name without "./", and libarchive
 * ready to read its content.  0: go on; DEB_STOP: enough seen; or an error.
 */
enum { DEB_STOP = 1 };
typedef int deb_file_fn(void *ctx, const char *name, struct archive *content,
			microvm_error *err);

/* All regular files in the order of the archive.  0, or an error. */
int deb_each_file(const char *path, deb_file_fn *fn, void *ctx,
		  microvm_error *err);

/*
 * In a Depends field, the first package whose name begins with `prefix`, into
 * name[]; false when there is none, or its name is too long for it.
 */
bool deb_depends_on(const char *depends, const char *prefix, char *name,
		    size_t size);

#endif
