/* SPDX-License-Identifier: MIT */
/*
 * image_modules.c - the kernel modules an image needs, in loading order.
 *
 * What a module needs is told by `depends=` of its .modinfo section, so that
 * no modules.dep is wanted: Debian's packages have none, it is made when a
 * package is installed.  Knows neither packages nor folders.
 */
#include "image_modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image_modinfo.h"
#include "say.h"

enum { UNSEEN, OPEN, DONE };

struct modules *modules_new(void)
{
	return calloc(1, sizeof(struct modules));
}

void modules_free(struct modules *m)
{
	size_t i;

	for (i = 0; m && i < m->count; i++) {
		blob_free(&m->v[i].data);
		free(m->v[i].depends);
	}
	free(m);
}

/* "kernel/drivers/char/virtio-rng.ko.xz" is "virtio_rng"; "" if no module. */
static void module_name(const char *path, size_t len,
			char name[static MODULE_NAME_MAX])
{
	size_t i, n = 0, at = 0;

	name[0] = '\0';
	for (i = 0; i < len; i++)
		if (path[i] == '/')
			at = i + 1;
	while (at + n < len && path[at + n] != '.')
		n++;
	if (n == 0 || n >= MODULE_NAME_MAX || len - at - n < 3 ||
	    memcmp(path + at + n, ".ko", 3) != 0 ||
	    (len - at - n > 3 && path[at + n + 3] != '.'))
		return;
	for (i = 0; i < n; i++)
		if ((name[i] = path[at + i]) == '-')
			name[i] = '_';
	name[n] = '\0';
}

static struct module *module_find(struct modules *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (strcmp(m->v[i].name, name) == 0)
			return &m->v[i];
	return NULL;
}

static int want_one(struct modules *m, const char *name, size_t len,
		    bool optional, microvm_error *err)
{
	char file[MODULE_NAME_MAX + 3], clean[MODULE_NAME_MAX];
	struct module *mod;

	if (len == 0)
		return 0;
	(void)snprintf(file, sizeof(file), "%.*s.ko",
		       len < MODULE_NAME_MAX ? (int)len : 0, name);
	module_name(file, strlen(file), clean);
	if (!clean[0] || strlen(clean) != len)
		return refuse(err, "'%.*s' is no name of a module",
			      len < 80 ? (int)len : 80, name);
	mod = module_find(m, clean);
	if (mod) {
		mod->optional = mod->optional && optional;
		return 0;
	}
	if (m->count == MODULES_MAX)
		return refuse(err, "more than %d modules", MODULES_MAX);
	mod = &m->v[m->count++];
	(void)snprintf(mod->name, sizeof(mod->name), "%s", clean);
	mod->optional = optional;
	return 0;
}

int modules_want(struct modules *m, const char *names, bool optional,
		 microvm_error *err)
{
	size_t n;
	int rc;

	for (;; names += n + 1) {
		n = strcspn(names, ",");
		rc = want_one(m, names, n, optional, err);
		if (rc || !names[n])
			return rc;
	}
}

bool modules_wants_file(const struct modules *m, const char *path)
{
	char name[MODULE_NAME_MAX];
	size_t i;

	module_name(path, strlen(path), name);
	for (i = 0; name[0] && i < m->count; i++)
		if (strcmp(m->v[i].name, name) == 0)
			return !m->v[i].depends && !m->v[i].builtin;
	return false;
}

int modules_offer(struct modules *m, const char *path, struct blob *data,
		  microvm_error *err)
{
	char name[MODULE_NAME_MAX];
	struct modinfo info;
	struct module *mod;
	const char *depends;

	module_name(path, strlen(path), name);
	mod = module_find(m, name);
	if (blob_unpack(data, MODULE_SIZE_MAX, err)) {
		blob_free(data);
		return refuse_in(err, path);
	}
	if (!mod || !modinfo_find(data->p, data->len, &info)) {
		blob_free(data);
		return refuse(err, "%s is no kernel module", path);
	}
	depends = modinfo_get(&info, "depends");
	mod->depends = strdup(depends ? depends : "");
	mod->data = *data;
	*data = (struct blob){ 0 };
	if (!mod->depends)
		return refuse_os(err, ENOMEM, "module %s", path);
	return modules_want(m, mod->depends, mod->optional, err);
}

void modules_offer_builtin(struct modules *m, const char *text, size_t len)
{
	char name[MODULE_NAME_MAX];
	struct module *mod;
	size_t i, n;

	for (i = 0; i < len; i += n + 1) {
		const char *end = memchr(text + i, '\n', len - i);

		n = end ? (size_t)(end - (text + i)) : len - i;
		module_name(text + i, n, name);
		mod = name[0] ? module_find(m, name) : NULL;
		if (mod)
			mod->builtin = true;
	}
}

bool modules_missing(const struct modules *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (!m->v[i].builtin && !m->v[i].depends)
			return true;
	return false;
}

static int visit(struct modules *m, struct module *mod, microvm_error *err);

static int visit_needs(struct modules *m, struct module *mod,
		       microvm_error *err)
{
	const char *p = mod->depends;
	char name[MODULE_NAME_MAX];
	struct module *need;
	size_t i, n;
	int rc;

	for (;; p += n + 1) {
		n = strcspn(p, ",");
		(void)snprintf(name, sizeof(name), "%.*s", (int)n, p);
		for (i = 0; name[i]; i++)
			if (name[i] == '-')
				name[i] = '_';
		need = module_find(m, name); /* wanted when mod was offered */
		rc = need ? visit(m, need, err) : 0;
		if (rc || !p[n])
			return rc;
	}
}

/* Depth first; the depth is at most MODULES_MAX, as each opens once. */
static int visit(struct modules *m, struct module *mod, microvm_error *err)
{
	int rc;

	if (mod->builtin || mod->mark == DONE)
		return 0;
	if (mod->mark == OPEN)
		return refuse(err, "module %s needs itself", mod->name);
	if (!mod->depends)
		return mod->optional
			       ? 0
			       : refuse(err, "the kernel has no module %s",
					mod->name);
	mod->mark = OPEN;
	rc = visit_needs(m, mod, err);
	if (rc)
		return rc;
	mod->mark = DONE;
	m->order[m->orders++] = mod;
	return 0;
}

int modules_order(struct modules *m, microvm_error *err)
{
	size_t i;
	int rc;

	for (i = 0; i < m->count; i++) {
		rc = visit(m, &m->v[i], err);
		if (rc)
			return rc;
	}
	return 0;
}
