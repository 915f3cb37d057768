/* SPDX-License-Identifier: MIT */
/*
 * initrd.c - the initramfs: the user's archives, and our own behind them.
 *
 * Linux looks for the next archive at a multiple of four bytes and passes
 * over zeros before it (init/initramfs.c).  Its decoder of legacy lz4, which
 * has no end mark, stops only at a block length of zero: hence four zeros
 * behind whatever is packed.
 */
#include "boot/initrd.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "boot/blob.h"
#include "boot/cpio.h"
#include "boot/size.h"

enum { ALIGN = 4, END_MARK = 4 };

/* What Linux can be built to unpack; Debian's kernels know them all. */
static bool is_packed(enum kind kind)
{
	return kind == KIND_GZIP || kind == KIND_ZSTD || kind == KIND_XZ ||
	       kind == KIND_LZ4_LEGACY || kind == KIND_BZIP2 ||
	       kind == KIND_LZMA || kind == KIND_LZO;
}

static const char *advice(enum kind kind)
{
	switch (kind) {
	case KIND_LZ4_FRAME:
		return "Linux unpacks the legacy format only: lz4 -l";
	case KIND_CPIO_OLD:
		return "Linux reads the newc format only: cpio -o -H newc";
	case KIND_ARM64_IMAGE:
	case KIND_ZBOOT:
	case KIND_BZIMAGE: return "pass it as the kernel";
	default: return "make one with: find . | cpio -o -H newc >FILE";
	}
}

static int check_archive(const struct boot_blob *b, mv_error *err)
{
	enum kind kind = blob_kind(b);
	int rc;

	if (kind == KIND_CPIO_NEWC || is_packed(kind))
		return 0;
	rc = fail(err, MICROVM_EBADIMAGE,
		  "initrd %s: %s, not a cpio archive Linux can read", b->name,
		  kind_text(b->p, blob_here(b)).s);
	return fail_hint(err, rc, "%s", advice(kind));
}

/* Bytes an archive takes in the stack: its own and the zeros behind it. */
static uint64_t stacked_len(const struct boot_blob *b)
{
	uint64_t mark = is_packed(blob_kind(b)) ? END_MARK : 0;

	return align_up((uint64_t)b->len + mark, ALIGN);
}

int initrd_init(struct initrd *rd, const struct boot_config *cfg, mv_error *err)
{
	unsigned i;
	int rc;

	*rd = (struct initrd){ .archive = cfg->initrd,
			       .archives = cfg->initrds };
	for (i = 0; i < rd->archives; i++) {
		rc = check_archive(&rd->archive[i], err);
		if (rc)
			return rc;
		rd->len += stacked_len(&rd->archive[i]);
	}
	if (!cfg->files)
		return 0;
	rc = cpio_pack(cfg->file, cfg->files, &rd->own, &rd->own_len, err);
	if (rc)
		return rc;
	rd->len += align_up(rd->own_len, ALIGN);
	return 0;
}

void initrd_fini(struct initrd *rd)
{
	free(rd->own);
	*rd = (struct initrd){ 0 };
}

bool initrd_fits(const struct initrd *rd, uint64_t room, struct initrd_part *at)
{
	uint64_t off = 0;
	unsigned i;

	for (i = 0; i < rd->archives; i++) {
		const struct boot_blob *b = &rd->archive[i];

		*at = (struct initrd_part){ b->name, b->len, off };
		if (!fits(off, stacked_len(b), room))
			return false;
		off += stacked_len(b);
	}
	*at = (struct initrd_part){ "(added files)", rd->own_len, off };
	return fits(off, rd->len - off, room);
}

/* One part to `to`, and zeros up to `len` behind it. */
static int put(struct span to, uint64_t off, const struct boot_blob *b,
	       uint64_t len, mv_error *err)
{
	int rc = blob_read(b, 0, to.p + off, b->len, err);

	if (rc)
		return fail_in(err, rc, "initrd %s", b->name);
	memset(to.p + off + b->len, 0, (size_t)(len - b->len));
	return 0;
}

int initrd_load(const struct initrd *rd, uint64_t gpa, const struct gmem *mem,
		mv_error *err)
{
	const struct boot_blob own = { .name = "(added files)",
				       .p = rd->own,
				       .len = rd->own_len };
	struct span to = { 0 };
	uint64_t off = 0;
	unsigned i;
	int rc = 0;

	if (rd->len <= SIZE_MAX)
		to = gmem_span(mem, gpa, (size_t)rd->len);
	if (!to.p)
		return fail(err, MICROVM_EINVAL,
			    "no RAM for %s of initrd at address 0x%llx",
			    size_text(rd->len).s, (unsigned long long)gpa);
	for (i = 0; !rc && i < rd->archives; i++) {
		const struct boot_blob *b = &rd->archive[i];
		uint64_t n = stacked_len(b);

		rc = put(to, off, b, n, err);
		off += n;
	}
	if (!rc && rd->own)
		rc = put(to, off, &own, align_up(own.len, ALIGN), err);
	return rc;
}
