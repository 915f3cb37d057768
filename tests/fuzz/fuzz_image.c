/* SPDX-License-Identifier: MIT */
/*
 * fuzz_image.c - any bytes as a kernel file, as they are and packed in every
 * way we unpack.  Either an image comes out and lies in memory where it said
 * it would, and nowhere else, or there is an error in words and nothing is
 * held.
 */
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "arch/arm64/layout.h"
#include "base/bytes.h"
#include "boot/arm64_image.h"
#include "boot/boot_arm64.h"
#include "boot/image.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
	RAM = 32 << 20,
	SMALL_RAM = 4 << 20,
	UNPACK_LIMIT = 1 << 20,
	FILE_MAX = 256 * 1024,
	ZBOOT_HEADER = 64,
};

/* The first byte of an input: what to do with the rest. */
enum {
	PACK_MASK = 3, /* 0: leave it, 1: gzip, 2: zstd */
	IN_ZBOOT = 1 << 2,
	IN_GZIP = 1 << 3,
	FLIP = 1 << 4, /* one byte of what was packed; two bytes say which */
	AS_INITRD = 1 << 5, /* the rest as initrd too */
};

struct bytes {
	uint8_t *p;
	size_t len;
};

static struct bytes make(size_t len)
{
	struct bytes b = { calloc(1, len ? len : 1), len };

	CHECK(b.p);
	return b;
}

/* All of these give up what they are given for what they return. */
static struct bytes gzip(struct bytes in)
{
	struct bytes out = make(in.len + in.len / 8 + 1024);
	z_stream z = { 0 };

	CHECK(deflateInit2(&z, 1, Z_DEFLATED, 16 + 9, 1, Z_DEFAULT_STRATEGY) ==
	      Z_OK);
	z.next_in = in.p;
	z.avail_in = (uInt)in.len;
	z.next_out = out.p;
	z.avail_out = (uInt)out.len;
	CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
	out.len = z.total_out;
	(void)deflateEnd(&z);
	free(in.p);
	return out;
}

static struct bytes zstd(struct bytes in)
{
	struct bytes out = make(ZSTD_compressBound(in.len));

	out.len = ZSTD_compress(out.p, out.len, in.p, in.len, 1);
	CHECK(!ZSTD_isError(out.len));
	free(in.p);
	return out;
}

static struct bytes zboot(struct bytes in, const char *codec)
{
	struct bytes out = make(ZBOOT_HEADER + in.len);

	memcpy(out.p, "MZ\0\0zimg", 8);
	put_le32(out.p + 8, ZBOOT_HEADER);
	put_le32(out.p + 12, (uint32_t)in.len);
	memcpy(out.p + 24, codec, 5);
	memcpy(out.p + ZBOOT_HEADER, in.p, in.len);
	free(in.p);
	return out;
}

static struct bytes make_file(const struct feed *f, unsigned how)
{
	struct feed rest = *f;
	size_t flip = how & FLIP ? (size_t)feed_take(&rest, 2) : 0;
	struct bytes b = make(rest.len);

	if (rest.len)
		memcpy(b.p, rest.p, rest.len);
	if ((how & PACK_MASK) == 1)
		b = gzip(b);
	if ((how & PACK_MASK) == 2)
		b = zstd(b);
	if (how & IN_ZBOOT)
		b = zboot(b, (how & PACK_MASK) == 2 ? "zstd" : "gzip");
	if (how & IN_GZIP)
		b = gzip(b);
	if (how & FLIP && b.len)
		b.p[flip % b.len] ^= (uint8_t)(1 << (flip >> 13));
	return b;
}

/* In words, in one line, and fit for a terminal. */
static void check_error(int rc, const mv_error *e)
{
	size_t i;

	CHECK(rc < 0 && rc > -MICROVM_ECODES && e->code == -rc);
	CHECK(e->msg[0]);
	for (i = 0; e->msg[i]; i++)
		CHECK(e->msg[i] >= ' ' && e->msg[i] < 0x7f);
}

static uint8_t byte_at(const uint8_t *ram, uint64_t off)
{
	return off < RAM ? ram[off] : 0;
}

