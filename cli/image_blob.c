/* SPDX-License-Identifier: MIT */
/*
 * image_blob.c - bytes with one owner, and the ways to fill them.
 *
 * Every way has a limit: an archive's word on how large a file is counts for
 * nothing, and a packed one may unpack to anything.
 */
#include "image_blob.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

enum { FIRST = 64 * 1024 };

void blob_free(struct blob *b)
{
	free(b->p);
	*b = (struct blob){ 0 };
}

/* Room for one byte more at least, and for `max` + 1 at most. */
static int blob_grow(struct blob *b, size_t *room, size_t max,
		     microvm_error *err)
{
	size_t want = *room ? *room * 2 : FIRST;
	uint8_t *p;

	if (want > max)
		want = max + 1; /* the one that tells "too large" */
	p = realloc(b->p, want);
	if (!p)
		return refuse_os(err, ENOMEM, "%zu bytes", want);
	b->p = p;
	*room = want;
	return 0;
}

/* Bytes from `get` until it returns 0; negative: it recorded an error. */
static int blob_fill(struct blob *b, size_t max,
		     int64_t (*get)(void *ctx, void *p, size_t n,
				    microvm_error *err),
		     void *ctx, microvm_error *err)
{
	size_t room = 0;
	int64_t n;

	*b = (struct blob){ 0 };
	for (;;) {
		if (b->len > max) {
			blob_free(b);
			return refuse(err, "larger than %zu MiB", max >> 20);
		}
		if (b->len == room && blob_grow(b, &room, max, err))
			break;
		n = get(ctx, b->p + b->len, room - b->len, err);
		if (n == 0)
			return 0;
		if (n < 0)
			break;
		b->len += (size_t)n;
	}
	blob_free(b);
	return -err->code;
}

static int64_t get_file(void *ctx, void *p, size_t n, microvm_error *err)
{
	FILE *f = ctx;
	size_t got = fread(p, 1, n, f);

	if (got == 0 && ferror(f))
		return refuse_os(err, errno, "cannot read");
	return (int64_t)got;
}

int blob_read_file(struct blob *b, const char *path, size_t max,
		   microvm_error *err)
{
	FILE *f = fopen(path, "rb");
	int rc;

	*b = (struct blob){ 0 };
	if (!f)
		return refuse_os(err, errno, "cannot open %s", path);
	rc = blob_fill(b, max, get_file, f, err);
	(void)fclose(f); /* was only read */
	return rc ? refuse_in(err, path) : 0;
}

static int64_t get_entry(void *ctx, void *p, size_t n, microvm_error *err)
{
	struct archive *a = ctx;
	la_ssize_t got = archive_read_data(a, p, n);

	if (got < 0)
		return refuse(err, "damaged archive: %s",
			      archive_error_string(a));
	return got;
}

int blob_read_entry(struct blob *b, struct archive *a, size_t max,
		    microvm_error *err)
{
	return blob_fill(b, max, get_entry, a, err);
}

void blob_packings(struct archive *a)
{
	/* A libarchive without one of them says so when it meets it. */
	(void)archive_read_support_filter_gzip(a);
	(void)archive_read_support_filter_xz(a);
	(void)archive_read_support_filter_lzma(a);
	(void)archive_read_support_filter_zstd(a);
}

int blob_unpack(struct blob *b, size_t max, microvm_error *err)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	struct blob out = { 0 };
	int rc;

	if (!a)
		return refuse_os(err, ENOMEM, "libarchive");
	blob_packings(a);
	(void)archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, b->p, b->len) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		rc = refuse(err, "cannot unpack: %s", archive_error_string(a));
	else
		rc = blob_read_entry(&out, a, max, err);
	(void)archive_read_free(a); /* was only read */
	if (rc)
		return rc;
	blob_free(b);
	*b = out;
	return 0;
}

int blob_write_file(const struct blob *b, const char *path, microvm_error *err)
{
	FILE *f = fopen(path, "wbx");
	size_t n;
	int os;

	if (!f)
		return refuse_os(err, errno, "cannot write %s", path);
	errno = 0;
	n = b->len ? fwrite(b->p, 1, b->len, f) : 0;
	os = n < b->len || fflush(f) ? errno : 0;
	if (fclose(f) && !os)
		os = errno; /* a full disk may show up only now */
	if (os || n < b->len)
		return refuse_os(err, os ? os : EIO, "cannot write %s", path);
	return 0;
}
