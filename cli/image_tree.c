/* SPDX-License-Identifier: MIT */
/* image_tree.c - the files of an initramfs, and the archive made of them. */
#include "image_tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

struct node {
	char *path;   /* without the leading slash */
	char *target; /* of a link */
	uint8_t *data;
	size_t len;
	unsigned type; /* AE_IF... */
	unsigned mode;
	unsigned major, minor;
};

struct tree {
	struct node *v;
	size_t count, room;
};

static void node_clear(struct node *n)
{
	free(n->path);
	free(n->target);
	free(n->data);
	*n = (struct node){ 0 };
}

struct tree *tree_new(void)
{
	return calloc(1, sizeof(struct tree));
}

void tree_free(struct tree *t)
{
	size_t i;

	for (i = 0; t && i < t->count; i++)
		node_clear(&t->v[i]);
	if (t)
		free(t->v);
	free(t);
}

static struct node *tree_find(struct tree *t, const char *path)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (strcmp(t->v[i].path, path) == 0)
			return &t->v[i];
	return NULL;
}

/* Absolute, and every part of it a real name. */
static bool path_ok(const char *path)
{
	size_t n;

	if (path[0] != '/')
		return false;
	do {
		path++;
		n = strcspn(path, "/");
		if (n == 0 || n > 255 || (n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += n;
	} while (*path);
	return true;
}

/* The empty node of that path; NULL when memory is out. */
static struct node *tree_place(struct tree *t, const char *path)
{
	struct node *n = tree_find(t, path);
	char *copy = strdup(path);

	if (!copy)
		return NULL;
	if (n) {
		node_clear(n);
		n->path = copy;
		return n;
	}
	if (t->count == t->room) {
		size_t room = t->room ? t->room * 2 : 64;

		n = realloc(t->v, room * sizeof(*n));
		if (!n) {
			free(copy);
			return NULL;
		}
		t->v = n;
		t->room = room;
	}
	n = &t->v[t->count++];
	*n = (struct node){ .path = copy };
	return n;
}

/* The directories above `path`, which has no leading slash. */
static int tree_add_parents(struct tree *t, const char *path,
			    microvm_error *err)
{
	char *part = strdup(path), *slash;
	struct node *n;
	int rc = 0;

	if (!part)
		return refuse_os(err, ENOMEM, "%s", path);
	for (slash = strchr(part, '/'); slash && !rc;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		n = tree_find(t, part);
		if (n && n->type == AE_IFREG) {
			rc = refuse(err, "/%s is a file, so no /%s", part,
				    path);
		} else if (!n) {
			n = tree_place(t, part);
			if (!n)
				rc = refuse_os(err, ENOMEM, "/%s", part);
			else
				*n = (struct node){ .path = n->path,
						    .type = AE_IFDIR,
						    .mode = 0755 };
		}
		*slash = '/';
	}
	free(part);
	return rc;
}

static int tree_add(struct tree *t, const char *path, const struct node *what,
		    microvm_error *err)
{
	struct node *n;
	char *kept;
	int rc;

	if (!path_ok(path))
		return refuse(err, "'%s' is no absolute path in the guest",
			      path);
	rc = tree_add_parents(t, path + 1, err);
	if (rc)
		return rc;
	n = tree_place(t, path + 1);
	if (!n)
		return refuse_os(err, ENOMEM, "%s", path);
	kept = n->path;
	*n = *what;
	n->path = kept;
	return 0;
}

int tree_add_dir(struct tree *t, const char *path, unsigned mode,
		 microvm_error *err)
{
	return tree_add(t, path,
			&(struct node){ .type = AE_IFDIR, .mode = mode }, err);
}

int tree_add_file(struct tree *t, const char *path, unsigned mode,
		  const void *data, size_t len, microvm_error *err)
{
	struct node n = { .type = AE_IFREG, .mode = mode, .len = len };
	int rc;

	n.data = malloc(len ? len : 1);
	if (!n.data)
		return refuse_os(err, ENOMEM, "%s", path);
	if (len)
		memcpy(n.data, data, len);
	rc = tree_add(t, path, &n, err);
	if (rc)
		free(n.data);
	return rc;
}

int tree_add_link(struct tree *t, const char *path, const char *target,
		  microvm_error *err)
{
	struct node n = { .type = AE_IFLNK, .mode = 0777 };
	int rc;

	n.target = strdup(target);
	if (!n.target)
		return refuse_os(err, ENOMEM, "%s", path);
	rc = tree_add(t, path, &n, err);
	if (rc)
		free(n.target);
	return rc;
}

int tree_add_device(struct tree *t, const char *path, unsigned mode,
		    unsigned major, unsigned minor, microvm_error *err)
{
	return tree_add(t, path,
			&(struct node){ .type = AE_IFCHR,
					.mode = mode,
					.major = major,
					.minor = minor },
			err);
}

static int by_path(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* libarchive's output, into a blob. */
static la_ssize_t pack_write(struct archive *a, void *ctx, const void *p,
			     size_t len)
{
	struct blob *b = ctx;
	uint8_t *grown = realloc(b->p, b->len + len);

	if (!grown) {
		archive_set_error(a, ENOMEM, "out of memory");
		return -1;
	}
	memcpy(grown + b->len, p, len);
	b->p = grown;
	b->len += len;
	return (la_ssize_t)len;
}

static int pack_node(struct archive *a, const struct node *n, int64_t ino)
{
	struct archive_entry *e = archive_entry_new();
	int rc;

	if (!e)
		return ARCHIVE_FATAL;
	archive_entry_set_pathname(e, n->path);
	archive_entry_set_filetype(e, n->type);
	archive_entry_set_perm(e, (__LA_MODE_T)n->mode);
	archive_entry_set_nlink(e, n->type == AE_IFDIR ? 2 : 1);
	archive_entry_set_ino64(e, ino);
	archive_entry_set_mtime(e, 0, 0);
	archive_entry_set_size(e, (la_int64_t)n->len);
	if (n->type == AE_IFLNK)
		archive_entry_set_symlink(e, n->target);
	if (n->type == AE_IFCHR) {
		archive_entry_set_rdevmajor(e, n->major);
		archive_entry_set_rdevminor(e, n->minor);
	}
	rc = archive_write_header(a, e);
	if (rc == ARCHIVE_OK && n->len &&
	    archive_write_data(a, n->data, n->len) != (la_ssize_t)n->len)
		rc = ARCHIVE_FATAL;
	archive_entry_free(e);
	return rc;
}

int tree_pack(struct tree *t, struct blob *cpio, microvm_error *err)
{
	struct archive *a = archive_write_new();
	size_t i;
	int rc;

	*cpio = (struct blob){ 0 };
	if (!a)
		return refuse_os(err, ENOMEM, "libarchive");
	if (t->count) /* a directory sorts before what is in it */
		qsort(t->v, t->count, sizeof(*t->v), by_path);
	(void)archive_write_set_format_cpio_newc(a);
	(void)archive_write_set_bytes_per_block(a, 1 << 20);
	(void)archive_write_set_bytes_in_last_block(a, 1);
	rc = archive_write_open(a, cpio, NULL, pack_write, NULL);
	for (i = 0; i < t->count && rc == ARCHIVE_OK; i++)
		rc = pack_node(a, &t->v[i], (int64_t)i + 1);
	if (rc == ARCHIVE_OK)
		rc = archive_write_close(a);
	if (rc != ARCHIVE_OK) {
		rc = refuse(err, "cannot make the initramfs: %s",
			    archive_error_string(a));
		blob_free(cpio);
	}
	(void)archive_write_free(a); /* closed above */
	return rc;
}
