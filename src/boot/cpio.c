/* SPDX-License-Identifier: MIT */
/* cpio.c - configured files as a cpio archive, by libarchive. */
#include "boot/cpio.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum {
	PATH_LEN = 4095, /* Linux skips entries with longer names */
	DIR_MODE = 0755,
};

/* The archive so far, as libarchive hands it over. */
struct sink {
	uint8_t *p;
	size_t len, cap;
};

struct packer {
	struct archive *a;
	struct sink sink;
	const struct boot_file *file;
	unsigned files;
	int64_t ino; /* of the last entry written */
	mv_error *err;
};

static la_ssize_t sink_write(struct archive *a, void *ctx, const void *p,
			     size_t n)
{
	struct sink *s = ctx;

	if (n > s->cap - s->len) {
		size_t cap = s->cap + n > s->cap * 2 ? s->cap + n : s->cap * 2;
		uint8_t *q = realloc(s->p, cap);

		if (!q) {
			archive_set_error(a, ENOMEM, "no memory");
			return -1;
		}
		s->p = q;
		s->cap = cap;
	}
	memcpy(s->p + s->len, p, n);
	s->len += n;
	return (la_ssize_t)n;
}

/* A name of one component: not empty, "." or "..". */
static bool plain_name(const char *s, size_t n)
{
	return n && !(n == 1 && s[0] == '.') &&
	       !(n == 2 && s[0] == '.' && s[1] == '.');
}

static bool plain_path(const char *path)
{
	const char *s = path;

	if (*s != '/')
		return false;
	while (*s) {
		size_t n = strcspn(++s, "/");

		if (!plain_name(s, n))
			return false;
		s += n;
	}
	return true;
}

static int check_file(const struct boot_file *f, mv_error *err)
{
	int rc;

	if (!plain_path(f->path)) {
		rc = fail(err, MICROVM_EINVAL,
			  "not a path from the guest's root");
		return fail_hint(err, rc,
				 "begin with /, without . or .. or a "
				 "slash too many");
	}
	if (strlen(f->path) > PATH_LEN)
		return fail(err, MICROVM_EINVAL,
			    "a path of %zu bytes, the limit is %d",
			    strlen(f->path), PATH_LEN);
	if (f->mode & ~07777u)
		return fail(err, MICROVM_EINVAL,
			    "mode 0%o has more than permission bits", f->mode);
	if (f->len > UINT32_MAX) /* eight hexadecimal digits */
		return fail(err, MICROVM_EINVAL,
			    "%zu bytes; a cpio archive takes files up to 4 GiB",
			    f->len);
	return 0;
}

/* `dir` of n bytes is a directory on the way to `path`. */
static bool leads_to(const char *dir, size_t n, const char *path)
{
	return strncmp(dir, path, n) == 0 && path[n] == '/';
}

static int add_entry(struct packer *k, struct archive_entry *e,
		     const void *data, size_t len)
{
	archive_entry_set_ino64(e, ++k->ino);
	archive_entry_set_mtime(e, 0, 0);
	if (archive_write_header(k->a, e) == ARCHIVE_OK &&
	    (!len || archive_write_data(k->a, data, len) == (la_ssize_t)len))
		return 0;
	return fail(k->err, MICROVM_ENOMEM, "libarchive: %s",
		    archive_error_string(k->a));
}

/* Without the leading slash: cpio names are relative to the root. */
static int add(struct packer *k, const char *name, size_t name_len,
	       unsigned type, unsigned mode, const void *data, size_t len)
{
	struct archive_entry *e = archive_entry_new();
	char copy[PATH_LEN + 1];
	int rc;

	if (!e)
		return fail(k->err, MICROVM_ENOMEM, "no memory");
	memcpy(copy, name, name_len);
	copy[name_len] = '\0';
	archive_entry_copy_pathname(e, copy);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, (unsigned short)mode);
	archive_entry_set_nlink(e, type == AE_IFDIR ? 2 : 1);
	archive_entry_set_size(e, (la_int64_t)len);
	rc = add_entry(k, e, data, len);
	archive_entry_free(e);
	return rc;
}

/* The directories of file i that no file before it has led to. */
static int add_dirs(struct packer *k, unsigned i)
{
	const char *path = k->file[i].path;
	const char *s = path;

	while ((s = strchr(s + 1, '/'))) {
		size_t n = (size_t)(s - path);
		bool known = false;
		unsigned j;
		int rc;

		for (j = 0; j < i && !known; j++)
			known = leads_to(path, n, k->file[j].path);
		rc = known ? 0
			   : add(k, path + 1, n - 1, AE_IFDIR, DIR_MODE, NULL,
				 0);
		if (rc)
			return rc;
	}
	return 0;
}

/* A file cannot also be a directory on the way to another. */
static int check_clash(struct packer *k, unsigned i)
{
	const char *path = k->file[i].path;
	unsigned j;

	for (j = 0; j < k->files; j++) {
		if (leads_to(path, strlen(path), k->file[j].path))
			return fail(k->err, MICROVM_EINVAL,
				    "needed as a directory by file %s",
				    k->file[j].path);
	}
	return 0;
}

static int add_file(struct packer *k, unsigned i)
{
	const struct boot_file *f = &k->file[i];
	int rc = check_file(f, k->err);

	if (!rc)
		rc = check_clash(k, i);
	if (!rc)
		rc = add_dirs(k, i);
	if (!rc)
		rc = add(k, f->path + 1, strlen(f->path) - 1, AE_IFREG, f->mode,
			 f->data, f->len);
	return rc ? fail_in(k->err, rc, "file %s", f->path) : 0;
}

static int open_archive(struct packer *k)
{
	/* no blocks: a stack of archives has no tape behind it */
	if (archive_write_set_format_cpio_newc(k->a) == ARCHIVE_OK &&
	    archive_write_set_bytes_per_block(k->a, 0) == ARCHIVE_OK &&
	    archive_write_open(k->a, &k->sink, NULL, sink_write, NULL) ==
		    ARCHIVE_OK)
		return 0;
	return fail(k->err, MICROVM_ENOMEM, "libarchive: %s",
		    archive_error_string(k->a));
}

static int close_archive(struct packer *k)
{
	if (archive_write_close(k->a) == ARCHIVE_OK)
		return 0;
	return fail(k->err, MICROVM_ENOMEM, "libarchive: %s",
		    archive_error_string(k->a));
}

int cpio_pack(const struct boot_file *file, unsigned files, uint8_t **out,
	      size_t *len, mv_error *err)
{
	struct packer k = { .file = file, .files = files, .err = err };
	unsigned i;
	int rc;

	k.a = archive_write_new();
	if (!k.a)
		return fail(err, MICROVM_ENOMEM, "no memory");
	rc = open_archive(&k);
	for (i = 0; i < files && !rc; i++)
		rc = add_file(&k, i);
	if (!rc)
		rc = close_archive(&k);
	(void)archive_write_free(k.a); /* what it says, close has said */
	if (rc) {
		free(k.sink.p);
		return rc;
	}
	*out = k.sink.p;
	*len = k.sink.len;
	return 0;
}