static void load(const struct image *im, const struct gmem *mem, uint8_t *ram)
{
	struct arm64_image a;
	mv_error e;
	uint64_t gpa, end, off;
	uint8_t before, behind;
	int rc = arm64_image_parse(im->raw.p, im->raw.len, &a, &e);

	if (rc) {
		check_error(rc, &e);
		return;
	}
	CHECK(a.reserve >= im->raw.len);
	end = arm64_image_place(&a, ARM64_RAM_BASE, &gpa);
	if (end > RAM)
		return;
	off = gpa - ARM64_RAM_BASE;
	CHECK(off + a.reserve == end);
	before = byte_at(ram, off - 1);
	behind = byte_at(ram, off + im->raw.len);
	CHECK(arm64_image_load(&a, gpa, mem, NULL) == 0);
	CHECK(memcmp(ram + off, im->raw.p, im->raw.len) == 0);
	CHECK(byte_at(ram, off - 1) == before);
	CHECK(byte_at(ram, off + im->raw.len) == behind);
}

static void open_and_load(const struct boot_blob *file, uint8_t *ram)
{
	struct gmem mem = { 0 };
	struct image im;
	mv_error e;
	int rc = image_open(file, UNPACK_LIMIT, NULL, &im, &e);

	if (rc) {
		check_error(rc, &e);
		CHECK(strncmp(e.msg, "kernel fuzz: ", 13) == 0);
		CHECK(!im.raw.p && !im.owned);
		return;
	}
	CHECK(im.arch == ARCH_ARM64 || im.arch == ARCH_X86_64);
	CHECK(im.owned ? im.raw.p == im.owned && im.raw.len <= UNPACK_LIMIT
		       : im.raw.p == file->p && im.raw.len == file->len);
	CHECK(gmem_add(&mem, ARM64_RAM_BASE, ram, RAM, NULL) == 0);
	if (im.arch == ARCH_ARM64) /* fuzz_elf.c loads the others */
		load(&im, &mem, ram);
	image_close(&im);
}

static void check_apart(uint64_t a, uint64_t n, uint64_t b, uint64_t m)
{
	CHECK(a + n <= b || b + m <= a);
}

static void boot(const struct boot_blob *file, const struct boot_blob *initrd,
		 uint8_t *ram)
{
	const struct boot_config cfg = { .kernel = *file,
					 .initrd = initrd,
					 .initrds = initrd ? 1 : 0,
					 .cpus = 1 };
	struct gmem mem = { 0 };
	struct boot_arm64 b;
	mv_error e;
	uint64_t end = ARM64_RAM_BASE + SMALL_RAM;
	int rc;

	CHECK(gmem_add(&mem, ARM64_RAM_BASE, ram, SMALL_RAM, NULL) == 0);
	rc = boot_arm64(&cfg, &mem, &b, &e);
	if (rc) {
		check_error(rc, &e);
		return;
	}
	CHECK(b.kernel_gpa + b.kernel_len <= end);
	CHECK(b.dtb_gpa + b.dtb_len <= end);
	CHECK(b.initrd_gpa + b.initrd_len <= end);
	check_apart(b.kernel_gpa, b.kernel_len, b.dtb_gpa, b.dtb_len);
	check_apart(b.kernel_gpa, b.kernel_len, b.initrd_gpa, b.initrd_len);
	check_apart(b.initrd_gpa, b.initrd_len, b.dtb_gpa, b.dtb_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t ram[RAM];
	struct feed f = { data, len };
	unsigned how = (unsigned)feed_take(&f, 1);
	const struct boot_blob rest = { .name = "fuzz",
					.p = f.p,
					.len = f.len };
	struct boot_blob file = { .name = "fuzz" };
	struct bytes b;

	if (len > FILE_MAX)
		return 0;
	b = make_file(&f, how);
	file.p = b.p;
	file.len = b.len;
	open_and_load(&file, ram);
	boot(&file, how & AS_INITRD ? &rest : NULL, ram);
	free(b.p);
	return 0;
}
