/* SPDX-License-Identifier: MIT */
/*
 * image_modinfo.c - what a kernel module says of itself.
 *
 * A module is an ELF file (System V ABI, chapter 4); its .modinfo section
 * holds NUL-terminated strings.  Every offset is checked before it is used.
 */
#include "image_modinfo.h"

#include <string.h>

enum {
	EI_CLASS = 4,   /* e_ident: 2 is 64 bits */
	EI_DATA = 5,    /* 1 is little-endian */
	E_SHOFF = 0x28, /* where the section headers are */
	E_SHENTSIZE = 0x3a,
	E_SHNUM = 0x3c,
	E_SHSTRNDX = 0x3e, /* which section has their names */
	EHDR_LEN = 0x40,
	SH_NAME = 0x00, /* offset of the name among the names */
	SH_OFFSET = 0x18,
	SH_SIZE = 0x20,
	SHDR_LEN = 0x40,
};

static uint64_t get(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

struct section {
	uint64_t name;
	const uint8_t *p;
	uint64_t len;
};

/* Section i of a file whose header and table were checked. */
static bool section_at(const uint8_t *elf, size_t len, uint64_t i,
		       struct section *s)
{
	const uint8_t *sh = elf + get(elf + E_SHOFF, 8) + i * SHDR_LEN;
	uint64_t off = get(sh + SH_OFFSET, 8), size = get(sh + SH_SIZE, 8);

	if (off > len || size > len - off)
		return false;
	*s = (struct section){ get(sh + SH_NAME, 4), elf + off, size };
	return true;
}

static bool table_ok(const uint8_t *elf, size_t len)
{
	uint64_t off;

	if (len < EHDR_LEN || memcmp(elf, "\177ELF", 4) != 0 ||
	    elf[EI_CLASS] != 2 || elf[EI_DATA] != 1 ||
	    get(elf + E_SHENTSIZE, 2) != SHDR_LEN ||
	    get(elf + E_SHSTRNDX, 2) >= get(elf + E_SHNUM, 2))
		return false;
	off = get(elf + E_SHOFF, 8);
	return off <= len && get(elf + E_SHNUM, 2) <= (len - off) / SHDR_LEN;
}

static bool is_named(const struct section *s, const struct section *names,
		     const char *name)
{
	size_t n = strlen(name) + 1;

	return s->name <= names->len && n <= names->len - s->name &&
	       memcmp(names->p + s->name, name, n) == 0;
}

bool modinfo_find(const uint8_t *elf, size_t len, struct modinfo *info)
{
	struct section names, s;
	uint64_t i;

	if (!table_ok(elf, len) ||
	    !section_at(elf, len, get(elf + E_SHSTRNDX, 2), &names))
		return false;
	for (i = 0; i < get(elf + E_SHNUM, 2); i++) {
		if (!section_at(elf, len, i, &s) ||
		    !is_named(&s, &names, ".modinfo"))
			continue; /* .bss has a size, but no bytes */
		*info = (struct modinfo){ (const char *)s.p, (size_t)s.len };
		return true;
	}
	return false;
}

const char *modinfo_get(const struct modinfo *info, const char *key)
{
	size_t n = strlen(key), i = 0;

	while (i < info->len) {
		const char *s = info->p + i;
		const char *end = memchr(s, '\0', info->len - i);

		if (!end)
			return NULL; /* cut short: nothing ends there */
		if ((size_t)(end - s) > n && memcmp(s, key, n) == 0 &&
		    s[n] == '=')
			return s + n + 1;
		i += (size_t)(end - s) + 1;
	}
	return NULL;
}
