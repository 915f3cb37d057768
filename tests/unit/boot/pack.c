/* SPDX-License-Identifier: MIT */
/* pack.c - makes the kinds of kernel files the boot code reads. */
#include "pack.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "../check.h"
#include "base/bytes.h"

static struct bytes room(size_t len)
{
	struct bytes b = { calloc(1, len ? len : 1), len };

	assert_non_null(b.p);
	return b;
}

struct bytes make_image(size_t len, uint64_t text_offset, uint64_t image_size,
			uint64_t flags)
{
	struct bytes b = room(len);
	uint32_t x = 1;
	size_t i;

	for (i = 64; i < len; i++) {
		x = x * 1664525 + 1013904223;
		b.p[i] = (uint8_t)(x >> 24);
	}
	memcpy(b.p, "MZ", 2);
	put_le64(b.p + 8, text_offset);
	put_le64(b.p + 16, image_size);
	put_le64(b.p + 24, flags);
	memcpy(b.p + 56, "ARM\x64", 4);
	return b;
}

struct bytes pack_gzip(const void *p, size_t len)
{
	struct bytes b = room(len + len / 8 + 1024);
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)len;
	z.next_out = b.p;
	z.avail_out = (uInt)b.len;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	b.len = z.total_out;
	assert_int_equal(deflateEnd(&z), Z_OK);
	return b;
}

struct bytes pack_zstd(const void *p, size_t len)
{
	struct bytes b = room(ZSTD_compressBound(len));

	b.len = ZSTD_compress(b.p, b.len, p, len, 3);
	assert_false(ZSTD_isError(b.len));
	return b;
}

struct bytes pack_zboot(const char *codec, const void *p, size_t len)
{
	struct bytes b = room(64 + len + 8);

	memcpy(b.p, "MZ\0\0zimg", 8);
	put_le32(b.p + 8, 64);
	put_le32(b.p + 12, (uint32_t)len);
	strncpy((char *)b.p + 24, codec, 32);
	put_le32(b.p + 56, 0x818223cd);
	memcpy(b.p + 64, p, len);
	memset(b.p + 64 + len, 0xee, 8);
	return b;
}

struct bytes join(struct bytes a, struct bytes b)
{
	struct bytes c = room(a.len + b.len);

	memcpy(c.p, a.p, a.len);
	memcpy(c.p + a.len, b.p, b.len);
	return c;
}

struct boot_blob blob(const char *name, struct bytes b)
{
	return (struct boot_blob){ name, b.p, b.len };
}
