/* SPDX-License-Identifier: MIT */
/* image_blob.h - bytes with one owner, and the ways to fill them. */
#ifndef CLI_IMAGE_BLOB_H
#define CLI_IMAGE_BLOB_H

#include <microvm.h>
#include <stdbool.h>

struct archive;

struct blob {
	uint8_t *p; /* NULL when empty; from malloc */
	size_t len;
};

void blob_free(struct blob *b);

/* A whole file of at most `max` bytes. */
int blob_read_file(struct blob *b, const char *path, size_t max,
		   microvm_error *err);

/* The rest of libarchive's current entry, at most `max` bytes. */
int blob_read_entry(struct blob *b, struct archive *a, size_t max,
		    microvm_error *err);

/*
 * What packages and modules are packed with: gzip, xz, lzma and zstd.  Not all
 * that libarchive has: for some of it other programs are run.
 */
void blob_packings(struct archive *a);

/*
 * Unpack it in place, to at most `max` bytes; what is packed with nothing
 * stays as it is.
 */
int blob_unpack(struct blob *b, size_t max, microvm_error *err);

/* A new file, with every byte on the disk; the error names `path`. */
int blob_write_file(const struct blob *b, const char *path,
		    microvm_error *err);

#endif
