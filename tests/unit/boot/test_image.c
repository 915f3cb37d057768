/* SPDX-License-Identifier: MIT */
#include "boot/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"
#include "pack.h"

enum { LIMIT = 1 << 20 };

static int open_bytes(struct bytes b, struct image *im, mv_error *e)
{
	struct boot_blob f = blob("vmlinuz", b);

	return image_open(&f, LIMIT, NULL, im, e);
}

static void expect_arch(struct bytes file, struct bytes raw, enum arch arch)
{
	struct image im;

	assert_int_equal(open_bytes(file, &im, NULL), 0);
	assert_int_equal(im.arch, arch);
	assert_int_equal(im.raw.len, raw.len);
	assert_memory_equal(im.raw.p, raw.p, raw.len);
	image_close(&im);
	assert_null(im.raw.p);
}

static void expect_image(struct bytes file, struct bytes raw)
{
	expect_arch(file, raw, ARCH_ARM64);
}

static void test_a_raw_image_is_borrowed(void **s)
{
	struct bytes raw = make_image(100, 0, 100, IMAGE_4K);
	struct image im;

	(void)s;
	expect_image(raw, raw);
	assert_int_equal(open_bytes(raw, &im, NULL), 0);
	assert_ptr_equal(im.raw.p, raw.p);
	image_close(&im);
	free(raw.p);
}

static void test_packed_images_are_unpacked(void **s)
{
	struct bytes raw = make_image(5000, 0, 5000, IMAGE_4K);
	struct bytes gz = pack_gzip(raw.p, raw.len);
	struct bytes zst = pack_zstd(raw.p, raw.len);
	struct bytes xz = pack_xz(raw.p, raw.len);
	struct bytes lz4 = pack_lz4(raw.p, raw.len);
	struct bytes file[] = {
		gz,
		zst,
		pack_zboot("gzip", gz.p, gz.len),
		pack_zboot("zstd", zst.p, zst.len),
		pack_zboot("zstd22", zst.p, zst.len),
		pack_gzip(zst.p, zst.len),
		pack_zboot("xzkern", xz.p, xz.len),
		pack_zboot("xz", xz.p, xz.len),
		pack_zboot("lz4", lz4.p, lz4.len),
		xz,
		lz4,
	};
	struct bytes outer = pack_gzip(file[2].p, file[2].len);
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(file) / sizeof(*file); i++) {
		expect_image(file[i], raw);
		free(file[i].p);
	}
	expect_image(outer, raw); /* gzip of a zboot of gzip */
	free(outer.p);
	free(raw.p);
}

static void test_x86_kernels_are_unpacked_to_their_vmlinux(void **s)
{
	struct bytes raw = make_vmlinux(1 << 24, 5000, 6000, 1 << 24, 0);
	struct bytes packed[] = {
		pack_gzip(raw.p, raw.len),
		pack_zstd(raw.p, raw.len),
		pack_xz(raw.p, raw.len),
		pack_lz4(raw.p, raw.len),
	};
	uint32_t size = (uint32_t)raw.len;
	size_t i;

	(void)s;
	expect_arch(raw, raw, ARCH_X86_64);
	for (i = 0; i < sizeof(packed) / sizeof(*packed); i++) {
		struct bytes bz = pack_bzimage(packed[i].p, packed[i].len,
					       i ? size : 0); /* gzip has it */
		struct bytes gz = pack_gzip(bz.p, bz.len);

		expect_arch(packed[i], raw, ARCH_X86_64);
		expect_arch(bz, raw, ARCH_X86_64);
		expect_arch(gz, raw, ARCH_X86_64);
		free(gz.p);
		free(bz.p);
		free(packed[i].p);
	}
	free(raw.p);
}

static void expect_refusal(struct bytes file, int rc, const char *msg,
			   const char *hint)
{
	struct image im;
	mv_error e;

	assert_int_equal(open_bytes(file, &im, &e), rc);
	assert_string_equal(e.msg, msg);
	assert_string_equal(e.hint, hint);
	assert_null(im.raw.p);
	free(file.p);
}

