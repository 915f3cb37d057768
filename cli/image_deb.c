/* SPDX-License-Identifier: MIT */
/*
 * image_deb.c - what is inside a Debian package (deb(5)).
 *
 * A .deb is an ar archive of debian-binary, control.tar.* and data.tar.*; the
 * tars are read as they stream out of it, nothing is unpacked on disk.
 */
#include "image_deb.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "image_blob.h"
#include "say.h"

enum { CONTROL_MAX = 1024 * 1024, BLOCK = 64 * 1024 };

bool deb_is(const char *path)
{
	static const char magic[] = "!<arch>\ndebian-binary";
	char head[sizeof(magic) - 1];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		return false;
	n = fread(head, 1, sizeof(head), f);
	(void)fclose(f); /* was only read */
	return n == sizeof(head) && memcmp(head, magic, n) == 0;
}

/* The value of one "Name: value" line into its field, if we keep it. */
static void keep_field(const char *line, size_t len, struct deb_control *c)
{
	const struct {
		const char *name;
		char *value;
		size_t size;
	} fields[] = {
		{ "Package:", c->package, sizeof(c->package) },
		{ "Version:", c->version, sizeof(c->version) },
		{ "Architecture:", c->architecture, sizeof(c->architecture) },
		{ "Depends:", c->depends, sizeof(c->depends) },
	};
	size_t i, n;
	char *p;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		n = strlen(fields[i].name);
		if (len < n || strncasecmp(line, fields[i].name, n) != 0)
			continue;
		while (n < len && isspace((unsigned char)line[n]))
			n++;
		while (len > n && isspace((unsigned char)line[len - 1]))
			len--;
		(void)snprintf(fields[i].value, fields[i].size, "%.*s",
			       (int)(len - n), line + n);
		for (p = fields[i].value; *p; p++) /* goes to terminals */
			if (!isprint((unsigned char)*p))
				*p = '?';
		return;
	}
}

void deb_parse_control(const char *text, size_t len, struct deb_control *c)
{
	size_t i, n;

	*c = (struct deb_control){ 0 };
	for (i = 0; i < len; i += n + 1) {
		const char *end = memchr(text + i, '\n', len - i);

		n = end ? (size_t)(end - (text + i)) : len - i;
		keep_field(text + i, n, c);
	}
}

/* One tar inside the ar, as libarchive's input. */
struct member {
	struct archive *outer;
	char block[BLOCK];
};

static la_ssize_t read_member(struct archive *a, void *ctx, const void **p)
{
	struct member *m = ctx;
	la_ssize_t n = archive_read_data(m->outer, m->block, sizeof(m->block));

	*p = m->block;
	if (n < 0)
		archive_set_error(a, EIO, "%s", archive_error_string(m->outer));
	return n;
}

static int each_in_tar(struct archive *tar, deb_file_fn *fn, void *ctx,
		       microvm_error *err)
{
	struct archive_entry *entry;
	const char *name;
	int rc;

	for (;;) {
		rc = archive_read_next_header(tar, &entry);
		if (rc == ARCHIVE_EOF)
			return 0;
		if (rc < ARCHIVE_WARN)
			return refuse(err, "damaged archive: %s",
				      archive_error_string(tar));
		name = archive_entry_pathname(entry);
		if (!name || archive_entry_filetype(entry) != AE_IFREG)
			continue;
		while (name[0] == '/' || (name[0] == '.' && name[1] == '/'))
			name++;
		rc = fn(ctx, name, tar, err);
		if (rc)
			return rc;
	}
}

static int each_in_member(struct archive *outer, deb_file_fn *fn, void *ctx,
			  microvm_error *err)
{
	struct member m = { .outer = outer };
	struct archive *tar = archive_read_new();
	int rc;

	if (!tar)
		return refuse_os(err, ENOMEM, "libarchive");
	blob_packings(tar);
	(void)archive_read_support_format_tar(tar);
	if (archive_read_open(tar, &m, NULL, read_member, NULL) != ARCHIVE_OK)
		rc = refuse(err, "damaged archive: %s",
			    archive_error_string(tar));
	else
		rc = each_in_tar(tar, fn, ctx, err);
	(void)archive_read_free(tar); /* was only read */
	return rc;
}

/* The files of the tar whose name begins with `which`. */
static int each_of(struct archive *ar, const char *which, deb_file_fn *fn,
		   void *ctx, microvm_error *err)
{
	struct archive_entry *entry;
	const char *name;
	int rc;

	for (;;) {
		rc = archive_read_next_header(ar, &entry);
		if (rc == ARCHIVE_EOF)
			return refuse(err, "not a Debian package: no %s",
				      which);
		if (rc < ARCHIVE_WARN)
			return refuse(err, "not a Debian package: %s",
				      archive_error_string(ar));
		name = archive_entry_pathname(entry);
		if (name && strncmp(name, which, strlen(which)) == 0)
			return each_in_member(ar, fn, ctx, err);
	}
}

static int each_in_deb(const char *path, const char *which, deb_file_fn *fn,
		       void *ctx, microvm_error *err)
{
	struct archive *ar = archive_read_new();
	int rc;

	if (!ar)
		return refuse_os(err, ENOMEM, "libarchive");
	(void)archive_read_support_format_ar(ar);
	if (archive_read_open_filename(ar, path, BLOCK) != ARCHIVE_OK)
		rc = refuse(err, "cannot open: %s", archive_error_string(ar));
	else
		rc = each_of(ar, which, fn, ctx, err);
	(void)archive_read_free(ar); /* was only read */
	return rc < 0 ? refuse_in(err, path) : 0;
}

int deb_each_file(const char *path, deb_file_fn *fn, void *ctx,
		  microvm_error *err)
{
	return each_in_deb(path, "data.tar", fn, ctx, err);
}

static int read_control(void *ctx, const char *name, struct archive *content,
			microvm_error *err)
{
	struct blob b;
	int rc;

	if (strcmp(name, "control") != 0)
		return 0;
	rc = blob_read_entry(&b, content, CONTROL_MAX, err);
	if (rc)
		return rc;
	deb_parse_control((const char *)b.p, b.len, ctx);
	blob_free(&b);
	return DEB_STOP;
}

int deb_read_control(const char *path, struct deb_control *c,
		     microvm_error *err)
{
	*c = (struct deb_control){ 0 };
	return each_in_deb(path, "control.tar", read_control, c, err);
}

bool deb_depends_on(const char *depends, const char *prefix, char *name,
		    size_t size)
{
	const char *p = depends;
	size_t n;

	while (*p) {
		p += strspn(p, " \t,|");
		n = strcspn(p, " \t,|(:");
		if (strncmp(p, prefix, strlen(prefix)) == 0 && n < size) {
			(void)snprintf(name, size, "%.*s", (int)n, p);
			return true;
		}
		p += strcspn(p, ",|");
	}
	return false;
}
