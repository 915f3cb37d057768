/* SPDX-License-Identifier: MIT */
/*
 * image_kernel.c - a kernel and its modules, from where they are kept.
 *
 * A package is read from its begin to its end, and again only when a module
 * turned out to need one that was passed by.
 */
#include "image_kernel.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image_deb.h"
#include "image_work.h"
#include "say.h"

enum { BUILTIN_MAX = 1 << 20, DEPTH_MAX = 16 };

struct pass {
	struct blob *kernel;
	struct modules *modules;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int take_builtin(struct modules *m, struct blob *text)
{
	modules_offer_builtin(m, (const char *)text->p, text->len);
	blob_free(text);
	return 0;
}

static int take_file(void *ctx, const char *name, struct archive *content,
		     microvm_error *err)
{
	struct pass *p = ctx;
	struct blob data;
	int rc;

	rc = work_interrupted(err);
	if (rc)
		return rc;
	if (strncmp(name, "boot/vmlinu", 11) == 0 && !p->kernel->p)
		return blob_read_entry(p->kernel, content, KERNEL_MAX, err);
	if (strcmp(base_name(name), "modules.builtin") == 0) {
		rc = blob_read_entry(&data, content, BUILTIN_MAX, err);
		return rc ? rc : take_builtin(p->modules, &data);
	}
	if (!modules_wants_file(p->modules, name))
		return 0;
	rc = blob_read_entry(&data, content, MODULE_SIZE_MAX, err);
	return rc ? rc : modules_offer(p->modules, name, &data, err);
}

/* Again as long as new modules are wanted; each time at least one more. */
static int until_found(struct pass *p, const char *path,
		       int (*one)(struct pass *p, const char *path,
				  microvm_error *err),
		       microvm_error *err)
{
	size_t before;
	int rc;

	do {
		before = p->modules->count;
		rc = one(p, path, err);
	} while (!rc && p->modules->count > before &&
		 modules_missing(p->modules));
	return rc;
}

static int deb_pass(struct pass *p, const char *path, microvm_error *err)
{
	return deb_each_file(path, take_file, p, err);
}

int kernel_from_deb(const char *path, struct blob *kernel,
		    struct modules *modules, microvm_error *err)
{
	struct pass p = { kernel, modules };
	int rc;

	*kernel = (struct blob){ 0 };
	rc = until_found(&p, path, deb_pass, err);
	if (rc)
		blob_free(kernel);
	return rc;
}

static int take_path(struct pass *p, const char *path, microvm_error *err)
{
	struct blob data;
	int rc;

	if (strcmp(base_name(path), "modules.builtin") == 0) {
		rc = blob_read_file(&data, path, BUILTIN_MAX, err);
		return rc ? rc : take_builtin(p->modules, &data);
	}
	if (!modules_wants_file(p->modules, path))
		return 0;
	rc = blob_read_file(&data, path, MODULE_SIZE_MAX, err);
	return rc ? rc : modules_offer(p->modules, path, &data, err);
}

/* Links are not followed: Debian's "build" leads out to the sources. */
static int walk(struct pass *p, const char *dir, int depth, microvm_error *err)
{
	struct dirent *e;
	struct stat st;
	char *path;
	DIR *d = opendir(dir);
	int rc = work_interrupted(err);

	if (!d)
		return refuse_os(err, errno, "cannot open %s", dir);
	while (!rc && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		path = work_path(dir, e->d_name);
		if (!path)
			rc = refuse_os(err, ENOMEM, "%s", dir);
		else if (lstat(path, &st))
			rc = refuse_os(err, errno, "%s", path);
		else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			rc = walk(p, path, depth + 1, err);
		else if (S_ISREG(st.st_mode))
			rc = take_path(p, path, err);
		free(path);
	}
	(void)closedir(d);
	return rc;
}

static int dir_pass(struct pass *p, const char *path, microvm_error *err)
{
	return walk(p, path, 0, err);
}

int kernel_modules_from_dir(const char *dir, struct modules *modules,
			    microvm_error *err)
{
	struct pass p = { NULL, modules };

	return until_found(&p, dir, dir_pass, err);
}
