/* SPDX-License-Identifier: MIT */
/* image_modinfo.h - what a kernel module says of itself. */
#ifndef CLI_IMAGE_MODINFO_H
#define CLI_IMAGE_MODINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The .modinfo section: strings KEY=VALUE, each ended by NUL. */
struct modinfo {
	const char *p;
	size_t len;
};

/* False when the bytes are no ELF file of 64 bits with such a section. */
bool modinfo_find(const uint8_t *elf, size_t len, struct modinfo *info);

/* The value of a key; NULL when there is none.  Points into the section. */
const char *modinfo_get(const struct modinfo *info, const char *key);

#endif
