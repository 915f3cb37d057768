/* SPDX-License-Identifier: MIT */
/*
 * image.c - from the kernel file a user has to the raw image inside.
 *
 * Files come as layers: gzip data, say, with an EFI zboot image in it, whose
 * payload is zstd data, whose content is the raw image.  One loop looks at
 * what it has and takes off one layer, until it is a raw image or no good.
 */
#include "boot/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/container.h"
#include "base/num.h"
#include "boot/kind.h"
#include "boot/unpack.h"

enum { MAX_LAYERS = 2 };

/* Linux drivers/firmware/efi/libstub/zboot-header.S */
enum {
	ZBOOT_OFFSET = 8, /* of the payload in the file, 32 bits */
	ZBOOT_SIZE = 12,  /* of the payload, 32 bits */
	ZBOOT_CODEC = 24, /* its compression, text with a NUL */
	ZBOOT_CODEC_END = 56,
};

/* A layer: the packed bytes and what packed them. */
struct layer {
	enum kind codec;
	const uint8_t *p;
	size_t len;
};

/* "zstd22" is the name the kernel's makefile gave zstd -22. */
static enum kind zboot_codec(const char *name)
{
	if (strcmp(name, "gzip") == 0)
		return KIND_GZIP;
	if (strcmp(name, "zstd") == 0 || strcmp(name, "zstd22") == 0)
		return KIND_ZSTD;
	return KIND_UNKNOWN;
}

/* The name is the file's: letters and digits only may reach a message. */
static void copy_codec(char dst[static 33], const uint8_t *p)
{
	size_t i;

	for (i = 0; i < ZBOOT_CODEC_END - ZBOOT_CODEC && p[i]; i++) {
		int ok = (p[i] >= '0' && p[i] <= '9') ||
			 (p[i] >= 'a' && p[i] <= 'z');

		dst[i] = (char)(ok ? p[i] : '?');
	}
	dst[i] = '\0';
}

static int zboot_payload(const struct image *im, struct layer *out,
			 mv_error *err)
{
	char codec[33];
	uint32_t off, size;
	int rc;

	if (im->len < ZBOOT_CODEC_END)
		return fail(err, MICROVM_EBADIMAGE,
			    "truncated: an EFI zboot header takes %d bytes, "
			    "the file has %zu",
			    ZBOOT_CODEC_END, im->len);
	off = le32(im->p + ZBOOT_OFFSET);
	size = le32(im->p + ZBOOT_SIZE);
	if (!fits(off, size, im->len)) {
		rc = fail(err, MICROVM_EBADIMAGE,
			  "truncated: the payload of the EFI zboot image "
			  "(%u bytes at %u) ends behind the file's %zu bytes",
			  size, off, im->len);
		return fail_hint(err, rc, "fetch or build the file again");
	}
	copy_codec(codec, im->p + ZBOOT_CODEC);
	*out = (struct layer){ zboot_codec(codec), im->p + off, size };
	if (out->codec != KIND_UNKNOWN)
		return 0;
	rc = fail(err, MICROVM_ENOTSUP,
		  "an EFI zboot image with a payload packed by \"%s\"; "
		  "we unpack gzip and zstd",
		  codec);
	return fail_hint(err, rc,
			 "unpack the %u bytes at offset %u of the file "
			 "and pass what comes out",
			 size, off);
}

static int take_off(struct image *im, enum kind kind, uint64_t limit,
		    mv_error *err)
{
	struct layer in = { kind, im->p, im->len };
	size_t room = (size_t)min_u64(limit, SIZE_MAX);
	struct unpacked out = { 0 };
	int rc = 0;

	if (kind == KIND_ZBOOT)
		rc = zboot_payload(im, &in, err);
	if (rc)
		return rc;
	if (in.codec == KIND_GZIP)
		rc = unpack_gzip(in.p, in.len, room, &out, err);
	else
		rc = unpack_zstd(in.p, in.len, room, &out, err);
	if (rc)
		return rc;
	free(im->owned);
	im->owned = out.p;
	im->p = out.p;
	im->len = out.len;
	return 0;
}

struct refusal {
	enum kind kind;
	const char *hint;
};

#define NEED "this machine boots arm64 kernels: "

static const struct refusal refusals[] = {
	{ KIND_EMPTY, "fetch or build the file again" },
	{ KIND_RISCV_IMAGE, NEED "take the one built for arm64" },
	{ KIND_BZIMAGE, NEED "take the one built for arm64" },
	{ KIND_PE, NEED "arch/arm64/boot/Image of the kernel's build tree" },
	{ KIND_ELF, NEED "arch/arm64/boot/Image of the kernel's build tree, "
			 "or what objcopy -O binary makes of its vmlinux" },
	{ KIND_UIMAGE, "take the Image it was made from" },
	{ KIND_FIT, "take the Image it was made from" },
	{ KIND_XZ, "unpack it first: xz -dc FILE >Image" },
	{ KIND_LZ4_LEGACY, "unpack it first: lz4 -dc FILE >Image" },
	{ KIND_LZ4_FRAME, "unpack it first: lz4 -dc FILE >Image" },
	{ KIND_BZIP2, "unpack it first: bzip2 -dc FILE >Image" },
	{ KIND_LZMA, "unpack it first: xz -dc FILE >Image" },
	{ KIND_LZO, "unpack it first: lzop -dc FILE >Image" },
	{ KIND_CPIO_NEWC, "pass it as the initrd" },
	{ KIND_CPIO_OLD, "pass a kernel here" },
	{ KIND_DEB, "unpack it first: dpkg-deb -x FILE DIR; "
		    "the kernel is DIR/boot/vmlinuz-*" },
	{ KIND_AR, "unpack it first" },
	{ KIND_TAR, "unpack it first" },
	{ KIND_TEXT, "look into it: a failed download often is a text" },
};

static int refuse(const struct image *im, enum kind kind, mv_error *err)
{
	int rc = fail(err, MICROVM_EBADIMAGE, "%s%s, not an arm64 kernel",
		      im->owned ? "packed in it is " : "",
		      kind_text(im->p, im->len).s);
	size_t i;

	for (i = 0; i < LEN(refusals); i++) {
		if (refusals[i].kind == kind)
			return fail_hint(err, rc, "%s", refusals[i].hint);
	}
	return fail_hint(err, rc,
			 NEED "an Image, also in gzip, zstd or EFI zboot");
}

static int peel(struct image *im, uint64_t limit, mv_error *err)
{
	unsigned layers = 0;

	for (;;) {
		enum kind kind = kind_of(im->p, im->len);
		int rc;

		if (kind == KIND_ARM64_IMAGE) {
			im->arch = ARCH_ARM64;
			return 0;
		}
		if (kind != KIND_GZIP && kind != KIND_ZSTD &&
		    kind != KIND_ZBOOT)
			return refuse(im, kind, err);
		if (layers++ == MAX_LAYERS)
			return fail(err, MICROVM_EBADIMAGE,
				    "packed more than %d times over",
				    MAX_LAYERS);
		rc = take_off(im, kind, limit, err);
		if (rc)
			return rc;
	}
}

int image_open(const struct boot_blob *file, uint64_t limit, struct image *out,
	       mv_error *err)
{
	int rc;

	*out = (struct image){ .p = file->p, .len = file->len };
	rc = peel(out, limit, err);
	if (!rc)
		return 0;
	image_close(out);
	return fail_in(err, rc, "kernel %s", file->name);
}

void image_close(struct image *im)
{
	free(im->owned);
	*im = (struct image){ 0 };
}
