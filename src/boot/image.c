/* SPDX-License-Identifier: MIT */
/*
 * image.c - from the kernel file a user has to the raw image inside.
 *
 * Files come as layers: gzip data, say, with an EFI zboot image in it, whose
 * payload is zstd data, whose content is the raw image.  One loop looks at
 * what it has and takes off one layer, until it is a raw image or no good.  A
 * bzImage is such a layer: unpacking its payload here spares the guest its own
 * decompressor, on a software CPU the slowest part of the boot.
 */
#include "boot/image.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/container.h"
#include "base/num.h"
#include "boot/blob.h"
#include "boot/bzimage.h"
#include "boot/elf64.h"
#include "boot/shortage.h"
#include "boot/size.h"
#include "boot/unpack.h"

enum { MAX_LAYERS = 2 };

#define CODECS "gzip, zstd, xz and lz4"

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
	uint64_t unpacked; /* what must come out; 0: not told */
};

static const struct {
	const char *name;
	enum kind kind;
} codecs[] = {
	{ "gzip", KIND_GZIP },      { "zstd", KIND_ZSTD },
	{ "zstd22", KIND_ZSTD }, /* these two are makefile rules of Linux */
	{ "xzkern", KIND_XZ },      { "xz", KIND_XZ },
	{ "lz4", KIND_LZ4_LEGACY },
};

static enum kind zboot_codec(const char *name)
{
	size_t i;

	for (i = 0; i < LEN(codecs); i++) {
		if (strcmp(name, codecs[i].name) == 0)
			return codecs[i].kind;
	}
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
	const uint8_t *p = im->raw.p;
	size_t len = im->raw.len;
	char codec[33];
	uint32_t off, size;
	int rc;

	if (len < ZBOOT_CODEC_END)
		return fail(err, MICROVM_EBADIMAGE,
			    "truncated: an EFI zboot header takes %d bytes, "
			    "the file has %zu",
			    ZBOOT_CODEC_END, len);
	off = le32(p + ZBOOT_OFFSET);
	size = le32(p + ZBOOT_SIZE);
	if (!fits(off, size, len)) {
		rc = fail(err, MICROVM_EBADIMAGE,
			  "truncated: the payload of the EFI zboot image "
			  "(%u bytes at %u) ends behind the file's %zu bytes",
			  size, off, len);
		return fail_hint(err, rc, "fetch or build the file again");
	}
	copy_codec(codec, p + ZBOOT_CODEC);
	*out = (struct layer){ zboot_codec(codec), p + off, size, 0 };
	if (out->codec != KIND_UNKNOWN)
		return 0;
	rc = fail(err, MICROVM_ENOTSUP,
		  "an EFI zboot image with a payload packed by \"%s\"; "
		  "we unpack " CODECS,
		  codec);
	return fail_hint(err, rc,
			 "unpack the %u bytes at offset %u of the file "
			 "and pass what comes out",
			 size, off);
}

static int bzimage_payload(const struct image *im, uint64_t limit,
			   struct layer *out, mv_error *err)
{
	struct bzimage bz;
	int rc = bzimage_parse(im->raw.p, im->raw.len, &bz, err);

	if (rc)
		return rc;
	*out = (struct layer){ kind_of(bz.payload, bz.payload_len), bz.payload,
			       bz.payload_len, bz.unpacked_len };
	if (!unpack_knows(out->codec)) {
		rc = fail(
			err, MICROVM_ENOTSUP,
			"an x86 kernel with a payload of %s; we unpack " CODECS,
			kind_text(out->p, out->len).s);
		return fail_hint(err, rc,
				 "pass the vmlinux that "
				 "scripts/extract-vmlinux of the kernel's "
				 "source makes of it");
	}
	if (bz.unpacked_len <= limit)
		return 0;
	rc = fail(err, MICROVM_EINVAL,
		  "an x86 kernel of %s, unpacked, does not fit: %s of RAM",
		  size_text(bz.unpacked_len).s, size_text(limit).s);
	return shortage_hint(err, rc, bz.unpacked_len);
}

static int find_layer(const struct image *im, enum kind kind, uint64_t limit,
		      struct layer *in, mv_error *err)
{
	*in = (struct layer){ kind, im->raw.p, im->raw.len, 0 };
	if (kind == KIND_ZBOOT)
		return zboot_payload(im, in, err);
	if (kind == KIND_BZIMAGE)
		return bzimage_payload(im, limit, in, err);
	return 0;
}

/* What comes out of a layer: into the caller's room if there is any. */
static struct span find_room(const struct layer *in,
			     const struct image_room *room)
{
	uint8_t head[BOOT_HEAD];
	size_t n;

	if (!room || !in->unpacked)
		return (struct span){ NULL, 0 };
	n = unpack_head(in->codec, in->p, in->len,
			(struct span){ head, sizeof(head) });
	return room->find(room->ctx, head, n, in->unpacked);
}

