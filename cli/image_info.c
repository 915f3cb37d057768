/* SPDX-License-Identifier: MIT */
/* image_info.c - telling what a kernel, initramfs or package file is. */
#include "image_info.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "image_blob.h"
#include "image_build.h"
#include "image_deb.h"
#include "json.h"
#include "say.h"

enum { FILE_MAX = 1 << 30 };

/* The same facts go to people and to programs. */
struct printer {
	FILE *to;
	json_t *root; /* NULL: for people */
	bool ok;
};

static void put_text(struct printer *p, const char *name, const char *value)
{
	if (p->root)
		json_put(p->root, name, json_text(value), &p->ok);
	else
		(void)fprintf(p->to, "%s: %s\n", name, value);
}

static void put_number(struct printer *p, const char *name, uint64_t value)
{
	if (p->root)
		json_put(p->root, name, json_of_u64(value), &p->ok);
	else
		(void)fprintf(p->to, "%s: %" PRIu64 "\n", name, value);
}

static void put_bool(struct printer *p, const char *name, bool value)
{
	if (p->root)
		json_put(p->root, name, json_boolean(value), &p->ok);
	else
		(void)fprintf(p->to, "%s: %s\n", name, value ? "yes" : "no");
}

static void put_kernel(struct printer *p, const microvm_image_info *info)
{
	put_text(p, "arch", image_arch_name(info->arch));
	if (info->version[0])
		put_text(p, "version", info->version);
	if (info->memory_bytes)
		put_number(p, "memory_bytes", info->memory_bytes);
	if (info->page_bytes)
		put_number(p, "page_bytes", info->page_bytes);
}

static void put_image(struct printer *p, const microvm_image_info *info)
{
	put_text(p, "format", info->format);
	put_number(p, "file_bytes", info->file_bytes);
	if (info->content_bytes != info->file_bytes)
		put_number(p, "content_bytes", info->content_bytes);
	if (info->is_kernel)
		put_kernel(p, info);
	if (!info->is_archive)
		return;
	put_number(p, "files", info->files);
	put_bool(p, "init", info->has_init);
	put_bool(p, "complete", info->is_whole);
}

static int tell_deb(struct printer *p, const char *path, microvm_error *err)
{
	struct deb_control c;
	int rc = deb_read_control(path, &c, err);

	if (rc)
		return rc;
	put_text(p, "package", c.package);
	put_text(p, "version", c.version);
	put_text(p, "arch", c.architecture);
	if (c.depends[0])
		put_text(p, "depends", c.depends);
	return 0;
}

static int tell(struct printer *p, const char *path, microvm_error *err)
{
	microvm_image_info info = { .size = sizeof(info) };
	struct blob file;
	int rc;

	rc = blob_read_file(&file, path, FILE_MAX, err);
	if (rc)
		return rc;
	rc = microvm_image_inspect(file.p, file.len, &info, err);
	blob_free(&file);
	if (rc)
		return rc;
	put_image(p, &info);
	return deb_is(path) ? tell_deb(p, path, err) : 0;
}

int image_info(const char *path, bool json, FILE *to, microvm_error *err)
{
	struct printer p = { .to = to, .ok = true };
	int rc;

	if (json) {
		p.root = json_object();
		if (!p.root)
			return refuse_os(err, ENOMEM, "%s", path);
	}
	put_text(&p, "file", path);
	rc = tell(&p, path, err);
	if (rc) {
		json_decref(p.root); /* NULL is fine */
		return rc;
	}
	if (json && !json_print(p.root, p.ok, to))
		return refuse_os(err, EIO, "cannot write");
	return 0;
}
