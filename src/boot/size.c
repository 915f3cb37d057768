/* SPDX-License-Identifier: MIT */
/* size.c - byte counts as people read them. */
#include "boot/size.h"

#include <stdio.h>

static struct size_text scaled(uint64_t bytes, uint64_t unit, const char *name)
{
	uint64_t rest = bytes % unit;
	uint64_t whole = bytes / unit;
	uint64_t tenths = (rest * 10 + unit - 1) / unit;
	struct size_text t;

	if (tenths == 10) {
		whole++;
		tenths = 0;
	}
	if (tenths)
		(void)snprintf(t.s, sizeof(t.s), "%llu.%llu %s",
			       (unsigned long long)whole,
			       (unsigned long long)tenths, name);
	else
		(void)snprintf(t.s, sizeof(t.s), "%llu %s",
			       (unsigned long long)whole, name);
	return t;
}

struct size_text size_text(uint64_t bytes)
{
	if (bytes >= 1 << 20)
		return scaled(bytes, 1 << 20, "MiB");
	if (bytes >= 10 << 10)
		return scaled(bytes, 1 << 10, "KiB");
	return scaled(bytes, 1, bytes == 1 ? "byte" : "bytes");
}
