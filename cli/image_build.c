/* SPDX-License-Identifier: MIT */
/*
 * image_build.c - a kernel and an initramfs out of Debian packages.
 *
 * Stock kernels only: their virtio and vsock drivers are modules, so the
 * initramfs carries these and our init loads them.
 */
#include "image_build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image_apt.h"
#include "image_deb.h"
#include "image_kernel.h"
#include "image_rootfs.h"
#include "image_work.h"
#include "say.h"

enum { BUSYBOX_MAX = 64 << 20, HOPS_MAX = 4 };

/* In the order they are loaded: 6.1 on arm64 tells not all of it. */
static const char own_modules[] =
	"virtio_ring,virtio,virtio_mmio,vsock,"
	"vmw_vsock_virtio_transport_common,vmw_vsock_virtio_transport";

struct build {
	const struct image_plan *plan;
	struct work work;
	struct apt apt; /* dir NULL until it was needed */
	char *apt_dir;
	struct modules *modules;
	struct blob kernel, busybox, initrd;
	struct tree *tree;
};

SAY_FORMAT(1, 2) static void step(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fputs("image: ", stderr);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
}

const char *image_arch_name(enum microvm_arch arch)
{
	return arch == MICROVM_ARCH_ARM64 ? "arm64" : "amd64";
}

/* A name with a slash, or of something that is there, is no package. */
static bool is_file(const char *name)
{
	struct stat st;

	return strchr(name, '/') || stat(name, &st) == 0;
}

/* Before anything is fetched. */
static int check_name(const char *name, const char *option, microvm_error *err)
{
	if (is_file(name) || apt_is_package(name))
		return 0;
	(void)refuse(err, "%s '%s': neither a file nor the name of a package",
		     option, name);
	return refuse_hint(err, "a file in this folder is ./FILE");
}

static int fetch(struct build *b, const char *package, char **deb,
		 microvm_error *err)
{
	int rc;

	if (!b->apt.dir) {
		step("reading Debian's package lists (%s)",
		     image_arch_name(b->plan->arch));
		b->apt_dir = work_path(b->work.dir, "apt");
		if (!b->apt_dir)
			return refuse_os(err, ENOMEM, "%s", package);
		if (mkdir(b->apt_dir, 0700))
			return refuse_os(err, errno, "cannot make %s",
					 b->apt_dir);
		b->apt = (struct apt){
			.dir = b->apt_dir,
			.arch = image_arch_name(b->plan->arch),
			.suite = b->plan->suite,
		};
		rc = apt_begin(&b->apt, err);
		if (rc)
			return rc;
	}
	step("fetching %s", package);
	return apt_fetch(&b->apt, package, deb, err);
}

/* "linux-image-cloud-arm64" is empty, and depends on the real one. */
static int kernel_from_package(struct build *b, const char *package,
			       microvm_error *err)
{
	struct deb_control c;
	char name[128], *deb;
	int hop, rc;

	(void)snprintf(name, sizeof(name), "%s", package);
	for (hop = 0; hop < HOPS_MAX; hop++) {
		rc = fetch(b, name, &deb, err);
		if (rc)
			return rc;
		rc = kernel_from_deb(deb, &b->kernel, b->modules, err);
		if (!rc && !b->kernel.p)
			rc = deb_read_control(deb, &c, err);
		free(deb);
		if (rc || b->kernel.p)
			return rc;
		if (!deb_depends_on(c.depends, "linux-image-", name,
				    sizeof(name)))
			break;
	}
	return refuse(err, "package %s has no kernel", package);
}

static int kernel_from_file(struct build *b, const char *path,
			    microvm_error *err)
{
	const char *arch = image_arch_name(b->plan->arch);
	struct deb_control c;
	int rc;

	if (!deb_is(path))
		return blob_read_file(&b->kernel, path, KERNEL_MAX, err);
	rc = deb_read_control(path, &c, err);
	if (rc)
		return rc;
	if (strcmp(c.architecture, arch) != 0) {
		(void)refuse(err, "%s is for %s, not for %s", path,
			     c.architecture, arch);
		return refuse_hint(err, "say --arch %s", c.architecture);
	}
	rc = kernel_from_deb(path, &b->kernel, b->modules, err);
	if (rc || b->kernel.p)
		return rc;
	(void)refuse(err, "%s (package %s) has no kernel", path, c.package);
	if (deb_depends_on(c.depends, "linux-image-", c.package,
			   sizeof(c.package)))
		return refuse_hint(err, "it only names the one that has: %s",
				   c.package);
	return -err->code;
}

static void tell_modules(const struct modules *m)
{
	size_t i;

	if (!m->count)
		return;
	(void)fputs("image: modules:", stderr);
	for (i = 0; i < m->orders; i++)
		(void)fprintf(stderr, " %s", m->order[i]->name);
	(void)fputs(m->orders ? "\n" : " none\n", stderr);
	for (i = 0; i < m->count; i++)
		if (!m->v[i].builtin && !m->v[i].depends)
			step("warning: the kernel has no module %s",
			     m->v[i].name);
}