static void test_x86_payloads_that_are_no_good_are_named(void **s)
{
	struct bytes raw = make_vmlinux(1 << 24, 100, 100, 1 << 24, 0);
	struct bytes lz4 = pack_lz4(raw.p, raw.len);
	struct bytes cpio = pack_lz4("070701abcdef", 12);
	struct bytes big = pack_lz4(raw.p, raw.len);

	(void)s;
	expect_refusal(pack_bzimage("BZh91AY&SY", 10, 1000), -MICROVM_ENOTSUP,
		       "kernel vmlinuz: an x86 kernel with a payload of bzip2 "
		       "data; we unpack gzip, zstd, xz and lz4",
		       "pass the vmlinux that scripts/extract-vmlinux of the "
		       "kernel's source makes of it");
	expect_refusal(pack_bzimage(cpio.p, cpio.len, 12), -MICROVM_EBADIMAGE,
		       "kernel vmlinuz: packed in it is an initramfs (cpio "
		       "archive), not an arm64 or x86_64 kernel",
		       "pass it as the initrd");
	expect_refusal(pack_bzimage(lz4.p, lz4.len, 357), -MICROVM_EBADIMAGE,
		       "kernel vmlinuz: corrupt: the payload unpacks to 356 "
		       "bytes and should to 357",
		       "fetch or build the file again");
	expect_refusal(pack_bzimage(big.p, big.len, 60 << 20), -MICROVM_EINVAL,
		       "kernel vmlinuz: an x86 kernel of 60 MiB, unpacked, "
		       "does not fit: 1 MiB of RAM",
		       "give the guest more memory (-m 192M)");
	free(big.p);
	free(cpio.p);
	free(lz4.p);
	free(raw.p);
}

static void test_an_old_or_narrow_x86_kernel_is_refused(void **s)
{
	struct bytes b = pack_bzimage("BZh91AY&SY", 10, 1000);
	struct image im;
	mv_error e;

	(void)s;
	put_le16(b.p + 0x236, 0);
	assert_int_equal(open_bytes(b, &im, &e), -MICROVM_ENOTSUP);
	assert_string_equal(e.msg, "kernel vmlinuz: a 32-bit x86 kernel");
	free(b.p);
}

