/* SPDX-License-Identifier: MIT */
/* image_apt_none.c - image_apt.h on systems that never have apt-get. */
#include "image_apt.h"
#include "say.h"

bool apt_is_package(const char *name)
{
	return *name; /* apt_begin() refuses anyway */
}

int apt_begin(struct apt *apt, microvm_error *err)
{
	(void)apt;
	(void)refuse(err, "no apt-get on this system");
	return refuse_hint(err, "fetch the packages elsewhere, then use "
				"--kernel FILE.deb and --busybox FILE.deb");
}

int apt_fetch(const struct apt *apt, const char *package, char **path,
	      microvm_error *err)
{
	(void)apt;
	(void)package;
	*path = NULL;
	return apt_begin(NULL, err);
}
