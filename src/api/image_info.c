/* SPDX-License-Identifier: MIT */
/* image_info.c - microvm_image_inspect: what the bytes of a file are. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/num.h"
#include "boot/inspect.h"

/* More is not unpacked only to be told about. */
#define UNPACK_LIMIT ((size_t)1 << 30)

static void fill(const uint8_t *p, size_t len, microvm_image_info *info)
{
	static const enum microvm_arch arch[] = {
		[ARCH_ARM64] = MICROVM_ARCH_ARM64,
		[ARCH_X86_64] = MICROVM_ARCH_X86_64,
	};
	struct inspection in;

	inspect(p, len, UNPACK_LIMIT, &in);
	if (in.kind == in.inner)
		(void)snprintf(info->format, sizeof(info->format), "%s",
			       kind_text(p, len).s);
	else
		(void)snprintf(info->format, sizeof(info->format),
			       "%s with %s in it", kind_name(in.kind),
			       kind_name(in.inner));
	info->file_bytes = len;
	info->content_bytes = in.content;
	info->is_kernel = in.kernel;
	info->arch = arch[in.arch];
	info->memory_bytes = in.memory;
	info->page_bytes = in.page;
	memcpy(info->version, in.version, sizeof(info->version));
	info->is_archive = in.archive;
	info->is_whole = in.whole;
	info->has_init = in.init;
	info->files = in.files;
}

int microvm_image_inspect(const void *data, size_t len,
			  microvm_image_info *info, microvm_error *err)
{
	microvm_image_info full = { 0 };
	uint32_t size;

	if (!data || !info)
		return fail(err, MICROVM_EINVAL, "no %s given",
			    data ? "info to fill" : "bytes");
	size = info->size;
	if (size < sizeof(size))
		return fail(err, MICROVM_EINVAL,
			    "microvm_image_info.size is not set");
	fill(data, len, &full);
	full.size = size;
	memcpy(info, &full, (size_t)min_u64(size, sizeof(full)));
	return 0;
}