static void test_three_layers_are_too_many(void **s)
{
	struct bytes b = make_image(100, 0, 100, IMAGE_4K);
	struct image im;
	mv_error e;
	int i;

	(void)s;
	for (i = 0; i < 3; i++) {
		struct bytes next = pack_gzip(b.p, b.len);

		free(b.p);
		b = next;
	}
	assert_int_equal(open_bytes(b, &im, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg,
			    "kernel vmlinuz: packed more than 2 times over");
	free(b.p);
}

struct row {
	size_t len; /* of the file; zeros where nothing is said */
	size_t off, n;
	const char *bytes;
	const char *what;
	const char *hint;
};

#define NEED "we boot arm64 and x86_64 kernels: "
#define LINKED                                                       \
	NEED "of ELF files an x86_64 vmlinux; for arm64 "            \
	     "arch/arm64/boot/Image of the kernel's build tree, or " \
	     "what objcopy -O binary makes of its vmlinux"
#define ANY                                                          \
	NEED "an Image, also in EFI zboot, a bzImage or a vmlinux; " \
	     "also packed by gzip, zstd, xz and lz4"

static const struct row rows[] = {
	{ 0, 0, 0, "", "an empty file", "fetch or build the file again" },
	{ 64, 56, 4, "RSC\x05", "a RISC-V Linux kernel",
	  NEED "take one built for either" },
	{ 64, 0, 2, "MZ", "an EFI or Windows program",
	  NEED "arch/arm64/boot/Image or arch/x86/boot/bzImage of the "
	       "kernel's build tree" },
	{ 64, 0, 20,
	  "\x7f"
	  "ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0",
	  "an ELF file for x86", LINKED },
	{ 64, 0, 20,
	  "\x7f"
	  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xb7\0",
	  "an ELF file for arm64", LINKED },
	{ 64, 0, 4, "\x27\x05\x19\x56", "a U-Boot image (uImage)",
	  "take the Image it was made from" },
	{ 64, 0, 4, "\xd0\x0d\xfe\xed", "a U-Boot FIT image or a device tree",
	  "take the Image it was made from" },
	{ 64, 0, 4, "\x04\x22\x4d\x18", "lz4 data (frame format)",
	  "unpack it first: lz4 -dc FILE >Image" },
	{ 64, 0, 3, "BZh", "bzip2 data",
	  "unpack it first: bzip2 -dc FILE >Image" },
	{ 64, 0, 3, "\x5d\0\0", "lzma data",
	  "unpack it first: xz -dc FILE >Image" },
	{ 64, 0, 4, "\x89LZO", "lzo data",
	  "unpack it first: lzop -dc FILE >Image" },
	{ 64, 0, 6, "070701", "an initramfs (cpio archive)",
	  "pass it as the initrd" },
	{ 64, 0, 6, "070707", "a cpio archive in an old format",
	  "pass a kernel here" },
	{ 64, 0, 21, "!<arch>\ndebian-binary", "a Debian package",
	  "unpack it first: dpkg-deb -x FILE DIR; "
	  "the kernel is DIR/boot/vmlinuz-*" },
	{ 64, 0, 8, "!<arch>\n", "an ar archive", "unpack it first" },
	{ 512, 257, 5, "ustar", "a tar archive", "unpack it first" },
	{ 20, 0, 20, "#!/bin/sh\necho hi\nls\n", "a script", ANY },
	{ 14, 0, 14, "<html> 404 </h", "a text file",
	  "look into it: a failed download often is a text" },
	{ 9, 0, 0, "", "nothing we know (it begins 00 00 00 00 00 00 00 00)",
	  ANY },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static struct bytes row_bytes(const struct row *r)
{
	struct bytes b = { calloc(1, r->len ? r->len : 1), r->len };

	assert_non_null(b.p);
	memcpy(b.p + r->off, r->bytes, r->n);
	return b;
}

static void test_everything_else_is_refused_by_name(void **s)
{
	char want[200];
	size_t i;

	(void)s;
	for (i = 0; i < ROWS; i++) {
		struct bytes b = row_bytes(&rows[i]);
		struct image im;
		mv_error e;

		assert_int_equal(open_bytes(b, &im, &e), -MICROVM_EBADIMAGE);
		(void)snprintf(want, sizeof(want),
			       "kernel vmlinuz: %s, not an arm64 or x86_64 "
			       "kernel",
			       rows[i].what);
		assert_string_equal(e.msg, want);
		assert_string_equal(e.hint, rows[i].hint);
		assert_null(im.raw.p);
		free(b.p);
	}
}

static void test_what_was_packed_is_refused_by_name_too(void **s)
{
	struct bytes gz = pack_gzip("070701 and so on", 16);
	struct image im;
	mv_error e;

	(void)s;
	assert_int_equal(open_bytes(gz, &im, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg,
			    "kernel vmlinuz: packed in it is an initramfs "
			    "(cpio archive), not an arm64 or x86_64 "
			    "kernel");
	free(gz.p);
}

static void test_zboot_with_another_codec_names_it(void **s)
{
	struct bytes b = pack_zboot("lzma", "1234", 4);
	struct image im;
	mv_error e;

	(void)s;
	assert_int_equal(open_bytes(b, &im, &e), -MICROVM_ENOTSUP);
	assert_string_equal(e.msg,
			    "kernel vmlinuz: an EFI zboot image with a "
			    "payload packed by \"lzma\"; we unpack gzip, zstd, "
			    "xz and lz4");
	assert_string_equal(e.hint, "unpack the 4 bytes at offset 64 of the "
				    "file and pass what comes out");
	memset(b.p + 24, 0x1b, 32); /* not for a terminal, and no end */
	assert_int_equal(open_bytes(b, &im, &e), -MICROVM_ENOTSUP);
	assert_non_null(strstr(e.msg, "by \"????????????????????????????????"
				      "\"; we"));
	free(b.p);
}

static void test_zboot_payload_must_lie_in_the_file(void **s)
{
	static const struct {
		uint32_t off, size;
	} bad[] = {
		{ 64, 13 },                 /* one too many */
		{ 77, 0 },                  /* begins behind */
		{ UINT32_MAX, UINT32_MAX }, /* would wrap 32 bits */
		{ 65, UINT32_MAX },
	};
	struct bytes b = pack_zboot("gzip", "1234", 4);
	struct image im;
	mv_error e;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		put_le32(b.p + 8, bad[i].off);
		put_le32(b.p + 12, bad[i].size);
		assert_int_equal(open_bytes(b, &im, &e), -MICROVM_EBADIMAGE);
		assert_non_null(strstr(e.msg, "truncated: the payload of the "
					      "EFI zboot image"));
	}
	put_le32(b.p + 8, 64);
	put_le32(b.p + 12, 13);
	assert_int_equal(open_bytes(b, &im, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg,
			    "kernel vmlinuz: truncated: the payload of the "
			    "EFI zboot image (13 bytes at 64) ends behind "
			    "the file's 76 bytes");
	free(b.p);
}

/* Every prefix, in memory of exactly that size. */
static void refuse_prefixes(struct bytes file)
{
	size_t n;

	for (n = 0; n < file.len; n++) {
		struct bytes cut = { malloc(n ? n : 1), n };
		struct image im;
		mv_error e;

		assert_non_null(cut.p);
		memcpy(cut.p, file.p, n);
		assert_int_equal(open_bytes(cut, &im, &e), -MICROVM_EBADIMAGE);
		assert_memory_equal(e.msg, "kernel vmlinuz: ", 16);
		free(cut.p);
	}
}

static void test_every_truncation_is_refused(void **s)
{
	struct bytes raw = make_image(300, 0, 300, IMAGE_4K);
	struct bytes gz = pack_gzip(raw.p, raw.len);
	struct bytes zst = pack_zstd(raw.p, raw.len);
	struct bytes zboot = pack_zboot("gzip", gz.p, gz.len);
	struct bytes bz = pack_bzimage(gz.p, gz.len, 0);

	(void)s;
	refuse_prefixes(gz);
	refuse_prefixes(zst);
	zboot.len -= 8; /* what stands behind the payload may be missing */
	refuse_prefixes(zboot);
	raw.len = 60; /* behind the magic it is for arm64_image to judge */
	raw.len--;
	refuse_prefixes(raw);
	bz.len -= 8;
	refuse_prefixes(bz);
	free(bz.p);
	free(zboot.p);
	free(zst.p);
	free(gz.p);
	free(raw.p);
}

static void test_a_bomb_is_refused_with_both_sizes(void **s)
{
	struct bytes raw = make_image(LIMIT + 1, 0, 300, IMAGE_4K);
	struct bytes zst, twice;
	struct image im;
	mv_error e;

	(void)s;
	memset(raw.p + 64, 0, raw.len - 64);
	zst = pack_zstd(raw.p, raw.len);
	twice = pack_gzip(zst.p, zst.len);
	assert_int_equal(open_bytes(twice, &im, &e), -MICROVM_EBADIMAGE);
	assert_non_null(strstr(e.msg, "of packed zstd unpack to more than "
				      "1 MiB, the limit"));
	assert_string_equal(e.hint, "the limit is the guest's memory: give "
				    "it more if the file is sound");
	free(twice.p);
	free(zst.p);
	free(raw.p);
}

/* Says where, once, and notes what it was told. */
struct asked {
	unsigned times;
	uint64_t len;
	uint8_t head[4];
	struct span room;
};

static struct span find(void *ctx, const uint8_t *head, size_t n, uint64_t len)
{
	struct asked *a = ctx;

	a->times++;
	a->len = len;
	assert_true(n >= sizeof(a->head) && n <= BOOT_HEAD);
	memcpy(a->head, head, sizeof(a->head));
	return a->room;
}

static void test_a_bzimage_is_unpacked_where_there_is_room(void **s)
{
	struct bytes raw = make_vmlinux(1 << 20, 5000, 5000, 1 << 20, 0);
	struct bytes gz = pack_gzip(raw.p, raw.len);
	struct bytes bz = pack_bzimage(gz.p, gz.len, (uint32_t)raw.len);
	struct bytes twice = pack_gzip(bz.p, bz.len);
	struct bytes files[] = { bz, twice };
	uint8_t buf[8192];
	size_t i;

	(void)s;
	for (i = 0; i < 2; i++) {
		struct asked a = { .room = { buf, sizeof(buf) } };
		struct image_room room = { find, &a };
		struct boot_blob f = blob("vmlinuz", files[i]);
		struct image im;

		assert_int_equal(image_open(&f, LIMIT, &room, &im, NULL), 0);
		assert_int_equal(a.times, 1);
		assert_int_equal(a.len, raw.len);
		assert_memory_equal(a.head,
				    "\x7f"
				    "ELF",
				    4);
		assert_ptr_equal(im.raw.p, buf);
		assert_null(im.owned);
		assert_int_equal(im.raw.len, raw.len);
		assert_memory_equal(buf, raw.p, raw.len);
		image_close(&im);
		a.room.p = NULL; /* no room after all */
		assert_int_equal(image_open(&f, LIMIT, &room, &im, NULL), 0);
		assert_int_equal(a.times, 2);
		assert_ptr_equal(im.raw.p, im.owned);
		assert_memory_equal(im.raw.p, raw.p, raw.len);
		image_close(&im);
	}
	free(twice.p);
	free(bz.p);
	free(gz.p);
	free(raw.p);
}

static void test_room_is_not_asked_for_an_untold_length(void **s)
{
	struct bytes raw = make_image(5000, 0, 5000, IMAGE_4K);
	struct bytes gz = pack_gzip(raw.p, raw.len);
	struct asked a = { 0 };
	struct image_room room = { find, &a };
	struct boot_blob f = blob("Image.gz", gz);
	struct image im;

	(void)s;
	assert_int_equal(image_open(&f, LIMIT, &room, &im, NULL), 0);
	assert_int_equal(a.times, 0);
	image_close(&im);
	free(gz.p);
	free(raw.p);
}

static void test_a_wrong_length_in_given_room_is_told(void **s)
{
	struct bytes raw = make_vmlinux(1 << 20, 5000, 5000, 1 << 20, 0);
	struct bytes lz4 = pack_lz4(raw.p, raw.len);
	struct bytes bz = pack_bzimage(lz4.p, lz4.len, 4000);
	uint8_t buf[8192];
	struct asked a = { .room = { buf, sizeof(buf) } };
	struct image_room room = { find, &a };
	struct boot_blob f = blob("vmlinuz", bz);
	struct image im;
	mv_error e;

	(void)s;
	assert_int_equal(image_open(&f, LIMIT, &room, &im, &e),
			 -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg,
			    "kernel vmlinuz: corrupt: the payload unpacks to "
			    "5256 bytes and should to 4000");
	assert_null(im.raw.p);
	free(bz.p);
	free(lz4.p);
	free(raw.p);
}

static void test_only_a_vmlinux_may_be_in_parts(void **s)
{
	struct parts elf = { .b = make_vmlinux(1 << 20, 5000, 5000, 1, 0) };
	struct parts raw = { .b = make_image(5000, 0, 5000, IMAGE_4K) };
	struct boot_blob f = blob_in_parts("vmlinux", &elf);
	struct image im;
	mv_error e;

	(void)s;
	assert_true(image_in_parts(f.p, BOOT_HEAD));
	assert_int_equal(image_open(&f, LIMIT, NULL, &im, NULL), 0);
	assert_int_equal(im.arch, ARCH_X86_64);
	assert_ptr_equal(im.raw.read, f.read);
	image_close(&im);
	f = blob_in_parts("Image", &raw);
	assert_false(image_in_parts(f.p, BOOT_HEAD));
	assert_int_equal(image_open(&f, LIMIT, NULL, &im, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "kernel Image: is not in memory, and not to "
				   "be loaded as it is");
	free(elf.b.p);
	free(raw.b.p);
}

static void tells(struct bytes b, bool does, enum arch arch)
{
	struct boot_blob f = blob("k", b);
	enum arch got;

	assert_int_equal(image_tells_arch(&f, &got), does);
	if (does)
		assert_int_equal(got, arch);
}

static void test_a_beginning_tells_the_architecture_or_not(void **s)
{
	struct bytes elf = make_vmlinux(1 << 20, 100, 100, 1, 0);
	struct bytes raw = make_image(100, 0, 100, IMAGE_4K);
	struct bytes gz = pack_gzip(raw.p, raw.len);
	struct bytes bz = pack_bzimage(gz.p, gz.len, 100);
	struct bytes none = { NULL, 0 };

	(void)s;
	tells(elf, true, ARCH_X86_64);
	tells(bz, true, ARCH_X86_64);
	tells(raw, true, ARCH_ARM64);
	tells(gz, false, 0);
	tells(none, false, 0);
	put_le16(elf.p + 18, 183);
	tells(elf, false, 0);
	free(bz.p);
	free(gz.p);
	free(raw.p);
	free(elf.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_raw_image_is_borrowed),
		cmocka_unit_test(test_packed_images_are_unpacked),
		cmocka_unit_test(
			test_x86_kernels_are_unpacked_to_their_vmlinux),
		cmocka_unit_test(test_x86_payloads_that_are_no_good_are_named),
		cmocka_unit_test(test_an_old_or_narrow_x86_kernel_is_refused),
		cmocka_unit_test(test_three_layers_are_too_many),
		cmocka_unit_test(test_everything_else_is_refused_by_name),
		cmocka_unit_test(test_what_was_packed_is_refused_by_name_too),
		cmocka_unit_test(test_zboot_with_another_codec_names_it),
		cmocka_unit_test(test_zboot_payload_must_lie_in_the_file),
		cmocka_unit_test(test_every_truncation_is_refused),
		cmocka_unit_test(test_a_bomb_is_refused_with_both_sizes),
		cmocka_unit_test(
			test_a_bzimage_is_unpacked_where_there_is_room),
		cmocka_unit_test(test_room_is_not_asked_for_an_untold_length),
		cmocka_unit_test(test_a_wrong_length_in_given_room_is_told),
		cmocka_unit_test(test_only_a_vmlinux_may_be_in_parts),
		cmocka_unit_test(
			test_a_beginning_tells_the_architecture_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