static int unpack_layer(const struct layer *in, uint64_t limit,
			const struct image_room *room, struct unpacked *out,
			bool *owned, mv_error *err)
{
	struct span to = find_room(in, room);

	*owned = !to.p;
	if (*owned)
		return unpack(in->codec, in->p, in->len,
			      (size_t)min_u64(limit, SIZE_MAX), out, err);
	out->p = to.p;
	return unpack_to(in->codec, in->p, in->len, to, &out->len, err);
}

static int wrong_length(const struct layer *in, size_t len, mv_error *err)
{
	int rc = fail(err, MICROVM_EBADIMAGE,
		      "corrupt: the payload unpacks to %zu bytes and should "
		      "to %llu",
		      len, (unsigned long long)in->unpacked);

	return fail_hint(err, rc, "fetch or build the file again");
}

static int take_off(struct image *im, enum kind kind, uint64_t limit,
		    const struct image_room *room, mv_error *err)
{
	struct unpacked out = { 0 };
	struct layer in;
	bool owned;
	int rc = find_layer(im, kind, limit, &in, err);

	if (!rc)
		rc = unpack_layer(&in, limit, room, &out, &owned, err);
	if (rc)
		return rc;
	free(im->owned);
	im->owned = owned ? out.p : NULL;
	im->raw.p = out.p;
	im->raw.len = out.len;
	if (in.unpacked && in.unpacked != out.len)
		return wrong_length(&in, out.len, err);
	return 0;
}

struct refusal {
	enum kind kind;
	const char *hint;
};

#define NEED "we boot arm64 and x86_64 kernels: "

static const struct refusal refusals[] = {
	{ KIND_EMPTY, "fetch or build the file again" },
	{ KIND_RISCV_IMAGE, NEED "take one built for either" },
	{ KIND_PE, NEED "arch/arm64/boot/Image or arch/x86/boot/bzImage of "
			"the kernel's build tree" },
	{ KIND_ELF, NEED "of ELF files an x86_64 vmlinux; for arm64 "
			 "arch/arm64/boot/Image of the kernel's build tree, "
			 "or what objcopy -O binary makes of its vmlinux" },
	{ KIND_UIMAGE, "take the Image it was made from" },
	{ KIND_FIT, "take the Image it was made from" },
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

static int refuse(const struct image *im, enum kind kind, bool packed,
		  mv_error *err)
{
	int rc = fail(err, MICROVM_EBADIMAGE,
		      "%s%s, not an arm64 or x86_64 kernel",
		      packed ? "packed in it is " : "",
		      kind_text(im->raw.p, blob_here(&im->raw)).s);
	size_t i;

	for (i = 0; i < LEN(refusals); i++) {
		if (refusals[i].kind == kind)
			return fail_hint(err, rc, "%s", refusals[i].hint);
	}
	return fail_hint(err, rc,
			 NEED "an Image, also in EFI zboot, a bzImage or a "
			      "vmlinux; also packed by " CODECS);
}

bool image_in_parts(const uint8_t *p, size_t len)
{
	return elf64_is_x86(p, len);
}

bool image_tells_arch(const struct boot_blob *file, enum arch *arch)
{
	enum kind kind = blob_kind(file);

	if (kind == KIND_ARM64_IMAGE)
		*arch = ARCH_ARM64;
	else if (kind == KIND_BZIMAGE || elf64_is_x86(file->p, blob_here(file)))
		*arch = ARCH_X86_64;
	else
		return false;
	return true;
}

static bool is_layer(enum kind kind)
{
	return unpack_knows(kind) || kind == KIND_ZBOOT || kind == KIND_BZIMAGE;
}

static int peel(struct image *im, uint64_t limit, const struct image_room *room,
		mv_error *err)
{
	unsigned layers = 0;

	for (;;) {
		enum kind kind = blob_kind(&im->raw);
		int rc;

		if (kind != KIND_BZIMAGE &&
		    image_tells_arch(&im->raw, &im->arch))
			return 0;
		if (!is_layer(kind))
			return refuse(im, kind, layers > 0, err);
		if (layers++ == MAX_LAYERS)
			return fail(err, MICROVM_EBADIMAGE,
				    "packed more than %d times over",
				    MAX_LAYERS);
		rc = take_off(im, kind, limit, room, err);
		if (rc)
			return rc;
		if (!im->owned)
			room = NULL; /* it is taken */
	}
}

int image_open(const struct boot_blob *file, uint64_t limit,
	       const struct image_room *room, struct image *out, mv_error *err)
{
	int rc = 0;

	*out = (struct image){ .raw = *file };
	if (file->read && !image_in_parts(file->p, blob_here(file)))
		rc = fail(err, MICROVM_EINVAL,
			  "is not in memory, and not to be loaded as it is");
	if (!rc)
		rc = peel(out, limit, room, err);
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
