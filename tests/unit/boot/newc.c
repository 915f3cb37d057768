/* SPDX-License-Identifier: MIT */
/* newc.c - reads a cpio archive as Linux's init/initramfs.c does. */
#include "newc.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

enum { HEADER = 110, ALIGN = 4 };

/* Field number i: eight hexadecimal digits behind the six of the magic. */
static unsigned field(const uint8_t *p, unsigned i)
{
	char digits[9] = { 0 };
	char *end;
	unsigned long v;

	memcpy(digits, p + 6 + 8 * (size_t)i, 8);
	v = strtoul(digits, &end, 16);
	assert_ptr_equal(end, digits + 8);
	return (unsigned)v;
}

static size_t up(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

int newc_next(const uint8_t *p, size_t len, size_t *pos, struct newc *out)
{
	const uint8_t *h = p + *pos;
	size_t name_len, data;

	assert_int_equal(*pos % ALIGN, 0);
	assert_true(len - *pos >= HEADER);
	assert_memory_equal(h, "070701", 6);
	*out = (struct newc){ .ino = field(h, 0),
			      .mode = field(h, 1),
			      .uid = field(h, 2),
			      .gid = field(h, 3),
			      .nlink = field(h, 4),
			      .mtime = field(h, 5),
			      .len = field(h, 6) };
	name_len = field(h, 11);
	data = up(*pos + HEADER + name_len);
	assert_true(data <= len && out->len <= len - data);
	out->name = (const char *)h + HEADER;
	assert_int_equal(strlen(out->name) + 1, name_len);
	out->data = p + data;
	*pos = up(data + out->len);
	assert_true(*pos <= up(len));
	return strcmp(out->name, "TRAILER!!!") != 0;
}
