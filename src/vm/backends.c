/* SPDX-License-Identifier: MIT */
/* backends.c - what this build can run CPUs with. */
#include "vm/backends.h"

#include <stdio.h>
#include <string.h>

#include "backend/kvm/kvm.h"
#include "backend/none/none.h"
#include "backend/soft/soft.h"
#include "base/container.h"

/* Best first: "auto" takes the first that is usable. */
static const struct hv_ops *const backends[] = {
#ifdef __linux__
	&hv_kvm,
#endif
	&hv_soft,
	NULL,
};

const struct hv_ops *backend_at(unsigned index)
{
	return index < LEN(backends) ? backends[index] : NULL;
}

const struct hv_ops *backend_named(const char *name)
{
	unsigned i;

	for (i = 0; backends[i]; i++) {
		if (!strcmp(backends[i]->name, name))
			break;
	}
	return backends[i];
}

const struct hv_ops *backend_none(void)
{
	return &hv_none;
}

struct backend_names backend_names(void)
{
	struct backend_names all = { "" };
	size_t at = 0;
	unsigned i;

	for (i = 0; backends[i] && at < sizeof(all.s); i++)
		at += (size_t)snprintf(all.s + at, sizeof(all.s) - at, "%s%s",
				       i ? ", " : "", backends[i]->name);
	return all;
}

static bool can(const struct hv_ops *ops, enum arch arch, bool virtual_time)
{
	if (!(ops->arches & 1u << arch))
		return false;
	return !virtual_time || ops->provides & HV_VIRTUAL_TIME;
}

int backend_fit(const struct hv_ops *ops, mv_error *err)
{
	struct hv_found found = { 0 };
	int rc = ops->probe(&found, err);

	if (rc || !found.poor)
		return rc;
	return fail_hint(err, fail(err, MICROVM_ENOTSUP, "%s", found.detail),
			 "to try it all the same, ask for backend %s by name",
			 ops->name);
}

int backend_pick(const struct hv_ops *const *list, enum arch arch,
		 bool virtual_time, const struct hv_ops **out, mv_error *err)
{
	int rc = 0;

	for (; *list; list++) {
		mv_error why = { 0 };
		int no;

		if (!can(*list, arch, virtual_time))
			continue;
		no = backend_fit(*list, &why);
		*out = *list;
		if (!no)
			return 0;
		if (!rc && err) /* the best one's reason is the one to mend */
			*err = why;
		if (!rc)
			rc = fail_in(err, no, "backend %s", (*list)->name);
	}
	*out = NULL;
	if (rc)
		return rc;
	return fail(err, MICROVM_ENOTSUP,
		    "no backend of this build runs %s guests%s",
		    arch_name(arch), virtual_time ? " on virtual time" : "");
}

int backend_best(enum arch arch, bool virtual_time, const struct hv_ops **out,
		 mv_error *err)
{
	return backend_pick(backends, arch, virtual_time, out, err);
}

const char *arch_name(enum arch arch)
{
	static const char *const name[] = {
		[ARCH_ARM64] = "arm64",
		[ARCH_X86_64] = "x86_64",
	};

	_Static_assert(LEN(name) == ARCH_COUNT, "every architecture is named");
	return name[arch];
}
