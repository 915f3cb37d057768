/* SPDX-License-Identifier: MIT */
/*
 * fuzz_inspect.c - any bytes, told what they are.  Texts end and are
 * printable, counts fit the bytes, and the same bytes tell the same.
 */
#include <string.h>

#include "boot/inspect.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LIMIT = 1 << 20, CPIO_HEADER = 110 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *p = malloc(len ? len : 1); /* ends where the bytes end */
	struct inspection a, b;
	const char *c;

	CHECK(p);
	if (len)
		memcpy(p, data, len);
	inspect(p, len, LIMIT, &a);
	inspect(p, len, LIMIT, &b);
	free(p);
	CHECK(a.kind == b.kind && a.inner == b.inner && a.files == b.files);
	CHECK(strcmp(a.version, b.version) == 0);
	CHECK(memchr(a.version, '\0', sizeof(a.version)));
	for (c = a.version; *c; c++)
		CHECK(*c >= ' ' && *c < 0x7f);
	CHECK(a.content <= LIMIT || a.content == len);
	CHECK(a.files <= a.content / CPIO_HEADER);
	CHECK(!a.kernel || !a.archive);
	return 0;
}
