/* SPDX-License-Identifier: MIT */
/* pack.c - makes the kinds of kernel files the boot code reads. */
#include "pack.h"

#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "../check.h"
#include "base/bytes.h"
#include "base/num.h"

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

struct bytes pack_xz(const void *p, size_t len)
{
	struct bytes b = room(lzma_stream_buffer_bound(len));
	size_t n = 0;

	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, p,
						 len, b.p, &n, b.len),
			 LZMA_OK);
	b.len = n;
	return b;
}

struct bytes pack_lz4(const void *p, size_t len)
{
	const size_t block = 8 << 20;
	struct bytes b = room(4 + len + len / 128 + 64);
	size_t at = 4, from, n;

	put_le32(b.p, 0x184c2102);
	for (from = 0; from < len; from += n) {
		int packed;

		n = len - from < block ? len - from : block;
		packed = LZ4_compress_default((const char *)p + from,
					      (char *)b.p + at + 4, (int)n,
					      (int)(b.len - at - 4));
		assert_true(packed > 0);
		put_le32(b.p + at, (uint32_t)packed);
		at += 4 + (size_t)packed;
	}
	b.len = at;
	return b;
}

struct bytes pack_bzimage(const void *p, size_t len, uint32_t unpacked)
{
	size_t size = unpacked ? 4 : 0;
	struct bytes b = room(PAYLOAD_AT + len + size + 8);

	memcpy(b.p, "MZ", 2);
	b.p[0x1f1] = 1; /* setup sectors */
	put_le16(b.p + 0x1fe, 0xaa55);
	memcpy(b.p + 0x202, "HdrS", 4);
	put_le16(b.p + 0x206, 0x020f);
	put_le16(b.p + 0x20e, 0x100); /* + 0x200: the version */
	memcpy(b.p + 0x300, "6.1.0-amd64 (x)", 16);
	b.p[0x211] = 1;
	put_le16(b.p + 0x236, 1); /* XLF_KERNEL_64 */
	put_le32(b.p + 0x248, PAYLOAD_AT - 2 * 512);
	put_le32(b.p + 0x24c, (uint32_t)(len + size));
	put_le32(b.p + 0x260, 0x3378000);
	memcpy(b.p + PAYLOAD_AT, p, len);
	if (size)
		put_le32(b.p + PAYLOAD_AT + len, unpacked);
	memset(b.p + PAYLOAD_AT + len + size, 0xee, 8);
	return b;
}

static void put_segment(uint8_t *p, uint32_t type, uint64_t off, uint64_t gpa,
			uint64_t filesz, uint64_t memsz)
{
	put_le32(p, type);
	put_le64(p + 8, off);
	put_le64(p + 16, gpa + UINT64_C(0xffffffff80000000));
	put_le64(p + 24, gpa);
	put_le64(p + 32, filesz);
	put_le64(p + 40, memsz);
}

static void put_note(uint8_t *p, uint32_t pvh)
{
	put_le32(p, 4);
	put_le32(p + 4, 8);
	put_le32(p + 8, 18);
	memcpy(p + 12, "Xen", 4);
	put_le32(p + 16, pvh);
}

struct bytes make_vmlinux(uint64_t gpa, size_t filesz, uint64_t memsz,
			  uint64_t entry, uint32_t pvh)
{
	struct bytes b = room(VMLINUX_DATA + filesz);
	size_t i;

	memcpy(b.p,
	       "\x7f"
	       "ELF\2\1\1",
	       7);
	put_le16(b.p + 16, 2);  /* linked */
	put_le16(b.p + 18, 62); /* x86_64 */
	put_le64(b.p + 24, entry);
	put_le64(b.p + 32, VMLINUX_LOAD);
	put_le16(b.p + 54, 56);
	put_le16(b.p + 56, pvh ? 2 : 1);
	put_segment(b.p + VMLINUX_LOAD, 1, VMLINUX_DATA, gpa, filesz, memsz);
	if (pvh) {
		put_segment(b.p + VMLINUX_NOTE, 4, 180, 0, 24, 24);
		put_note(b.p + 180, pvh);
	}
	for (i = 0; i < filesz; i++)
		b.p[VMLINUX_DATA + i] = (uint8_t)(i * 7 + i / 251);
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
	return (struct boot_blob){ .name = name, .p = b.p, .len = b.len };
}

static int read_part(void *ctx, uint64_t off, void *dst, size_t n,
		     mv_error *err)
{
	struct parts *src = ctx;

	assert_true(fits(off, n, src->b.len));
	if (!src->left)
		return fail(err, MICROVM_EIO, "cannot read: %d", 5);
	src->left--;
	memcpy(dst, src->b.p + off, n);
	return 0;
}

struct boot_blob blob_in_parts(const char *name, struct parts *src)
{
	memcpy(src->head, src->b.p, (size_t)min_u64(src->b.len, BOOT_HEAD));
	return (struct boot_blob){ .name = name,
				   .p = src->head,
				   .len = src->b.len,
				   .read = read_part,
				   .ctx = src };
}
