/* SPDX-License-Identifier: MIT */
/* paths.c - where the command keeps what it makes (XDG base directories). */
#include "paths.h"

#include <stdio.h>
#include <stdlib.h>

#include "say.h"

int image_dir(char *buf, size_t size, const char *arch, microvm_error *err)
{
	const char *base = getenv("XDG_DATA_HOME");
	const char *tail = "";
	int n;

	/* "All paths must be absolute ... ignore it": XDG base dir spec 0.8 */
	if (!base || base[0] != '/') {
		base = getenv("HOME");
		tail = "/.local/share";
	}
	if (!base || base[0] != '/') {
		(void)refuse(err, "no folder for images: neither "
				  "XDG_DATA_HOME nor HOME is a full path");
		return refuse_hint(err, "set HOME");
	}
	n = snprintf(buf, size, "%s%s/microvm/%s", base, tail, arch);
	if (n < 0 || (size_t)n >= size)
		return refuse(err,
			      "the folder for images under %.80s... is "
			      "too long a path",
			      base);
	return 0;
}
