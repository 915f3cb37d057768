/* SPDX-License-Identifier: MIT */
/* backends.h - what this build can run CPUs with, best first. */
#ifndef VM_BACKENDS_H
#define VM_BACKENDS_H

#include "core/hv.h"

/* Number `index`, or NULL past the last. */
const struct hv_ops *backend_at(unsigned index);

/* "soft" and the like, or NULL. */
const struct hv_ops *backend_named(const char *name);

/* The one without a CPU, which is not among them: to look at a machine. */
const struct hv_ops *backend_none(void);

/* "soft, ...": for messages. */
struct backend_names {
	char s[128];
};

struct backend_names backend_names(void);

/* Usable on this host, and good enough to be chosen without being named? */
int backend_fit(const struct hv_ops *ops, mv_error *err) MUST_CHECK;

/* The first that is fit on this host for such a guest. */
int backend_best(enum arch arch, bool virtual_time, const struct hv_ops **out,
		 mv_error *err) MUST_CHECK;

/* The same from any list that ends with NULL. */
int backend_pick(const struct hv_ops *const *list, enum arch arch,
		 bool virtual_time, const struct hv_ops **out,
		 mv_error *err) MUST_CHECK;

/* "arm64", "x86_64". */
const char *arch_name(enum arch arch);

#endif