/* A plain kernel file comes without modules, unless they are named. */
static int get_kernel(struct build *b, microvm_error *err)
{
	const struct image_plan *p = b->plan;
	bool alone = is_file(p->kernel) && !deb_is(p->kernel);
	int rc = 0;

	if (alone && !p->modules_dir && p->modules) {
		(void)refuse(err, "no modules come with the kernel file %s",
			     p->kernel);
		return refuse_hint(err, "say where: --modules-dir "
					"/lib/modules/VERSION");
	}
	if (p->modules)
		rc = modules_want(b->modules, p->modules, false, err);
	if (!rc && (!alone || p->modules_dir))
		rc = modules_want(b->modules, own_modules, true, err);
	if (!rc && p->modules_dir)
		rc = kernel_modules_from_dir(p->modules_dir, b->modules, err);
	if (!rc && is_file(p->kernel))
		rc = kernel_from_file(b, p->kernel, err);
	else if (!rc)
		rc = kernel_from_package(b, p->kernel, err);
	if (!rc)
		rc = modules_order(b->modules, err);
	if (!rc)
		tell_modules(b->modules);
	return rc;
}

static int take_busybox(void *ctx, const char *name, struct archive *content,
			microvm_error *err)
{
	struct build *b = ctx;
	int rc;

	if (strcmp(name, "bin/busybox") != 0 &&
	    strcmp(name, "usr/bin/busybox") != 0)
		return 0;
	rc = blob_read_entry(&b->busybox, content, BUSYBOX_MAX, err);
	return rc ? rc : DEB_STOP;
}

static int busybox_from_deb(struct build *b, const char *path,
			    microvm_error *err)
{
	int rc = deb_each_file(path, take_busybox, b, err);

	if (!rc && !b->busybox.p)
		rc = refuse(err, "%s has no busybox", path);
	return rc;
}

static int get_busybox(struct build *b, microvm_error *err)
{
	const char *name = b->plan->busybox;
	char *deb;
	int rc;

	if (is_file(name))
		return deb_is(name) ? busybox_from_deb(b, name, err)
				    : blob_read_file(&b->busybox, name,
						     BUSYBOX_MAX, err);
	rc = fetch(b, name, &deb, err);
	if (rc)
		return rc;
	rc = busybox_from_deb(b, deb, err);
	free(deb);
	return rc;
}

static int make_initrd(struct build *b, microvm_error *err)
{
	size_t i;
	int rc;

	rc = rootfs_add_base(b->tree, b->plan->arch, err);
	if (!rc)
		rc = rootfs_add_busybox(b->tree, &b->busybox, err);
	if (!rc)
		rc = rootfs_add_modules(b->tree, b->modules, err);
	for (i = 0; i < b->plan->adds && !rc; i++)
		rc = rootfs_add_host_file(b->tree, b->plan->add[i], err);
	return rc ? rc : tree_pack(b->tree, &b->initrd, err);
}

static int put(struct build *b, const struct blob *what, const char *name,
	       microvm_error *err)
{
	char *path = work_path(b->work.dir, name);
	int rc;

	if (!path)
		return refuse_os(err, ENOMEM, "%s", name);
	rc = blob_write_file(what, path, err);
	free(path);
	return rc;
}

static int put_all(struct build *b, microvm_error *err)
{
	int rc;

	rc = put(b, &b->kernel, "kernel", err);
	if (!rc)
		rc = put(b, &b->initrd, "initrd", err);
	if (!rc)
		rc = work_interrupted(err);
	if (!rc)
		rc = work_publish(&b->work, "kernel", err);
	if (!rc)
		rc = work_publish(&b->work, "initrd", err);
	if (!rc)
		step("wrote %s/kernel (%.1f MiB) and initrd (%.1f MiB)",
		     b->plan->into, (double)b->kernel.len / (1 << 20),
		     (double)b->initrd.len / (1 << 20));
	return rc;
}

static int build(struct build *b, microvm_error *err)
{
	int rc;

	if (!b->modules || !b->tree)
		return refuse_os(err, ENOMEM, "an image");
	rc = get_kernel(b, err);
	if (!rc)
		rc = get_busybox(b, err);
	if (!rc)
		rc = make_initrd(b, err);
	return rc ? rc : put_all(b, err);
}

int image_build(const struct image_plan *plan, microvm_error *err)
{
	struct build b = { .plan = plan };
	int rc;

	rc = check_name(plan->kernel, "--kernel", err);
	if (!rc)
		rc = check_name(plan->busybox, "--busybox", err);
	if (!rc)
		rc = work_begin(&b.work, plan->into, err);
	if (rc)
		return rc;
	b.modules = modules_new();
	b.tree = tree_new();
	rc = build(&b, err);
	modules_free(b.modules);
	tree_free(b.tree);
	blob_free(&b.kernel);
	blob_free(&b.busybox);
	blob_free(&b.initrd);
	free(b.apt_dir);
	work_end(&b.work);
	return rc;
}
